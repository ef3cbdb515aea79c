import { fits } from './pattern.ts'
import type { TagEntry } from './plan.ts'

/**
 * The versions all of whose tags are meant: one that bears another tag as well is an image that somebody runs. Without a
 * tag a version is part of another (a platform of an index), so it stays. A pattern with `*` never takes what looks like a
 * release or `latest`; written out, it does.
 */
export function selectTags(all: TagEntry[], patterns: string[]): TagEntry[] {
  const isMeant = (tag: string) =>
    patterns.includes(tag) ||
    (!isRelease(tag) && patterns.some((pattern) => pattern.includes('*') && fits(pattern, tag)))
  return all.filter(({ tags }) => tags.length > 0 && tags.every(isMeant))
}

/** `latest`, `stable`, `1.2.3`, `v2`, `3.12-alpine`, `2026.1.0-rc.1` */
function isRelease(tag: string): boolean {
  return /^(?:latest|stable|edge)$|^v?\d+(?=$|[-+._])/i.test(tag)
}

/** What the builds after it will find cold, a sentence each. */
export function coldAfterTags(image: string, going: TagEntry[]): string[] {
  if (going.length === 0) return []
  const tags = going.flatMap((entry) => entry.tags)
  const shown = tags.slice(0, 10).join(', ')
  const more = tags.length > 10 ? ` and ${tags.length - 10} more` : ''
  return [`Builds with cache-from ${image}:${shown}${more} begin without that cache, until one has written it again.`]
}

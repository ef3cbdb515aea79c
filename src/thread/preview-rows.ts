import type { CacheSelection, Plan } from '../remedy/plan.ts'
import { clean } from './escape.ts'
import { bytes } from './layers-words.ts'
import { counted, type Prune, unsized } from './remedy-names.ts'

/** An entry that would go, as a preview shows it: plain text on one line. */
export type PreviewRow = {
  id: string
  size: string
  /** ISO 8601; null: never, as far as the builder knows */
  lastUsed: string | null
  /** key, tags or description: what people know it by */
  name: string
  /** of a cache entry: the ref that wrote it, shortened as people say it; empty for others */
  ref: string
}

/** All entries, the largest first, those of unknown size last. */
export function previewRows(plan: Prune): PreviewRow[] {
  const sized = (sizeBytes: number | null) => sizeBytes ?? -1
  switch (plan.operation) {
    case 'prune-caches':
      return plan.entries
        .toSorted((one, other) => other.sizeBytes - one.sizeBytes || byText(one.key, other.key))
        .map(({ id, key, ref, sizeBytes, lastUsedAt }) => row(id, sizeBytes, lastUsedAt, key, shortRef(ref)))
    case 'prune-tags':
      return plan.entries
        .toSorted((one, other) => sized(other.sizeBytes) - sized(one.sizeBytes) || byText(one.digest, other.digest))
        .map(({ id, tags, digest, updatedAt, sizeBytes }) =>
          row(id, sizeBytes, updatedAt, `${tags.join(', ') || 'untagged'} ${clean(digest).slice(0, 19)}`, ''),
        )
    case 'prune-builder':
      return plan.entries
        .toSorted((one, other) => other.sizeBytes - one.sizeBytes || byText(one.id, other.id))
        .map(({ id, type, description, sizeBytes, lastUsedAt }) =>
          row(id, sizeBytes, lastUsedAt, `${type} ${description}`.trim(), ''),
        )
    default:
      return plan satisfies never
  }
}

function row(id: string | number, sizeBytes: number | null, lastUsed: string | null, name: string, ref: string) {
  const size = sizeBytes === null ? '?' : bytes(sizeBytes)
  return { id: oneLine(String(id)), size, lastUsed, name: oneLine(name), ref: oneLine(ref) }
}

/** What the column of times tells: a registry knows when a version was pushed, not when it was used. */
export function timeHeading({ operation }: Prune): string {
  return operation === 'prune-tags' ? 'updated' : 'last used'
}

/** "3 days ago", as of `asOf`; an entry that was used since then is of this moment. */
export function ago(iso: string | null, asOf: string): string {
  if (iso === null) return 'never'
  const minutes = Math.max(0, Math.floor((Date.parse(asOf) - Date.parse(iso)) / 60_000))
  if (minutes < 1) return 'just now'
  if (minutes < 60) return `${minutes} min ago`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h ago` : `${Math.floor(hours / 24)} days ago`
}

/** Which entries were meant: "scope web, ref main, not used for 7 days". */
export function selectionWords(plan: Prune): string {
  switch (plan.operation) {
    case 'prune-caches':
      return cacheWords(plan.selection)
    case 'prune-tags':
      return `tags ${plan.tags.join(', ')} of ${plan.image}`
    case 'prune-builder': {
      const { unusedDays, all } = plan.selection
      const which = all ? 'layers, cache mounts and sources' : 'layers'
      return `builder ${plan.builder}: ${which}${unusedDays === null ? '' : `, not used for ${counted(unusedDays, 'day')}`}`
    }
    default:
      return plan satisfies never
  }
}

function cacheWords({ scope, ref, closedPulls, unusedDays, kind }: CacheSelection): string {
  const parts = [
    kind === 'any' ? null : kindWords[kind],
    scope === null ? null : `scope ${scope}`,
    ref === null ? null : `ref ${shortRef(ref)}`,
    closedPulls ? 'of closed pull requests' : null,
    unusedDays === null ? null : `not used for ${counted(unusedDays, 'day')}`,
  ].filter((part) => part !== null)
  return parts.length === 0 ? 'all entries' : parts.join(', ')
}

const kindWords = {
  buildkit: 'all that BuildKit wrote',
  blob: 'BuildKit blobs',
  index: 'BuildKit indexes',
  other: 'all but what BuildKit wrote',
} as const

/** What else has to be known before agreeing; plain sentences. */
export function previewNotes(plan: Plan): string[] {
  if (plan.operation === 'prune-caches' && !plan.complete)
    return ['GitHub has more entries than I read, so more may be left than it looks.']
  if (plan.operation === 'prune-tags' && unsized(plan) > 0)
    return [`The registry does not tell the size of ${unsized(plan)} of them.`]
  if (plan.operation === 'prune-builder' && plan.inUse > 0)
    return [
      `${counted(plan.inUse, 'record')} ${plan.inUse === 1 ? 'stays' : 'stay'}, because a build is using ${plan.inUse === 1 ? 'it' : 'them'}.`,
    ]
  return []
}

/** `refs/heads/main` → `main`, `refs/pull/12/merge` → `pull request 12` */
function shortRef(ref: string): string {
  const pull = /^refs\/pull\/(\d+)\//.exec(ref)?.[1]
  return pull === undefined ? ref.replace(/^refs\/(?:heads|tags)\//, '') : `pull request ${pull}`
}

/** Whatever a name holds, it stays in its line and shows no secret. */
export function oneLine(text: string): string {
  return clean(text).replace(/\s+/g, ' ').trim()
}

function byText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}

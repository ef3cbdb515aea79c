import { readGhaKey } from '../cache/gha-caches.ts'
import type { CacheEntry, CacheSelection } from './plan.ts'

/**
 * The entries that fit all that is asked for. A scope is only in the keys of its indexes; a layer's blob has no scope and
 * may serve several. So a scope takes its indexes, without which its blobs are out of reach, and leaves the blobs to
 * GitHub, which drops what nobody reads.
 */
export function selectCaches(
  all: CacheEntry[],
  selection: CacheSelection,
  { closedPulls, now }: { closedPulls: ReadonlySet<number>; now: Date },
): CacheEntry[] {
  const { scope, ref, unusedDays, kind } = selection
  return all.filter((entry) => {
    const key = readGhaKey(entry.key)
    if (scope !== null && (key.kind !== 'index' || key.scope !== scope)) return false
    if (ref !== null && entry.ref !== ref) return false
    if (selection.closedPulls && !isOfClosed(entry.ref, closedPulls)) return false
    if (unusedDays !== null && now.getTime() - Date.parse(entry.lastUsedAt) < unusedDays * day) return false
    return kind === 'any' || kind === key.kind || (kind === 'buildkit' && key.kind !== 'other')
  })
}

const day = 86_400_000

/** The number of the pull request whose runs wrote it; null for a branch. */
export function pullOf(ref: string): number | null {
  const number = /^refs\/pull\/(\d{1,10})\/(?:merge|head)$/.exec(ref)?.[1]
  return number === undefined ? null : Number(number)
}

function isOfClosed(ref: string, closed: ReadonlySet<number>): boolean {
  const pull = pullOf(ref)
  return pull !== null && closed.has(pull)
}

/** What the builds after it will find cold, a sentence each, the widest first. */
export function coldAfterCaches(going: CacheEntry[], all: CacheEntry[]): string[] {
  const gone = new Set(going.map(({ id }) => id))
  const keys = going.map((entry) => ({ ...entry, read: readGhaKey(entry.key) }))
  const scopes = Map.groupBy(
    keys.flatMap(({ read, ref }) => (read.kind === 'index' ? [{ scope: read.scope, ref }] : [])),
    ({ scope, ref }) => `${scope} ${ref}`,
  )
  const cold = [...scopes.values()].flatMap(([first]) => {
    if (!first) return []
    const newer = all.some(({ id, key, ref }) => {
      const other = readGhaKey(key)
      return !gone.has(id) && ref === first.ref && other.kind === 'index' && other.scope === first.scope
    })
    return [newer ? staleWords(first) : coldWords(first)]
  })
  const blobs = keys.filter(({ read }) => read.kind === 'blob').length
  const others = keys.filter(({ read }) => read.kind === 'other').length
  return [
    ...cold.slice(0, mostScopes),
    ...(cold.length > mostScopes
      ? [`${cold.length - mostScopes} more scopes and branches begin without their cache.`]
      : []),
    ...(blobs > 0
      ? [
          `${blobs === 1 ? 'One layer goes' : `${blobs} layers go`}: builds whose index still names ${blobs === 1 ? 'it' : 'them'} build ${blobs === 1 ? 'it' : 'them'} again.`,
        ]
      : []),
    ...(others > 0
      ? [
          `${others === 1 ? 'One entry' : `${others} entries`} of other tools (package caches and the like) ${others === 1 ? 'goes' : 'go'}: those jobs download or build again.`,
        ]
      : []),
  ]
}

const mostScopes = 10

function coldWords({ scope, ref }: { scope: string; ref: string }): string {
  const where = /^refs\/heads\/(?:main|master)$/.test(ref) ? ', and so do new branches and pull requests' : ''
  return `Scope ${scope} on ${nameOf(ref)}: the next build begins without its cache${where}.`
}

function staleWords({ scope, ref }: { scope: string; ref: string }): string {
  return `Scope ${scope} on ${nameOf(ref)}: an index goes, another one stays and is read.`
}

function nameOf(ref: string): string {
  const pull = pullOf(ref)
  return pull === null ? ref.replace(/^refs\/(?:heads|tags)\//, '') : `pull request ${pull}`
}

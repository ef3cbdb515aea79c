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
  const stay = new Set(all.flatMap((entry) => (gone.has(entry.id) ? [] : (indexOf(entry)?.name ?? []))))
  const indexes = [
    ...new Map(going.flatMap((entry) => indexOf(entry) ?? []).map((index) => [index.name, index])).values(),
  ]
  const cold = indexes.filter(({ name }) => !stay.has(name))
  const older = indexes.filter(({ name }) => stay.has(name))
  const kinds = going.map(({ key }) => readGhaKey(key).kind)
  const blobs = kinds.filter((kind) => kind === 'blob').length
  const others = kinds.filter((kind) => kind === 'other').length
  return [
    ...few(cold.map(coldWords), 'more scopes and branches begin without their cache.'),
    ...few(older.map(staleWords), 'more scopes and branches keep another index.'),
    ...(indexes.length > 0 && blobs === 0 ? [blobsStay] : []),
    ...(blobs > 0 ? [blobsGo(blobs)] : []),
    ...(others > 0 ? [othersGo(others)] : []),
  ]
}

type Index = { name: string; scope: string; ref: string }

function indexOf({ key, ref }: CacheEntry): Index | null {
  const read = readGhaKey(key)
  return read.kind === 'index' ? { name: `${read.scope} ${ref}`, scope: read.scope, ref } : null
}

const mostScopes = 10

function few(sentences: string[], more: string): string[] {
  const left = sentences.length - mostScopes
  return left > 0 ? [...sentences.slice(0, mostScopes), `${left} ${more}`] : sentences
}

const blobsStay =
  'The layers stay, as other scopes may read them; GitHub drops those that nobody reads. So little space is freed.'

function blobsGo(count: number): string {
  return count === 1
    ? 'One layer goes: builds whose index still names it build it again.'
    : `${count} layers go: builds whose index still names them build them again.`
}

function othersGo(count: number): string {
  const what = count === 1 ? 'One entry of another tool goes' : `${count} entries of other tools go`
  return `${what} (package caches and the like): those jobs download or build again.`
}

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

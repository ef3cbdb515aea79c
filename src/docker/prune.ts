import { z } from 'zod'
import { type CacheRecord, heldByUse } from './disk-usage.ts'
import type { Engine } from './engine.ts'
import { DockerFault } from './fault.ts'

/** What came of it, as the daemon told it and as its disk usage shows afterwards. */
export type Pruned = {
  /** by us, and now */
  deleted: string[]
  /** were not there any more when we came */
  gone: string[]
  /** that the daemon says it freed */
  bytes: number
  left: Left[]
}

/** `in-use`: a build is using it. `needed`: another record that stays stands on it. `kept`: the daemon does not say why */
export type Left = { id: string; because: 'in-use' | 'needed' | 'kept' }

export type PruneOptions = {
  /** called for each that is dealt with, also for those that were gone, with 0 bytes */
  onDone(id: string, bytes: number): void | Promise<void>
  readAll: () => Promise<CacheRecord[]>
}

/** Ids are 25 characters; so many fit well into the 8 KiB that a proxy takes as an address. */
const idsPerCall = 100

/** A daemon deletes some hundred megabytes a second, and a chunk may be large. */
const patience = 15 * 60_000

/**
 * Deletes exactly these records and nothing else. What stands on others goes first; a record that a build uses, or that
 * one outside the list needs, stays. May be called again with the same list after anything that went wrong.
 */
export async function pruneRecords(engine: Engine, ids: string[], { onDone, readAll }: PruneOptions): Promise<Pruned> {
  const wanted = new Set(ids)
  for (const id of wanted)
    if (!/^[A-Za-z0-9]{1,128}$/.test(id))
      throw new DockerFault('malformed', `${JSON.stringify(id.slice(0, 40))} is no id of a cache record.`)
  let all = await readAll()
  const sizes = new Map(all.map(({ id, sizeBytes }) => [id, sizeBytes]))
  const pruned: Pruned = { deleted: [], gone: [...wanted].filter((id) => !sizes.has(id)), bytes: 0, left: [] }
  for (const id of pruned.gone) await onDone(id, 0)
  // a record that is freed by what went before it goes in the next round
  for (let before = -1; pruned.deleted.length > before; all = await readAll()) {
    before = pruned.deleted.length
    for (const chunk of chunksOf(childrenFirst(prunable(all, wanted)))) {
      const { deleted, bytes } = await pruneChunk(engine, chunk)
      pruned.bytes += bytes
      for (const id of deleted) {
        pruned.deleted.push(id)
        await onDone(id, sizes.get(id) ?? 0)
      }
    }
  }
  return { ...pruned, left: whatIsLeft(all, wanted) }
}

/** Those that nothing outside the list, and nothing in use, stands on. */
function prunable(all: CacheRecord[], wanted: Set<string>): CacheRecord[] {
  const held = heldByUse(all.map((record) => ({ ...record, inUse: record.inUse || !wanted.has(record.id) })))
  return all.filter(({ id }) => !held.has(id))
}

/** A record before all that it stands on. */
export function childrenFirst(records: CacheRecord[]): string[] {
  const inList = new Map(records.map((record) => [record.id, record]))
  const children = new Map<string, number>()
  for (const { parents } of records) for (const parent of parents) children.set(parent, (children.get(parent) ?? 0) + 1)
  const ready = records.filter(({ id }) => !children.has(id))
  const order: string[] = []
  for (let record = ready.pop(); record !== undefined; record = ready.pop()) {
    order.push(record.id)
    for (const parent of record.parents) {
      const waits = (children.get(parent) ?? 0) - 1
      children.set(parent, waits)
      const known = inList.get(parent)
      if (waits === 0 && known) ready.push(known)
    }
  }
  return order
}

function chunksOf(ids: string[]): string[][] {
  return Array.from({ length: Math.ceil(ids.length / idsPerCall) }, (_, at) =>
    ids.slice(at * idsPerCall, (at + 1) * idsPerCall),
  )
}

const prunedSchema = z.object({
  CachesDeleted: z
    .array(z.string().max(200))
    .nullish()
    .transform((ids) => ids ?? []),
  SpaceReclaimed: z.int().nonnegative(),
})

/**
 * The filter takes one value, which the engine reads as a pattern that may match anywhere in an id: hence the anchors.
 * `all`: otherwise it skips records that are internal or shared with an image.
 */
async function pruneChunk(engine: Engine, ids: string[]): Promise<{ deleted: string[]; bytes: number }> {
  const doing = 'Pruning the build cache'
  const filters = { id: [`^(${ids.join('|')})$`] }
  const answer = await engine.ask({
    doing,
    method: 'POST',
    path: '/build/prune',
    query: { all: '1', filters },
    patience,
  })
  const read = prunedSchema.safeParse(answer)
  if (!read.success)
    throw new DockerFault(
      'malformed',
      `${doing}: the daemon's answer is not what the Docker Engine API promises. What was deleted shows in its disk usage.`,
    )
  const meant = new Set(ids)
  const stray = read.data.CachesDeleted.filter((id) => !meant.has(id))
  if (stray.length > 0)
    throw new DockerFault(
      'unexpected',
      `${doing}: the daemon deleted ${stray.length} records that were not asked for, so it reads the filter otherwise than we know. Nothing more is pruned here.`,
    )
  return { deleted: read.data.CachesDeleted, bytes: read.data.SpaceReclaimed }
}

function whatIsLeft(all: CacheRecord[], wanted: Set<string>): Left[] {
  const held = heldByUse(all)
  const needed = heldByUse(all.map((record) => ({ ...record, inUse: !wanted.has(record.id) })))
  return all
    .filter(({ id }) => wanted.has(id))
    .map(({ id }) => ({ id, because: held.has(id) ? 'in-use' : needed.has(id) ? 'needed' : 'kept' }))
}

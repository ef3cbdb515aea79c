import { z } from 'zod'
import { redact } from '../build/redact.ts'
import type { BuilderRecord } from '../remedy/plan.ts'
import { DockerFault } from './fault.ts'

/** Bytes; as the daemon's own report of disk usage has them. */
export type Usage = {
  /** what may go: not in use, and nothing in use stands on it */
  records: BuilderRecord[]
  /** how many stay because a build is using them, or what stands on them */
  inUse: number
  /** of all records, also of those that stay */
  ids: string[]
  totalBytes: number
}

/** A record as it is, also one in use. */
export type CacheRecord = BuilderRecord & { inUse: boolean }

const time = z.iso.datetime({ offset: true })

/** A record that never was used has the time 0001-01-01 or none. */
const lastUsed = time.nullish().transform((iso) => (iso == null || iso.startsWith('0001-') ? null : iso))

const parentSchema = z.array(z.string().max(200)).nullish()

/** Docker 20.10 knows one `Parent`; from API 1.42 on there are several, whose name has a space before it in some versions. */
const recordSchema = z
  .object({
    ID: z.string().min(1).max(200),
    Type: z.string().max(200).default('regular'),
    Description: z.string().default(''),
    InUse: z.boolean().default(false),
    Shared: z.boolean().default(false),
    Size: z.int(),
    CreatedAt: time,
    LastUsedAt: lastUsed,
    Parent: z.string().max(200).nullish(),
    Parents: parentSchema,
    ' Parents': parentSchema,
  })
  .transform((record): CacheRecord => {
    const parents = record.Parents ?? record[' Parents'] ?? (record.Parent ? [record.Parent] : [])
    return {
      id: record.ID,
      type: record.Type,
      description: shown(record.Description),
      // -1: not known
      sizeBytes: Math.max(0, record.Size),
      createdAt: record.CreatedAt,
      lastUsedAt: record.LastUsedAt,
      parents,
      shared: record.Shared,
      inUse: record.InUse,
    }
  })

const usageSchema = z.object({ BuildCache: z.array(recordSchema).max(1_000_000).nullable() })

/** Reads the answer of `GET /system/df`. */
export function readDiskUsage(answer: unknown): CacheRecord[] {
  const read = usageSchema.safeParse(answer)
  if (read.success) return read.data.BuildCache ?? []
  const [issue] = read.error.issues
  const where = issue === undefined ? '' : ` (${issue.path.join('.')}: ${issue.message})`
  throw new DockerFault(
    'malformed',
    `The daemon's report of its disk usage is not what the Docker Engine API promises${where}.`,
  )
}

export function usageOf(all: CacheRecord[]): Usage {
  const held = heldByUse(all)
  return {
    records: all.filter(({ id }) => !held.has(id)).map(({ inUse: _, ...record }) => record),
    inUse: held.size,
    ids: all.map(({ id }) => id),
    totalBytes: all.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  }
}

/** Ids in use, and those that they stand on, directly or not. */
export function heldByUse(all: CacheRecord[]): Set<string> {
  const byId = new Map(all.map((record) => [record.id, record]))
  const held = new Set<string>()
  const next = all.filter(({ inUse }) => inUse)
  for (let record = next.pop(); record !== undefined; record = next.pop()) {
    if (held.has(record.id)) continue
    held.add(record.id)
    for (const parent of record.parents) {
      const known = byId.get(parent)
      if (known) next.push(known)
    }
  }
  return held
}

/** The command of a step, or what it mounted: may hold secrets, and be as long as a script. */
function shown(description: string): string {
  const clean = redact(description.slice(0, 20_000))
  return clean.length > 300 ? `${clean.slice(0, 299)}…` : clean
}

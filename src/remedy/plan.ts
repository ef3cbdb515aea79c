import { createHash } from 'node:crypto'
import { z } from 'zod'

/**
 * Exactly what will be done: what a preview shows, what people agree to, and what is carried out. Plain data; times are
 * ISO 8601 in UTC, sizes are bytes.
 */

const time = z.iso.datetime({ offset: true })
const bytes = z.int().nonnegative()
const place = {
  repository: z.string(),
  /** branch or ref that it concerns; null: the whole repository */ branch: z.string().nullable(),
}

const rerunFailedSchema = z.strictObject({
  operation: z.literal('rerun-failed'),
  ...place,
  runId: z.int(),
  /** the attempt that failed; when GitHub has a later one, the re-run has happened */
  attempt: z.int().positive(),
  debug: z.boolean(),
})

const rerunJobSchema = z.strictObject({
  operation: z.literal('rerun-job'),
  ...place,
  runId: z.int(),
  attempt: z.int().positive(),
  jobId: z.int(),
  jobName: z.string(),
  debug: z.boolean(),
})

const rebuildSchema = z.strictObject({
  operation: z.literal('rebuild'),
  ...place,
  /** file of the workflow: `.github/workflows/ci.yml` */
  workflow: z.string(),
  /** branch or tag that is built, as GitHub's dispatch takes it */
  ref: z.string(),
  /** the workflow's own boolean input that turns the cache off */
  input: z.string(),
})

/** An entry of the Actions cache, as in github/caches.ts. */
export const cacheEntrySchema = z.strictObject({
  id: z.int(),
  key: z.string(),
  ref: z.string(),
  sizeBytes: bytes,
  createdAt: time,
  lastUsedAt: time,
})

/** Which entries: all that fit every one that is given. */
export const cacheSelectionSchema = z.strictObject({
  /** BuildKit's `scope=`; blobs have none and go with the indexes that alone use them, as far as can be told */
  scope: z.string().nullable(),
  /** `refs/heads/main`, `refs/pull/12/merge`; null: any */
  ref: z.string().nullable(),
  /** only refs of pull requests that are closed */
  closedPulls: z.boolean(),
  /** not used for so many days; null: any age */
  unusedDays: z.number().positive().nullable(),
  kind: z.enum(['any', 'buildkit', 'blob', 'index', 'other']),
})

const pruneCachesSchema = z.strictObject({
  operation: z.literal('prune-caches'),
  ...place,
  selection: cacheSelectionSchema,
  entries: z.array(cacheEntrySchema),
  /** false: GitHub has more entries than we read, so what is left may be more than it looks */
  complete: z.boolean(),
  /** what the next build will find cold, a sentence each */
  cold: z.array(z.string()),
})

export const tagEntrySchema = z.strictObject({
  /** GitHub's id of the package version */
  id: z.int(),
  tags: z.array(z.string()),
  digest: z.string(),
  updatedAt: time,
  /** null: the registry did not tell */
  sizeBytes: bytes.nullable(),
})

const pruneTagsSchema = z.strictObject({
  operation: z.literal('prune-tags'),
  ...place,
  /** `ghcr.io/acme/web` */
  image: z.string(),
  /** tags that are meant; `*` stands for any text */
  tags: z.array(z.string()),
  entries: z.array(tagEntrySchema),
  cold: z.array(z.string()),
})

/** A record of a builder's cache, from the Docker Engine API. */
export const builderRecordSchema = z.strictObject({
  id: z.string(),
  /** `regular`, `source.local`, `exec.cachemount`, `internal`, `frontend` … */
  type: z.string(),
  description: z.string(),
  sizeBytes: bytes,
  createdAt: time,
  lastUsedAt: time.nullable(),
  /** ids of records that this one stands on: they go after it */
  parents: z.array(z.string()),
  shared: z.boolean(),
})

export const builderSelectionSchema = z.strictObject({
  unusedDays: z.number().positive().nullable(),
  /** also cache mounts, local sources and frontends; otherwise layers only */
  all: z.boolean(),
})

const pruneBuilderSchema = z.strictObject({
  operation: z.literal('prune-builder'),
  ...place,
  /** its name in the configuration */
  builder: z.string(),
  selection: builderSelectionSchema,
  entries: z.array(builderRecordSchema),
  /** what stays because a build is using it */
  inUse: z.int().nonnegative(),
  cold: z.array(z.string()),
})

export const planSchema = z.discriminatedUnion('operation', [
  rerunFailedSchema,
  rerunJobSchema,
  rebuildSchema,
  pruneCachesSchema,
  pruneTagsSchema,
  pruneBuilderSchema,
])

export type Plan = z.infer<typeof planSchema>
export type PlanOf<Operation extends Plan['operation']> = Extract<Plan, { operation: Operation }>
export type CacheEntry = z.infer<typeof cacheEntrySchema>
export type CacheSelection = z.infer<typeof cacheSelectionSchema>
export type TagEntry = z.infer<typeof tagEntrySchema>
export type BuilderRecord = z.infer<typeof builderRecordSchema>
export type BuilderSelection = z.infer<typeof builderSelectionSchema>

/**
 * Name of what people agree to. An entry that was merely used or moved in the list is the same entry; one more, one
 * less or one of another size is another plan.
 */
export function planHash(plan: Plan): string {
  const said =
    'entries' in plan ? { ...plan, complete: null, cold: null, inUse: null, entries: identities(plan.entries) } : plan
  return createHash('sha256').update(canonical(said)).digest('hex')
}

type Entry = CacheEntry | TagEntry | BuilderRecord

function identities(entries: Entry[]): string[] {
  const names = entries.map((entry) => {
    const what =
      'key' in entry
        ? [entry.key, entry.ref]
        : 'digest' in entry
          ? [entry.digest, ...entry.tags.toSorted()]
          : [entry.type]
    return canonical([entry.id, entry.sizeBytes, ...what])
  })
  return names.toSorted()
}

/** The same text for the same value, whatever the order of its keys. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  )
}

/** Bytes that would be freed, as far as is known. */
export function planBytes(plan: Plan): number {
  return 'entries' in plan ? plan.entries.reduce<number>((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0) : 0
}

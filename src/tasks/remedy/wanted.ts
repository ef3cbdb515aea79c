import { z } from 'zod'
import { builderSelectionSchema, cacheSelectionSchema, type Plan } from '../../remedy/plan.ts'
import type { Offered } from '../../remedy/press.ts'
import type { Story } from '../../thread/story.ts'

const place = { repository: z.string(), branch: z.string().nullable() }

/** What somebody wants done, before it is known what that means exactly: a plan without what has to be looked up. */
export const wantedSchema = z.discriminatedUnion('operation', [
  z.strictObject({
    operation: z.literal('rerun-failed'),
    ...place,
    runId: z.int(),
    attempt: z.int().positive(),
    debug: z.boolean(),
  }),
  z.strictObject({
    operation: z.literal('rerun-job'),
    ...place,
    runId: z.int(),
    attempt: z.int().positive(),
    jobId: z.int(),
    jobName: z.string(),
    debug: z.boolean(),
  }),
  z.strictObject({
    operation: z.literal('rebuild'),
    ...place,
    /** file of the workflow; null: that of the run */
    workflow: z.string().nullable(),
    runId: z.int().nullable(),
  }),
  z.strictObject({ operation: z.literal('prune-caches'), ...place, selection: cacheSelectionSchema }),
  z.strictObject({ operation: z.literal('prune-tags'), ...place, image: z.string(), tags: z.array(z.string()) }),
  z.strictObject({
    operation: z.literal('prune-builder'),
    ...place,
    builder: z.string(),
    selection: builderSelectionSchema,
  }),
])
export type Wanted = z.infer<typeof wantedSchema>
export type WantedOf<Operation extends Wanted['operation']> = Extract<Wanted, { operation: Operation }>

/** What a button under a failure wants. */
export function wantedOf(offered: Offered, story: Pick<Story, 'repository' | 'branch' | 'runId' | 'attempt'>): Wanted {
  const { repository, branch, runId, attempt } = story
  const place = { repository, branch }
  switch (offered.operation) {
    case 'rerun-failed':
    case 'rerun-job':
      return { ...offered, ...place, runId, attempt }
    case 'rebuild':
      return { ...offered, ...place, workflow: null, runId }
    case 'prune-caches': {
      const { ref, closedPulls, kind } = offered
      const selection = { scope: null, ref, closedPulls, unusedDays: null, kind }
      return { operation: 'prune-caches', ...place, selection }
    }
    case 'prune-tags':
      return { ...offered, ...place }
    case 'prune-builder':
      return { ...offered, ...place, selection: { unusedDays: null, all: false } }
    default:
      return offered satisfies never
  }
}

/** What led to this plan, to be looked up once more. */
export function wantedAgain(plan: Plan): Wanted {
  const { repository, branch } = plan
  const place = { repository, branch }
  switch (plan.operation) {
    case 'rerun-failed':
    case 'rerun-job':
      return plan
    case 'rebuild':
      return { operation: plan.operation, ...place, branch: plan.ref, workflow: plan.workflow, runId: null }
    case 'prune-caches':
      return { operation: plan.operation, ...place, selection: plan.selection }
    case 'prune-tags':
      return { operation: plan.operation, ...place, image: plan.image, tags: plan.tags }
    case 'prune-builder':
      return { operation: plan.operation, ...place, builder: plan.builder, selection: plan.selection }
    default:
      return plan satisfies never
  }
}

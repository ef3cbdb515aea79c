import { z } from 'zod'
import { voteKinds } from './request.ts'

/**
 * What a button or an open form means. Slack is given an opaque id; this is what is stored under it, so nothing that comes
 * back is believed but the id.
 */
export const meaningSchema = z.discriminatedUnion('do', [
  /** one of the remedies offered under a failure; what exactly is planned when it is pressed */
  z.strictObject({
    do: z.literal('ask'),
    storyId: z.string(),
    runId: z.int(),
    attempt: z.int().positive(),
    offer: z.discriminatedUnion('operation', [
      z.strictObject({ operation: z.literal('rerun-failed'), debug: z.boolean() }),
      z.strictObject({ operation: z.literal('rerun-job'), jobId: z.int(), jobName: z.string(), debug: z.boolean() }),
      z.strictObject({ operation: z.literal('rebuild') }),
      z.strictObject({
        operation: z.literal('prune-caches'),
        /** `refs/heads/main`; null: any */
        ref: z.string().nullable(),
        closedPulls: z.boolean(),
        kind: z.enum(['buildkit', 'index']),
      }),
      z.strictObject({ operation: z.literal('prune-tags'), image: z.string(), tags: z.array(z.string()) }),
      z.strictObject({ operation: z.literal('prune-builder'), builder: z.string() }),
    ]),
  }),
  z.strictObject({ do: z.literal('decide'), requestId: z.string(), planHash: z.string(), vote: z.enum(voteKinds) }),
  z.strictObject({
    do: z.literal('check'),
    checklistId: z.string(),
    item: z.int().nonnegative(),
    answer: z.enum(['passed', 'failed', 'skipped']),
  }),
  /** was the diagnosis right? */
  z.strictObject({
    do: z.literal('judge'),
    causeId: z.string(),
    /** what was judged: `REPOSITORY/RUN/ATTEMPT/JOB` */
    diagnosis: z.string(),
    right: z.boolean(),
  }),
  /** a form that somebody opened by a command: where its answer goes */
  z.strictObject({
    do: z.literal('form'),
    form: z.enum(['prune', 'rebuild']),
    channel: z.string(),
    /** with its `#` */
    channelName: z.string(),
    responseUrl: z.string(),
  }),
  /** asks why an item of a checklist is not right, or left out */
  z.strictObject({
    do: z.literal('reason'),
    checklistId: z.string(),
    item: z.int().nonnegative(),
    answer: z.enum(['failed', 'skipped']),
    responseUrl: z.string(),
  }),
])
export type Meaning = z.infer<typeof meaningSchema>
export type Offered = Extract<Meaning, { do: 'ask' }>['offer']

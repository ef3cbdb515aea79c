import { z } from 'zod'
import type { RemedyAsk } from './remedy-ask.ts'

const runLinkSchema = z.strictObject({
  repository: z.string(),
  runId: z.int(),
  attempt: z.int().nullable(),
  jobId: z.int().nullable(),
})

const replyToSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('thread'),
    channel: z.string(),
    /** the message in whose thread to answer */
    ts: z.string(),
    /** where to answer when we are not in that channel; null when Slack gave no such address */
    responseUrl: z.string().nullable(),
  }),
  z.strictObject({ kind: z.literal('response'), url: z.string(), channel: z.string(), user: z.string() }),
])

/** As `Target`. Names were held to GitHub's rules when they were read. */
const targetSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('repository'), repository: z.string(), branch: z.string().nullable() }),
  z.strictObject({ kind: z.literal('commit'), repository: z.string(), sha: z.string() }),
  z.strictObject({ kind: z.literal('pull'), repository: z.string(), number: z.int().positive() }),
])

/** Somebody in Slack wants builds explained; the input of a durable task. */
export const askSchema = z.strictObject({
  links: z.array(runLinkSchema),
  /** of which the run has yet to be found; absent in tasks of versions that knew links only */
  target: targetSchema.nullish(),
  replyTo: replyToSchema,
  /** Slack's id of the person */
  askedBy: z.string(),
})

/** Somebody in Slack wants to see the layers of an image, or how those of two differ; the input of another task. */
export const layersAskSchema = z.strictObject({
  /** as they were typed, one or two */
  images: z.array(z.string()).min(1).max(2),
  /** `linux/arm64`; null: the usual one */
  platform: z.string().nullable(),
  replyTo: replyToSchema,
  askedBy: z.string(),
})

/** Somebody in Slack wants the rules held against a repository; the input of another task. */
export const lintAskSchema = z.strictObject({
  lint: z.strictObject({
    repository: z.string(),
    /** branch, tag or commit; null: the default branch */
    ref: z.string().nullable(),
  }),
  replyTo: replyToSchema,
  askedBy: z.string(),
})

export type LayersAsk = z.infer<typeof layersAskSchema>
export type LintAsk = z.infer<typeof lintAskSchema>
export type Ask = z.infer<typeof askSchema>
export type ReplyTo = z.infer<typeof replyToSchema>

export type AnyAsk = Ask | LayersAsk | LintAsk | RemedyAsk

/** Adds the task; the same key twice is one task. Durable when it returns. */
export type AddAsk = (ask: AnyAsk, key: string) => Promise<void>

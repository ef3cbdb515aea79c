import { z } from 'zod'
import { transience } from '../diagnosis/explanation.ts'
import { checkSchema } from '../diagnosis/runbook-check.ts'
import { verdictSchema } from './verdict.ts'

/**
 * The *Verification* section of a runbook, walked after a remedy or on request. Items with a known check answer
 * themselves from the next build; the others wait for people. Stored whole as JSON; times are ISO 8601 in UTC.
 */

export { type Check, type CheckName, checkNames } from '../diagnosis/runbook-check.ts'

export const itemStates = ['waiting', 'passed', 'failed', 'skipped'] as const

export const itemSchema = z.strictObject({
  /** as the page has it, Markdown on one line */
  text: z.string(),
  /** null: a person has to look */
  check: checkSchema.nullable(),
  state: z.enum(itemStates),
  /** Slack's id of who answered; null: nobody yet, or the bot itself */
  by: z.string().nullable(),
  at: z.iso.datetime().nullable(),
  /** of a check: what was seen, or why it could not tell and left it to people */
  evidence: z.string().nullable(),
  /** of a person, for ✗ and skip */
  reason: z.string().nullable(),
})
export type Item = z.infer<typeof itemSchema>

/** The failure that it is about, as it was before anything was done. */
export const beforeSchema = z.strictObject({
  runId: z.int(),
  attempt: z.int().positive(),
  sha: z.string(),
  fingerprint: z.string(),
  causeId: z.string().nullable(),
  confidence: z.number(),
  /** does the cause pass by itself, as far as was known; absent: not known */
  transient: z.enum(transience).optional(),
  /** how long the failed attempt took; null: not known */
  seconds: z.number().nullable(),
  /** how long the last green one took before it; null: not known */
  greenSeconds: z.number().nullable(),
})
export type Before = z.infer<typeof beforeSchema>

export const checklistSchema = z.strictObject({
  id: z.string(),
  channel: z.string(),
  /** tag of the message in whose thread it stands, or the thread itself when that message is not ours */
  parentTag: z.string().nullable(),
  threadTs: z.string().nullable(),
  storyId: z.string().nullable(),
  /** the remedy that it follows; null: somebody asked for it */
  requestId: z.string().nullable(),
  operation: z.string().nullable(),
  repository: z.string(),
  workflow: z.string(),
  branch: z.string().nullable(),
  /** the run whose end it waits for, from this attempt on; null: the next one of workflow and branch after `openedAt` */
  awaits: z.strictObject({ runId: z.int(), attempt: z.int().positive() }).nullable(),
  before: beforeSchema.nullable(),
  /** page of the runbook */
  page: z.string(),
  items: z.array(itemSchema),
  /** the run that answered */
  seenRun: z.strictObject({ runId: z.int(), attempt: z.int().positive(), url: z.string(), sha: z.string() }).nullable(),
  verdict: verdictSchema.nullable(),
  state: z.enum(['open', 'closed']),
  openedAt: z.iso.datetime(),
  closedAt: z.iso.datetime().nullable(),
  /** counted up by the store on every save; never touched here */
  version: z.int().nonnegative(),
})
export type Checklist = z.infer<typeof checklistSchema>

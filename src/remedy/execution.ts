import { z } from 'zod'

/**
 * A request that was let through and is carried out. The row is written before anything is called (`intended`), again
 * right before the call (`calling`), and with the result (`done`, `failed`, `skipped`, `unclear`). A process that finds
 * `calling` left behind asks GitHub what came of it and does not call again.
 */
export const executionStates = ['intended', 'calling', 'done', 'failed', 'skipped', 'unclear'] as const
export type ExecutionState = (typeof executionStates)[number]

/** What came of it, in numbers and in words that are safe to show. */
export const executionResultSchema = z.strictObject({
  /** one sentence for people */
  words: z.string(),
  /** page at GitHub where it can be seen; null when there is none */
  url: z.string().nullable(),
  /** run that was started, and its attempt */
  runId: z.int().nullable(),
  attempt: z.int().nullable(),
  /** of a prune: what is gone now, verified */
  entriesGone: z.int().nonnegative().nullable(),
  bytesFreed: z.int().nonnegative().nullable(),
})
export type ExecutionResult = z.infer<typeof executionResultSchema>

export const executionSchema = z.strictObject({
  requestId: z.string(),
  state: z.enum(executionStates),
  dryRun: z.boolean(),
  startedAt: z.iso.datetime(),
  /** when the call was about to be made; null before */
  calledAt: z.iso.datetime().nullable(),
  endedAt: z.iso.datetime().nullable(),
  /** of a prune: ids that were dealt with; strings as builders have them */
  dealtWith: z.array(z.string()),
  result: executionResultSchema.nullable(),
})
export type Execution = z.infer<typeof executionSchema>

/** Why an approved request is not carried out now. The words are the door's. */
export type AdmissionRefusal =
  | { because: 'paused'; by: string; at: string }
  | { because: 'locked'; holder: string; until: string }
  | { because: 'cooldown'; until: string }
  | { because: 'cap'; of: 'repository' | 'person' | 'installation'; most: number; until: string }
  | { because: 'not-approved' }

export type Admission =
  /** `again`: it was let in before, by this or another process */
  { kind: 'admitted'; execution: Execution; again: boolean } | ({ kind: 'refused' } & AdmissionRefusal)

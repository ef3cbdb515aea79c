import { z } from 'zod'
import type { Cause } from './explanation.ts'

/** What was seen of a failure before this attempt: in the same job, on whatever branch. */
export const historySchema = z.strictObject({
  /** failed jobs with this fingerprint, each attempt once */
  times: z.int().nonnegative(),
  /** null when this is the first */
  firstAt: z.iso.datetime().nullable(),
  /** it was first seen at the commit that failed now */
  newAtThisCommit: z.boolean(),
  /** how many of them passed when the same commit was run again */
  passedOnRerun: z.int().nonnegative(),
  /** how many were earlier attempts of this very run */
  sameRun: z.int().nonnegative(),
})
export type History = z.infer<typeof historySchema>

/**
 * Does it go away by itself? The cause's rule says what is usual; what was seen says it of this failure. A commit that
 * passed when it was run again is proof; one that failed the same way twice settles what the rule leaves open.
 */
export function transienceOf(cause: Cause, { passedOnRerun, sameRun }: History): Cause['transient'] {
  if (passedOnRerun > 0) return 'yes'
  return cause.transient === 'maybe' && sameRun > 0 ? 'no' : cause.transient
}

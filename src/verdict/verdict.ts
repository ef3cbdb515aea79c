import { z } from 'zod'

/** Did it help? */
export const verdictKinds = ['fixed', 'same-failure', 'another-failure', 'unclear'] as const

export const verdictSchema = z.strictObject({
  kind: z.enum(verdictKinds),
  /** it passed on a re-run of the same commit with nothing changed */
  flaky: z.boolean(),
  /** was the cache to blame: it passed without it, or failed the same way without it */
  cacheGuilty: z.enum(['yes', 'no', 'unknown']),
  /** against the last green build before; positive: won. null: not known */
  minutesWon: z.number().nullable(),
  /** cause of the failure that came instead, or again */
  causeId: z.string().nullable(),
})
export type Verdict = z.infer<typeof verdictSchema>

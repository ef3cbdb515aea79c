import { z } from 'zod'

/**
 * A build as a picture, before it is drawn: plain data that says all that the picture will show. Bars are steps, or
 * several that were folded into one.
 */
export const barKinds = ['cached', 'ran', 'failed', 'canceled', 'unfinished', 'first-miss', 'rest'] as const

export const waterfallSchema = z.strictObject({
  title: z.string(),
  /** from the first start to the last end; where no clock tells of starts, all steps one after the other */
  totalSeconds: z.number().nonnegative(),
  /** `clock`: bars stand where their steps began; `order`: the steps of a stage stand one after the other */
  by: z.enum(['clock', 'order']),
  lanes: z.array(
    z.strictObject({
      stage: z.string(),
      bars: z.array(
        z.strictObject({
          label: z.string(),
          start: z.number().nonnegative(),
          seconds: z.number().nonnegative(),
          kind: z.enum(barKinds),
        }),
      ),
    }),
  ),
  /** what was folded, and what is not known */
  note: z.string(),
  /** what the picture tells, in one sentence */
  sentence: z.string(),
})

export type Waterfall = z.infer<typeof waterfallSchema>
export type Lane = Waterfall['lanes'][number]
export type Bar = Lane['bars'][number]

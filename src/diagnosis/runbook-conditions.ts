import { z } from 'zod'
import { places } from '../build/place.ts'
import { observable, readSign, type Sign, type TextSign } from './runbook-sign.ts'

/**
 * What `signs`, `all` and `unless` of a row may hold. A bare text or /pattern/ is the short form of `{ sign: … }`; what
 * no line says but the structure of the log shows is `{ observed: … }`.
 */
export type Condition = {
  where: (typeof places)[number][]
  sign: Sign
  /** index of the sign that alone needs it; null: the whole row does */
  of: number | null
  /** in any step of the job, not only where something failed */
  anywhere: boolean
  /** conditions with the same number are alternatives: one of them is enough */
  choice: number
}

/** A sign as a value of the schema, so that bad signs are listed together with everything else that is wrong. */
export function signOf(shortest: number) {
  return z.string().transform((written, context): TextSign => {
    const sign = readSign(written, shortest)
    if (!('wrong' in sign)) return sign
    context.issues.push({ code: 'custom', input: written, message: `"${written}" ${sign.wrong}` })
    return z.NEVER
  })
}

export const where = z.array(z.enum(places)).min(1)

const sign = signOf(4)
const observed = z.enum(observable)
const spelledOut = (written: unknown) => (typeof written === 'string' ? { sign: written } : written)
const listed = (written: unknown) => (Array.isArray(written) ? written : [written])

const conditionBody = z
  .strictObject({
    where: where.optional(),
    sign: z.preprocess(listed, z.array(sign).min(1)).optional(),
    observed: observed.optional(),
    anywhere: z.boolean().default(false),
  })
  .check(hasOne)
const conditions = z.array(z.preprocess(spelledOut, conditionBody)).default([])

export const rank = z.int().min(0).max(100)

const signBody = z
  .strictObject({
    sign: sign.optional(),
    observed: observed.optional(),
    rank: rank.optional(),
    all: conditions,
    unless: conditions,
  })
  .check(hasOne)

export const conditionLists = {
  signs: z.array(z.preprocess(spelledOut, signBody)).default([]),
  all: conditions,
  unless: conditions,
}

type Written = z.infer<typeof conditions>
type Lists = { signs: z.infer<typeof conditionLists.signs>; all: Written; unless: Written }

/** The lists as a matcher wants them: every condition with the places it looks in and the sign it belongs to. */
export function readConditions(lists: Lists, places: Condition['where']) {
  const flat = (role: 'all' | 'unless'): Condition[] => {
    const owned = [
      ...lists[role].map((written) => ({ written, of: null })),
      ...lists.signs.flatMap((one, of) => one[role].map((written) => ({ written, of }))),
    ]
    return owned.flatMap(({ written, of }, choice) =>
      alternatives(written).map((sign) => ({
        where: written.where ?? places,
        sign,
        of,
        anywhere: written.anywhere,
        choice,
      })),
    )
  }
  return {
    signs: lists.signs.flatMap(({ rank, ...one }) =>
      alternatives({ ...one, sign: one.sign && [one.sign] }).map((sign) =>
        rank === undefined ? sign : { ...sign, rank },
      ),
    ),
    all: flat('all'),
    unless: flat('unless'),
  }
}

function alternatives(written: Pick<Written[number], 'sign' | 'observed'>): Sign[] {
  return written.observed ? [{ kind: 'observed', name: written.observed }] : (written.sign ?? [])
}

function hasOne(payload: z.core.ParsePayload<{ sign?: unknown; observed?: unknown }>): void {
  const { sign, observed } = payload.value
  if ((sign === undefined) !== (observed === undefined)) return
  payload.issues.push({
    code: 'custom',
    input: payload.value,
    message: 'needs either `sign` or `observed`, e.g. { where: [runner], sign: "The operation was canceled" }',
  })
}

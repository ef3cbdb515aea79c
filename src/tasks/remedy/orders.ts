import { z } from 'zod'
import { alertKey } from '../../alert/alert.ts'
import { personSchema, requestPlaceSchema } from '../../remedy/request.ts'
import { wantedSchema } from './wanted.ts'

/** What remedy tasks are given, and the keys under which each is one task however often it is added. */

type Add<Order> = (order: Order, key: string) => Promise<void>

export const askRemedySchema = z.strictObject({
  /** names this wish among all: its request has the same id however often the task is tried */
  wish: z.string(),
  wanted: wantedSchema,
  by: personSchema,
  place: requestPlaceSchema,
  /** where the person alone is answered; null: nobody waits for one */
  responseUrl: z.string().nullable(),
})
/** Somebody wants a remedy, and may. */
export type AskRemedy = z.infer<typeof askRemedySchema>
export type AddAskRemedy = Add<AskRemedy>

export function askRemedyKey({ wish }: Pick<AskRemedy, 'wish'>): string {
  return `ask-remedy:${wish}`
}

export const carryOutSchema = z.strictObject({ requestId: z.string() })
/** A request that was approved. */
export type CarryOut = z.infer<typeof carryOutSchema>
export type AddCarryOut = Add<CarryOut>

export function carryOutKey(requestId: string): string {
  return `carry-out:${requestId}`
}

export const attemptSchema = z.strictObject({
  repository: z.string(),
  runId: z.int(),
  attempt: z.int().positive(),
})
/** A run that a remedy started, from this attempt on; or an attempt that has ended. */
export type Attempt = z.infer<typeof attemptSchema>
export type AddFollow = Add<Attempt>
export type AddVerify = Add<Attempt>

export function followKey(attempt: Attempt): string {
  return `follow:${alertKey(attempt)}`
}

export function verifyKey(attempt: Attempt): string {
  return `verify:${alertKey(attempt)}`
}

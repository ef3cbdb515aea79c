import { z } from 'zod'

/** How often a task is tried and how long it waits in between: doubling from the first delay up to the longest. */
export type RetryPlan = { tries: number; firstDelayMs: number; maxDelayMs: number }

/** 1 s, 2 s, 4 s … 5 min, 24 tries: an outage of Slack or GitHub of more than an hour is sat out. */
export const patient: RetryPlan = { tries: 24, firstDelayMs: 1_000, maxDelayMs: 300_000 }

/** How long to wait after so many failures; never less than the latest error asks for with `retryAfterMs`. */
export function delayAfter(failures: number, error: unknown, plan: RetryPlan): number {
  const backOff = Math.min(plan.maxDelayMs, plan.firstDelayMs * 2 ** (failures - 1))
  return Math.ceil(Math.max(backOff, askedDelay(error)))
}

function askedDelay(error: unknown): number {
  let longest = 0
  for (let cause = error, depth = 0; cause instanceof Error && depth < 10; cause = cause.cause, depth++) {
    const asked = 'retryAfterMs' in cause ? Number(cause.retryAfterMs) : 0
    if (Number.isFinite(asked)) longest = Math.max(longest, asked)
  }
  return longest
}

const writtenError = z.object({ name: z.string(), message: z.string(), code: z.string().optional() })

/** What of an error outlives the process: name, message and code. */
export function writeError(error: unknown): string {
  if (!(error instanceof Error)) return JSON.stringify({ name: 'Error', message: String(error) })
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  return JSON.stringify({ name: error.name, message: error.message, code })
}

/** The error again, as far as it was written. */
export function readError(text: string): Error {
  const { name, message, code } = writtenError.parse(JSON.parse(text))
  return Object.assign(new Error(message), { name }, code === undefined ? {} : { code })
}

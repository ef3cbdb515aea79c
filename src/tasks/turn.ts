import type { z } from 'zod'
import { delayAfter, type RetryPlan, readError, writeError } from './retry.ts'

export type Task<Input> = {
  name: string
  schema: z.ZodType<Input>
  perform(input: Input, step: Step, sleep: Sleep): Promise<void>
  /** Called after the last try failed, once it succeeds; retried like the task itself. */
  gaveUp(input: Input, error: unknown): Promise<void>
}

/** Performs a part of a task and keeps its result, which must be JSON. Names are unique within the task. */
export type Step = <T>(name: string, perform: () => Promise<T>) => Promise<T>

/**
 * Waits, however long and across restarts: the task is left and taken up again when the time is over. Names are unique
 * within the task. Not to be caught, nor called beside other steps at once.
 */
export type Sleep = (name: string, ms: number) => Promise<void>

/** `task` is null when the engine itself failed, say because the database was away. */
export type TaskFailure = { task: string | null; error: unknown; next: string }

export type Settings = { retry: RetryPlan; onFailure: (failure: TaskFailure) => void }

/** Inputs and results are kept as a JSON text within the engine's JSON: jsonb would refuse a NUL out of a log. */
export type Stored = { json: string }

/** What a turn needs of the engine: steps that are kept, and a sleep that ends the turn by throwing. */
export type Steps = {
  run<T>(config: { name: string; retryPolicy?: { maximumAttempts: number } }, perform: () => Promise<T>): Promise<T>
  sleep(name: string, duration: `${number}ms`): Promise<void>
}

export type Turn = { steps: Steps; past: () => Promise<PastStep[]>; settings: Settings }

/** A step of an earlier turn, whether it ended or not. */
export type PastStep = { name: string; kind: 'sleep' | 'function'; ended: boolean; result: unknown }

/** Names of the steps that are ours; a task's own should not begin like this. */
const failed = '~failed '
const lastError = '~last error'
const gaveUp = '~gave up'
const gaveUpFailed = '~gave up failed '

/** Before the name that a task gives its sleep, so that it is none of those above. */
const ownSleep = 'sleep '

/** A task whose steps were cut off this often by the death of the process is taken to be the cause of it. */
const maxCutOffs = 10

/** One turn of a task: performs it, or postpones it, or gives it up; what happened in earlier turns is read from the past. */
export async function carryOut<Input>(
  task: Task<Input>,
  stored: Stored,
  { steps, past, settings }: Turn,
): Promise<void> {
  const before = pastOf(await past())
  const input = readInput(task, stored, settings)
  let reason = before.lastError
  if (reason === null) {
    try {
      if (before.cutOffs >= maxCutOffs) throw new CutOff(before.cutOffs)
      return await performWithSteps(task, input, steps)
    } catch (error) {
      if (error instanceof Asleep) throw error.signal
      const failures = before.failures + 1
      const hopeless = error instanceof CutOff || failures >= settings.retry.tries
      if (!hopeless) return await postpone(`${failed}${failures}`, { task, error, failures, steps, settings })
      settings.onFailure({ task: task.name, error, next: `gives up after try ${failures}` })
      reason = await steps.run({ name: lastError }, async () => writeError(error))
    }
  }
  await giveUp(task, input, { reason, failures: before.failuresToGiveUp + 1, steps, settings })
}

/** The engine's way to end a turn, carried past what a task may do with errors. */
class Asleep extends Error {
  readonly signal: unknown

  constructor(signal: unknown) {
    super('the task sleeps')
    this.signal = signal
  }
}

class CutOff extends Error {
  constructor(times: number) {
    super(`The process ended ${times} times while this task was performed; it may be what ends it`)
  }
}

function readInput<Input>(task: Task<Input>, stored: Stored, { onFailure }: Settings): Input {
  try {
    return task.schema.parse(JSON.parse(stored.json))
  } catch (cause) {
    const error = new Error(`A stored task "${task.name}" is not what this version expects`, { cause })
    onFailure({ task: task.name, error, next: 'tries again for ever, for another version to take it' })
    throw error
  }
}

async function performWithSteps<Input>(task: Task<Input>, input: Input, steps: Steps): Promise<void> {
  const begun: Promise<unknown>[] = []
  const step: Step = (name, perform) => {
    const result = performStep(steps, name, perform)
    begun.push(result)
    return result
  }
  const sleep: Sleep = async (name, ms) => {
    try {
      await steps.sleep(`${ownSleep}${name}`, `${Math.max(1, Math.ceil(ms))}ms`)
    } catch (signal) {
      throw new Asleep(signal)
    }
  }
  try {
    await task.perform(input, step, sleep)
  } finally {
    // One of several steps at once may have failed: the next try must not meet the others still under way.
    await Promise.allSettled(begun)
  }
}

async function performStep<T>(steps: Steps, name: string, perform: () => Promise<T>): Promise<T> {
  const thrown: unknown[] = []
  try {
    const json = await steps.run({ name }, async () => {
      try {
        return JSON.stringify(await perform()) ?? null
      } catch (error) {
        thrown.push(error)
        throw printable(error)
      }
    })
    return (json === null ? undefined : JSON.parse(json)) as T
  } catch (error) {
    // The engine wraps what was thrown; the task shall see the error itself.
    throw thrown.length > 0 ? thrown[0] : error
  }
}

/** The message is kept as jsonb, which refuses NULs and halves of surrogate pairs. */
function printable(error: unknown): Error {
  const message = error instanceof Error ? error.message : String(error)
  return new Error(message.replaceAll('\0', '').toWellFormed())
}

type Postponed = { task: { name: string }; error: unknown; failures: number; steps: Steps; settings: Settings }

/** Leaves the task until the delay is over. `sleep` ends this turn by throwing; its name, with the number, is what remembers the failure. */
async function postpone(name: string, { task, error, failures, steps, settings }: Postponed): Promise<void> {
  const delay = delayAfter(failures, error, settings.retry)
  settings.onFailure({ task: task.name, error, next: `tries again in ${delay} ms (try ${failures} failed)` })
  await steps.sleep(name, `${delay}ms`)
}

type GivingUp = { reason: string; failures: number; steps: Steps; settings: Settings }

async function giveUp<Input>(
  task: Task<Input>,
  input: Input,
  { reason, failures, steps, settings }: GivingUp,
): Promise<void> {
  let thrown: unknown = null
  const tell = async () => {
    try {
      await task.gaveUp(input, readError(reason))
    } catch (error) {
      thrown = error
      throw printable(error)
    }
  }
  try {
    await steps.run({ name: gaveUp, retryPolicy: { maximumAttempts: 1 } }, tell)
  } catch (wrapped) {
    const error = thrown ?? wrapped
    if (failures < settings.retry.tries)
      return await postpone(`${gaveUpFailed}${failures}`, { task, error, failures, steps, settings })
    settings.onFailure({ task: task.name, error, next: 'could not even say that it gave up: nobody is told' })
    throw wrapped
  }
}

type Past = { failures: number; failuresToGiveUp: number; cutOffs: number; lastError: string | null }

function pastOf(steps: PastStep[]): Past {
  const sleeps = steps.filter((step) => step.kind === 'sleep').map((step) => step.name)
  const known = steps.find((step) => step.name === lastError && step.ended)
  return {
    failures: sleeps.filter((name) => name.startsWith(failed)).length,
    failuresToGiveUp: sleeps.filter((name) => name.startsWith(gaveUpFailed)).length,
    cutOffs: steps.filter((step) => step.kind === 'function' && !step.ended).length,
    lastError: typeof known?.result === 'string' ? known.result : null,
  }
}

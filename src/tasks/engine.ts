import { OpenWorkflow, type Worker } from 'openworkflow'
import type { Backend } from 'openworkflow/internal'
import { BackendPostgres } from 'openworkflow/postgres'
import { BackendSqlite } from 'openworkflow/sqlite'
import type { Store } from '../store/store.ts'
import { type Bell, bell } from './bell.ts'
import { patient, type RetryPlan } from './retry.ts'
import { settlesWithin, steady } from './steady.ts'
import { carryOut, type PastStep, type Settings, type Stored, type Task, type TaskFailure } from './turn.ts'

export type { Sleep, Step, Task, TaskFailure } from './turn.ts'

/**
 * Durable tasks, and the only file that knows openworkflow (0.10). A task is one of its runs. What openworkflow does
 * for us: it keeps runs and the results of their steps, leases a run to one worker, and finds it again when that worker
 * died. What we add: bounded tries of the whole task with `gaveUp` at the end (its own default is one try), delays that
 * an error may ask for, and a loop that is woken instead of one that polls up to a second late.
 *
 * A step that ended is not performed again. One that was cut off by a crash is, so what a step does outside must bear
 * being done twice (see store/messages.ts for how a Slack message does). What stands between steps is done with each try.
 */
export type Engine = {
  /** Makes a kind of task known; before `start`. */
  define<Input>(task: Task<Input>): TaskHandle<Input>
  /** Begins to perform tasks, also those that an earlier process left. */
  start(): Promise<void>
  /** Takes no more tasks, waits some seconds for the running ones and closes; what is cut off goes on at the next start. */
  stop(): Promise<void>
} & AsyncDisposable

export type TaskHandle<Input> = {
  /** Adds a task, durable when this returns. The same key again within a day is the same task. */
  add(input: Input, key: string): Promise<void>
}

export type EngineOptions = {
  /** Tasks live beside the store: in a file next to its file, or in its PostgreSQL database. Close the engine first. */
  store: Pick<Store, 'place' | 'alone'>
  retry?: RetryPlan
  /** tasks performed at once by this process */
  concurrency?: number
  /** longest time until this process notices a task that became due, or that another process added */
  pollMs?: number
  /** how long `stop` waits for running tasks */
  graceMs?: number
  /** longest time that PostgreSQL may take to answer; then we connect anew */
  answerMs?: number
  /** Told of every failure and what follows from it, for the log. */
  onFailure?: (failure: TaskFailure) => void
}

/** Opens the engine beside the store. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const { store, concurrency = 8, pollMs = 500, graceMs = 8_000, answerMs = 20_000 } = options
  const settings: Settings = { retry: options.retry ?? patient, onFailure: options.onFailure ?? (() => {}) }
  const wake = bell()
  const backend = await openBackend(store, answerMs)
  const client = new OpenWorkflow({ backend: ringWhenFree(backend, wake) })
  let worker: Worker | null = null
  let stopping: Promise<void> | null = null
  let loop = Promise.resolve()

  const stop = async () => {
    wake.ring()
    await loop
    if (worker && !(await settlesWithin(graceMs, worker.stop()))) {
      const error = new Error(`Tasks were still running ${graceMs} ms after the engine was told to stop`)
      settings.onFailure({ task: null, error, next: 'they go on at the next start' })
    }
    await settlesWithin(2_000, backend.stop())
  }
  const stopOnce = () => (stopping ??= stop())
  return {
    define(task) {
      if (worker) throw new Error(`Task "${task.name}" was defined after the engine was started: define it before`)
      const workflow = client.defineWorkflow<Stored, void>(
        { name: task.name, retryPolicy: always },
        ({ input, step, run }) =>
          carryOut(task, input, { steps: step, past: () => pastSteps(backend, run.id), settings }),
      )
      return {
        async add(input, key) {
          task.schema.parse(input)
          await workflow.run({ json: JSON.stringify(input) }, { idempotencyKey: key })
          wake.ring()
        },
      }
    },
    async start() {
      // Our store is open, so the process that had this file before us is dead (store/one-process.ts): no need to wait
      // for its leases. On PostgreSQL nothing proves that; a dead worker's tasks are free after openworkflow's 30 s.
      if (store.place.engine === 'sqlite') await releaseLeases(backend)
      worker = client.newWorker({ concurrency })
      loop = performUntil(() => stopping !== null, { worker, wake, pollMs, settings })
    },
    stop: stopOnce,
    [Symbol.asyncDispose]: stopOnce,
  }
}

/** For failures outside a task's own tries: the database was away, or this version cannot read the task's input. */
const always = { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '5m', maximumAttempts: 0 } as const

async function openBackend({ place, alone }: EngineOptions['store'], answerMs: number): Promise<Backend> {
  if (place.engine === 'sqlite') return BackendSqlite.connect(place.file === null ? ':memory:' : `${place.file}-tasks`)
  const { url } = place
  // openworkflow's migrations take no lock of their own.
  await alone('tasks', async () => (await BackendPostgres.connect(url)).stop())
  // Its driver, postgres.js 3.4, loses answers for ever when the server ends a connection (porsager/postgres#1199), and
  // then cannot even be closed (#1142). Cut off within the first milliseconds of a connection it ends the process with
  // an unhandled rejection; `fetch_types=false` in the URL would avoid that, but then `reserve` may never be answered.
  const open = () => BackendPostgres.connect(url, { runMigrations: false })
  return steady(open, (old) => void old.stop().catch(() => {}), answerMs)
}

/** openworkflow tells nobody when a worker's slot is free again; the end of each run's turn passes through here. */
function ringWhenFree(backend: Backend, { ring }: Bell): Backend {
  const ringAfter =
    <Params, Result>(turn: (params: Params) => Promise<Result>, later: (ring: () => void) => unknown) =>
    (params: Params) =>
      turn.call(backend, params).finally(() => later(ring))
  const soon = (ring: () => void) => setImmediate(ring)
  // Not at once: where the database's clock is ahead of ours, a task that sleeps is offered too early again and again.
  const unhurried = (ring: () => void) => setTimeout(ring, 50).unref()
  return Object.assign(Object.create(backend) as Backend, {
    completeWorkflowRun: ringAfter(backend.completeWorkflowRun, soon),
    failWorkflowRun: ringAfter(backend.failWorkflowRun, soon),
    sleepWorkflowRun: ringAfter(backend.sleepWorkflowRun, unhurried),
  })
}

async function releaseLeases(backend: Backend): Promise<void> {
  for (let after: string | undefined; ; ) {
    const page = await backend.listWorkflowRuns({ status: 'running', limit: 500, ...(after ? { after } : {}) })
    for (const { id, workerId } of page.data) {
      if (workerId) await backend.sleepWorkflowRun({ workflowRunId: id, workerId, availableAt: new Date() })
    }
    if (!page.pagination.next) return
    after = page.pagination.next
  }
}

type Loop = { worker: Worker; wake: Bell; pollMs: number; settings: Settings }

async function performUntil(isOver: () => boolean, { worker, wake, pollMs, settings }: Loop): Promise<void> {
  let pause = pollMs
  while (!isOver()) {
    try {
      const claimed = await worker.tick()
      pause = pollMs
      if (claimed > 0) continue
    } catch (error) {
      settings.onFailure({ task: null, error, next: `looks for tasks again in ${pause} ms` })
      pause = Math.min(pause * 2, 30_000)
    }
    await wake.wait(pause)
  }
}

async function pastSteps(backend: Backend, workflowRunId: string): Promise<PastStep[]> {
  // openworkflow allows no more steps than this per run.
  const { data: attempts } = await backend.listStepAttempts({ workflowRunId, limit: 1_000 })
  return attempts.map(({ stepName, kind, status, output }) => ({
    name: stepName,
    kind: kind === 'sleep' ? kind : 'function',
    ended: status !== 'running',
    result: output,
  }))
}

import { jobEvent, runEvent } from './github-payloads.ts'
import type { Addresses } from './github-repository.ts'
import type { Delivery, Sender } from './github-webhooks.ts'
import {
  finishAttempt,
  finishJob,
  type LocalAttempt,
  type LocalRun,
  type ScriptedRun,
  type World,
} from './github-world.ts'

export type PlayedRun = {
  repository: string
  runId: number
  attempt: number
  url: string
  jobs: { id: number; name: string }[]
  deliveries: Delivery[]
}

/** What an attempt is played with. */
export type Stage = { script: ScriptedRun; world: World; sender: Sender; at: Addresses; now: () => Date }

/** Plays an attempt's start, with every webhook GitHub would send; `finish` plays the rest. */
export async function startRun({
  script,
  world,
  sender,
  at,
  now,
}: Stage): Promise<PlayedRun & { finish(): Promise<PlayedRun> }> {
  const { run, attempt, wasQueued } = world.begin(script, now())
  const deliveries = wasQueued ? [] : [await sender.send('workflow_run', runEvent('requested', run, attempt, at))]
  deliveries.push(await sender.send('workflow_run', runEvent('in_progress', run, attempt, at)))
  for (const job of attempt.jobs)
    deliveries.push(await sender.send('workflow_job', jobEvent('in_progress', job, run, attempt, at)))
  return {
    ...played(run, attempt, at, deliveries),
    async finish() {
      const after = [...deliveries]
      for (const [index, job] of attempt.jobs.entries()) {
        finishJob(job, script.jobs[index]?.conclusion ?? 'success', now())
        after.push(await sender.send('workflow_job', jobEvent('completed', job, run, attempt, at)))
      }
      finishAttempt(run, attempt, script, now())
      after.push(await sender.send('workflow_run', runEvent('completed', run, attempt, at)))
      return played(run, attempt, at, after)
    },
  }
}

function played(run: LocalRun, attempt: LocalAttempt, at: Addresses, deliveries: Delivery[]): PlayedRun {
  return {
    repository: run.repository,
    runId: run.id,
    attempt: attempt.number,
    url: `${at.pages}/${run.repository}/actions/runs/${run.id}`,
    jobs: attempt.jobs.map(({ id, name }) => ({ id, name })),
    deliveries,
  }
}

import { setTimeout as pause } from 'node:timers/promises'
import { calledAt, type Outcome, type RequestOf, told } from './outcome.ts'
import type { RemedyWorld } from './world.ts'

type RerunRequest = RequestOf<'rerun-failed' | 'rerun-job'>

/** One call, at most once: GitHub takes a re-run for one more attempt of the run, so a lost answer shows there. */
export async function performRerun(world: RemedyWorld, request: RerunRequest): Promise<Outcome> {
  const { plan } = request
  if ((await world.store.executions.calling(request.id, world.now())) === 'again') return await lookFor(world, request)
  const { repository, debug } = plan
  const started =
    plan.operation === 'rerun-job'
      ? await world.github.rerunJob({ repository, jobId: plan.jobId, debug })
      : await world.github.rerunFailedJobs({ repository, runId: plan.runId, debug })
  if (started.kind === 'refused')
    return { outcome: 'failed', result: told(`GitHub did not start it: ${started.because}`) }
  if (started.kind === 'unclear') return await lookFor(world, request)
  const { url } = await world.runs.run(repository, plan.runId)
  return startedAs(request, url)
}

function startedAs({ plan }: RerunRequest, url: string): Outcome {
  const attempt = plan.attempt + 1
  const what = plan.operation === 'rerun-job' ? `The job ${plan.jobName}` : 'The failed jobs'
  const words = `${what} of run ${plan.runId} ${plan.operation === 'rerun-job' ? 'runs' : 'run'} again as attempt ${attempt}.`
  return { outcome: 'done', result: told(words, { url, runId: plan.runId, attempt }) }
}

/** A process before us may have asked, or GitHub's answer got lost: the run's attempt tells. */
async function lookFor(world: RemedyWorld, request: RerunRequest): Promise<Outcome> {
  const { plan, id } = request
  for (const wait of [0, ...world.looks]) {
    await pause(wait)
    const { attempt, status, url } = await world.runs.run(plan.repository, plan.runId)
    if (attempt > plan.attempt || status !== 'completed') return startedAs(request, url)
  }
  const execution = await world.store.executions.get(id)
  const since = execution ? calledAt(execution).toISOString().slice(11, 16) : 'then'
  const words = `I was cut off at ${since} UTC before I knew whether GitHub had started it, and the run shows no new attempt. Nothing runs; ask again if you still want it.`
  return { outcome: 'failed', result: told(words) }
}

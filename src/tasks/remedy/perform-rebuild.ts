import { setTimeout as pause } from 'node:timers/promises'
import { calledAt, type Outcome, type RequestOf, told } from './outcome.ts'
import type { RemedyWorld } from './world.ts'

type RebuildRequest = RequestOf<'rebuild'>

/** One dispatch, at most once. Where GitHub does not say which run it made, the run is looked for. */
export async function performRebuild(world: RemedyWorld, request: RebuildRequest): Promise<Outcome> {
  const { plan, id } = request
  if ((await world.store.executions.calling(id, world.now())) === 'again') return await lookFor(world, request)
  const { repository, workflow, ref, input } = plan
  const started = await world.github.dispatchWorkflow({ repository, workflow, ref, inputs: { [input]: 'true' } })
  if (started.kind === 'refused')
    return { outcome: 'failed', result: told(`GitHub did not start it: ${started.because}`) }
  if (started.kind === 'started' && started.runId !== null) return startedAs(plan, started.runId, started.url)
  return await lookFor(world, request)
}

function startedAs({ workflow, ref }: RebuildRequest['plan'], runId: number, url: string | null): Outcome {
  const words = `${workflow} runs on ${ref} without the cache, as run ${runId}.`
  return { outcome: 'done', result: told(words, { url, runId, attempt: 1 }) }
}

/** GitHub rounds to seconds, and its clock is not ours. */
const clockSkewMs = 5_000

async function lookFor(world: RemedyWorld, { plan, id }: RebuildRequest): Promise<Outcome> {
  const execution = await world.store.executions.get(id)
  if (execution === null) throw new Error(`There is no execution of request ${id}, which was let through`)
  const since = new Date(calledAt(execution).getTime() - clockSkewMs)
  for (const wait of [0, ...world.looks]) {
    await pause(wait)
    const [run] = await world.github.findDispatched({ ...plan, since })
    if (run) return startedAs(plan, run.runId, run.url)
  }
  const words = `I asked GitHub to run ${plan.workflow} on ${plan.ref} and cannot find the run. It may have started: look at the workflow's page before you ask again.`
  return { outcome: 'unclear', result: told(words) }
}

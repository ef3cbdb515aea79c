import { type ApiAnswer, type ApiRequest, ok, type Route, refusal, type Scene } from './github-answers.ts'
import { botLogin } from './github-deeds.ts'
import { currentAttempt, type LocalJob, type LocalRun } from './github-world.ts'

const actions = '/repos/([^/]+/[^/]+)/actions'

/** Re-runs queue the next attempt; a test plays it with `finishRun`. */
export const rerunRoutes: Route[] = [
  {
    method: 'POST',
    path: new RegExp(`^${actions}/runs/(\\d+)/rerun-failed-jobs$`),
    answer: ([name = '', id], request, scene) => {
      const run = scene.world.find(name, Number(id))
      if (run === null) return refusal(404, 'Not Found')
      return rerun(run, currentAttempt(run).jobs.filter(hasFailed), null, request, scene)
    },
  },
  {
    method: 'POST',
    path: new RegExp(`^${actions}/jobs/(\\d+)/rerun$`),
    answer: ([name = '', id], request, scene) => {
      const found = scene.world.findJob(name, Number(id))
      return found === null ? refusal(404, 'Not Found') : rerun(found.run, [found.job], found.job.id, request, scene)
    },
  },
]

function hasFailed({ conclusion }: LocalJob): boolean {
  return ['failure', 'timed_out', 'cancelled'].includes(conclusion ?? '')
}

const month = 30 * 86_400_000

function rerun(
  run: LocalRun,
  jobs: LocalJob[],
  jobId: number | null,
  { sent }: ApiRequest,
  { world, deeds, now, tellQueued }: Scene,
): ApiAnswer {
  if (currentAttempt(run).status !== 'completed') return refusal(403, 'This workflow is already running')
  if (now().getTime() - run.createdAt.getTime() > month)
    return refusal(403, 'Unable to retry this workflow run because it was created over a month ago')
  if (jobs.length === 0 || run.attempts.length > 50) return refusal(403, 'This workflow run cannot be retried')
  const debug = (sent as { enable_debug_logging?: boolean } | null)?.enable_debug_logging === true
  deeds.reruns.push({ repository: run.repository, runId: run.id, jobId, debug, by: botLogin })
  tellQueued(run, world.queueAgain(run, jobs, botLogin, now()))
  return { ...ok({}), status: 201 }
}

import { createHash } from 'node:crypto'
import { type ApiAnswer, type ApiRequest, ok, page, type Route, refusal, type Scene } from './github-answers.ts'
import { cacheRoutes } from './github-cache-api.ts'
import { checkRoutes } from './github-check-api.ts'
import { codeRoutes } from './github-code-api.ts'
import { dispatchRoutes, isOfWorkflow } from './github-dispatch-api.ts'
import { packageRoutes } from './github-package-api.ts'
import { artifactPayload, jobPayload, runPayload } from './github-payloads.ts'
import { peopleRoutes } from './github-people-api.ts'
import { pullRoutes } from './github-pull-api.ts'
import { rerunRoutes } from './github-rerun-api.ts'
import { currentAttempt, type LocalRun } from './github-world.ts'

/** What GitHub's REST API answers; the paths are those of its OpenAPI description that the bot uses. */
export function answerApi(request: ApiRequest, scene: Scene): ApiAnswer {
  const matching = routes.filter(({ path }) => path.test(request.path))
  if (matching.length === 0) return refusal(404, 'Not Found')
  const route = matching.find(({ method = 'GET' }) => method === request.method)
  if (route === undefined) return refusal(405, 'Method not allowed by the local GitHub')
  if (!(route.tokens ?? ['bot']).includes(request.who.kind))
    return refusal(403, 'Resource not accessible by integration')
  const params = (route.path.exec(request.path) ?? []).slice(1).map((part = '') => decoded(part))
  return unchanged(request, route.answer(params, request, scene))
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

const repo = '/repos/([^/]+/[^/]+)/actions'
const routes: Route[] = [
  ...codeRoutes,
  ...pullRoutes,
  ...cacheRoutes,
  ...checkRoutes,
  ...peopleRoutes,
  ...packageRoutes,
  ...rerunRoutes,
  ...dispatchRoutes,
  { path: new RegExp(`^${repo}/runs$`), answer: ([name = ''], request, scene) => listRuns(name, null, request, scene) },
  {
    path: new RegExp(`^${repo}/workflows/([^/]+)/runs$`),
    answer: ([name = '', workflow = ''], request, scene) => listRuns(name, workflow, request, scene),
  },
  {
    path: new RegExp(`^${repo}/runs/(\\d+)$`),
    answer: ([name = '', run], _, scene) => showRun(scene.world.find(name, Number(run)), null, scene),
  },
  {
    path: new RegExp(`^${repo}/runs/(\\d+)/attempts/(\\d+)$`),
    answer: ([name = '', run, attempt], _, scene) =>
      showRun(scene.world.find(name, Number(run)), Number(attempt), scene),
  },
  {
    path: new RegExp(`^${repo}/runs/(\\d+)/attempts/(\\d+)/jobs$`),
    answer: ([name = '', run, attempt], request, scene) =>
      listJobs(scene.world.find(name, Number(run)), Number(attempt), request, scene),
  },
  {
    path: new RegExp(`^${repo}/jobs/(\\d+)$`),
    answer: ([name = '', job], _, scene) => showJob(name, Number(job), scene),
  },
  {
    path: new RegExp(`^${repo}/jobs/(\\d+)/logs$`),
    answer: ([name = '', job], _, scene) => linkLog(name, Number(job), scene),
  },
  {
    path: new RegExp(`^${repo}/runs/(\\d+)/artifacts$`),
    answer: ([name = '', run], request, scene) => listArtifacts(scene.world.find(name, Number(run)), request, scene),
  },
  {
    path: new RegExp(`^${repo}/artifacts/(\\d+)/zip$`),
    answer: ([name = '', artifact], _, scene) => linkArtifact(name, Number(artifact), scene),
  },
]

function showRun(run: LocalRun | null, attempt: number | null, { at }: Scene): ApiAnswer {
  const shown = run && (attempt === null ? currentAttempt(run) : run.attempts[attempt - 1])
  return run && shown ? ok(runPayload(run, shown, at)) : refusal(404, 'Not Found')
}

/** At most 1,000 results can be reached, as at GitHub. `workflow`: a file or GitHub's number; null: whichever. */
function listRuns(repository: string, workflow: string | null, request: ApiRequest, { world, at }: Scene): ApiAnswer {
  const { query } = request
  const wanted = world
    .runs()
    .filter((run) => run.repository.toLowerCase() === repository.toLowerCase())
    .filter((run) => within(run.createdAt, query.get('created')) && hasStatus(run, query.get('status')))
    .filter((run) => [null, run.branch].includes(query.get('branch')) && [null, run.event].includes(query.get('event')))
    .filter((run) => [null, run.sha].includes(query.get('head_sha')))
    .filter((run) => workflow === null || isOfWorkflow(run, workflow))
    .toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime() || b.id - a.id)
  const { items, headers } = page(wanted.slice(0, 1000), request, at)
  const shown = items.map((run) => runPayload(run, currentAttempt(run), at))
  return { ...ok({ total_count: wanted.length, workflow_runs: shown }), headers }
}

function showJob(repository: string, jobId: number, { world, at }: Scene): ApiAnswer {
  const found = world.findJob(repository, jobId)
  return found ? ok(jobPayload(found.job, found.run, found.attempt, at)) : refusal(404, 'Not Found')
}

function listJobs(run: LocalRun | null, number: number, request: ApiRequest, { at }: Scene): ApiAnswer {
  const attempt = run?.attempts[number - 1]
  if (!run || !attempt) return refusal(404, 'Not Found')
  const { items, headers } = page(attempt.jobs, request, at)
  return {
    ...ok({ total_count: attempt.jobs.length, jobs: items.map((job) => jobPayload(job, run, attempt, at)) }),
    headers,
  }
}

function listArtifacts(run: LocalRun | null, request: ApiRequest, { at }: Scene): ApiAnswer {
  if (!run) return refusal(404, 'Not Found')
  const { items, headers } = page(run.artifacts, request, at)
  const artifacts = items.map((artifact) => artifactPayload(artifact, run, at))
  return { ...ok({ total_count: run.artifacts.length, artifacts }), headers }
}

function linkArtifact(repository: string, artifactId: number, { world, fileLink }: Scene): ApiAnswer {
  const artifact = world.findArtifact(repository, artifactId)
  if (!artifact) return refusal(404, 'Not Found')
  if ('status' in artifact.content)
    return refusal(artifact.content.status, artifact.content.status === 410 ? 'Artifact has expired' : 'Not Found')
  return { status: 302, headers: { location: fileLink('artifacts', artifactId) }, body: null }
}

/** No log before the job is finished. */
function linkLog(repository: string, jobId: number, { world, fileLink }: Scene): ApiAnswer {
  const job = world.findJob(repository, jobId)?.job
  if (job === undefined || job.status !== 'completed') return refusal(404, 'Not Found')
  if ('status' in job.log)
    return refusal(job.log.status, job.log.status === 403 ? 'Must have admin rights' : 'Not Found')
  return { status: 302, headers: { location: fileLink('logs', jobId) }, body: null }
}

function hasStatus(run: LocalRun, wanted: string | null): boolean {
  const { status, conclusion } = currentAttempt(run)
  return wanted === null || wanted === status || wanted === conclusion
}

/** GitHub's search syntax for dates, as far as the bot uses it: `from..to`, `>=from`. */
function within(date: Date, range: string | null): boolean {
  if (range === null) return true
  const second = Math.floor(date.getTime() / 1000) * 1000
  if (range.startsWith('>=')) return second >= Date.parse(range.slice(2))
  const [from = '', to = ''] = range.split('..')
  return second >= Date.parse(from) && second <= Date.parse(to)
}

/** An answer the caller has already costs it nothing: 304 by its ETag. */
function unchanged(request: ApiRequest, answer: ApiAnswer): ApiAnswer {
  if (answer.status !== 200 || request.method !== 'GET') return answer
  const etag = `W/"${createHash('sha256').update(JSON.stringify(answer.body)).digest('hex')}"`
  const headers = { ...answer.headers, etag }
  return request.ifNoneMatch === etag ? { status: 304, headers, body: null } : { ...answer, headers }
}

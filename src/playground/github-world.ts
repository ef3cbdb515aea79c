import { createHash } from 'node:crypto'

/** The runs our local GitHub knows. Plain data; `github-payloads.ts` dresses it as GitHub does. */
export type LocalRun = {
  id: number
  number: number
  /** `owner/name` */
  repository: string
  /** differs from `repository` for a pull request from a fork */
  headRepository: string
  workflow: string
  /** its file: `.github/workflows/ci.yml` */
  path: string
  branch: string
  sha: string
  event: string
  /** login of who started it */
  actor: string
  createdAt: Date
  /** the last is the current one; never empty */
  attempts: LocalAttempt[]
  /** of all attempts */
  artifacts: LocalArtifact[]
}

/** What lies in GitHub's blob storage. */
export type StoredKind = 'logs' | 'artifacts'

export type LocalArtifact = {
  id: number
  name: string
  createdAt: Date
  /** what its link gives, a zip at GitHub; or the status that GitHub answers instead: 410 when it expired */
  content: Uint8Array | { status: 403 | 404 | 410 }
}

export type LocalAttempt = {
  number: number
  /** queued: begun over the API, and not played yet */
  status: 'queued' | 'in_progress' | 'completed'
  conclusion: string | null
  /** login of who began it */
  by: string
  startedAt: Date
  updatedAt: Date
  jobs: LocalJob[]
}

export type LocalJob = {
  id: number
  name: string
  status: 'queued' | 'in_progress' | 'completed'
  conclusion: string | null
  startedAt: Date
  completedAt: Date | null
  log: LocalLog
}

/** A log's bytes, or the status GitHub answers instead: 404 when the runner died, 410 when it expired. */
export type LocalLog = Uint8Array | { status: 403 | 404 | 410 }

/** What to play: one attempt of a run. Everything has a default but the jobs. */
export type ScriptedRun = {
  /**
   * a run already there: this is its next attempt, or the one that a re-run or a dispatch has begun; what is not given
   * is as it was
   */
  runId?: number
  repository?: string
  headRepository?: string
  workflow?: string
  /** default: the workflow's name as a file */
  path?: string
  branch?: string
  sha?: string
  event?: string
  actor?: string
  /** default: failure when a job failed, else success */
  conclusion?: string
  jobs: ScriptedJob[]
  /** uploaded by the jobs of this attempt, stored when it ends */
  artifacts?: { name: string; content: LocalArtifact['content'] }[]
}

export type ScriptedJob = { name: string; conclusion: string; log?: string | Uint8Array | { status: 403 | 404 | 410 } }

export type World = {
  runs(): LocalRun[]
  find(repository: string, runId: number): LocalRun | null
  findJob(repository: string, jobId: number): { run: LocalRun; attempt: LocalAttempt; job: LocalJob } | null
  findArtifact(repository: string, artifactId: number): LocalArtifact | null
  /** Begins an attempt, or goes on with a queued one; nothing of it is finished yet. */
  begin(script: ScriptedRun, now: Date): { run: LocalRun; attempt: LocalAttempt; wasQueued: boolean }
  /** Queues the next attempt, in which these jobs run again. */
  queueAgain(run: LocalRun, jobs: LocalJob[], by: string, now: Date): LocalAttempt
  /** Queues a new run; nobody knows its jobs yet. */
  queue(script: Omit<ScriptedRun, 'jobs'>, now: Date): { run: LocalRun; attempt: LocalAttempt }
}

export function localWorld(): World {
  const runs: LocalRun[] = []
  let lastJob = 27_500_000_000
  const nextJob = () => ++lastJob
  return {
    runs: () => runs,
    find: (repository, runId) =>
      runs.find((run) => run.id === runId && run.repository.toLowerCase() === repository.toLowerCase()) ?? null,
    findJob(repository, jobId) {
      for (const run of runs.filter((each) => each.repository.toLowerCase() === repository.toLowerCase()))
        for (const attempt of run.attempts)
          for (const job of attempt.jobs) if (job.id === jobId) return { run, attempt, job }
      return null
    },
    findArtifact: (repository, artifactId) =>
      runs
        .filter((run) => run.repository.toLowerCase() === repository.toLowerCase())
        .flatMap(({ artifacts }) => artifacts)
        .find(({ id }) => id === artifactId) ?? null,
    begin(script, now) {
      const run = script.runId === undefined ? newRun(script, runs, now) : knownRun(script.runId, runs)
      if (script.runId === undefined) runs.push(run)
      const queued = run.attempts.at(-1)
      if (queued?.status === 'queued') {
        const jobs = playedJobs(queued.jobs, script.jobs, nextJob, now)
        return { run, attempt: Object.assign(queued, { status: 'in_progress', updatedAt: now, jobs }), wasQueued: true }
      }
      const jobs = script.jobs.map((job) => newJob(job, nextJob(), now))
      const by = script.actor ?? run.actor
      return { run, attempt: nextAttempt(run, { status: 'in_progress', by, jobs, now }), wasQueued: false }
    },
    queueAgain(run, jobs, by, now) {
      const again = jobs.map(({ name }) => ({ ...newJob({ name }, nextJob(), now), status: 'queued' as const }))
      return nextAttempt(run, { status: 'queued', by, jobs: again, now })
    },
    queue(script, now) {
      const run = newRun({ ...script, jobs: [] }, runs, now)
      runs.push(run)
      return { run, attempt: nextAttempt(run, { status: 'queued', by: run.actor, jobs: [], now }) }
    },
  }
}

type Begun = Pick<LocalAttempt, 'status' | 'by' | 'jobs'> & { now: Date }

function nextAttempt(run: LocalRun, { now, ...begun }: Begun): LocalAttempt {
  const number = run.attempts.length + 1
  const attempt: LocalAttempt = { number, conclusion: null, startedAt: now, updatedAt: now, ...begun }
  run.attempts.push(attempt)
  return attempt
}

/** The scripted jobs in their order, under the ids that their names have; then those that the script does not name. */
function playedJobs(queued: LocalJob[], scripted: ScriptedJob[], nextJob: () => number, now: Date): LocalJob[] {
  const left = [...queued]
  const named = scripted.map((job) => {
    const at = left.findIndex(({ name }) => name === job.name)
    const [known] = at < 0 ? [] : left.splice(at, 1)
    return newJob(job, known?.id ?? nextJob(), now)
  })
  return [...named, ...left.map((job): LocalJob => ({ ...job, status: 'in_progress', startedAt: now }))]
}

export function finishJob(job: LocalJob, conclusion: string, now: Date): void {
  Object.assign(job, { status: 'completed', conclusion, completedAt: now })
}

/** Ends an attempt as the script says. */
export function finishAttempt(run: LocalRun, attempt: LocalAttempt, script: ScriptedRun, now: Date): void {
  for (const { name, content } of script.artifacts ?? [])
    run.artifacts.push({ id: numberFrom(`${run.id} ${run.artifacts.length}`), name, createdAt: now, content })
  const failed = script.jobs.some((job) => job.conclusion === 'failure' || job.conclusion === 'timed_out')
  const conclusion = script.conclusion ?? (failed ? 'failure' : 'success')
  Object.assign(attempt, { status: 'completed', conclusion, updatedAt: now })
}

/** The attempt that is the run's present state. */
export function currentAttempt(run: LocalRun): LocalAttempt {
  const attempt = run.attempts.at(-1)
  if (attempt === undefined) throw new Error(`local GitHub: run ${run.id} has no attempt`)
  return attempt
}

/** A number that is the same whenever the name is: ids and shas that hold across restarts. */
export function numberFrom(name: string): number {
  return createHash('sha1').update(name).digest().readUIntBE(0, 4) + 1
}

function newRun(script: ScriptedRun, runs: LocalRun[], now: Date): LocalRun {
  const { repository = 'acme/platform', workflow = 'CI', branch = 'main', event = 'push' } = script
  const number = runs.length + 1
  return {
    id: 9_700_000_000 + number,
    number,
    repository,
    headRepository: script.headRepository ?? repository,
    workflow,
    path: script.path ?? `.github/workflows/${workflow.toLowerCase().replaceAll(/[^\w-]+/g, '-')}.yml`,
    branch,
    sha: script.sha ?? createHash('sha1').update(`${repository} ${branch} ${number}`).digest('hex'),
    event,
    actor: script.actor ?? 'robin-doe',
    createdAt: now,
    attempts: [],
    artifacts: [],
  }
}

function knownRun(runId: number, runs: LocalRun[]): LocalRun {
  const run = runs.find(({ id }) => id === runId)
  if (run === undefined)
    throw new Error(`local GitHub: no run ${runId} to attempt again; leave runId out for a new run`)
  return run
}

function newJob({ name, log = '' }: Omit<ScriptedJob, 'conclusion'>, id: number, now: Date): LocalJob {
  const bytes = typeof log === 'string' ? new TextEncoder().encode(log) : log
  return { id, name, status: 'in_progress', conclusion: null, startedAt: now, completedAt: null, log: bytes }
}

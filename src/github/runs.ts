import { z } from 'zod'
import { githubId, pageUrl, type Run, runSchema, shortText } from '../alert/from-run.ts'
import { listArtifacts, openRecord, type RecordArtifact, recordArtifacts } from './artifacts.ts'
import { ask } from './ask.ts'
import type { GithubClient } from './client.ts'
import { type FindRuns, findRuns } from './find-runs.ts'
import { openJobLog } from './job-log.ts'
import type { StoredFile, StoreOptions } from './stored-file.ts'

export type Job = {
  id: number
  runId: number
  /** of the run; a link to a job names none */
  attempt: number
  name: string
  /** queued, in_progress, completed, waiting, requested, pending */
  status: string
  conclusion: string | null
  /** page of the job at GitHub */
  url: string
  /** ISO 8601; null while the job waits */
  startedAt: string | null
  completedAt: string | null
  /** labels the runner was asked to have */
  labels: string[]
  runner: string | null
  steps: JobStep[]
}

export type JobStep = {
  number: number
  name: string
  status: string
  conclusion: string | null
  startedAt: string | null
  completedAt: string | null
}

/** Reads workflow runs. `repository` is `owner/name`. What GitHub does not give is a `GithubFault`. */
export type Runs = FindRuns & {
  /** One attempt of a run; the latest when none is named. */
  run(repository: string, runId: number, attempt?: number | null): Promise<Run>
  /** All jobs of one attempt, in GitHub's order. */
  jobs(repository: string, runId: number, attempt: number): Promise<Job[]>
  /** One job, of whatever attempt: where a link to a job leads. */
  job(repository: string, jobId: number): Promise<Job>
  /** The log of one job, as it streams in; or, in words, why GitHub has none. */
  openLog(repository: string, jobId: number): Promise<StoredFile>
  /** The build records among the artifacts of a run, of all its attempts. */
  records(repository: string, runId: number): Promise<RecordArtifact[]>
  openRecord(repository: string, artifact: RecordArtifact): Promise<StoredFile>
}

/** `Runs` over GitHub's REST API. */
export function githubRuns(client: GithubClient, options: StoreOptions = {}): Runs {
  return {
    run: (repository, runId, attempt = null) => readRun(client, repository, runId, attempt),
    ...findRuns(client),
    jobs: (repository, runId, attempt) => readJobs(client, repository, runId, attempt),
    job: (repository, jobId) => readJob(client, repository, jobId),
    openLog: openJobLog(client, options),
    records: (repository, runId) => readRecordList(client, repository, runId),
    openRecord: openRecord(client, options),
  }
}

async function readRun(client: GithubClient, repository: string, runId: number, attempt: number | null): Promise<Run> {
  const doing = `Reading run ${runId}${attempt === null ? '' : ` (attempt ${attempt})`} of ${repository}`
  return ask(client, { repository, doing, schema: runSchema }, async ({ rest }, place) => {
    const wanted = { ...place, run_id: runId, exclude_pull_requests: true }
    const answer =
      attempt === null
        ? await rest.actions.getWorkflowRun(wanted)
        : await rest.actions.getWorkflowRunAttempt({ ...wanted, attempt_number: attempt })
    return answer.data
  })
}

async function readJobs(client: GithubClient, repository: string, runId: number, attempt: number): Promise<Job[]> {
  const doing = `Listing the jobs of run ${runId} (attempt ${attempt}) of ${repository}`
  return ask(client, { repository, doing, schema: z.array(jobSchema) }, (octokit, place) =>
    octokit.paginate(octokit.rest.actions.listJobsForWorkflowRunAttempt, {
      ...place,
      run_id: runId,
      attempt_number: attempt,
      per_page: 100,
    }),
  )
}

async function readJob(client: GithubClient, repository: string, jobId: number): Promise<Job> {
  const doing = `Reading job ${jobId} of ${repository}`
  return ask(client, { repository, doing, schema: jobSchema }, async ({ rest }, place) => {
    const answer = await rest.actions.getJobForWorkflowRun({ ...place, job_id: jobId })
    return answer.data
  })
}

async function readRecordList(client: GithubClient, repository: string, runId: number): Promise<RecordArtifact[]> {
  const doing = `Listing the artifacts of run ${runId} of ${repository}`
  return ask(client, { repository, doing, schema: recordArtifacts }, (octokit, place) =>
    listArtifacts(octokit, { ...place, run_id: runId }),
  )
}

const time = z.iso
  .datetime({ offset: true })
  .nullish()
  .transform((at) => at ?? null)

const stepSchema = z
  .object({
    number: z.int(),
    name: shortText,
    status: z.string(),
    conclusion: z.string().nullable(),
    started_at: time,
    completed_at: time,
  })
  .transform(
    (step): JobStep => ({
      number: step.number,
      name: step.name,
      status: step.status,
      conclusion: step.conclusion,
      startedAt: step.started_at,
      completedAt: step.completed_at,
    }),
  )

const jobSchema = z
  .object({
    id: githubId,
    run_id: githubId,
    run_attempt: githubId.optional(),
    name: shortText,
    status: z.string(),
    conclusion: z.string().nullable(),
    html_url: pageUrl.nullable(),
    url: pageUrl,
    started_at: time,
    completed_at: time,
    labels: z.array(z.string()),
    runner_name: z.string().nullable(),
    steps: z.array(stepSchema).optional(),
  })
  .transform(
    (job): Job => ({
      id: job.id,
      runId: job.run_id,
      attempt: job.run_attempt ?? 1,
      name: job.name,
      status: job.status,
      conclusion: job.conclusion,
      url: job.html_url ?? job.url,
      startedAt: job.started_at,
      completedAt: job.completed_at,
      labels: job.labels,
      // GitHub writes '' for a job that was never given to a runner.
      runner: job.runner_name || null,
      steps: job.steps ?? [],
    }),
  )

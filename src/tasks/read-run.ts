import type { Run } from '../alert/from-run.ts'
import type { RunLink } from '../alert/from-text.ts'
import { redact } from '../build/redact.ts'
import { fingerprintOf } from '../diagnosis/fingerprint.ts'
import { diagnoseRun, type JobDiagnosis, type RunDiagnosis } from '../diagnosis/run-diagnosis.ts'
import type { Job, Runs } from '../github/runs.ts'
import type { FailedJob } from './green-lines.ts'
import { hasFailed, type Reading, readJob } from './read-job.ts'
import { runRecords } from './run-records.ts'

export type { Reading } from './read-job.ts'

/** Which logs to read: the failed jobs of an attempt, or one job. */
export type Wanted = { repository: string; runId: number; attempt: number; jobId: number | null } & Partial<
  Pick<FailedJob, 'workflow' | 'branch'>
>
/** A run with more failed jobs than this has one cause, not twenty. */
const logsRead = 20
/** The jobs of a matrix miss their caches for the same reasons. */
const jobsCompared = 4

/** Reads the logs and explains them. A log that GitHub does not have is named in `missing`; an outage is thrown. */
export async function readRun(reading: Reading, wanted: Wanted): Promise<RunDiagnosis> {
  return (await readAttempt(reading, wanted)).diagnosis
}

/** The diagnosis, the log of each of its jobs in short (redacted), and the names of the jobs that passed. */
export type AttemptReading = { diagnosis: RunDiagnosis; excerpts: (string | null)[]; passed: string[] }

export async function readAttempt(reading: Reading, wanted: Wanted): Promise<AttemptReading> {
  const all = await reading.runs.jobs(wanted.repository, wanted.runId, wanted.attempt)
  const jobs = chooseJobs(all, wanted.jobId)
  const records = runRecords(reading.runs, wanted)
  const missing: string[] = []
  const read: JobDiagnosis[] = []
  const excerpts: (string | null)[] = []
  for (const [index, job] of jobs.slice(0, logsRead).entries()) {
    const withEvidence = index < jobsCompared
    const told = await readJob(reading, { ...wanted, job, jobs: all, records, withEvidence })
    missing.push(...told.missing)
    excerpts.push(told.excerpt)
    read.push({
      id: job.id,
      name: redact(job.name),
      url: job.url,
      conclusion: job.conclusion,
      explanation: told.explanation,
      fingerprint: fingerprintOf(told.explanation?.diagnosis ?? null, told.captures),
      times: told.times,
      patterns: told.patterns,
    })
  }
  if (jobs.length > logsRead)
    missing.push(`${jobs.length - logsRead} further failed jobs: only the first ${logsRead} logs are read`)
  if (wanted.jobId !== null && jobs.length === 0)
    missing.push(`job ${wanted.jobId}: it is not part of attempt ${wanted.attempt} of this run`)
  const passed = all.filter(({ conclusion }) => conclusion === 'success').map(({ name }) => redact(name))
  return { diagnosis: diagnoseRun(read, missing), excerpts, passed }
}

/** The attempt a link means: the one named, that of the job named, else the latest. */
export async function attemptOf(runs: Runs, link: RunLink): Promise<Run> {
  const attempt = link.attempt ?? (link.jobId === null ? null : (await runs.job(link.repository, link.jobId)).attempt)
  return runs.run(link.repository, link.runId, attempt)
}

/** The failed ones; where none failed and somebody asked, those that ran. */
function chooseJobs(jobs: Job[], jobId: number | null): Job[] {
  if (jobId !== null) return jobs.filter((job) => job.id === jobId)
  const failed = jobs.filter(hasFailed)
  return failed.length > 0 ? failed : jobs.filter((job) => job.conclusion === 'success')
}

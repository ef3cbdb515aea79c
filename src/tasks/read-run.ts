import { setTimeout as pause } from 'node:timers/promises'
import type { Run } from '../alert/from-run.ts'
import type { RunLink } from '../alert/from-text.ts'
import { redact } from '../build/redact.ts'
import type { RedactOptions } from '../build/redact-log.ts'
import { explainer } from '../diagnosis/explain.ts'
import type { Explanation } from '../diagnosis/explanation.ts'
import { fingerprintOf } from '../diagnosis/fingerprint.ts'
import type { SignIndex } from '../diagnosis/match.ts'
import type { Outcome } from '../diagnosis/outcome.ts'
import { diagnoseRun, type JobDiagnosis, type RunDiagnosis } from '../diagnosis/run-diagnosis.ts'
import { type JobLog, LogBroken } from '../github/job-log.ts'
import type { Job, Runs } from '../github/runs.ts'
import { type FailedJob, type GreenLines, isUnexplained } from './green-lines.ts'

/** Which logs to read: the failed jobs of an attempt, or one job. */
export type Wanted = { repository: string; runId: number; attempt: number; jobId: number | null } & Partial<
  Pick<FailedJob, 'workflow' | 'branch'>
>
export type Reading = {
  runs: Runs
  signs: SignIndex
  now(): Date
  redaction?: RedactOptions
  /** where it is known, or can be learnt, what a job writes when all is well */
  green?: GreenLines
}

/** A run with more failed jobs than this has one cause, not twenty. */
const logsRead = 20

/** Reads the logs and explains them. A log that GitHub does not have is named in `missing`; an outage is thrown. */
export async function readRun(reading: Reading, wanted: Wanted): Promise<RunDiagnosis> {
  return (await readAttempt(reading, wanted)).diagnosis
}

/** The diagnosis, the log of each of its jobs in short (redacted), and the names of the jobs that passed. */
export type AttemptReading = { diagnosis: RunDiagnosis; excerpts: (string | null)[]; passed: string[] }

export async function readAttempt(reading: Reading, wanted: Wanted): Promise<AttemptReading> {
  const all = await reading.runs.jobs(wanted.repository, wanted.runId, wanted.attempt)
  const jobs = chooseJobs(all, wanted.jobId)
  const missing: string[] = []
  const read: JobDiagnosis[] = []
  const excerpts: (string | null)[] = []
  for (const job of jobs.slice(0, logsRead)) {
    const told = await readJob(reading, wanted, job)
    missing.push(...told.missing)
    excerpts.push(told.excerpt)
    read.push({
      id: job.id,
      name: redact(job.name),
      url: job.url,
      conclusion: job.conclusion,
      explanation: told.explanation,
      fingerprint: fingerprintOf(told.explanation?.diagnosis ?? null, told.captures),
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
  const failed = jobs.filter((job) => failures.has(job.conclusion ?? ''))
  return failed.length > 0 ? failed : jobs.filter((job) => job.conclusion === 'success')
}

const failures = new Set(['failure', 'timed_out'])

type Told = {
  explanation: Explanation | null
  captures: Record<string, string>
  excerpt: string | null
  missing: string[]
}

async function readJob(reading: Reading, wanted: Wanted, job: Job): Promise<Told> {
  const log = await openLog(reading, wanted.repository, job)
  const untold = { explanation: null, captures: {}, excerpt: null }
  if (log.kind === 'missing') return { ...untold, missing: [`job ${job.name}: ${log.because}`] }
  const green = greenOf(reading, wanted, job)
  const novelty = green && { green: await green.known() }
  const explaining = explainer(reading.signs, { redaction: reading.redaction, ...(novelty && { novelty }) })
  const source = { kind: 'github', name: job.url, outcome: outcomeOf(job) } as const
  const told = (explanation: Explanation, missing: string[]) => {
    return { explanation, captures: explaining.captures(), excerpt: explaining.excerpt(), missing }
  }
  try {
    for await (const chunk of log.body) explaining.feed(chunk)
  } catch (error) {
    if (!(error instanceof LogBroken)) throw error
    const missing = [`job ${job.name}: ${error.message}`]
    return told(explaining.end({ ...source, truncated: true, missing }), missing)
  }
  const explanation = explaining.end(source)
  const learnt = isUnexplained(explanation.diagnosis) ? await green?.learn() : null
  return told(learnt ? explaining.end(source, learnt) : explanation, [])
}

/** What this job writes when all is well, when it failed and we know its workflow. */
function greenOf({ green }: Reading, { repository, workflow, branch = null, runId }: Wanted, job: Job) {
  if (!green || workflow === undefined || outcomeOf(job) !== 'failed') return null
  const failed = { repository, workflow, jobName: redact(job.name), branch, runId }
  return { known: () => green.known(failed), learn: () => green.learn(failed) }
}

/** GitHub stores a log a moment after the job has ended: a first "not found" of a fresh job is asked about once more. */
async function openLog({ runs, now }: Reading, repository: string, job: Job): Promise<JobLog> {
  const log = await runs.openLog(repository, job.id)
  const age = job.completedAt === null ? 0 : now().getTime() - Date.parse(job.completedAt)
  if (log.kind === 'log' || log.status !== 404 || age > freshMs) return log
  await pause(secondLookMs)
  return runs.openLog(repository, job.id)
}

const freshMs = 60_000
const secondLookMs = 3_000

/** GitHub's word; undefined leaves it to the log. */
function outcomeOf(job: Job): Outcome | undefined {
  if (job.conclusion === 'success') return 'succeeded'
  return failures.has(job.conclusion ?? '') ? 'failed' : undefined
}

import { redact } from '../build/redact.ts'
import type { Cause } from '../diagnosis/explanation.ts'
import { greenReader, type KnownLines, knownLines } from '../diagnosis/novelty.ts'
import { GithubFault } from '../github/fault.ts'
import type { Runs } from '../github/runs.ts'
import { FileBroken } from '../github/stored-file.ts'
import type { JobPlace, LineSignatures } from '../store/line-signatures.ts'

/** The job that failed. */
export type FailedJob = JobPlace & { branch: string | null; runId: number }

/** What a job writes when all is well, so that what is new in a failed log stands out. */
export type GreenLines = {
  /** as far as it is known already, whatever its age; asks the database only */
  known(job: FailedJob): Promise<KnownLines | null>
  /** Asks GitHub for the last green log, unless one was read of late. Null when there is nothing new to learn. */
  learn(job: FailedJob): Promise<KnownLines | null>
}

type World = { runs: Runs; lineSignatures: LineSignatures; now(): Date }

export function greenLines({ runs, lineSignatures, now }: World): GreenLines {
  return {
    async known(job) {
      const lines = await lineSignatures.of(job, job.branch)
      return lines && knownLines(lines.signatures)
    },
    async learn(job) {
      const lines = await lineSignatures.of(job, job.branch)
      if (lines && now().getTime() - lines.readAt.getTime() < freshMs) return null
      const read = await readGreen(runs, job)
      if (!read) return null
      await lineSignatures.keep(job, { ...read, readAt: now() })
      return knownLines(read.signatures)
    },
  }
}

/** What a job writes when all is well changes slowly. */
const freshMs = 7 * 24 * 60 * 60 * 1000

/** At most five calls. Without a green log the diagnosis is less telling, and that is all. */
async function readGreen(runs: Runs, { repository, workflow, branch, jobName, runId }: FailedJob) {
  try {
    const run = await runs.lastGreen(repository, { workflow, branch, runId })
    const jobs = run ? await runs.jobs(repository, run.runId, run.attempt) : []
    const job = jobs.find(({ name, conclusion }) => redact(name) === jobName && conclusion === 'success')
    const log = job && (await runs.openLog(repository, job.id))
    if (!run || log?.kind !== 'file') return null
    const green = greenReader()
    for await (const chunk of log.body) green.feed(chunk)
    return { branch: run.branch, runId: run.runId, signatures: green.end().signatures }
  } catch (error) {
    if (error instanceof GithubFault || error instanceof FileBroken) return null
    throw error
  }
}

/** No rule says why it failed, or only that it did. */
export function isUnexplained(cause: Cause | null): boolean {
  return cause !== null && (cause.family === 'unknown' || cause.id === 'run-nonzero-exit')
}

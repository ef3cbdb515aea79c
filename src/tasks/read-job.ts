import { setTimeout as pause } from 'node:timers/promises'
import { referenceFinder } from '../build/build-references.ts'
import { mergeFinder } from '../build/merge-finder.ts'
import { redact } from '../build/redact.ts'
import type { RedactOptions } from '../build/redact-log.ts'
import { noEvidence } from '../cache/evidence.ts'
import type { Pattern } from '../cache/patterns/pattern.ts'
import { type Explainer, explainer, type SourceName } from '../diagnosis/explain.ts'
import type { Explanation } from '../diagnosis/explanation.ts'
import type { SignIndex } from '../diagnosis/match.ts'
import type { Outcome } from '../diagnosis/outcome.ts'
import { type StepTimes, summariseBuild } from '../diagnosis/summarise.ts'
import type { Job, Runs } from '../github/runs.ts'
import { FileBroken, type StoredFile } from '../github/stored-file.ts'
import type { Builds } from '../store/builds.ts'
import type { EvidenceHands } from './evidence/hands.ts'
import { type FoundEvidence, missEvidence } from './evidence/miss-evidence.ts'
import { type FailedJob, type GreenLines, isUnexplained } from './green-lines.ts'
import { keepBuilds, patternsOf } from './keep-builds.ts'
import type { FoundRecords, RunRecords } from './run-records.ts'

export type Reading = {
  runs: Runs
  signs: SignIndex
  now(): Date
  redaction?: RedactOptions
  /** where it is known, or can be learnt, what a job writes when all is well */
  green?: GreenLines
  /** asked why steps missed their cache */
  hands?: EvidenceHands
  /** where builds are remembered, for what repeats */
  builds?: Builds
}

/** A job of an attempt. `jobs` are all jobs of that attempt, `records` the build records of the run. */
export type WantedJob = {
  repository: string
  runId: number
  attempt: number
  job: Job
  jobs: Job[]
  records: RunRecords
  /** whether to ask GitHub why steps missed their cache, which takes some fifteen calls */
  withEvidence: boolean
} & Partial<Pick<FailedJob, 'workflow' | 'branch'>>

export type ToldJob = {
  /** null when neither the log nor a build record could be read */
  explanation: Explanation | null
  captures: Record<string, string>
  times: StepTimes[]
  /** what the builds of this job show over time */
  patterns: Pattern[]
  /** the log in short, redacted */
  excerpt: string | null
  missing: string[]
}

/** Reads a job's log, with the records of the builds in it; of a log that is lost, what the records tell instead. */
export async function readJob(reading: Reading, wanted: WantedJob): Promise<ToldJob> {
  const { repository, job, records } = wanted
  const log = await openLog(reading, repository, job)
  if (log.kind === 'missing') return tellLost(reading, wanted, `job ${job.name}: ${log.because}`)
  const green = greenOf(reading, wanted)
  const novelty = green && { green: await green.known() }
  const explaining = explainer(reading.signs, { redaction: reading.redaction, ...(novelty && { novelty }) })
  const references = referenceFinder()
  const merge = mergeFinder()
  try {
    for await (const chunk of log.body) {
      explaining.feed(chunk)
      references.feed(chunk)
      merge.feed(chunk)
    }
  } catch (error) {
    if (!(error instanceof FileBroken)) throw error
    return tellBroken(reading, wanted, { explaining, because: `job ${job.name}: ${error.message}` })
  }
  const found = await records.ofBuilds(references.end())
  const strangers = explaining.join(found.records).map(({ facts }) => stranger(facts.ref))
  const first = explaining.end(sourceOf(job))
  const learnt = isUnexplained(first.diagnosis) ? await green?.learn() : null
  const mergedInto = merge.end()?.base ?? null
  const evidence = await evidenceFor(reading, { ...wanted, mergedInto }, explaining, first)
  const explanation =
    learnt || evidence
      ? explaining.end(sourceOf(job), { green: learnt ?? null, ...(evidence && { evidence: evidence.evidence }) })
      : first
  const troubles = [...troublesOf(found, explanation), ...strangers, ...(evidence?.missing ?? [])]
  const missing = troubles.map((because) => `job ${job.name}: ${redact(because)}`)
  // of a job that has nothing to do with images nobody wants to hear that its records are damaged
  const concerns = explanation.diagnosis?.family !== 'not-docker'
  const patterns = await remember(reading, wanted, evidence, explanation)
  return { ...told(explaining, { ...explanation, missing }), patterns, missing: concerns ? missing : [] }
}

/** Keeps what was built, and what the run before had built, when it was read anyway; tells what repeats. */
async function remember(
  { builds: store, signs }: Reading,
  { job }: WantedJob,
  evidence: FoundEvidence | null,
  { builds }: Explanation,
): Promise<Pattern[]> {
  if (!store || !evidence || builds.length === 0) return []
  const { before } = evidence
  if (before) {
    const summaries = before.builds.flatMap((build) => summariseBuild(build, noEvidence, signs.triggers))
    await keepBuilds(store, { ...before, builds: summaries })
  }
  return patternsOf(store, await keepBuilds(store, { run: evidence.run, job, builds }))
}

/** Asked only when a step missed: of a build that was cached there is nothing to explain. */
async function evidenceFor(
  { runs, hands }: Reading,
  { repository, runId, attempt, job, withEvidence, mergedInto }: WantedJob & { mergedInto: string | null },
  explaining: Explainer,
  { builds }: Explanation,
): Promise<FoundEvidence | null> {
  if (!hands || !withEvidence || builds.every(({ firstMisses }) => firstMisses.length === 0)) return null
  const run = await runs.run(repository, runId, attempt)
  return missEvidence({ runs, hands }, { run, job, builds: explaining.builds(), mergedInto })
}

function told(explaining: Explainer, explanation: Explanation): Omit<ToldJob, 'missing' | 'patterns'> {
  return {
    explanation,
    captures: explaining.captures(),
    times: explaining.times(),
    excerpt: explaining.excerpt(),
  }
}

function stranger(reference: string): string {
  return `the build record ${reference} fits none of the builds in the log, and is not used`
}

/** Without a log, what was built while this job was running, if only this job was. */
async function tellLost(reading: Reading, { job, jobs, records }: WantedJob, because: string): Promise<ToldJob> {
  const found = outcomeOf(job) === 'failed' ? await records.ofJob(job, jobs) : null
  const missing = [because, ...(found?.troubles ?? []).map(({ because }) => `job ${job.name}: ${redact(because)}`)]
  if (!found || found.records.length === 0)
    return { explanation: null, captures: {}, times: [], patterns: [], excerpt: null, missing }
  return { ...tellRecordsOf(reading, job, found, missing), patterns: [], missing }
}

/** Of a log that breaks off, the records tell the end, if there are any and they know why it failed. */
async function tellBroken(
  reading: Reading,
  { job, jobs, records }: WantedJob,
  { explaining, because }: { explaining: Explainer; because: string },
): Promise<ToldJob> {
  const explanation = explaining.end({ ...sourceOf(job), truncated: true, missing: [because] })
  const found = outcomeOf(job) === 'failed' && isUnsure(explanation) ? await records.ofJob(job, jobs) : null
  const byRecord = found && found.records.length > 0 ? tellRecordsOf(reading, job, found, [because]) : null
  if (byRecord?.explanation && !isUnsure(byRecord.explanation)) return { ...byRecord, patterns: [], missing: [because] }
  return { ...told(explaining, explanation), patterns: [], missing: [because] }
}

function tellRecordsOf(reading: Reading, job: Job, { records, bytes }: FoundRecords, missing: string[]) {
  const explaining = explainer(reading.signs, { redaction: reading.redaction })
  explaining.tell(records, bytes)
  return told(explaining, explaining.end({ ...sourceOf(job), truncated: true, missing }))
}

/** That a record cannot be had matters where the log leaves something open; that one is damaged always does. */
function troublesOf({ troubles }: FoundRecords, explanation: Explanation): string[] {
  return troubles.filter(({ instead }) => instead === 'nothing' || isUnsure(explanation)).map(({ because }) => because)
}

/** The log leaves open why it failed, or what became of a step. */
function isUnsure({ diagnosis, outcome, builds, source }: Explanation): boolean {
  if (builds.some(({ steps }) => steps.some(({ status }) => status === 'unfinished'))) return true
  if (diagnosis === null) return outcome !== 'succeeded'
  return isUnexplained(diagnosis) || (source.truncated && diagnosis.family === 'not-docker')
}

function sourceOf(job: Job): SourceName {
  return { kind: 'github', name: job.url, outcome: outcomeOf(job) }
}

/** What this job writes when all is well, when it failed and we know its workflow. */
function greenOf({ green }: Reading, { repository, workflow, branch = null, runId, job }: WantedJob) {
  if (!green || workflow === undefined || outcomeOf(job) !== 'failed') return null
  const failed = { repository, workflow, jobName: redact(job.name), branch, runId }
  return { known: () => green.known(failed), learn: () => green.learn(failed) }
}

/** GitHub stores a log a moment after the job has ended: a first "not found" of a fresh job is asked about once more. */
async function openLog({ runs, now }: Reading, repository: string, job: Job): Promise<StoredFile> {
  const log = await runs.openLog(repository, job.id)
  const age = job.completedAt === null ? 0 : now().getTime() - Date.parse(job.completedAt)
  if (log.kind === 'file' || log.status !== 404 || age > freshMs) return log
  await pause(secondLookMs)
  return runs.openLog(repository, job.id)
}

const freshMs = 60_000
const secondLookMs = 3_000

/** GitHub's word; undefined leaves it to the log. */
function outcomeOf(job: Job): Outcome | undefined {
  if (job.conclusion === 'success') return 'succeeded'
  return hasFailed(job) ? 'failed' : undefined
}

export function hasFailed({ conclusion }: Job): boolean {
  return conclusion === 'failure' || conclusion === 'timed_out'
}

import { z } from 'zod'
import { type Pattern, patternKinds } from '../cache/patterns/pattern.ts'
import { type BuildSummary, type Cause, explanationSchema } from './explanation.ts'
import { fingerprintOf } from './fingerprint.ts'
import { type History, historySchema, transienceOf } from './history.ts'

/** Why the first group is spoken of before the others. */
export const leadReasons = ['only-cause', 'tells-more', 'surer', 'most-jobs', 'first'] as const

const patternSchema: z.ZodType<Pattern> = z.strictObject({
  kind: z.enum(patternKinds),
  since: z.strictObject({ sha: z.string(), runId: z.int(), at: z.string() }),
  step: z.string().nullable(),
  stage: z.string().nullable(),
  times: z.int(),
  of: z.int(),
  secondsLost: z.number(),
  detail: z.string(),
  certainty: z.enum(['high', 'medium', 'low']),
  evidence: z.array(z.strictObject({ runId: z.int(), sha: z.string() })),
})

/** What is known of one finished attempt of a run: its failed jobs, each with the explanation of its log. */
export const runDiagnosisSchema = z.strictObject({
  jobs: z.array(
    z.strictObject({
      id: z.int(),
      name: z.string(),
      url: z.string(),
      conclusion: z.string().nullable(),
      /** null when the log could not be read; `missing` says why */
      explanation: explanationSchema.nullable(),
      /** with what the signs captured, which the explanation does not list */
      fingerprint: z.string().optional(),
      /** of each build of the explanation, of each of its steps: start and end in seconds; none where no clock tells */
      times: z.array(z.array(z.tuple([z.number().nullable(), z.number().nullable()]))).optional(),
      /** what the job's builds show over time, the costliest first */
      patterns: z.array(patternSchema).optional(),
    }),
  ),
  /** jobs that failed for the same cause, for instance legs of a matrix; most telling first, the lead's before all */
  groups: z.array(z.strictObject({ fingerprint: z.string(), jobs: z.array(z.int().nonnegative()).min(1) })).default([]),
  /** index into `jobs` of the one the parent message is about; null when there is none to show */
  lead: z.int().nonnegative().nullable(),
  leadBecause: z.enum(leadReasons).default('only-cause'),
  /** name of the failure that holds across attempts, branches and runners; see fingerprint.ts */
  fingerprint: z.string(),
  /** what was seen of the lead's failure before; absent when nobody remembers */
  history: historySchema.optional(),
  /** what could not be read and why, over all jobs: "job build (7): log expired (410)" */
  missing: z.array(z.string()),
})

export type RunDiagnosis = z.infer<typeof runDiagnosisSchema>
export type JobDiagnosis = RunDiagnosis['jobs'][number]

/** Puts the jobs of a run together by their cause, ranks the causes, and chooses the job to speak of. */
export function diagnoseRun(jobs: JobDiagnosis[], missing: string[]): RunDiagnosis {
  const byCause = Map.groupBy(jobs.keys(), (index) => fingerprintOfJob(jobs[index]))
  const groups = [...byCause]
    .map(([fingerprint, members]): Group => {
      const weights = members.map((index) => weightOf(jobs[index]))
      const best = members[weights.indexOf(Math.max(...weights))] ?? 0
      return { fingerprint, jobs: members, best, ...standingOf(jobs[best]) }
    })
    .sort((a, b) => order.reduce((sum, { by }) => sum || by(b) - by(a), 0) || a.best - b.best)
  const [first, second] = groups
  return {
    jobs,
    groups: groups.map(({ fingerprint, jobs }) => ({ fingerprint, jobs })),
    lead: first?.best ?? null,
    leadBecause: first && second ? (order.find(({ by }) => by(first) !== by(second))?.reason ?? 'first') : 'only-cause',
    fingerprint: first?.fingerprint ?? fingerprintOf(null),
    missing,
  }
}

type Group = RunDiagnosis['groups'][number] & { best: number; tells: number; confidence: number }

/** What says more, then what is sure, then what hit more jobs, then the surer. */
const order: { reason: RunDiagnosis['leadBecause']; by: (group: Group) => number }[] = [
  { reason: 'tells-more', by: ({ tells }) => tells },
  { reason: 'surer', by: ({ confidence }) => Number(confidence >= sure) },
  { reason: 'most-jobs', by: ({ jobs }) => jobs.length },
  { reason: 'surer', by: ({ confidence }) => confidence },
]

const sure = 0.7

/** The name of a job's failure. */
export function fingerprintOfJob(job: JobDiagnosis | undefined): string {
  return job?.fingerprint ?? fingerprintOf(job?.explanation?.diagnosis ?? null)
}

/** The bot keeps quiet about failures that have nothing to do with an image, unless it is asked. */
export function concernsDocker({ jobs, missing }: RunDiagnosis): boolean {
  if (jobs.some((job) => job.explanation === null) || missing.length > 0) return true
  return jobs.some((job) => isOfInterest(job.explanation?.diagnosis ?? null))
}

function isOfInterest(cause: Cause | null): boolean {
  return cause !== null && cause.family !== 'not-docker'
}

function weightOf(job: JobDiagnosis | undefined): number {
  const { tells, confidence } = standingOf(job)
  return tells + confidence / 2
}

/**
 * A named cause of a Docker failure before a job that was cancelled (often because another had failed), before what only
 * cost time, before an unnamed one, before a log that is missing, before all else.
 */
function standingOf(job: JobDiagnosis | undefined): { tells: number; confidence: number } {
  if (!job?.explanation) return { tells: 1, confidence: 0 }
  const { diagnosis, docker, builds } = job.explanation
  if (diagnosis === null) return { tells: docker ? 0.1 + shareLost(builds) / 10 : 0, confidence: 0 }
  return { tells: tellsOf(diagnosis), confidence: diagnosis.confidence }
}

/** Of jobs that passed the one with an image tells more, most where the cache was missed longest. */
function shareLost(builds: BuildSummary[]): number {
  const lost = builds.flatMap(({ firstMisses }) => firstMisses).reduce((sum, miss) => sum + (miss.secondsLost ?? 0), 0)
  return lost / (lost + 60)
}

function tellsOf({ id, family, severity }: Cause): number {
  if (family === 'not-docker') return 0.5
  if (family === 'unknown') return 2
  if (severity !== 'fatal') return 3
  return id === 'job-cancelled-or-timeout' ? 4 : 5
}

/** The diagnosis with what was seen before, which settles whether the lead's failure goes away by itself. */
export function withHistory(diagnosis: RunDiagnosis, history: History): RunDiagnosis {
  const jobs = diagnosis.jobs.map((job, index) => {
    const cause = job.explanation?.diagnosis
    if (index !== diagnosis.lead || !job.explanation || !cause) return job
    const transient = transienceOf(cause, history)
    return { ...job, explanation: { ...job.explanation, diagnosis: { ...cause, transient } } }
  })
  return { ...diagnosis, jobs, history }
}

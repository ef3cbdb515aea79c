import { z } from 'zod'
import { type Cause, explanationSchema } from './explanation.ts'
import { fingerprintOf } from './fingerprint.ts'

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
    }),
  ),
  /** index into `jobs` of the one the parent message is about; null when there is none to show */
  lead: z.int().nonnegative().nullable(),
  /** name of the failure that holds across attempts, branches and runners; see fingerprint.ts */
  fingerprint: z.string(),
  /** what could not be read and why, over all jobs: "job build (7): log expired (410)" */
  missing: z.array(z.string()),
})

export type RunDiagnosis = z.infer<typeof runDiagnosisSchema>
export type JobDiagnosis = RunDiagnosis['jobs'][number]

/** Puts the jobs of a run together and chooses the one to speak of. */
export function diagnoseRun(jobs: JobDiagnosis[], missing: string[]): RunDiagnosis {
  const ranked = jobs
    .map((job, index) => ({ index, weight: weightOf(job) }))
    .sort((a, b) => b.weight - a.weight || a.index - b.index)
  const lead = ranked[0]?.index ?? null
  const cause = lead === null ? null : (jobs[lead]?.explanation?.diagnosis ?? null)
  return { jobs, lead, fingerprint: fingerprintOf(cause), missing }
}

/** The bot keeps quiet about failures that have nothing to do with an image, unless it is asked. */
export function concernsDocker({ jobs, missing }: RunDiagnosis): boolean {
  if (jobs.some((job) => job.explanation === null) || missing.length > 0) return true
  return jobs.some((job) => isOfInterest(job.explanation?.diagnosis ?? null))
}

function isOfInterest(cause: Cause | null): boolean {
  return cause !== null && cause.family !== 'not-docker'
}

/** A named cause of a Docker failure before an unnamed one, before a log that is missing, before all else. */
function weightOf({ explanation }: JobDiagnosis): number {
  if (explanation === null) return 1
  const { diagnosis } = explanation
  if (diagnosis === null) return 0
  if (diagnosis.family === 'not-docker') return 0.5
  if (diagnosis.family === 'unknown') return 2
  return (diagnosis.severity === 'fatal' ? 4 : 3) + diagnosis.confidence / 2
}

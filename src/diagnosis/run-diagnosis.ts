import { z } from 'zod'
import { explanationSchema } from './explanation.ts'

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

import type { JobDiagnosis } from '../diagnosis/run-diagnosis.ts'
import type { Before } from './checklist.ts'

/** An attempt of a run that has ended, as plain data. */
export type Facts = {
  run: {
    runId: number
    attempt: number
    url: string
    sha: string
    /** null while it runs */
    conclusion: string | null
    /** ISO 8601; when this attempt began */
    startedAt: string
    /** from its first job's start to its last job's end; null: not known */
    seconds: number | null
  }
  /** of those whose logs were read: the failed ones, or where none failed, those that passed */
  jobs: JobDiagnosis[]
  /** of the failure that the logs lead with; means nothing when the run passed */
  after: { fingerprint: string; causeId: string | null }
}

/** What the checklist knows from before; the operation is that of the remedy it follows, null when it follows none. */
export type Asked = { before: Before | null; operation: string | null }

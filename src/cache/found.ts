import type { Miss, MissReason } from './miss.ts'
import type { StageRun } from './stage-run.ts'

/** Why a step missed, before it is known what that cost and whether the runbook expects it. */
export type Found = {
  reason: MissReason
  files: string[]
  detail: string
  certainty: Miss['certainty']
  /** stage whose miss this one follows, if it follows one */
  follows?: string
}

/** The reason of the first miss of each stage; null for a stage without one. */
export type Reasons = (run: StageRun) => Found | null

export function found(reason: MissReason, certainty: Miss['certainty'], detail: string, files: string[] = []): Found {
  return { reason, certainty, detail, files }
}

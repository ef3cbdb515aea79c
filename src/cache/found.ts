import type { Miss, MissReason } from './miss.ts'

/** Why a step missed, before it is known what that cost and whether the runbook expects it. */
export type Found = {
  reason: MissReason
  files: string[]
  detail: string
  certainty: Miss['certainty']
  /** nothing could be found: the steps of the whole build went the same way, so does the reason */
  everywhere?: boolean
  /** stage whose miss this one follows, if it follows one */
  follows?: string
}

export function found(reason: MissReason, certainty: Miss['certainty'], detail: string, files: string[] = []): Found {
  return { reason, certainty, detail, files }
}

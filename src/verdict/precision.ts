/** What people and later builds said of the diagnoses of one cause. */
export type CauseCounts = {
  thumbsUp: number
  thumbsDown: number
  fixed: number
  sameFailure: number
}

/** With fewer than this a share says more about chance than about the rule. */
export const fewestJudged = 5

/** Judgements that speak for or against the diagnosis; another failure and unclear say nothing about it. */
export function timesJudged({ thumbsUp, thumbsDown, fixed, sameFailure }: CauseCounts): number {
  return thumbsUp + thumbsDown + fixed + sameFailure
}

/** Share of them that speak for it; null: none judged. */
export function precisionOf(counts: CauseCounts): number | null {
  const judged = timesJudged(counts)
  return judged === 0 ? null : (counts.thumbsUp + counts.fixed) / judged
}

/** "93 %", or that it cannot be said yet. */
export function tellPrecision(counts: CauseCounts): string {
  const precision = precisionOf(counts)
  if (precision === null || timesJudged(counts) < fewestJudged) return 'too few'
  return `${Math.round(precision * 100)} %`
}

/** How well the diagnoses of one cause did, by what people and later builds said of them. */
export type CauseCounts = {
  causeId: string
  thumbsUp: number
  thumbsDown: number
  fixed: number
  sameFailure: number
  anotherFailure: number
  unclear: number
}

/** With fewer than this a share says more about chance than about the rule. */
export const fewestJudged = 5

/** Judgements that speak for or against the diagnosis; another failure and unclear say nothing about it. */
export function timesJudged({ thumbsUp, thumbsDown, fixed, sameFailure }: Omit<CauseCounts, 'causeId'>): number {
  return thumbsUp + thumbsDown + fixed + sameFailure
}

/** Share of them that speak for it; null: none judged. */
export function precisionOf(counts: Omit<CauseCounts, 'causeId'>): number | null {
  const judged = timesJudged(counts)
  return judged === 0 ? null : (counts.thumbsUp + counts.fixed) / judged
}

/** "93 %", or that it cannot be said yet. */
export function tellPrecision(counts: Omit<CauseCounts, 'causeId'>): string {
  const precision = precisionOf(counts)
  if (precision === null || timesJudged(counts) < fewestJudged) return 'too few'
  return `${Math.round(precision * 100)} %`
}

const heads = ['cause', 'judged', 'up', 'down', 'fixed', 'same', 'other', 'precision'] as const

/** A plain table for a terminal, the most judged first. */
export function tellStats(stats: CauseCounts[]): string {
  if (stats.length === 0) return 'Nothing was judged yet: no thumbs, and no build after a remedy.\n'
  const sorted = stats.toSorted((a, b) => timesJudged(b) - timesJudged(a) || (a.causeId < b.causeId ? -1 : 1))
  const rows = [heads, ...sorted.map(cellsOf)]
  const widths = heads.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows
    .map((row) => `${row.map((cell, column) => padded(cell, widths[column] ?? 0, column)).join('  ')}\n`)
    .join('')
}

function cellsOf(counts: CauseCounts): string[] {
  const { causeId, thumbsUp, thumbsDown, fixed, sameFailure, anotherFailure } = counts
  const numbers = [timesJudged(counts), thumbsUp, thumbsDown, fixed, sameFailure, anotherFailure]
  return [causeId, ...numbers.map(String), tellPrecision(counts)]
}

/** Names to the left, figures to the right. */
function padded(cell: string, width: number, column: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width)
}

import { isBare } from './belongs.ts'
import type { Candidate } from './candidates.ts'

/**
 * How sure a diagnosis is, 0 to 1. It starts from where the deciding sign stands, and loses for a rule that only says
 * "a command failed", for a rival that is as basic and as near, and for a log whose end is missing:
 *
 *     0.95 in the failing step's own output · 0.90 in the closing error · 0.80 around it
 *     0.50 for a fallback rule (rank up to 10) · −0.15 for a rival · −0.10 without an outcome
 *     −0.20 for a text without any structure, taken for a step's output
 *     −0.35 for a row that only evidence outside the log confirms (`confirmed-by`), which is not read here
 */
export function confidenceOf(candidate: Candidate, all: Candidate[], outcomeKnown: boolean): number {
  const base = candidate.rank <= fallbackRank ? 0.5 : ({ 3: 0.95, 2: 0.9, 1: 0.8 } as const)[candidate.nearness]
  const rival = all.some((other) => rivals(other, candidate))
  const unconfirmed = candidate.row.confirmedBy.length > 0
  const bare = candidate.hits.length > 0 && candidate.hits.every(isBare)
  const loss = (rival ? 0.15 : 0) + (outcomeKnown ? 0 : 0.1) + (unconfirmed ? 0.35 : 0) + (bare ? 0.2 : 0)
  return Math.round((base - loss) * 100) / 100
}

export const fallbackRank = 10

function rivals(other: Candidate, candidate: Candidate): boolean {
  return (
    other !== candidate &&
    other.fatal === candidate.fatal &&
    other.rank === candidate.rank &&
    other.nearness === candidate.nearness &&
    other.row.family !== candidate.row.family
  )
}

import type { Hit } from './match.ts'
import type { ObservedHit } from './observe.ts'

/** What a line says, or what the log as a whole shows. */
export type Clue = Hit | ObservedHit

/** Of the most basic sign; one that says less than the others of its row has a rank of its own. */
export function rankOf(clues: Clue[]): number {
  const own = clues.filter(({ role }) => role === 'sign')
  return Math.max(...own.map(({ row, index }) => row.signs[index]?.rank ?? row.rank))
}

import type { BuildSummary } from '../diagnosis/explanation.ts'
import type { StepTimes } from '../diagnosis/summarise.ts'
import { lanesOf } from './lanes.ts'
import { seconds } from './seconds.ts'
import { noteOf, sentenceOf } from './sentence.ts'
import { piecesOf } from './steps.ts'
import type { Waterfall } from './waterfall.ts'

/** Fewer measured steps than this are told faster than drawn. */
const leastMeasured = 3

/** The picture of a build; null when too little of it was measured. `times` are those of its steps, if any were told. */
export function planWaterfall(build: BuildSummary, times: StepTimes, title: string): Waterfall | null {
  const pieces = piecesOf(build, times)
  const measured = pieces.filter((piece) => piece.seconds !== null)
  if (measured.length < leastMeasured) return null
  const by = measured.every(({ start }) => start !== null) ? 'clock' : 'order'
  const lanes = lanesOf(pieces, by)
  const ends = measured.map((piece) => (piece.start ?? 0) + (piece.seconds ?? 0))
  const sum = measured.reduce((total, piece) => total + (piece.seconds ?? 0), 0)
  const totalSeconds = seconds(by === 'clock' ? Math.max(...ends) : sum)
  return {
    title,
    totalSeconds,
    by,
    lanes,
    note: noteOf(pieces, lanes, by),
    sentence: sentenceOf(build, pieces, { totalSeconds, by }),
  }
}

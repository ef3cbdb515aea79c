import { seconds } from './seconds.ts'
import type { Piece } from './steps.ts'
import type { Bar, Lane, Waterfall } from './waterfall.ts'

/** More bars and lanes than these nobody reads; what is over is summed. */
const barsShown = 24
const lanesShown = 12

/** A lane for each stage, in the order in which they begin; what is cached, and what was quick, folded into one bar. */
export function lanesOf(pieces: Piece[], by: Waterfall['by']): Lane[] {
  const shown = new Set(pieces.filter(isMeasured).toSorted(mostTelling).slice(0, barsShown))
  const stages = [...Map.groupBy(pieces, ({ stage }) => stage)].map(([stage, members]) => ({ stage, members }))
  const few = fewStages(stages)
  if (by === 'order') return few.map(({ stage, members }) => ({ stage, bars: barsInOrder(members, shown) }))
  const begin = ({ members }: Stage) => Math.min(...members.map(({ start }) => start ?? Number.POSITIVE_INFINITY))
  return few
    .toSorted((one, other) => compare(begin(one), begin(other)))
    .map(({ stage, members }) => ({ stage, bars: barsByClock(members, shown) }))
}

type Stage = { stage: string; members: Piece[] }

function isMeasured(piece: Piece): boolean {
  return piece.seconds !== null
}

/** What failed, then where the cache was missed first, then what took longest. */
function mostTelling(one: Piece, other: Piece): number {
  const rank = ({ kind }: Piece) => (kind === 'failed' ? 0 : kind === 'first-miss' ? 1 : 2)
  return rank(one) - rank(other) || (other.seconds ?? 0) - (one.seconds ?? 0)
}

/** Stages that came whole from the cache are one lane; of the others the longest have their own. */
function fewStages(stages: Stage[]): Stage[] {
  const idle = stages.filter(({ members }) => !members.some(isMeasured))
  const busy = stages.filter((stage) => !idle.includes(stage))
  const kept = new Set(busy.toSorted((one, other) => weight(other) - weight(one)).slice(0, lanesShown))
  const rest = busy.filter((stage) => !kept.has(stage))
  return [...busy.filter((stage) => kept.has(stage)), ...merged(rest, 'more stages'), ...merged(idle, 'stages')]
}

function merged(stages: Stage[], what: string): Stage[] {
  if (stages.length < 2) return stages
  return [{ stage: `${stages.length} ${what}`, members: stages.flatMap(({ members }) => members) }]
}

function weight({ members }: Stage): number {
  const failed = members.some(({ kind }) => kind === 'failed')
  return failed ? Number.POSITIVE_INFINITY : sum(members)
}

function barsByClock(members: Piece[], shown: Set<Piece>): Bar[] {
  const first = (pieces: Piece[]) => Math.min(...pieces.map(({ start }) => start ?? 0))
  const { own, rest, cached } = partsOf(members, shown)
  const bars = own.map((piece) => bar(piece, piece.start ?? 0))
  if (rest.length > 0) bars.push({ label: more(rest), start: first(rest), seconds: sum(rest), kind: 'rest' })
  const hits: Bar[] =
    cached.length === 0 ? [] : [{ label: `${cached.length} cached`, start: first(cached), seconds: 0, kind: 'cached' }]
  return [...hits, ...bars.toSorted((one, other) => one.start - other.start)]
}

/** Each where the one before it ends; the summed ones come last, wherever they stood. */
function barsInOrder(members: Piece[], shown: Set<Piece>): Bar[] {
  const { own, rest, cached } = partsOf(members, shown)
  let at = 0
  const next = (length: number) => {
    const start = at
    at = seconds(at + length)
    return start
  }
  const bars = own.map((piece) => bar(piece, next(piece.seconds ?? 0)))
  if (rest.length > 0) bars.push({ label: more(rest), start: next(sum(rest)), seconds: sum(rest), kind: 'rest' })
  if (cached.length > 0) bars.unshift({ label: `${cached.length} cached`, start: 0, seconds: 0, kind: 'cached' })
  return bars
}

function partsOf(members: Piece[], shown: Set<Piece>) {
  const measured = members.filter(isMeasured)
  const over = measured.filter((piece) => !shown.has(piece))
  // one alone needs as much room summed as shown
  const rest = over.length > 1 ? over : []
  return {
    own: measured.filter((piece) => !rest.includes(piece)),
    rest,
    cached: members.filter(({ kind }) => kind === 'cached'),
  }
}

function bar({ label, kind, seconds }: Piece, start: number): Bar {
  return { label, start, seconds: seconds ?? 0, kind }
}

function more(rest: Piece[]): string {
  return `${rest.length} more`
}

function sum(pieces: Piece[]): number {
  return seconds(pieces.reduce((total, piece) => total + (piece.seconds ?? 0), 0))
}

function compare(one: number, other: number): number {
  return one === other ? 0 : one < other ? -1 : 1
}

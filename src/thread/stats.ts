import type { KnownBlock } from '@slack/types'
import { tellPrecision } from '../verdict/precision.ts'
import { context, section } from './blocks.ts'
import { clean, codeBlock, cut, md, plainLine } from './escape.ts'
import { linesWithin } from './limits.ts'
import { counted } from './remedy-names.ts'
import type { WantedMessage } from './wanted.ts'

/** What people and verdicts said of one cause. */
export type CauseStats = {
  causeId: string
  thumbsUp: number
  thumbsDown: number
  fixed: number
  sameFailure: number
  anotherFailure: number
  unclear: number
  /** share of those that judge which speak for it, see verdict/precision.ts; null: none judged */
  precision: number | null
}

/** The rules that are wrong most often first, for those have to be mended. */
export function planStats(stats: CauseStats[]): Pick<WantedMessage, 'text' | 'blocks'> {
  const lines = statsTable(stats)
  const [heading, ...rows] = lines
  if (heading === undefined) {
    const nothing = 'Nobody has judged a diagnosis yet, and no remedy has a verdict.'
    return { text: plainLine(nothing), blocks: [section('stats', md`:information_source: ${nothing}`)] }
  }
  const { shown, more } = linesWithin(rows, 2_300)
  const title = `How right the rules are: ${counted(stats.length, 'cause')}`
  const blocks: KnownBlock[] = [
    section('head', md`*${title}*`),
    section('stats', codeBlock([heading, ...shown])),
    context(
      'facts',
      md`${more > 0 ? `${more} more not shown here · ` : ''}precision: of what was judged, how much was right`,
    ),
  ]
  return { text: plainLine(title), blocks }
}

/** The same lines for a terminal; none when there is nothing to tell. */
export function statsTable(stats: CauseStats[]): string[] {
  if (stats.length === 0) return []
  const sorted = stats.toSorted(
    (one, other) =>
      (one.precision ?? 2) - (other.precision ?? 2) ||
      judged(other) - judged(one) ||
      (one.causeId < other.causeId ? -1 : 1),
  )
  const line = (cells: string[], cause: string) =>
    `${cells.map((cell, at) => cell.padStart(widths[at] ?? 0)).join('  ')}  ${cause}`
  return [
    line(headings, 'cause'),
    ...sorted.map((each) => line(cellsOf(each), cut(clean(each.causeId).replace(/\s+/g, ' '), 60))),
  ]
}

const headings = ['precision', 'right', 'wrong', 'fixed', 'same', 'other', 'unclear']
const widths = headings.map(({ length }) => length)

function cellsOf(stats: CauseStats): string[] {
  const { thumbsUp, thumbsDown, fixed, sameFailure, anotherFailure, unclear } = stats
  const counts = [thumbsUp, thumbsDown, fixed, sameFailure, anotherFailure, unclear]
  return [tellPrecision(stats), ...counts.map(String)]
}

function judged({ thumbsUp, thumbsDown, fixed, sameFailure, anotherFailure }: CauseStats): number {
  return thumbsUp + thumbsDown + fixed + sameFailure + anotherFailure
}

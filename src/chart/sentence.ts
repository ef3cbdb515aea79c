import type { BuildSummary } from '../diagnosis/explanation.ts'
import { took } from '../thread/took.ts'
import { type Piece, short, stepLabel } from './steps.ts'
import type { Bar, Lane, Waterfall } from './waterfall.ts'

/** The picture in one sentence: what the cache gave, what took longest or failed, where the cache was missed first. */
export function sentenceOf(
  build: BuildSummary,
  pieces: Piece[],
  { totalSeconds, by }: Pick<Waterfall, 'totalSeconds' | 'by'>,
): string {
  const cached = pieces.filter(({ kind }) => kind === 'cached').length
  const failed = pieces.find(({ kind }) => kind === 'failed')
  const slowest = pieces.toSorted((one, other) => (other.seconds ?? -1) - (one.seconds ?? -1))[0]
  const all = `${took(totalSeconds)}${by === 'order' ? ' measured' : ''}`
  return [
    `${cached === 0 ? 'None' : cached} of ${pieces.length} steps came from the cache`,
    slowest && slowest !== failed ? `${name(slowest.label)} took ${took(slowest.seconds ?? 0)} of ${all}` : null,
    failed ? `${name(failed.label)} failed${failed.seconds === null ? '' : ` after ${took(failed.seconds)}`}` : null,
    firstMiss(build),
  ]
    .filter((part) => part !== null)
    .join('; ')
}

/** What was folded, and what the bars do not say. */
export function noteOf(pieces: Piece[], lanes: Lane[], by: Waterfall['by']): string {
  const drawn = lanes.flatMap(({ bars }) => bars).filter(({ kind }) => kind !== 'rest' && kind !== 'cached').length
  const summed = pieces.filter(({ seconds }) => seconds !== null).length - drawn
  const unmeasured = pieces.filter(({ seconds, kind }) => seconds === null && kind !== 'cached').length
  return [
    summed > 0 ? `${summed} quick steps are summed as “more”.` : null,
    unmeasured > 0 ? `Not drawn: ${unmeasured} ${unmeasured === 1 ? 'step' : 'steps'} without a measured time.` : null,
    by === 'order' ? 'Order only: times are as measured, when a step began is not known; stages may overlap.' : null,
  ]
    .filter((part) => part !== null)
    .join(' ')
}

/** Slack takes 2,000 characters of an image's alternative text. */
const altLongest = 1_900

/** The same for those who don't see it: the sentence, then every bar. */
export function altText({ title, sentence, lanes, note }: Waterfall): string {
  const told = lanes.map(({ stage, bars }) => `${stage}: ${bars.map(barWords).join(', ')}.`)
  return short([`Waterfall of ${title}. ${sentence}.`, ...told, note].join(' '), altLongest)
}

/** What stands beside a bar. */
export function barTime({ kind, seconds }: Bar): string {
  const words: Record<Bar['kind'], string> = {
    cached: '',
    ran: took(seconds),
    failed: `failed after ${took(seconds)}`,
    canceled: `canceled after ${took(seconds)}`,
    unfinished: `not finished after ${took(seconds)}`,
    'first-miss': `${took(seconds)}, first miss`,
    rest: `${took(seconds)} in all`,
  }
  return words[kind]
}

function barWords(bar: Bar): string {
  return bar.kind === 'cached' ? bar.label : `${name(bar.label)} ${barTime(bar)}`
}

function firstMiss({ firstMisses }: BuildSummary): string | null {
  const [worst, ...others] = firstMisses.toSorted((one, other) => (other.secondsLost ?? 0) - (one.secondsLost ?? 0))
  if (!worst) return null
  const also =
    others.length === 0 ? '' : ` (and one in ${others.length} more ${others.length === 1 ? 'stage' : 'stages'})`
  return `first miss: ${name(stepLabel(worst.step))}${also}`
}

function name(label: string): string {
  return short(label, 70)
}

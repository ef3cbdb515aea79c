import type { BuildSummary } from '../diagnosis/explanation.ts'
import { codeBlock, cut, join, type Mrkdwn, md } from './escape.ts'
import { linesWithin } from './limits.ts'
import { type StepRow, stepRows } from './step-rows.ts'
import { took } from './took.ts'
import { stepName } from './wording.ts'

/** Steps in columns: first misses, what failed, and the longest of the others; the cached and the quick are counted. */
export function buildTable(build: BuildSummary): Mrkdwn {
  const rows = stepRows(build)
  if (rows.length === 0) return md`*${buildName(build)}*: no Dockerfile step ran`
  const { shown, more } = linesWithin(tableLines(rows), 2_400)
  const lines = more === 0 ? shown : [...shown, `… ${more} more lines`]
  return join([md`*${buildName(build)}*: ${buildFigures(build)}`, codeBlock(lines)], '\n')
}

/** A row more than these is not read on a telephone. */
const mostRows = 16

/** A base image that was at hand is no news. */
const quickBase = 1

function tableLines(all: StepRow[]): string[] {
  const rows = all.filter(({ word, step }) => word !== 'base' || (step.seconds ?? 0) >= quickBase)
  const kept = new Set(rows.toSorted((one, other) => weightOf(other) - weightOf(one)).slice(0, mostRows))
  const chosen = rows.filter((row) => kept.has(row) && row.step.status !== 'cached')
  const quick = rows.filter((row) => !kept.has(row) && row.step.status !== 'cached')
  const cached = rows.filter(({ step }) => step.status === 'cached').length
  const seconds = quick.reduce((sum, { step }) => sum + (step.seconds ?? 0), 0)
  return [
    ...(cached > 0 ? [`  ${counted(cached)} from the cache`] : []),
    ...chosen.map(({ mark, word, seconds, step }) =>
      `${mark} ${word.padEnd(6)} ${seconds.padStart(9)}  ${cut(stepName(step.name), 110)}`.trimEnd(),
    ),
    ...(quick.length > 0 ? [`  ${counted(quick.length)} more, ${took(seconds)} together`] : []),
  ]
}

/** What failed or was cut short, then first misses, then the time that it took. */
function weightOf({ step, isFirstMiss }: StepRow): number {
  if (step.status === 'cached') return -1
  const seconds = Math.min(step.seconds ?? 0, 1e6)
  if (step.status !== 'executed') return 4e6 + seconds
  return (isFirstMiss ? 2e6 : 0) + seconds
}

function counted(steps: number): string {
  return `${steps} ${steps === 1 ? 'step' : 'steps'}`
}

function buildName({ target, builder }: BuildSummary): string {
  return target === null ? `Build (${builder})` : `Build ${cut(target, 100)} (${builder})`
}

function buildFigures({ cached, executed, hitRate }: BuildSummary): string {
  const rate = hitRate === null ? '' : `, ${Math.round(hitRate * 100)} % from cache`
  return `${cached} cached, ${executed} ran${rate}`
}

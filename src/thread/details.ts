import type { KnownBlock } from '@slack/types'
import type { BuildSummary, Cause } from '../diagnosis/explanation.ts'
import type { RunDiagnosis } from '../diagnosis/run-diagnosis.ts'
import { context, section } from './blocks.ts'
import { code, codeBlock, cut, join, type Mrkdwn, md } from './escape.ts'
import { limits, linesWithin, withinWeight } from './limits.ts'
import { couldNotRead, stepName, title } from './wording.ts'

/**
 * What stands in the thread under the parent: the steps of each build, cache imports and exports that failed, other
 * causes, the other failed jobs, logs that could not be read. Most telling first, as far as one message holds.
 */
export function detailBlocks(diagnosis: RunDiagnosis): KnownBlock[] {
  const lead = diagnosis.lead === null ? null : diagnosis.jobs[diagnosis.lead]
  const otherJobs = jobsByCause(diagnosis).filter((job) => job !== lead)
  const builds = lead?.explanation?.builds ?? []
  const wanted = [
    // Without a lead the parent message says what could not be read.
    ...lines('missing', lead ? diagnosis.missing.map(couldNotRead) : []),
    ...lines('transfers', builds.flatMap(failedTransfers)),
    ...lines('others', (lead?.explanation?.others ?? []).slice(0, 5).map(otherCause), md`*Also seen*`),
    ...lines(
      'jobs',
      otherJobs.map((job) => jobLine(job, lead?.explanation?.diagnosis)),
      lead ? md`*Other failed jobs*` : md`*Failed jobs*`,
    ),
    ...builds.map((build, index) => section(`build-${index}`, buildTable(build))),
  ]
  // Room for the note below and for the one-line fallback.
  const fitting = withinWeight(wanted, limits.payload - 800).slice(0, limits.blocks - 1)
  const left = wanted.length - fitting.length
  return left === 0
    ? fitting
    : [...fitting, context('left-out', md`${left} more not shown here; all of it: ${code('layerwise debug --json')}`)]
}

/** Steps with what became of each, in columns; the ones in the middle go first when they don't all fit. */
export function buildTable(build: BuildSummary): Mrkdwn {
  const rows = build.steps.map((step) => {
    const seconds = step.seconds === null ? '' : `${step.seconds.toFixed(1)} s`
    const mark = step.status === 'failed' ? '✗' : ' '
    return `${mark} ${step.status.padEnd(10)} ${seconds.padStart(9)}  ${cut(stepName(step.name), 110)}`
  })
  if (rows.length === 0) return md`*${buildName(build)}*: no Dockerfile step ran`
  return join([md`*${buildName(build)}*: ${buildFigures(build)}`, codeBlock(middleOut(rows, 2_400))], '\n')
}

function buildName({ target, builder }: BuildSummary): string {
  return target === null ? `Build (${builder})` : `Build ${cut(target, 100)} (${builder})`
}

function buildFigures({ cached, executed, hitRate }: BuildSummary): string {
  const rate = hitRate === null ? '' : `, ${Math.round(hitRate * 100)} % from cache`
  return `${cached} cached, ${executed} executed${rate}`
}

/** The first and, mostly, the last rows: a build fails at its end. */
function middleOut(rows: string[], budget: number): string[] {
  const { shown, more } = linesWithin(rows, budget)
  if (more === 0) return shown
  const tail = linesWithin(rows.toReversed(), budget - 800).shown.toReversed()
  const head = linesWithin(rows, 700).shown
  return [...head, `… ${rows.length - head.length - tail.length} more steps …`, ...tail]
}

function failedTransfers({ imports, exports }: BuildSummary): Mrkdwn[] {
  const failed = (direction: string) => (transfer: BuildSummary['imports'][number]) =>
    md`:warning: cache ${direction} failed: ${code(cut(`${transfer.type} ${transfer.ref}`, 160))} ${cut(transfer.error ?? '', 240)}`
  return [
    ...imports.filter(({ ok }) => !ok).map(failed('import')),
    ...exports.filter(({ ok }) => !ok).map(failed('export')),
  ]
}

function otherCause(cause: Cause): Mrkdwn {
  return md`• ${title(cause)}: ${cut(cause.summary, 200)}`
}

/** In the order of their groups, so that legs with one cause stand together. */
function jobsByCause({ jobs, groups }: RunDiagnosis): RunDiagnosis['jobs'] {
  const inGroups = groups.flatMap((group) => group.jobs.flatMap((index) => jobs[index] ?? []))
  return [...inGroups, ...jobs.filter((job) => !inGroups.includes(job))]
}

function jobLine(job: RunDiagnosis['jobs'][number], leading: Cause | null | undefined): Mrkdwn {
  if (job.explanation === null) return md`• ${cut(job.name, 120)}: its log could not be read`
  const cause = job.explanation.diagnosis
  const what = !cause ? md`its log shows no failure` : cause.id === leading?.id ? md`same cause` : title(cause)
  return md`• ${cut(job.name, 120)}: ${what}`
}

function lines(id: string, items: Mrkdwn[], heading: Mrkdwn | null = null): KnownBlock[] {
  if (items.length === 0) return []
  const { shown, more } = linesWithin(
    items.map(({ mrkdwn }) => mrkdwn),
    2_400,
  )
  const rest = more === 0 ? null : md`and ${more} more`
  return [section(id, join([heading, ...shown.map((mrkdwn) => ({ mrkdwn })), rest], '\n'))]
}

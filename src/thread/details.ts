import type { KnownBlock } from '@slack/types'
import type { Pattern } from '../cache/patterns/pattern.ts'
import type { BuildSummary, Cause } from '../diagnosis/explanation.ts'
import type { RunDiagnosis } from '../diagnosis/run-diagnosis.ts'
import { context, section } from './blocks.ts'
import { code, cut, join, type Mrkdwn, md } from './escape.ts'
import { limits, linesWithin, withinWeight } from './limits.ts'
import { took } from './took.ts'
import { couldNotRead, title } from './wording.ts'

/**
 * What stands in the thread under the parent: cache imports and exports that failed, other causes, the other jobs, logs
 * that could not be read, and of the builds what the parent does not say. Most telling first, as far as one message holds.
 */
export function detailBlocks(diagnosis: RunDiagnosis, ofBuilds: KnownBlock[]): KnownBlock[] {
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
      md`*${jobsHeading(diagnosis)}*`,
    ),
    ...lines('patterns', (lead?.patterns ?? []).slice(0, 3).map(patternLine), md`*Over time*`),
    ...ofBuilds,
  ]
  // Room for the note below and for the one-line fallback.
  const fitting = withinWeight(wanted, limits.payload - 800).slice(0, limits.blocks - 1)
  const left = wanted.length - fitting.length
  return left === 0
    ? fitting
    : [...fitting, context('left-out', md`${left} more not shown here; all of it: ${code('layerwise debug --json')}`)]
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

/** How often, in place of how sure: a person can weigh that. */
function patternLine({ detail, times, of, secondsLost }: Pattern): Mrkdwn {
  const cost = secondsLost < 1 ? '' : `, ${took(secondsLost)} lost in all`
  return md`• ${cut(detail, 300)} _${times} of ${of} builds${cost}_`
}

/** In the order of their groups, so that legs with one cause stand together. */
function jobsByCause({ jobs, groups }: RunDiagnosis): RunDiagnosis['jobs'] {
  const inGroups = groups.flatMap((group) => group.jobs.flatMap((index) => jobs[index] ?? []))
  return [...inGroups, ...jobs.filter((job) => !inGroups.includes(job))]
}

function jobsHeading({ jobs, lead }: RunDiagnosis): string {
  const failed = jobs.some(({ conclusion }) => conclusion !== 'success') ? 'failed ' : ''
  return lead === null ? `${failed === '' ? 'Jobs' : 'Failed jobs'}` : `Other ${failed}jobs`
}

function jobLine(job: RunDiagnosis['jobs'][number], leading: Cause | null | undefined): Mrkdwn {
  if (job.explanation === null) return md`• ${cut(job.name, 120)}: its log could not be read`
  const { diagnosis: cause, builds } = job.explanation
  if (!cause && job.conclusion === 'success') return md`• ${cut(job.name, 120)}: ${figuresOf(builds)}`
  const what = !cause ? md`its log shows no failure` : cause.id === leading?.id ? md`same cause` : title(cause)
  return md`• ${cut(job.name, 120)}: ${what}`
}

function figuresOf(builds: BuildSummary[]): string {
  if (builds.length === 0) return 'no image build'
  const sum = (count: (build: BuildSummary) => number) => builds.reduce((all, build) => all + count(build), 0)
  return `${sum(({ cached }) => cached)} steps cached, ${sum(({ executed }) => executed)} ran`
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

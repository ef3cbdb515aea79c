import type { KnownBlock } from '@slack/types'
import type { Plan, PlanOf } from '../remedy/plan.ts'
import { section } from './blocks.ts'
import { code, codeBlock, cut, join, link, type Mrkdwn, md } from './escape.ts'
import { linesWithin } from './limits.ts'
import { ago, previewNotes, previewRows, selectionWords, timeHeading } from './preview-rows.ts'
import { amount, isPrune, type Prune } from './remedy-names.ts'

/** What a preview needs beside its plan. */
export type PreviewFacts = {
  /** ages are as of this moment, ISO 8601 */
  asOf: string
  /** where repositories are read, `https://github.com`; null: nothing is linked */
  githubUrl: string | null
  /** false: totals only, once it has ended or is decided that nothing is done */
  whole: boolean
}

/** Exactly what would be done, for those who have to agree to it. */
export function previewBlocks(plan: Plan, facts: PreviewFacts): KnownBlock[] {
  if (isPrune(plan)) return pruneBlocks(plan, facts)
  return [section('preview', plan.operation === 'rebuild' ? rebuildWords(plan) : rerunWords(plan, facts))]
}

function rerunWords(plan: PlanOf<'rerun-failed'> | PlanOf<'rerun-job'>, { githubUrl }: PreviewFacts): Mrkdwn {
  const { repository, runId, attempt, debug } = plan
  const jobs = plan.operation === 'rerun-job' ? md`job ${code(cut(plan.jobName, 160))}` : md`the failed jobs`
  const logging = debug ? md`Debug logging is switched on.` : null
  const failed = runPage(githubUrl, { repository, runId, attempt })
  const again = md`Runs ${jobs} of ${failed} again, as attempt ${attempt + 1}, with the same commit.`
  return join([again, logging], ' ')
}

function runPage(
  githubUrl: string | null,
  { repository, runId, attempt }: { repository: string; runId: number; attempt: number },
): Mrkdwn {
  const label = `run ${runId}, attempt ${attempt}`
  if (githubUrl === null || !/^[\w.-]+\/[\w.-]+$/.test(repository)) return md`${label}`
  return link(`${githubUrl}/${repository}/actions/runs/${runId}/attempts/${attempt}`, label)
}

function rebuildWords({ workflow, ref, input }: PlanOf<'rebuild'>): Mrkdwn {
  return md`Starts ${code(cut(workflow, 200))} on ${code(cut(ref, 160))} with its input ${code(cut(input, 100))} set to ${code('true')}.`
}

function pruneBlocks(plan: Prune, { asOf, whole }: PreviewFacts): KnownBlock[] {
  const which = md`Deletes *${amount(plan)}*: ${cut(selectionWords(plan), 400)}`
  const notes = previewNotes(plan).map((note) => md`:warning: ${note}`)
  if (!whole) return [section('preview', which)]
  const { lines, more } = table(plan, asOf)
  const rest = more === 0 ? null : md`and ${more} more, all of them in the file below`
  const listed = plan.entries.length === 0 ? null : codeBlock(lines)
  return [section('preview', join([which, listed, rest, ...notes], '\n')), ...coldBlocks(plan)]
}

/** What does not fit is in the file. */
export const rowsShown = 10

/** The largest entries in columns. */
function table(plan: Prune, asOf: string): { lines: string[]; more: number } {
  const rows = previewRows(plan)
  const oneRef = rows.every(({ ref }) => ref === rows[0]?.ref)
  const shown = rows.slice(0, rowsShown).map(({ size, lastUsed, name, ref }) => ({
    size,
    age: ago(lastUsed, asOf),
    name: cut(oneRef ? shortName(name) : `${shortName(name)} (${cut(ref, 40)})`, 130),
  }))
  const ages = Math.max(timeHeading(plan).length, ...shown.map(({ age }) => age.length))
  const line = (size: string, age: string, name: string) =>
    `${size.padStart(7)}  ${age.padEnd(ages)}  ${name}`.trimEnd()
  const fitting = linesWithin(
    shown.map(({ size, age, name }) => line(size, age, name)),
    1_700,
  )
  const lines = [line('size', timeHeading(plan), nameHeadings[plan.operation]), ...fitting.shown]
  return { lines, more: rows.length - fitting.shown.length }
}

/** Of a digest the first digits are enough to know it by; the file has the rest. */
function shortName(name: string): string {
  return name.replace(/(\b[0-9a-f]{12})[0-9a-f]{52}\b/g, '$1…')
}

const nameHeadings = { 'prune-caches': 'key', 'prune-tags': 'tags', 'prune-builder': 'what' } as const

function coldBlocks({ cold }: Prune): KnownBlock[] {
  if (cold.length === 0) return []
  const { shown, more } = linesWithin(
    cold.map((each) => md`• ${cut(each, 250)}`.mrkdwn),
    1_300,
  )
  const rest = more === 0 ? null : md`and ${more} more`
  return [
    section('cold', join([md`*What the next build finds cold*`, ...shown.map((mrkdwn) => ({ mrkdwn })), rest], '\n')),
  ]
}

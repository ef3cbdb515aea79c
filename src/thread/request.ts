import type { KnownBlock } from '@slack/types'
import type { Execution } from '../remedy/execution.ts'
import type { Plan } from '../remedy/plan.ts'
import { remedies } from '../remedy/remedy.ts'
import { approvalsOf, type Request } from '../remedy/request.ts'
import { context, section } from './blocks.ts'
import { actionsBlock, type ButtonShown, type Confirm, ourActions } from './buttons.ts'
import { code, cut, join, type Mrkdwn, md, moment, person, plainLine, utc } from './escape.ts'
import { previewBlocks } from './preview.ts'
import { oneLine, previewRows, selectionWords, timeHeading } from './preview-rows.ts'
import { amount, classWords, freed, isPrune, remedyName, remedyVerb, shortHash } from './remedy-names.ts'
import {
  markOf,
  missingWords,
  plainState,
  type RequestMark,
  requestMarks,
  resultLink,
  voters,
} from './request-state.ts'
import { parentTag } from './thread.ts'
import type { WantedMessage } from './wanted.ts'

/** Opaque ids of what can be pressed under a request. */
export type RequestButtons = { approveId: string; rejectId: string; cancelId: string }

export type RequestFacts = {
  /** null: it was not let through yet, or never will be */
  execution: Execution | null
  /** null: nothing can be pressed */
  ids: RequestButtons | null
  /** where repositories are read, `https://github.com`, for links; null: no links */
  githubUrl?: string | null
  /** dry run is on now: said before anybody agrees */
  dryRun?: boolean
}

/** A request in the thread of its failure: what would be done, who asked, who agreed, and what came of it. */
export function planRequest(request: Request, facts: RequestFacts): WantedMessage {
  const { execution, ids, githubUrl = null, dryRun = false } = facts
  const { id, plan, place } = request
  const shown = { request, execution }
  const mark = markOf(shown)
  const pressed = request.state === 'pending' && ids !== null ? actionsBlock('decide', buttons(request, ids)) : null
  const blocks: KnownBlock[] = [
    section('head', head(request, mark)),
    ...previewBlocks(plan, { asOf: request.createdAt, githubUrl, whole: ahead.has(mark) }),
    ...resultBlocks(request, execution, mark),
    ...(pressed === null ? [] : [pressed]),
    context('facts', factsLine(request, { dryRun: dryRun && execution === null && ahead.has(mark) })),
  ]
  return {
    tag: requestTag({ id }),
    parent: place.storyId === null ? null : parentTag({ id: place.storyId }),
    text: plainLine(`${cut(remedyName(plan), 160)}, ${cut(plan.repository, 140)}: ${plainState(shown)}`),
    blocks,
  }
}

export function requestTag({ id }: Pick<Request, 'id'>): string {
  return `request:${id}`
}

/** It may still happen; afterwards what it was is told in a line. */
const ahead: ReadonlySet<RequestMark> = new Set(['waiting', 'starting', 'running'])

function head(request: Request, mark: RequestMark): Mrkdwn {
  const { plan, requester, needed } = request
  const { emoji, word } = requestMarks[mark]
  const state = mark === 'waiting' ? `Waits for ${missingWords(request)}` : word
  const where = join(
    [
      md`${cut(remedyName(plan), 160)}`,
      md`${cut(plan.repository, 140)}`,
      plan.branch === null ? null : code(cut(plan.branch, 120)),
    ],
    ' · ',
  )
  const asked = md`Asked by ${person(cut(requester.slack, 80))} (${cut(requester.github, 80)} at GitHub)`
  const first = md`${{ mrkdwn: emoji }} *${state}*: ${where}`
  return join([first, md`${asked} · ${classWords[remedies[plan.operation].class]}`, votesLine(request, needed)], '\n')
}

/** Who said what; null while nobody has to say anything. */
function votesLine(request: Request, needed: number): Mrkdwn | null {
  const { state, decidedAt } = request
  const when = decidedAt === null ? md`` : md` ${moment(decidedAt)}`
  const agreed = approvalsOf(request)
  const yes = agreed === 0 ? null : md`${agreed} of ${needed} agreed: ${voters(request, 'approve')}`
  if (state === 'rejected') return join([yes, md`Rejected by ${voters(request, 'reject')}${when}`], ' · ')
  if (state === 'cancelled') return join([yes, md`Taken back by ${voters(request, 'cancel')}${when}`], ' · ')
  if (state === 'expired')
    return join([yes, md`Nobody decided in time; it expired${when}. Ask again if it is still wanted.`], ' · ')
  if (needed === 0) return null
  return state === 'approved' ? join([yes, md`decided${when}`], ', ') : yes
}

function buttons({ plan, planHash }: Request, { approveId, rejectId, cancelId }: RequestButtons): ButtonShown[] {
  const verb = remedyVerb(plan)
  const deletes = isPrune(plan)
  const confirm: Confirm | null = deletes
    ? {
        title: `${verb}?`,
        text: `This deletes ${freed(plan)} of ${cut(plan.repository, 100)} (list ${shortHash(planHash)}). It cannot be brought back.`,
        yes: verb,
        no: 'Not now',
        danger: true,
      }
    : null
  const approve = deletes ? verb : `Approve: ${verb.toLowerCase()}`
  return [
    { ...button(0, approve, approveId), style: deletes ? 'danger' : 'primary', confirm },
    button(1, 'Reject', rejectId),
    button(2, 'Cancel', cancelId),
  ]
}

function button(index: number, text: string, value: string): ButtonShown {
  return { actionId: `${ourActions}${index}`, text, value, style: null, confirm: null }
}

function resultBlocks({ plan }: Request, execution: Execution | null, mark: RequestMark): KnownBlock[] {
  if (!execution?.result) return []
  const words = md`${cut(execution.result.words, 900)}`
  const said = mark === 'dry' ? md`*Dry run: nothing was changed.* ${words}` : words
  const look = mark === 'unclear' ? md`:mag: ${checkFirst[plan.operation]}` : null
  const when = execution.endedAt === null ? null : md`ended ${moment(execution.endedAt)}`
  const figures = join([mark === 'dry' ? null : resultLink(execution), when], ' · ')
  return [section('result', join([said, look, figures], '\n'))]
}

/** Before anybody asks again for what may have happened. */
const checkFirst: Record<Plan['operation'], string> = {
  'rerun-failed': 'Look at the run’s page first: is there a newer attempt?',
  'rerun-job': 'Look at the run’s page first: is there a newer attempt?',
  rebuild: 'Look at the workflow’s page first: did a run start at that time?',
  'prune-caches': 'Look at the repository’s list of caches first: what is still there?',
  'prune-tags': 'Look at the package’s page first: which versions are still there?',
  'prune-builder': 'Look at the builder’s disk usage first: what is still there?',
}

function factsLine(request: Request, { dryRun }: { dryRun: boolean }): Mrkdwn {
  const { plan, planHash, state, expiresAt, createdAt, ownCounts } = request
  const what = isPrune(plan) ? 'list' : 'plan'
  const bound = md`bound to this ${what} (${code(shortHash(planHash))})`
  const dry = dryRun ? md`dry run: nothing will be changed` : null
  const asked = md`asked ${moment(createdAt)}`
  if (state !== 'pending') return join([asked, bound, dry], ' · ')
  const others = ownCounts ? null : md`who asked cannot agree, and they alone can cancel`
  return join([md`open until ${moment(expiresAt)}`, bound, dry, others, asked], ' · ')
}

/** Every entry that would go, as a file for the thread; null where there is no list. Ids are those that get deleted. */
export function fullList(plan: Plan): { name: string; text: string } | null {
  if (!isPrune(plan)) return null
  const rows = previewRows(plan).map(({ size, lastUsed, name, ref, id }) => [
    size,
    lastUsed === null ? 'never' : utc(new Date(lastUsed)),
    name,
    ref || '-',
    id,
  ])
  const heading = ['size', timeHeading(plan), 'what', 'ref', 'id']
  // Long names would push what stands behind them out of sight, so they come last.
  const columns = [heading, ...rows].map(([size = '', time = '', name = '', ref = '', id = '']) => [
    size,
    time,
    ref,
    id,
    name,
  ])
  const widest = (at: number) => columns.reduce((most, each) => Math.max(most, each[at]?.length ?? 0), 0)
  // One ref of a thousand letters would push every line to its right; that one line may stand out instead.
  const widths = [0, 1, 2, 3].map((at) => Math.min(60, widest(at)))
  const lines = columns.map((each) =>
    each
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  const title = oneLine(`${amount(plan)} of ${cut(plan.repository, 200)}: ${cut(selectionWords(plan), 400)}`)
  return { name: `${plan.operation}.txt`, text: `${title}\n\n${lines.join('\n')}\n` }
}

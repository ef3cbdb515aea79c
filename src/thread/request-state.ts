import type { Execution } from '../remedy/execution.ts'
import { remedies } from '../remedy/remedy.ts'
import { approvalsOf, type Request } from '../remedy/request.ts'
import { cut, join, link, type Mrkdwn, md, moment, person, utc } from './escape.ts'
import { bytes } from './layers-words.ts'
import { remedyName } from './remedy-names.ts'

/** A request and what came of it; `execution` is null until it was let through, or when it never was. */
export type RequestShown = { request: Request; execution: Execution | null }

export const requestMarks = {
  waiting: { emoji: ':hourglass_flowing_sand:', word: 'Waits' },
  starting: { emoji: ':arrows_counterclockwise:', word: 'About to start' },
  running: { emoji: ':arrows_counterclockwise:', word: 'Under way' },
  done: { emoji: ':white_check_mark:', word: 'Done' },
  dry: { emoji: ':information_source:', word: 'Dry run' },
  failed: { emoji: ':x:', word: 'Failed' },
  skipped: { emoji: ':heavy_minus_sign:', word: 'Not carried out' },
  unclear: { emoji: ':warning:', word: 'Not clear whether it happened' },
  rejected: { emoji: ':no_entry:', word: 'Rejected' },
  expired: { emoji: ':hourglass:', word: 'Expired' },
  cancelled: { emoji: ':white_circle:', word: 'Taken back' },
} as const
export type RequestMark = keyof typeof requestMarks

/** Where it stands, in one of eleven words. */
export function markOf({ request, execution }: RequestShown): RequestMark {
  if (request.state === 'pending') return 'waiting'
  if (request.state !== 'approved') return request.state
  switch (execution?.state) {
    case undefined:
      return 'starting'
    case 'intended':
    case 'calling':
      return 'running'
    case 'done':
      return execution?.dryRun ? 'dry' : 'done'
    default:
      return execution?.state ?? 'starting'
  }
}

/** It waits, is under way, or was a re-run that has happened: no second one of its kind is offered beside it. */
export function stands(shown: RequestShown): boolean {
  const mark = markOf(shown)
  return (
    mark === 'waiting' ||
    mark === 'starting' ||
    mark === 'running' ||
    (mark === 'done' && 'runId' in shown.request.plan)
  )
}

/** Same kind of remedy, and of a re-run the same attempt. */
export function isLike(
  { request: { plan } }: RequestShown,
  { kind, runId, attempt }: { kind: string; runId: number; attempt: number },
): boolean {
  if (remedies[plan.operation].kind !== kind) return false
  return !('runId' in plan) || (plan.runId === runId && plan.attempt === attempt)
}

/** One line under a failure: "Re-run of the failed jobs: asked by @mona, done 14:02, run 123, attempt 2". */
export function requestLine(shown: RequestShown): Mrkdwn {
  const { request } = shown
  const mark = markOf(shown)
  const end = join(whatHappened(shown, mark), ', ')
  return md`${{ mrkdwn: requestMarks[mark].emoji }} ${cut(remedyName(request.plan), 160)}: ${end}`
}

function whatHappened({ request, execution }: RequestShown, mark: RequestMark): (Mrkdwn | null)[] {
  const asked = md`asked by ${person(cut(request.requester.slack, 80))}`
  const when = at(execution?.endedAt ?? request.decidedAt)
  const words = execution?.result ? md`${cut(execution.result.words, 160)}` : null
  switch (mark) {
    case 'waiting':
      return [asked, md`waits for ${missingWords(request)} until ${moment(request.expiresAt)}`]
    case 'starting':
      return [asked, md`about to start`]
    case 'running':
      return [asked, md`under way`]
    case 'done':
      return [asked, md`done${when}`, resultLink(execution)]
    case 'dry':
      return [asked, md`dry run${when}`, md`nothing was changed`]
    case 'failed':
      return [asked, said(md`failed${when}`, words)]
    case 'skipped':
      return [asked, said(md`not carried out`, words)]
    case 'unclear':
      return [asked, said(md`not clear whether it happened`, words)]
    case 'rejected':
      return [asked, md`rejected by ${voters(request, 'reject')}${when}`]
    case 'expired':
      return [asked, md`nobody agreed in time, expired${when}`]
    case 'cancelled':
      return [asked, md`taken back${when}`]
    default:
      return mark satisfies never
  }
}

function at(iso: string | null): Mrkdwn {
  return iso === null ? md`` : md` ${moment(iso)}`
}

function said(what: Mrkdwn, words: Mrkdwn | null): Mrkdwn {
  return words === null ? what : md`${what}: ${words}`
}

/** Run that was started, or what was freed; null when there is neither. */
export function resultLink(execution: Execution | null): Mrkdwn | null {
  const result = execution?.result
  if (!result) return null
  const { url, runId, attempt, bytesFreed } = result
  if (bytesFreed !== null) return md`${bytes(bytesFreed)} freed`
  const label = runId === null ? 'at GitHub' : attempt === null ? `run ${runId}` : `run ${runId}, attempt ${attempt}`
  return url === null ? (runId === null ? null : md`${label}`) : link(url, label)
}

/** Those who voted so, by name. */
export function voters({ votes }: Request, kind: Request['votes'][number]['vote']): Mrkdwn {
  const people = votes.filter(({ vote }) => vote === kind).map((vote) => vote.person.slack)
  const shown = people.slice(0, 10).map((slackId) => person(cut(slackId, 80)))
  return join([...shown, people.length > 10 ? md`${people.length - 10} more` : null], ', ')
}

/** "one more person", "2 more people": who still have to agree. */
export function missingWords(request: Request): string {
  const missing = Math.max(1, request.needed - approvalsOf(request))
  return missing === 1 ? 'one more person' : `${missing} more people`
}

/** The same state in plain words, for notifications. */
export function plainState(shown: RequestShown): string {
  const { request, execution } = shown
  const mark = markOf(shown)
  const words = execution?.result ? cut(execution.result.words, 300) : ''
  switch (mark) {
    case 'waiting':
      return `waits for ${missingWords(request)} until ${utc(new Date(request.expiresAt))}`
    case 'dry':
      return ['dry run, nothing was changed', words].filter((part) => part !== '').join('. ')
    case 'done':
    case 'failed':
    case 'skipped':
    case 'unclear':
      return [requestMarks[mark].word.toLowerCase(), words].filter((part) => part !== '').join(': ')
    case 'expired':
      return 'expired, nobody agreed in time'
    default:
      return requestMarks[mark].word.toLowerCase()
  }
}

import type { AdmissionRefusal } from '../remedy/execution.ts'
import type { Plan } from '../remedy/plan.ts'
import type { Permission } from '../remedy/policy.ts'
import type { Remedy } from '../remedy/remedy.ts'
import type { Decision, DecisionRefusal, Request } from '../remedy/request.ts'
import type { Item } from '../verdict/checklist.ts'
import { section } from './blocks.ts'
import { code, codeBlock, cut, join, type Mrkdwn, md, moment, person, utc } from './escape.ts'
import { linesWithin } from './limits.ts'
import { amount, isPrune, remedyName } from './remedy-names.ts'
import { markOf, missingWords, type RequestMark, voters } from './request-state.ts'
import type { Story } from './story.ts'
import type { WantedMessage } from './wanted.ts'

/** What the one person who pressed or typed something is told. Every press has its fixed answer. */

/** An answer that only one person sees. In blocks, so that Slack makes no links and mentions out of plain words. */
export function privately(words: Mrkdwn): Pick<WantedMessage, 'text' | 'blocks'> {
  return { text: words.mrkdwn, blocks: [section('answer', words)] }
}

export const unknownButton = md`:warning: I do not know this button any more. Use the newest message about it, or the slash command.`
export const notYours = md`:warning: Only members of this workspace can do that.`

/** A story is told by its latest attempt; buttons of older ones are stale. */
export function staleButton(
  story: Pick<Story, 'runId' | 'attempt' | 'state'> | null,
  pressed: { runId: number; attempt: number } | null = null,
): Mrkdwn {
  if (story === null) return md`:warning: I do not remember this failure any more, so nothing was done.`
  if (story.state === 'fixed') return md`:large_green_circle: This failure is fixed already, so nothing was done.`
  const now = `run ${story.runId}, attempt ${story.attempt}`
  if (pressed === null)
    return md`:warning: This button belongs to an older attempt; ${now} has ended since. Use the newer buttons.`
  const old =
    pressed.runId === story.runId ? `attempt ${pressed.attempt}` : `run ${pressed.runId}, attempt ${pressed.attempt}`
  const ended = pressed.runId === story.runId ? `attempt ${story.attempt}` : now
  return md`:warning: This button belongs to ${old}; ${ended} has ended since. Nothing was done; use the newer buttons.`
}

/** `dryRun` is on at this moment: then nothing will be changed. */
export function onIt(remedy: Remedy, dryRun: boolean): Mrkdwn {
  const next =
    remedy.class === 'destructive'
      ? 'I will show what would go before anybody agrees to it.'
      : 'I will tell you in the thread.'
  const dry = dryRun ? md`The dry run is on, so nothing will be changed.` : null
  return join([md`:eyes: On it. ${next}`, dry], ' ')
}

/** What the runbook says against a remedy for the latest failure. */
export type Advice = { verdict: 'useless' | 'harmful'; why: string; title: string }

/** Nothing is started, as it would not help; how to have it anyway. */
export function wouldNotHelp(advice: Advice): Mrkdwn {
  return md`${against(advice)} Nothing was started. If you want it for another reason, say so in the form: *Even if it does not help*.`
}

/** It is started, and said that it will not help. */
export function onItThough(remedy: Remedy, dryRun: boolean, advice: Advice): Mrkdwn {
  return join([onIt(remedy, dryRun), against(advice)], '\n')
}

function against({ verdict, why, title }: Advice): Mrkdwn {
  const word = verdict === 'harmful' ? 'would do harm' : 'would not help'
  return md`:warning: With the latest failure there (*${cut(title, 200)}*) it ${word}: ${cut(why, 300)}`
}

export function alreadyAsked(request: Request): Mrkdwn {
  const asker = who(request.requester.slack)
  const when = moment(request.createdAt)
  const what = remedyName(request.plan)
  return request.state === 'pending'
    ? md`:hourglass_flowing_sand: ${what} was asked for by ${asker} ${when} and waits for ${missingWords(request)}: see the thread.`
    : md`:information_source: ${what} was asked for by ${asker} ${when}: see the thread for what came of it.`
}

export function decisionAnswer(decision: Decision): Mrkdwn {
  const { request } = decision
  switch (decision.kind) {
    case 'counted':
      return md`:white_check_mark: Counted; ${missingWords(request)} ${missing(request)} to agree.`
    case 'decided':
      return md`${decidedWords[request.state]}`
    case 'refused':
      return sayRefused(decision.because, request)
    default:
      return decision satisfies never
  }
}

function missing(request: Request): string {
  return missingWords(request) === 'one more person' ? 'has' : 'have'
}

const decidedWords: Record<Request['state'], string> = {
  approved: 'Agreed. It starts now; the thread says what comes of it.',
  rejected: 'Rejected. Nothing is done.',
  cancelled: 'Taken back. Nothing is done.',
  pending: 'Counted.',
  expired: 'It has expired. Nothing is done.',
}

/** Why a click did not count. */
export function sayRefused(because: DecisionRefusal, request: Request): Mrkdwn {
  switch (because) {
    case 'already-decided':
      return md`:information_source: Already ${alreadyWords(request)}.`
    case 'expired':
      return md`:hourglass: Too late: this could be agreed to until ${moment(request.expiresAt)}. Ask for it again if you still want it.`
    case 'own-request':
      return md`:no_entry: You asked for this, so somebody else has to agree.`
    case 'counted-before':
      return md`:information_source: Your word is counted already; ${missingWords(request)} ${missing(request)} to agree.`
    case 'not-yours-to-cancel':
      return md`:no_entry: Only ${who(request.requester.slack)}, who asked, can take it back. You can reject it.`
    case 'other-plan':
      return md`:warning: What would be done has changed since this button was shown. Look at the newest list and decide there.`
    default:
      return because satisfies never
  }
}

function alreadyWords(request: Request): Mrkdwn {
  const mark: RequestMark = markOf({ request, execution: null })
  if (mark === 'rejected') return md`rejected by ${voters(request, 'reject')}`
  if (mark === 'cancelled') return md`taken back by ${who(request.requester.slack)}`
  const agreed = voters(request, 'approve')
  if (request.state === 'approved') return agreed.mrkdwn === '' ? md`on its way` : md`agreed to by ${agreed}`
  return md`decided`
}

/** Why an approved request is not carried out now. */
export function sayNotAdmitted(refusal: AdmissionRefusal): Mrkdwn {
  switch (refusal.because) {
    case 'paused':
      return md`:double_vertical_bar: Paused by ${who(refusal.by)} since ${moment(refusal.at)}. Ask again after ${code('/cache resume')}.`
    case 'locked':
      return md`:lock: Another one is under way here; ${who(refusal.holder)} holds the lock until ${moment(refusal.until)} at the latest.`
    case 'cooldown':
      return md`:hourglass: The same was done here shortly before. It can be done again from ${moment(refusal.until)}.`
    case 'cap':
      return md`:hourglass: ${capWords(refusal)} The next one can run from ${moment(refusal.until)}.`
    case 'not-approved':
      return md`:warning: Not enough people have agreed to it.`
    default:
      return refusal satisfies never
  }
}

/** The same in plain words, to be kept as a result. */
export function plainNotAdmitted(refusal: AdmissionRefusal): string {
  switch (refusal.because) {
    case 'paused':
      return `Remedies are paused since ${time(refusal.at)}. Ask again when they are resumed.`
    case 'locked':
      return `${refusal.holder} has another one under way here, which holds the lock until ${time(refusal.until)} at the latest.`
    case 'cooldown':
      return `The same was done here shortly before. It can be done again from ${time(refusal.until)}.`
    case 'cap':
      return `${capWords(refusal)} The next one can run from ${time(refusal.until)}.`
    case 'not-approved':
      return 'Not enough people have agreed to it.'
    default:
      return refusal satisfies never
  }
}

function capWords({ of, most }: Extract<AdmissionRefusal, { because: 'cap' }>): string {
  const whose = {
    repository: 'for one repository',
    person: 'for one person',
    installation: 'for all repositories together',
  }
  return `${most} ${most === 1 ? 'remedy' : 'remedies'} an hour ${whose[of]} is the limit, and it is reached.`
}

function time(iso: string): string {
  return utc(new Date(iso))
}

/** Why somebody may not; the words are the permission's own. */
export function sayPermission({ words }: Pick<Extract<Permission, { kind: 'refused' }>, 'words'>): Mrkdwn {
  return md`:no_entry: ${cut(words, 900)}`
}

/** Nothing can be planned: why, and the edit that would make it possible. */
export function sayNoPlan({ because, diff }: { because: string; diff: string | null }): Mrkdwn {
  const why = md`:information_source: ${cut(because, 600)}`
  if (diff === null) return why
  const { shown, more } = linesWithin(
    diff
      .trimEnd()
      .split('\n')
      .map((line) => cut(line, 200)),
    1_600,
  )
  return join([why, codeBlock(more === 0 ? shown : [...shown, `… ${more} more lines`])], '\n')
}

export function sayRemedyGaveUp(error: unknown): Mrkdwn {
  const reason = error instanceof Error ? error.message : String(error)
  return md`:warning: I could not do that and gave up trying: ${cut(reason, 600)}`
}

/** What a dry run says instead of doing it: one sentence. */
export function wouldHave(plan: Plan): string {
  if (isPrune(plan)) return `It would have deleted ${amount(plan)}.`
  switch (plan.operation) {
    case 'rerun-failed':
      return `It would have run the failed jobs of run ${plan.runId} again, as attempt ${plan.attempt + 1}.`
    case 'rerun-job':
      return `It would have run job ${cut(plan.jobName, 80)} of run ${plan.runId} again, as attempt ${plan.attempt + 1}.`
    case 'rebuild':
      return `It would have started ${cut(plan.workflow, 120)} on ${cut(plan.ref, 80)} with ${cut(plan.input, 60)} set to true.`
    default:
      return plan satisfies never
  }
}

export function thanks(right: boolean): Mrkdwn {
  return right
    ? md`:+1: Thank you: noted as right.`
    : md`:-1: Thank you: noted as wrong. It counts against this rule in ${code('/cache runbook stats')}.`
}

/** An answer to an item of a checklist was taken. */
export function answerNoted(answer: 'passed' | 'failed' | 'skipped'): Mrkdwn {
  return md`:white_check_mark: Noted as ${answer}.`
}

/** Somebody, or a build, was quicker. */
export function answeredBefore({ state, by }: Pick<Item, 'state' | 'by'>): Mrkdwn {
  const whom = by === null ? md`by itself` : md`by ${who(by)}`
  return md`:information_source: This item is answered already: ${state}, ${whom}.`
}

export const checklistClosed = md`:information_source: This checklist is closed, so nothing was changed.`

function who(slackId: string): Mrkdwn {
  return person(cut(slackId, 80))
}

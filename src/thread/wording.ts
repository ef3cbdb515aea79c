import type { Cause } from '../diagnosis/explanation.ts'
import type { RunDiagnosis } from '../diagnosis/run-diagnosis.ts'
import { code, cut, join, link, type Mrkdwn, md, moment, person } from './escape.ts'

/** Every sentence that people read in a thread. Words first, emoji beside them, never emoji alone. */

/** A finished attempt of a run, as the wording needs it. A `Story` is one. */
export type RunFacts = {
  repository: string
  workflow: string
  branch: string | null
  runId: number
  attempt: number
  sha: string
  url: string
}

export const states = {
  failed: { emoji: ':red_circle:', word: 'Failed' },
  'still-failing': { emoji: ':red_circle:', word: 'Still failing' },
  fixed: { emoji: ':large_green_circle:', word: 'Fixed' },
  passed: { emoji: ':large_green_circle:', word: 'Passed' },
  running: { emoji: ':hourglass_flowing_sand:', word: 'Still running' },
  cancelled: { emoji: ':white_circle:', word: 'Cancelled' },
} as const
export type State = keyof typeof states

/** First line: what and where. */
export function headline(state: State, run: RunFacts, jobs: string, count: Mrkdwn | null): Mrkdwn {
  const { emoji, word } = states[state]
  const where = join(
    [
      link(run.url, cut(run.repository, 140)),
      md`${cut(run.workflow, 120)}`,
      run.branch === null ? null : code(cut(run.branch, 120)),
      jobs === '' ? null : md`${cut(jobs, 300)}`,
      count,
    ],
    ' · ',
  )
  return join([{ mrkdwn: `${emoji} *${word}*` }, where], ': ')
}

/** Under the first line. */
export function note(words: string): Mrkdwn {
  return md`:information_source: ${cut(words, 300)}`
}

/** The same in plain words, for notifications. */
export function plainHeadline(state: State, run: RunFacts, jobs: string): string {
  const where = [run.repository, run.workflow, run.branch ?? '', jobs].filter((part) => part !== '')
  return `${states[state].word}: ${where.map((part) => cut(part, 120)).join(' · ')}`
}

export function timesSince(failures: number, firstAt: string): Mrkdwn | null {
  return failures > 1 ? md`${ordinal(failures)} time since ${moment(firstAt)}` : null
}

/** The cause in one sentence, with what was captured from the log, and where in the build it stood. */
export function causeSentence(cause: Cause): Mrkdwn {
  return join([title(cause), summary(cause), place(cause)], '\n')
}

export function title(cause: Cause): Mrkdwn {
  return cause.id === unknownId
    ? md`*Cause not known: no runbook rule matches this log*`
    : md`*${cut(cause.title, 250)}*`
}

/** The cause in plain words, for notifications. */
export function plainCause(cause: Cause | null): string {
  if (cause === null) return 'the log shows no cause'
  return cause.id === unknownId ? 'cause not known, no runbook rule matches' : cut(cause.title, 200)
}

function summary(cause: Cause): Mrkdwn | null {
  return cause.summary === '' || cause.summary === cause.title ? null : md`${cut(cause.summary, 800)}`
}

function place({ step }: Cause): Mrkdwn | null {
  if (step === null) return null
  const line = step.dockerfileLine === null ? '' : `, Dockerfile line ${step.dockerfileLine}`
  return md`In ${code(cut(stepName(step.name), 250))}${line}`
}

/** A build step on one line; of a digest the first digits are enough to know it by. */
export function stepName(name: string): string {
  return name
    .split('\n')
    .map((line) => line.trim())
    .join(' ')
    .replace(/(@sha256:[0-9a-f]{7})[0-9a-f]{57}/g, '$1…')
}

/** How many of the failed jobs this is about, and why it is told before the others; null when there is only one job. */
export function jobsSharing({ jobs, groups, leadBecause }: RunDiagnosis): Mrkdwn | null {
  const [first] = groups
  if (!first || jobs.length < 2) return null
  const what = jobs.every(({ name }) => isLeg(name)) ? 'failed legs' : 'failed jobs'
  if (groups.length === 1) return md`${jobs.length === 2 ? 'Both' : `All ${jobs.length}`} ${what}, same cause`
  const same = first.jobs.length === 1 ? '' : ', same cause'
  return md`${first.jobs.length} of ${jobs.length} ${what}${same}; ${leadReasons[leadBecause]}`
}

/** What was seen of it before, and what that says of whether it goes away by itself; null when nobody remembers. */
export function seenBefore({ history }: RunDiagnosis, { transient }: Cause): Mrkdwn | null {
  if (!history) return null
  const { times, firstAt, newAtThisCommit, passedOnRerun, sameRun } = history
  const since = firstAt === null ? null : md` since ${moment(firstAt)}`
  const seen =
    times === 0
      ? md`First seen at this commit`
      : join([md`Seen ${times + 1} times`, newAtThisCommit ? md`, first at this commit` : since], '')
  return join([seen, passesBySelf(transient, { passedOnRerun, sameRun })], '; ')
}

function passesBySelf(transient: Cause['transient'], seen: { passedOnRerun: number; sameRun: number }): Mrkdwn | null {
  const times = seen.passedOnRerun === 1 ? 'once' : `${seen.passedOnRerun} times`
  if (seen.passedOnRerun > 0) return md`it comes and goes: passed ${times} when the same commit was run again`
  if (seen.sameRun > 0 && transient === 'no') return md`it stays: failed again when the same commit was run again`
  return null
}

function isLeg(name: string): boolean {
  return / \(.*\)$/s.test(name)
}

const leadReasons: Record<RunDiagnosis['leadBecause'], string> = {
  'only-cause': 'told first because it is the only cause',
  'tells-more': 'told first because the others say less about why they failed',
  surer: 'told first because it is the surest',
  'most-jobs': 'told first because it hit most of them',
  first: 'told first because it came first',
}

export const nothingFailedInLog = md`*The job failed, but its log shows no failure*`
export const nothingFailed = md`No job failed in this attempt.`
export const noImageBuilt = md`No job failed in this attempt, and none of the logs shows an image build.`

/** `verdict` as in miss-wording.ts */
export function passed(verdict: string): Mrkdwn {
  return md`No job failed in this attempt, ${verdict}.`
}

export const noLog = md`*Cause not known: no log could be read*`
export const linesThatTell = md`The lines that most likely show why:`
export const whatToDo = md`*What to do*`

export function fixItem(text: string, index: number): Mrkdwn {
  return md`${index + 1}. ${cut(text, 260)}`
}

/** What a remedy would bring: said also when it is useless or harmful, so that nobody tries it at 2 a.m. */
export function remedyLine({ kind, verdict, why }: Cause['remedies'][number]): Mrkdwn {
  const { emoji, words } = verdicts[verdict]
  return md`${{ mrkdwn: emoji }} ${remedyNames[kind]} ${{ mrkdwn: `*${words}*` }}: ${cut(why, 220)}`
}

const remedyNames = {
  rerun: 'Re-running the failed jobs',
  rebuild: 'Rebuilding without cache',
  prune: 'Pruning the cache',
} as const

const verdicts = {
  helps: { emoji: ':white_check_mark:', words: 'helps' },
  useless: { emoji: ':heavy_minus_sign:', words: 'is useless' },
  harmful: { emoji: ':no_entry:', words: 'does harm' },
} as const
export const verdictOrder = Object.keys(verdicts)

export function confidence(cause: Cause): Mrkdwn | null {
  if (cause.id === unknownId) return null
  const words = cause.confidence >= 0.9 ? 'high' : cause.confidence >= 0.6 ? 'medium' : 'low'
  return md`confidence ${words} (${Math.round(cause.confidence * 100)} %)`
}

/** Where the rule is written that named this cause. `base` is what its file stands under. */
export function runbookLink(cause: Cause, base: string | null): Mrkdwn | null {
  if (cause.runbook === null) return null
  const { file, anchor } = cause.runbook
  // Only the page's name: a team's own pages may lie in a folder that is nobody's business.
  const page = cut(file.replace(/^.*[/\\]/s, '').replace(/\.md$/, ''), 120)
  return base === null ? md`runbook ${code(page)}` : md`runbook ${link(`${base}/${file}#${anchor}`, page)}`
}

export function runLink({ url, runId, attempt }: RunFacts): Mrkdwn {
  return link(url, attempt > 1 ? `run ${runId}, attempt ${attempt}` : `run ${runId}`)
}

export function commitLink({ url, sha }: RunFacts): Mrkdwn | null {
  if (!/^[0-9a-f]{7,64}$/.test(sha)) return null
  const short = sha.slice(0, 7)
  const repository = /^(.+)\/actions\/runs\//.exec(url)?.[1]
  return repository === undefined ? md`commit ${short}` : md`commit ${link(`${repository}/commit/${sha}`, short)}`
}

export function lastFailed(at: string): Mrkdwn {
  return md`last failed ${moment(at)}`
}

export function askedBy(userId: string): Mrkdwn {
  return md`asked by ${person(userId)}`
}

/** Reply for a further failed attempt. */
export function failedAgain(attempt: RunFacts, at: string, otherCause: string | null): Mrkdwn {
  const what = otherCause === null ? md`same cause` : md`another cause this time: ${code(cut(otherCause, 80))}`
  const facts = join([runLink(attempt), commitLink(attempt), moment(at)], ' · ')
  return md`${{ mrkdwn: states['still-failing'].emoji }} *Failed again*, ${what}. ${facts}`
}

export function plainFailedAgain(run: RunFacts, otherCause: string | null): string {
  const what = otherCause === null ? 'same cause' : `another cause this time: ${cut(otherCause, 80)}`
  return `Failed again, ${what}: ${cut(run.repository, 140)} · ${cut(run.workflow, 120)} · run ${run.runId}, attempt ${run.attempt}`
}

/** How it was fixed: by which run, after how many failures, and whether anything had to change for it. */
export function fixedSentence(fix: { url: string | null; failures: number; unchanged: boolean; took: string }): Mrkdwn {
  const by = fix.url === null ? md`a later run` : link(fix.url, 'this run')
  const after = `${fix.failures === 1 ? 'one failed attempt' : `${fix.failures} failed attempts`} in ${fix.took}`
  const how = fix.unchanged ? 'It passed when run again with no change, so it comes and goes.' : ''
  return join([md`Passed in ${by} after ${after}.`, md`${how}`], ' ')
}

/** "3 min", "2 h 5 min", "4 days" */
export function duration(milliseconds: number): string {
  const minutes = Math.max(1, Math.round(milliseconds / 60_000))
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours >= 48) return `${Math.round(hours / 24)} days`
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
}

export function couldNotRead(missing: string): Mrkdwn {
  return md`:warning: could not read ${cut(missing, 300)}`
}

export function plainMissing(missing: string[]): string {
  return missing.length === 0 ? 'no log could be read' : `could not read ${cut(missing.join('; '), 200)}`
}

const unknownId = 'unknown-failure'

function ordinal(count: number): string {
  const suffix = count % 100 >= 11 && count % 100 <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][count % 10] ?? 'th')
  return `${count}${suffix}`
}

import { z } from 'zod'
import type { Alert } from '../alert/alert.ts'
import { type RunDiagnosis, runDiagnosisSchema } from '../diagnosis/run-diagnosis.ts'

/**
 * A failure story: one failure of one workflow on one branch, told in one Slack thread from the first red attempt to
 * the green one that ends it. Plain data: times are ISO 8601 strings in UTC, so that it survives JSON unchanged.
 */
const attemptSchema = z.strictObject({
  runId: z.int(),
  attempt: z.int().positive(),
  sha: z.string(),
  url: z.string(),
  at: z.iso.datetime(),
  /** id of the cause that led this attempt's diagnosis; null when no log could be read */
  causeId: z.string().nullable(),
})

export const storySchema = z.strictObject({
  id: z.string(),
  channel: z.string(),
  repository: z.string(),
  workflow: z.string(),
  branch: z.string().nullable(),
  fingerprint: z.string(),
  state: z.enum(['open', 'fixed']),
  /** the latest failed attempt: run, attempt, commit, page and what was found in its logs */
  runId: z.int(),
  attempt: z.int().positive(),
  sha: z.string(),
  url: z.string(),
  diagnosis: runDiagnosisSchema,
  /** how many attempts have failed, each counted once */
  failures: z.int().positive(),
  /** the last failed attempts, oldest first */
  history: z.array(attemptSchema).max(20),
  firstAt: z.iso.datetime(),
  lastAt: z.iso.datetime(),
  fixedAt: z.iso.datetime().nullable(),
  /** page of the green run that ended it */
  fixedBy: z.string().nullable(),
  /** counted up by the store on every save, so that two writers cannot overwrite each other; never touched here */
  version: z.int().nonnegative(),
})

export type Story = z.infer<typeof storySchema>
export type StoryAttempt = z.infer<typeof attemptSchema>

const remembered = 20

/** The story that begins with this failed attempt. */
export function openStory(
  { id, channel }: { id: string; channel: string },
  alert: Alert,
  diagnosis: RunDiagnosis,
  now: Date,
): Story {
  const at = now.toISOString()
  return {
    id,
    channel,
    repository: alert.repository,
    workflow: alert.workflow,
    branch: alert.branch,
    fingerprint: diagnosis.fingerprint,
    state: 'open',
    ...latest(alert, diagnosis),
    failures: 1,
    history: [attemptOf(alert, diagnosis, at)],
    firstAt: at,
    lastAt: at,
    fixedAt: null,
    fixedBy: null,
    version: 0,
  }
}

/**
 * The story after another failed attempt. One that is already told is not counted again, only its diagnosis is
 * replaced (a run heard of from its first failed job knows more once all jobs have ended). One that arrives late, after
 * a newer attempt, goes into the history without becoming the present state.
 */
export function failAgain(story: Story, alert: Alert, diagnosis: RunDiagnosis, now: Date): Story {
  const told = story.history.find((attempt) => sameAttempt(attempt, alert))
  const at = told?.at ?? now.toISOString()
  const history = story.history.filter((attempt) => attempt !== told)
  const current = isNewer(story, alert) ? {} : latest(alert, diagnosis)
  return {
    ...story,
    ...current,
    failures: told ? story.failures : story.failures + 1,
    history: [...history, attemptOf(alert, diagnosis, at)].toSorted(byAge).slice(-remembered),
    lastAt: told ? story.lastAt : at,
  }
}

/**
 * The story after a green attempt. A green attempt of an older run proves nothing about the newer commit that failed,
 * so it leaves the story as it is.
 */
export function fixStory(story: Story, alert: Alert, now: Date): Story {
  if (story.state === 'fixed' || !isNewer(alert, story)) return story
  return { ...story, state: 'fixed', fixedAt: now.toISOString(), fixedBy: alert.url }
}

type Numbered = { runId: number; attempt: number }

// GitHub's run ids grow with time, attempts count up inside a run.
function byAge(one: Numbered, other: Numbered): number {
  return one.runId - other.runId || one.attempt - other.attempt
}

function isNewer(one: Numbered, other: Numbered): boolean {
  return byAge(one, other) > 0
}

function sameAttempt(one: Numbered, other: Numbered): boolean {
  return byAge(one, other) === 0
}

function latest(alert: Alert, diagnosis: RunDiagnosis) {
  return { runId: alert.runId, attempt: alert.attempt, sha: alert.sha, url: alert.url, diagnosis }
}

function attemptOf(alert: Alert, diagnosis: RunDiagnosis, at: string): StoryAttempt {
  const { runId, attempt, sha, url } = alert
  return { runId, attempt, sha, url, at, causeId: leadCause(diagnosis)?.id ?? null }
}

/** The cause that the parent message is about. */
export function leadCause(diagnosis: RunDiagnosis) {
  if (diagnosis.lead === null) return null
  return diagnosis.jobs[diagnosis.lead]?.explanation?.diagnosis ?? null
}

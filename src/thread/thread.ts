import type { KnownBlock } from '@slack/types'
import type { BuildSummary, Cause } from '../diagnosis/explanation.ts'
import type { RunDiagnosis } from '../diagnosis/run-diagnosis.ts'
import { context, diagnosisBlocks, evidenceBlocks, fallback, foldJobs, section } from './blocks.ts'
import { sayBuilds } from './build-blocks.ts'
import { feedbackBlock } from './buttons.ts'
import { detailBlocks } from './details.ts'
import { join, type Mrkdwn, moment, plainLine } from './escape.ts'
import { limits, payloadSize } from './limits.ts'
import { type RemediesShown, remedyBlocks, switchWords } from './offers.ts'
import { leadCause, type Story } from './story.ts'
import type { WantedMessage } from './wanted.ts'
import * as say from './wording.ts'

/** The messages that should stand in Slack for this story as it is now: parent, details, further attempts, the end. */
export function planThread({
  story,
  diagnosis = story.diagnosis,
  runbooksUrl = null,
  remedies = null,
  feedback = null,
}: {
  story: Story
  diagnosis?: RunDiagnosis
  /** under which the runbooks' files can be read, e.g. `https://github.com/acme/layerwise/blob/main`; null: only named */
  runbooksUrl?: string | null
  /** null: remedies are not spoken of */
  remedies?: RemediesShown | null
  /** opaque ids of the thumbs on the diagnosis; null: nobody is asked */
  feedback?: { upId: string; downId: string } | null
}): WantedMessage[] {
  const parent = parentTag(story)
  const { message, below } = parentMessage(story, diagnosis, { runbooksUrl, remedies, feedback })
  return [
    message,
    ...detailsMessage({ tag: `${parent}:details`, parent }, diagnosis, below),
    ...furtherAttempts(story).map((attempt) => attemptMessage(story, attempt)),
    ...(story.state === 'fixed' ? [fixedMessage(story, diagnosis)] : []),
  ]
}

/** An explanation somebody asked for: the same as a parent and its details, in one thread, outside any story. */
export function planAnswer(answer: {
  tag: string
  run: say.RunFacts
  state: say.State
  diagnosis: RunDiagnosis
  askedBy: string | null
  /** said under the first line */
  notes?: string[]
  runbooksUrl?: string | null
}): WantedMessage[] {
  const { tag, run, state, diagnosis } = answer
  const cause = leadCause(diagnosis)
  const jobs = foldJobs(diagnosis)
  const facts = contextLine(run, diagnosis, answer.runbooksUrl ?? null, [
    answer.askedBy === null ? null : say.askedBy(answer.askedBy),
  ])
  const { message, below } = withBuilds({
    message: { tag, parent: null, text: fallback(say.plainHeadline(state, run, jobs), diagnosis, cause) },
    blocks: [
      section('head', join([say.headline(state, run, jobs, null), ...(answer.notes ?? []).map(say.note)], '\n')),
      ...diagnosisBlocks(diagnosis, cause),
    ],
    facts: [context('facts', facts)],
    diagnosis,
    subject: cause === null ? 'builds' : subjectOf(cause),
  })
  return [message, ...detailsMessage({ tag: `${tag}:details`, parent: tag }, diagnosis, below)]
}

/** Tag of the parent message of a story. */
export function parentTag(story: Pick<Story, 'id'>): string {
  return `story:${story.id}`
}

type Around = {
  runbooksUrl: string | null
  remedies: RemediesShown | null
  feedback: { upId: string; downId: string } | null
}

function parentMessage(story: Story, diagnosis: RunDiagnosis, { runbooksUrl, remedies, feedback }: Around): WithBuilds {
  const cause = leadCause(diagnosis)
  const jobs = foldJobs(diagnosis)
  const state = story.state === 'fixed' ? 'fixed' : story.failures > 1 ? 'still-failing' : 'failed'
  const count = story.state === 'open' ? say.timesSince(story.failures, story.firstAt) : null
  const head = join([say.headline(state, story, jobs, count), story.state === 'fixed' ? fixedLine(story) : null], '\n')
  const when = story.state === 'fixed' ? say.lastFailed(story.lastAt) : moment(story.lastAt)
  // What helped once is of no use when it is fixed; what it was is.
  const body =
    story.state === 'fixed' && cause
      ? [section('cause', say.causeSentence(cause)), ...evidenceBlocks(cause)]
      : diagnosisBlocks(diagnosis, cause)
  return withBuilds({
    message: {
      tag: parentTag(story),
      parent: null,
      text: fallback(say.plainHeadline(state, story, jobs), diagnosis, cause),
    },
    blocks: [section('head', head), ...body, ...(remedies === null ? [] : remedyBlocks(remedies, story))],
    facts: [
      context('facts', contextLine(story, diagnosis, runbooksUrl, [remedies && switchWords(remedies, story), when])),
      ...(feedback === null || cause === null ? [] : [feedbackBlock(feedback)]),
    ],
    diagnosis,
    subject: cause && story.state === 'open' ? subjectOf(cause) : 'failure',
  })
}

/** A message, and what of its builds is left to its details. */
type WithBuilds = { message: WantedMessage; below: KnownBlock[] }

function withBuilds(parts: {
  message: Omit<WantedMessage, 'blocks'>
  blocks: KnownBlock[]
  /** what stands below the builds */
  facts: KnownBlock[]
  diagnosis: RunDiagnosis
  subject: Parameters<typeof sayBuilds>[1]
}): WithBuilds {
  const { message, blocks, facts, diagnosis, subject } = parts
  const taken = payloadSize({ text: message.text, blocks: [...blocks, ...facts] })
  const { above, below } = sayBuilds(buildsOf(diagnosis), subject, limits.payload - taken - 100)
  return { message: { ...message, blocks: [...blocks, ...above, ...facts] }, below }
}

function subjectOf({ family }: Cause): 'cache' | 'failure' {
  return family === 'cache-backend' || family === 'cache-miss' ? 'cache' : 'failure'
}

function buildsOf({ jobs, lead }: RunDiagnosis): BuildSummary[] {
  return (lead === null ? null : jobs[lead]?.explanation?.builds) ?? []
}

function contextLine(
  run: say.RunFacts,
  diagnosis: RunDiagnosis,
  runbooksUrl: string | null,
  first: (Mrkdwn | null)[],
): Mrkdwn {
  const cause = leadCause(diagnosis)
  const rule = cause === null ? [] : [say.confidence(cause), say.runbookLink(cause, runbooksUrl)]
  return join([...first, ...rule, say.runLink(run), say.commitLink(run)], ' · ')
}

function detailsMessage(
  place: { tag: string; parent: string },
  diagnosis: RunDiagnosis,
  ofBuilds: KnownBlock[],
): WantedMessage[] {
  const blocks = detailBlocks(diagnosis, ofBuilds)
  if (blocks.length === 0) return []
  const builds = buildsOf(diagnosis).length
  const also = diagnosis.missing.length === 0 ? '' : `, ${say.plainMissing(diagnosis.missing)}`
  return [{ ...place, text: plainLine(`Details: ${builds} ${builds === 1 ? 'build' : 'builds'}${also}`), blocks }]
}

type Attempt = Story['history'][number]

/** All remembered attempts but the one that opened the story, each beside the one before it. */
function furtherAttempts({ history, firstAt }: Story): { attempt: Attempt; before: Attempt | undefined }[] {
  const opening = history.find(({ at }) => at === firstAt)
  return history
    .map((attempt, index) => ({ attempt, before: history[index - 1] }))
    .filter(({ attempt }) => attempt !== opening)
}

function attemptMessage(
  story: Story,
  { attempt, before }: { attempt: Attempt; before: Attempt | undefined },
): WantedMessage {
  const run = { ...story, ...attempt }
  const other = before && before.causeId !== attempt.causeId ? (attempt.causeId ?? 'no log') : null
  return {
    tag: `${parentTag(story)}:attempt:${attempt.runId}.${attempt.attempt}`,
    parent: parentTag(story),
    text: plainLine(say.plainFailedAgain(run, other)),
    blocks: [section('again', say.failedAgain(run, attempt.at, other))],
  }
}

function fixedMessage(story: Story, diagnosis: RunDiagnosis): WantedMessage {
  const jobs = foldJobs(diagnosis)
  return {
    tag: `${parentTag(story)}:fixed`,
    parent: parentTag(story),
    text: plainLine(say.plainHeadline('fixed', story, jobs)),
    blocks: [section('head', join([say.headline('fixed', story, jobs, null), fixedLine(story)], '\n'))],
    broadcast: true,
  }
}

function fixedLine(story: Story): Mrkdwn {
  const until = story.fixedAt ?? story.lastAt
  return say.fixedSentence({
    url: story.fixedBy,
    failures: story.failures,
    unchanged: story.fixedBy !== null && sameRun(story.fixedBy, story.url),
    took: say.duration(Date.parse(until) - Date.parse(story.firstAt)),
  })
}

// Attempts of one run share its commit; GitHub's page of an attempt is the run's with `/attempts/N` behind it.
function sameRun(one: string, other: string): boolean {
  const page = (url: string) => url.replace(/\/(?:attempts|job)\/\d.*$/, '')
  return page(one) === page(other)
}

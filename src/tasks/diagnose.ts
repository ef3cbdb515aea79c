import { createHash } from 'node:crypto'
import { type Alert, alertKey, alertSchema, hasFailed } from '../alert/alert.ts'
import { concernsDocker, fingerprintOfJob, type RunDiagnosis, withHistory } from '../diagnosis/run-diagnosis.ts'
import type { Poster } from '../slack/poster.ts'
import type { Store } from '../store/store.ts'
import { planGaveUp } from '../thread/gave-up.ts'
import { failAgain, fixStory, openStory } from '../thread/story.ts'
import { type AttemptReading, type Reading, readAttempt } from './read-run.ts'
import { type StoryShowing, showStory } from './show-story.ts'
import type { Step, Task } from './turn.ts'

/** What the story of a finished attempt needs of the world. */
export type DiagnoseWorld = Reading &
  StoryShowing & {
    store: Pick<Store, 'alerts' | 'stories' | 'failures'>
    poster: Pick<Poster, 'deliver' | 'deliverAll'>
    /** channels that want to hear of this run */
    channelsFor(run: { repository: string; branch: string | null; workflow: string }): string[]
  }

/** The same attempt heard twice is one task; a run that ends after one of its jobs failed is looked at once more. */
export function diagnoseKey(alert: Alert): string {
  return `${alertKey(alert)}/${alert.runFinished ? 'run' : 'job'}`
}

/** An attempt finished: a failed one gets its diagnosis told, a green one ends the stories it fixes. */
export function diagnoseTask(world: DiagnoseWorld): Task<Alert> {
  return {
    name: 'diagnose',
    schema: alertSchema,
    async perform(alert, step) {
      await step('hear', () => world.store.alerts.hear(alert, world.now()))
      if (hasFailed(alert)) await tellFailure(world, alert, step)
      else await tellFixed(world, alert, step)
    },
    async gaveUp(alert, error) {
      if (!hasFailed(alert)) return
      for (const channel of world.channelsFor(alert)) await world.poster.deliver(planGaveUp(alert, error), { channel })
    },
  }
}

async function tellFailure(world: DiagnoseWorld, alert: Alert, step: Step): Promise<void> {
  const channels = world.channelsFor(alert)
  if (channels.length === 0) return
  const reading = await step('read the attempt', () => readAttempt(world, { ...alert, jobId: null }))
  const diagnosis = await step('remember', () => remember(world, alert, reading))
  if (!concernsDocker(diagnosis)) return
  for (const channel of channels) {
    const id = await step(`story in ${channel}`, () => tellStory(world, { channel, alert, diagnosis }))
    await showStory(world, id, step)
  }
}

/**
 * Keeps the failed jobs, and tells what is known of the lead's failure from before. A job that failed in an earlier
 * attempt of this run and passed in this one passed on re-run. Safe to repeat: a failure is kept once, with its time.
 */
async function remember(
  { store: { failures }, now }: DiagnoseWorld,
  alert: Alert,
  { diagnosis, excerpts, passed }: AttemptReading,
): Promise<RunDiagnosis> {
  const { repository, workflow, branch, sha, runId, attempt } = alert
  if (attempt > 1) await failures.passedOnRerun({ repository, runId, attempt, jobNames: passed }, now())
  let told = diagnosis
  for (const [index, job] of diagnosis.jobs.entries()) {
    if (job.conclusion === 'success') continue
    const cause = job.explanation?.diagnosis ?? null
    const place = { repository, workflow, jobName: job.name, fingerprint: fingerprintOfJob(job) }
    const { at } = await failures.keep({
      ...place,
      ...{ branch, sha, runId, attempt, jobId: job.id, at: now() },
      causeId: cause?.id ?? null,
      confidence: cause?.confidence ?? 0,
      excerpt: excerpts[index] ?? null,
    })
    if (index !== diagnosis.lead || cause === null) continue
    const before = await failures.history(place, { before: at, runId })
    told = withHistory(diagnosis, {
      times: before?.times ?? 0,
      firstAt: before?.firstAt.toISOString() ?? null,
      newAtThisCommit: (before?.firstSha ?? sha) === sha,
      passedOnRerun: before?.passedOnRerun ?? 0,
      sameRun: before?.sameRun ?? 0,
    })
  }
  return told
}

/** Opens the story or carries on the one that is open; safe to repeat, an attempt is counted once. */
async function tellStory(
  { store, now }: DiagnoseWorld,
  { channel, alert, diagnosis }: { channel: string; alert: Alert; diagnosis: RunDiagnosis },
): Promise<string> {
  const open = await store.stories.open({ ...alert, channel })
  const same =
    open.find((story) => story.runId === alert.runId) ??
    open.find((story) => story.fingerprint === diagnosis.fingerprint)
  if (same) return (await store.stories.save(failAgain(same, alert, diagnosis, now()))).id
  const told = await store.stories.create(openStory({ id: storyId(channel, alert), channel }, alert, diagnosis, now()))
  if (told.kind === 'created') return told.story.id
  return (await store.stories.save(failAgain(told.story, alert, diagnosis, now()))).id
}

/** Opaque, and the same when the step is repeated. */
function storyId(channel: string, alert: Alert): string {
  return createHash('sha256')
    .update(`${channel}\n${alertKey(alert)}`)
    .digest('hex')
    .slice(0, 16)
}

/** A green attempt ends every story of its workflow and branch that it comes after. */
async function tellFixed(world: DiagnoseWorld, alert: Alert, step: Step): Promise<void> {
  if (!alert.runFinished) return
  const { stories, failures } = world.store
  if (alert.attempt > 1) await step('passed on re-run', () => failures.passedOnRerun(alert, world.now()))
  for (const channel of world.channelsFor(alert)) {
    // which ones is kept first: a step cut off half-way would find fewer of them open when it is repeated
    const ids = await step(`open in ${channel}`, async () =>
      (await stories.open({ ...alert, channel })).map(({ id }) => id),
    )
    for (const id of ids) {
      const fixed = await step(`fix ${id}`, () => fix(world, id, alert))
      if (fixed) await showStory(world, id, step)
    }
  }
}

/** True when this attempt is the one that fixed the story, also when asked again. */
async function fix({ store, now }: DiagnoseWorld, id: string, alert: Alert): Promise<boolean> {
  const story = await store.stories.get(id)
  if (story === null) return false
  if (story.state === 'fixed') return story.fixedBy === alert.url
  const after = fixStory(story, alert, now())
  if (after.state === 'fixed') await store.stories.save(after)
  return after.state === 'fixed'
}

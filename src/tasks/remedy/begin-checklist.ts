import type { Runbook } from '../../diagnosis/runbook.ts'
import type { Execution } from '../../remedy/execution.ts'
import type { Request } from '../../remedy/request.ts'
import { leadCause, type Story } from '../../thread/story.ts'
import { parentTag } from '../../thread/thread.ts'
import type { Before, Checklist } from '../../verdict/checklist.ts'
import { checklistFor } from '../../verdict/checklist-for.ts'
import { openChecklist } from '../../verdict/walk.ts'
import type { Step } from '../turn.ts'
import { type AddFollow, followKey } from './orders.ts'
import { secondsOf } from './seconds.ts'
import { showChecklist } from './show.ts'
import type { RemedyWorld } from './world.ts'

/** What follows a remedy. */
export type AfterRemedy = { runbooks: Runbook[]; follow: AddFollow }

/** Begins the checklist that shows whether it helped, and follows the run that was started. */
export async function begin(
  world: RemedyWorld & AfterRemedy,
  request: Request,
  { result }: Execution,
  step: Step,
): Promise<void> {
  const run = result?.runId == null ? null : { runId: result.runId, attempt: result.attempt ?? 1 }
  const id = await step('begin the checklist', () => create(world, request, run))
  if (id !== null) await showChecklist(world, id, step)
  if (run === null) return
  const follow = { repository: request.plan.repository, ...run }
  await step('follow', () => world.follow(follow, followKey(follow)))
}

/** Returns its id, which is the same however often it is tried; null for a builder that no workflow is known of. */
async function create(
  world: RemedyWorld & AfterRemedy,
  { id: requestId, plan, place }: Request,
  run: { runId: number; attempt: number } | null,
): Promise<string | null> {
  const story = place.storyId === null ? null : await world.store.stories.get(place.storyId)
  const workflow = story?.workflow ?? (run && (await world.runs.run(plan.repository, run.runId)).workflow)
  if (workflow == null) return null
  const cause = story && leadCause(story.diagnosis)
  const { page, items } = checklistFor(world.runbooks, cause)
  const standing = await world.store.messages.get(`request:${requestId}`)
  const checklist: Checklist = openChecklist({
    id: `after-${requestId}`,
    channel: place.channel,
    parentTag: story === null ? null : parentTag(story),
    threadTs: story === null ? (place.threadTs ?? standing?.ts ?? null) : null,
    storyId: place.storyId,
    requestId,
    operation: plan.operation,
    repository: plan.repository,
    workflow,
    branch: story?.branch ?? plan.branch,
    awaits: run,
    before: story && (await beforeOf(world, story)),
    page,
    items,
    openedAt: world.now().toISOString(),
  })
  await world.store.checklists.create(checklist)
  return checklist.id
}

/** The failure as it stands, and how long things took before. */
export async function beforeOf({ runs }: RemedyWorld, story: Story): Promise<Before> {
  const { repository, workflow, branch, runId, attempt, sha, diagnosis } = story
  const cause = leadCause(diagnosis)
  const green = await runs.lastGreen(repository, { workflow, branch, runId })
  return {
    ...{ runId, attempt, sha, fingerprint: diagnosis.fingerprint },
    causeId: cause?.id ?? null,
    confidence: cause?.confidence ?? 0,
    transient: cause?.transient ?? 'no',
    seconds: await secondsOf(runs, { repository, runId, attempt }),
    greenSeconds: green && (await secondsOf(runs, green)),
  }
}

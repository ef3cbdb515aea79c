import type { Run } from '../../alert/from-run.ts'
import { leadCause } from '../../thread/story.ts'
import { plainVerdict } from '../../thread/verdict-wording.ts'
import type { Facts } from '../../verdict/check-item.ts'
import type { Checklist } from '../../verdict/checklist.ts'
import { seeRun } from '../../verdict/walk.ts'
import { readAttempt } from '../read-run.ts'
import type { Task } from '../turn.ts'
import { type Attempt, attemptSchema } from './orders.ts'
import { secondsOf } from './seconds.ts'
import { type ShowWorld, showChecklist } from './show.ts'
import type { RemedyWorld } from './world.ts'

/** A run ended: the checklists that wait for it answer what they can, and say whether the remedy helped. */
export function verifyTask(world: RemedyWorld & ShowWorld): Task<Attempt> {
  return {
    name: 'verify',
    schema: attemptSchema,
    async perform(wanted, step) {
      const { repository, runId, attempt } = wanted
      const run = await step('read the run', () => world.runs.run(repository, runId, attempt))
      const waiting = await step('who waits', async () =>
        (await world.store.checklists.waitingFor({ ...run, now: world.now() })).map(({ id }) => id),
      )
      if (waiting.length === 0) return
      const seen = await step('read the logs', () => factsOf(world, run))
      for (const id of waiting) {
        const decided = await step(`answer ${id}`, () => see(world, id, seen))
        if (decided) await step(`verdict of ${id}`, () => keepVerdict(world, id))
        await showChecklist(world, id, step)
        const storyId = (await world.store.checklists.get(id))?.storyId
        if (storyId) await world.showStory(storyId, step)
      }
    },
    // What could not be read leaves the items to people, who have the buttons.
    gaveUp: async () => {},
  }
}

async function factsOf(world: RemedyWorld, run: Run): Promise<Facts> {
  const { diagnosis } = await readAttempt(world, { ...run, jobId: null })
  const cause = leadCause(diagnosis)
  return {
    run: { ...run, seconds: await secondsOf(world.runs, run) },
    jobs: diagnosis.jobs,
    after: { fingerprint: diagnosis.fingerprint, causeId: cause?.id ?? null },
  }
}

/** Saves what the run shows; true when it brought the verdict, also when asked again. */
async function see(world: RemedyWorld, id: string, facts: Facts): Promise<boolean> {
  const checklist = await world.store.checklists.get(id)
  if (checklist === null) return false
  const after = seeRun(checklist, facts, world.now())
  if (after !== checklist) await world.store.checklists.save(after)
  return after.verdict !== null && after.requestId !== null
}

/** Into the audit, the figures of the row, and the lock that a rebuild held until its run ended. */
async function keepVerdict({ store, now }: RemedyWorld, id: string): Promise<null> {
  const checklist = await store.checklists.get(id)
  if (!checklist?.verdict || checklist.requestId === null) return null
  const { verdict, requestId, repository, seenRun, operation } = checklist
  await store.executions.releaseLock(requestId)
  const causeId = causeOf(checklist)
  if (causeId !== null) await store.feedback.verdict({ causeId, requestId, kind: verdict.kind, at: now() })
  await store.audit.appendOnce({
    at: now().toISOString(),
    kind: 'verdict',
    slackId: null,
    githubLogin: null,
    repository,
    what: operation ?? 'checklist',
    requestId,
    planHash: null,
    reason: null,
    result: plainVerdict(verdict),
    link: seenRun?.url ?? null,
  })
  return null
}

function causeOf({ before }: Checklist): string | null {
  return before?.causeId ?? null
}

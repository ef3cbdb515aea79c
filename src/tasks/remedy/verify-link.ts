import { createHash } from 'node:crypto'
import { SlackRefused } from '../../slack/failure.ts'
import { type VerifyAsk, verifyAskSchema } from '../../slack/remedy-ask.ts'
import { md } from '../../thread/escape.ts'
import { sayRemedyGaveUp } from '../../thread/remedy-wording.ts'
import { checklistFor } from '../../verdict/checklist-for.ts'
import { openChecklist } from '../../verdict/walk.ts'
import type { Task } from '../turn.ts'
import type { AfterRemedy } from './begin-checklist.ts'
import { followKey } from './orders.ts'
import { showChecklist } from './show.ts'
import { tellAlone } from './tell-alone.ts'
import type { RemedyWorld } from './world.ts'

/** Somebody wants the checklist walked for a run: at once when it has ended, otherwise when it does. */
export function verifyLinkTask(world: RemedyWorld & AfterRemedy): Task<VerifyAsk> {
  return {
    name: 'verify-link',
    schema: verifyAskSchema,
    async perform(ask, step) {
      const opened = await step('open', () => open(world, ask))
      try {
        await showChecklist(world, opened.id, step)
      } catch (error) {
        if (!(error instanceof SlackRefused)) throw error
        const words = md`:warning: I cannot post the checklist into this channel (${error.reason}). Invite me, then ask again.`
        return await step('answer', () => tellAlone(world, ask.responseUrl, words))
      }
      await step('follow', () => world.follow(opened.run, followKey(opened.run)))
    },
    gaveUp: (ask, error) => tellAlone(world, ask.responseUrl, sayRemedyGaveUp(error)),
  }
}

async function open(world: RemedyWorld & AfterRemedy, { verify, channel, askedBy }: VerifyAsk) {
  const { repository, runId, workflow, branch, attempt } = await world.runs.run(
    verify.repository,
    verify.runId,
    verify.attempt,
  )
  const run = { repository, runId, attempt }
  const id = createHash('sha256')
    .update(JSON.stringify([channel, run, askedBy]))
    .digest('base64url')
    .slice(0, 22)
  const { page, items } = checklistFor(world.runbooks, null)
  await world.store.checklists.create(
    openChecklist({
      ...{ id, channel, parentTag: null, threadTs: null, storyId: null, requestId: null, operation: null },
      ...{ repository, workflow, branch, awaits: { runId, attempt }, before: null, page, items },
      openedAt: world.now().toISOString(),
    }),
  )
  return { id, run }
}

import type { Meaning } from '../../remedy/press.ts'
import type { Mrkdwn } from '../../thread/escape.ts'
import * as say from '../../thread/remedy-wording.ts'
import { answerItem } from '../../verdict/walk.ts'
import type { Step } from '../turn.ts'
import { type ShowWorld, showChecklist } from './show.ts'
import { whoIs } from './who.ts'
import type { RemedyWorld } from './world.ts'

type Check = Omit<Extract<Meaning, { do: 'check' }>, 'do'> & {
  /** for ✗ and skip: what the person wrote; null when they wrote nothing */
  reason: string | null
}

/** A person answers an item of a checklist. Whoever belongs to the workspace may; who it was stands beside it. */
export async function answerCheck(
  world: RemedyWorld & ShowWorld,
  from: { user: { id: string; teamId: string | null } },
  check: Check,
  step: Step,
): Promise<Mrkdwn> {
  const words = await step('answer the item', () => save(world, from.user, check))
  await showChecklist(world, check.checklistId, step)
  const storyId = (await world.store.checklists.get(check.checklistId))?.storyId
  if (storyId) await world.showStory(storyId, step)
  return words
}

async function save(
  world: RemedyWorld,
  user: { id: string; teamId: string | null },
  { checklistId, item, answer, reason }: Check,
): Promise<Mrkdwn> {
  const { slack } = await whoIs(world, user)
  if (slack.bot || slack.guest || slack.stranger || slack.deleted) return say.notYours
  const checklist = await world.store.checklists.get(checklistId)
  if (checklist === null) return say.unknownButton
  const at = world.now().toISOString()
  const after = answerItem(checklist, item, { answer, by: slack.id, reason, at })
  if (after.kind === 'refused') return say.checklistClosed
  if (after.checklist !== checklist) await world.store.checklists.save(after.checklist)
  return say.answerNoted(answer)
}

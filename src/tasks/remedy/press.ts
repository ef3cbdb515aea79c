import { createHash } from 'node:crypto'
import type { Execution } from '../../remedy/execution.ts'
import { canonical } from '../../remedy/plan.ts'
import type { Meaning, Offered } from '../../remedy/press.ts'
import { remedies } from '../../remedy/remedy.ts'
import type { Request, VoteKind } from '../../remedy/request.ts'
import { type Press, pressSchema } from '../../slack/press.ts'
import type { Mrkdwn } from '../../thread/escape.ts'
import * as say from '../../thread/remedy-wording.ts'
import { requestTag } from '../../thread/request.ts'
import type { Story } from '../../thread/story.ts'
import { parentTag } from '../../thread/thread.ts'
import type { Step, Task } from '../turn.ts'
import { answerCheck } from './answer-check.ts'
import { denied } from './denied.ts'
import { ofFork } from './of-fork.ts'
import { type AddAskRemedy, type AddCarryOut, type AskRemedy, askRemedyKey, carryOutKey } from './orders.ts'
import { type ShowWorld, showRequest } from './show.ts'
import { tellAlone } from './tell-alone.ts'
import { wantedOf } from './wanted.ts'
import { type Allowed, allowed, whoIs } from './who.ts'
import type { RemedyWorld } from './world.ts'

export type PressWorld = RemedyWorld & ShowWorld & { askRemedy: AddAskRemedy; carryOut: AddCarryOut }

/** A button was pressed. Whatever it was, the person gets an answer that only they see. */
export function pressTask(world: PressWorld): Task<Press> {
  return {
    name: 'press',
    schema: pressSchema,
    async perform(press, step) {
      const meaning = await step('look it up', () => world.store.buttons.meaning(press.buttonId))
      const words = meaning === null ? say.unknownButton : await carryThrough(world, press, meaning, step)
      await step('answer', () => tellAlone(world, press.responseUrl, words))
    },
    gaveUp: (press, error) => tellAlone(world, press.responseUrl, say.sayRemedyGaveUp(error)),
  }
}

async function carryThrough(world: PressWorld, press: Press, meaning: Meaning, step: Step): Promise<Mrkdwn> {
  switch (meaning.do) {
    case 'ask':
      return ask(world, press, meaning, step)
    case 'decide':
      return decide(world, press, meaning, step)
    case 'check':
      return answerCheck(world, press, { ...meaning, reason: null }, step)
    case 'judge':
      return step('judge', () => judge(world, press, meaning))
    case 'form':
    case 'reason':
      return say.unknownButton
    default:
      return meaning satisfies never
  }
}

type Asked = Extract<Meaning, { do: 'ask' }>

/** The order is kept before it is given, so that a press that is taken up again gives the same one and no second. */
async function ask(world: PressWorld, press: Press, asked: Asked, step: Step): Promise<Mrkdwn> {
  const { order, words } = await step('ask', () => orderOf(world, press, asked))
  if (order !== null) await step('order', () => world.askRemedy(order, askRemedyKey(order)))
  return words
}

type Ordered = { order: AskRemedy | null; words: Mrkdwn }

async function orderOf(world: PressWorld, press: Press, { storyId, runId, attempt, offer }: Asked): Promise<Ordered> {
  const none = (words: Mrkdwn): Ordered => ({ order: null, words })
  const story = await world.store.stories.get(storyId)
  if (story === null || story.state === 'fixed' || story.runId !== runId || story.attempt !== attempt)
    return none(say.staleButton(story, { runId, attempt }))
  const channel = await channelOf(world, press, parentTag(story), story.channel)
  if (channel === null) return none(say.unknownButton)
  const clicker = await whoIs(world, press.user)
  const { repository } = story
  const wish = { as: 'ask', operation: offer.operation, repository, channel } as const
  const may = await allowed(world, clicker, wish)
  if (may.kind === 'refused')
    return none(say.sayPermission(await denied(world, clicker, { repository, what: offer.operation }, may)))
  const fork = await ofFork(world, offer, story)
  if (fork !== null) return none(fork)
  const like = await likeRequests(world, story, offer)
  const active = like.find(isActive)
  if (active) return none(say.alreadyAsked(active.request))
  const order: AskRemedy = {
    wish: wishOf([storyId, runId, attempt, offer, like.length]),
    wanted: wantedOf(offer, story),
    by: may.person,
    place: { channel: story.channel, threadTs: null, storyId },
    responseUrl: press.responseUrl,
  }
  return { order, words: say.onIt(remedies[offer.operation], (await world.store.switches.get()).dryRun) }
}

/**
 * Where it was pressed; null: not where the message with this button stands. The press tells a channel's id, and roles may
 * know it by the name under which we were told to post.
 */
async function channelOf(
  { store }: RemedyWorld,
  press: Press,
  tag: string,
  told: string,
): Promise<{ id: string; name: string | null } | null> {
  const standing = await store.messages.get(tag)
  if (standing?.channel !== press.channel) return null
  return { id: press.channel, name: told.startsWith('#') ? told : null }
}

type Like = { request: Request; execution: Execution | null }

/** What was asked of the same kind about this attempt before. */
async function likeRequests(world: PressWorld, story: Story, offer: Offered): Promise<Like[]> {
  const requests = await world.store.requests.ofStory(story.id)
  const like = requests.filter(
    ({ plan }) =>
      remedies[plan.operation].kind === remedies[offer.operation].kind &&
      (!('runId' in plan) || (plan.runId === story.runId && plan.attempt === story.attempt)),
  )
  return Promise.all(
    like.map(async (request) => ({ request, execution: await world.store.executions.get(request.id) })),
  )
}

/** It waits, is under way, or was done: no second one beside it. */
export function isActive({ request, execution }: Like): boolean {
  if (request.state === 'pending') return true
  if (request.state !== 'approved') return false
  if (execution === null) return true
  if (execution.state === 'done') return !execution.dryRun && 'runId' in request.plan
  return execution.state === 'intended' || execution.state === 'calling'
}

function wishOf(parts: unknown): string {
  return createHash('sha256').update(canonical(parts)).digest('hex')
}

type Decides = Extract<Meaning, { do: 'decide' }>

async function decide(
  world: PressWorld,
  press: Press,
  { requestId, planHash, vote }: Decides,
  step: Step,
): Promise<Mrkdwn> {
  const request = await world.store.requests.get(requestId)
  if (request === null) return say.unknownButton
  const channel = await channelOf(world, press, requestTag(request), request.place.channel)
  if (channel === null) return say.unknownButton
  // with a name for the click, kept before it counts: told again it is the same one
  const { may, id } = await step('who', async () => ({
    may: await mayDecide(world, press, { request, vote, channel }),
    id: world.newId(),
  }))
  if (may.kind === 'refused') return say.sayPermission(may)
  const decision = await step('decide', () =>
    world.store.requests.decide(requestId, { person: may.person, vote, planHash, id }, world.now()),
  )
  if (decision.request.state === 'approved')
    await step('carry out', () => world.carryOut({ requestId }, carryOutKey(requestId)))
  await showRequest(world, requestId, step)
  return say.decisionAnswer(decision)
}

type Deciding = { request: Request; vote: VoteKind; channel: { id: string; name: string | null } }

async function mayDecide(world: PressWorld, press: Press, { request, vote, channel }: Deciding): Promise<Allowed> {
  const { plan, requester } = request
  // who asked may take it back whatever became of their rights
  if (vote === 'cancel' && press.user.id === requester.slack) return { kind: 'allowed', person: requester }
  const clicker = await whoIs(world, press.user)
  const as = vote === 'cancel' ? 'ask' : 'approve'
  const may = await allowed(world, clicker, { as, operation: plan.operation, repository: plan.repository, channel })
  if (may.kind === 'allowed') return may
  return denied(world, clicker, { repository: plan.repository, what: `${vote} ${plan.operation}` }, may)
}

type Judged = Extract<Meaning, { do: 'judge' }>

async function judge(world: PressWorld, press: Press, { causeId, diagnosis, right }: Judged): Promise<Mrkdwn> {
  const { slack } = await whoIs(world, press.user)
  if (slack.bot || slack.stranger || slack.deleted) return say.notYours
  await world.store.feedback.judge({ causeId, diagnosis, slackId: slack.id, right, at: world.now() })
  return say.thanks(right)
}

import { createHash } from 'node:crypto'
import { approvalsNeeded } from '../../remedy/limits.ts'
import { type Plan, planHash } from '../../remedy/plan.ts'
import { remedies } from '../../remedy/remedy.ts'
import { openRequest, type Request } from '../../remedy/request.ts'
import type { Mrkdwn } from '../../thread/escape.ts'
import { sayNoPlan, sayRemedyGaveUp } from '../../thread/remedy-wording.ts'
import type { Task } from '../turn.ts'
import { makePlan } from './make-plan.ts'
import { type AddCarryOut, type AskRemedy, askRemedySchema, carryOutKey } from './orders.ts'
import { type ShowWorld, showRequest } from './show.ts'
import { tellAlone } from './tell-alone.ts'
import type { RemedyWorld } from './world.ts'

export type AskRemedyWorld = RemedyWorld & ShowWorld & { carryOut: AddCarryOut }

/** Makes the plan, asks those who have to agree, and waits until they did or the time is over. */
export function askRemedyTask(world: AskRemedyWorld): Task<AskRemedy> {
  return {
    name: 'ask-remedy',
    schema: askRemedySchema,
    async perform(ask, step, sleep) {
      const made = await step('plan', () => makePlan(world, ask.wanted))
      if (made.kind === 'none') {
        await step('answer', () => answer(world, ask, sayNoPlan(made)))
        return
      }
      const request = await step('ask', () => create(world, ask, made.plan))
      if (request.state === 'approved')
        await step('carry out', () => world.carryOut({ requestId: request.id }, carryOutKey(request.id)))
      await showRequest(world, request.id, step)
      if (request.state !== 'pending') return
      await sleep('until it expires', Date.parse(request.expiresAt) - world.now().getTime())
      const after = await step('expire', () => world.store.requests.expire(request.id, world.now()))
      if (after.state === 'expired') await showRequest(world, request.id, step)
    },
    gaveUp: (ask, error) => answer(world, ask, sayRemedyGaveUp(error)),
  }
}

async function create(world: AskRemedyWorld, { wish, by, place }: AskRemedy, plan: Plan): Promise<Request> {
  const now = world.now()
  const remedy = remedies[plan.operation]
  const { needed, ownCounts } = approvalsNeeded(world.policy, remedy)
  const id = createHash('sha256').update(wish).digest('base64url').slice(0, 22)
  const expiresAt = new Date(now.getTime() + world.policy.expiresAfterMinutes * 60_000).toISOString()
  const hash = planHash(plan)
  const request = openRequest({ id, place, plan, planHash: hash, requester: by, needed, ownCounts, expiresAt }, now)
  return world.store.requests.create(request)
}

async function answer(world: RemedyWorld, { responseUrl }: AskRemedy, words: Mrkdwn): Promise<void> {
  if (responseUrl !== null) await tellAlone(world, responseUrl, words)
}

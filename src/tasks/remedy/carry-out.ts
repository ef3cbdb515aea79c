import { createHash } from 'node:crypto'
import type { Execution } from '../../remedy/execution.ts'
import { limitsFor } from '../../remedy/limits.ts'
import { planHash } from '../../remedy/plan.ts'
import type { Request } from '../../remedy/request.ts'
import { plainNotAdmitted, wouldHave } from '../../thread/remedy-wording.ts'
import type { Step, Task } from '../turn.ts'
import { type AfterRemedy, begin } from './begin-checklist.ts'
import { makePlan } from './make-plan.ts'
import { type AddAskRemedy, type AskRemedy, askRemedyKey, type CarryOut, carryOutSchema } from './orders.ts'
import { type Outcome, told } from './outcome.ts'
import { perform } from './perform.ts'
import { type ShowWorld, showRequest } from './show.ts'
import { wantedAgain } from './wanted.ts'
import type { RemedyWorld } from './world.ts'

export type CarryOutWorld = RemedyWorld & ShowWorld & AfterRemedy & { askRemedy: AddAskRemedy }

/**
 * Carries an approved request out, once: what people agreed to is looked up again and must be the same, the request is let
 * through (lock, pause, cooldown, caps), and only then anything is called.
 */
export function carryOutTask(world: CarryOutWorld): Task<CarryOut> {
  return {
    name: 'carry-out',
    schema: carryOutSchema,
    async perform({ requestId }, step) {
      const request = await world.store.requests.get(requestId)
      if (request === null) throw new Error(`There is no request ${requestId} to carry out`)
      const seen = await step('look again', () => lookAgain(world, request))
      if (seen.kind !== 'same') {
        await step('skip', () => skip(world, request, seen.because))
        await showRequest(world, requestId, step)
        if (seen.kind === 'changed') await step('ask again', () => askAgain(world, request))
        return
      }
      const admission = await step('let through', () => admit(world, request))
      if (admission.kind === 'refused') {
        await step('skip', () => skip(world, request, plainNotAdmitted(admission)))
        return await showRequest(world, requestId, step)
      }
      const { dryRun } = admission.execution
      const outcome = dryRun ? dry(request) : await perform(world, request, step)
      const ended = await step('finish', () => finish(world, request, outcome))
      if (ended.state === 'done' && !dryRun) await begin(world, request, ended, step)
      await showRequest(world, requestId, step)
    },
    async gaveUp({ requestId }, error) {
      await giveUp(world, requestId, error)
    },
  }
}

type Seen = { kind: 'same' } | { kind: 'changed' | 'gone'; because: string }

/** The world may have moved since people agreed. */
async function lookAgain(world: RemedyWorld, request: Request): Promise<Seen> {
  const made = await makePlan(world, wantedAgain(request.plan))
  if (made.kind === 'none') return { kind: 'gone', because: made.because }
  if (planHash(made.plan) === request.planHash) return { kind: 'same' }
  return { kind: 'changed', because: 'What was agreed to has changed since, so nothing was done.' }
}

async function admit(world: RemedyWorld, request: Request) {
  const now = world.now()
  return world.store.executions.admit(request.id, limitsFor(world.policy, request, now), now)
}

function dry({ plan }: Request): Outcome {
  return { outcome: 'done', result: told(wouldHave(plan)) }
}

async function skip(world: RemedyWorld, { id }: Request, because: string): Promise<null> {
  await world.store.executions.skip(id, told(because), world.now())
  return null
}

/** A rebuild's lock is held until its run has ended: one at a time for a branch. */
async function finish(world: RemedyWorld, { id, plan }: Request, { outcome, result }: Outcome): Promise<Execution> {
  const keepLock =
    plan.operation === 'rebuild' && outcome !== 'failed'
      ? { keepLock: new Date(world.now().getTime() + longestRunMs) }
      : {}
  return world.store.executions.finish(id, outcome, result, world.now(), keepLock)
}

/** GitHub's own limit for a job on hosted runners. */
const longestRunMs = 6 * 3_600_000

/** The new preview, with the same requester; nobody has agreed to it yet. */
async function askAgain({ askRemedy }: CarryOutWorld, { id, plan, requester, place }: Request): Promise<null> {
  const wish = createHash('sha256').update(`again ${id}`).digest('hex')
  const ask: AskRemedy = { wish, wanted: wantedAgain(plan), by: requester, place, responseUrl: null }
  await askRemedy(ask, askRemedyKey(ask))
  return null
}

async function giveUp(world: CarryOutWorld, requestId: string, error: unknown): Promise<void> {
  const { executions } = world.store
  const because = error instanceof Error ? error.message : String(error)
  const execution = await executions.get(requestId)
  if (execution === null || execution.state === 'intended') {
    const words = `Nothing was done, and I gave up trying: ${because}`
    if (execution === null) await executions.skip(requestId, told(words), world.now())
    else await executions.finish(requestId, 'failed', told(words), world.now())
  } else if (execution.endedAt === null) {
    const words = `I gave up, and it may be done in part: ${because}`
    await executions.finish(requestId, 'unclear', told(words), world.now())
  }
  await showRequest(world, requestId, atOnce)
}

const atOnce: Step = (_, perform) => perform()

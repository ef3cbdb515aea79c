import { describe, expect, test } from 'vitest'
import { localPolicy } from '../../src/config/remedies.ts'
import { type Plan, planHash } from '../../src/remedy/plan.ts'
import { openRequest } from '../../src/remedy/request.ts'
import type { Press } from '../../src/slack/press.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import type { AskRemedy } from '../../src/tasks/remedy/orders.ts'
import { told } from '../../src/tasks/remedy/outcome.ts'
import { type PressWorld, pressTask } from '../../src/tasks/remedy/press.ts'
import type { Step } from '../../src/tasks/turn.ts'
import { parentTag } from '../../src/thread/thread.ts'
import { story } from '../thread/examples.ts'

const now = new Date('2026-11-22T02:00:00Z')
const shown = story()
const { repository, branch, runId, attempt } = shown
const plan: Plan = { operation: 'rerun-failed', repository, branch, runId, attempt, debug: false }

describe('a press that was cut off when a step of it was done, and taken up when its remedy had already ended', () => {
  // one more than it has: the last one cuts nothing off
  test.each([1, 2, 3, 4, 5])('asks for one remedy, cut off after step %i', async (last) => {
    await using store = await openStore('sqlite::memory:')
    const buttonId = await shownButton(store)
    const orders = new Map<string, AskRemedy>()
    const task = pressTask(worldOf(store, async (order, key) => void orders.set(key, order)))
    const press: Press = {
      ...{ buttonId, user: { id: 'U1', teamId: null }, channel: 'C1', messageTs: '1.1' },
      responseUrl: 'https://hooks.slack.example/1',
    }
    const kept = new Map<string, unknown>()
    await task.perform(press, cutOffAfter(last, kept), noSleep).catch((error: unknown) => {
      if (!(error instanceof CutOff)) throw error
    })
    for (const order of orders.values()) await endedOtherwise(store, order)
    await task.perform(press, cutOffAfter(Number.POSITIVE_INFINITY, kept), noSleep)
    expect([...orders.keys()]).toHaveLength(1)
  })
})

class CutOff extends Error {}

/** Performs what was not kept, and dies when so many steps were performed, before the last one is kept. */
function cutOffAfter(last: number, kept: Map<string, unknown>): Step {
  let performed = 0
  return async <T>(name: string, perform: () => Promise<T>) => {
    if (kept.has(name)) return kept.get(name) as T
    const result = await perform()
    if (++performed === last) throw new CutOff()
    kept.set(name, JSON.parse(JSON.stringify(result ?? null)))
    return result
  }
}

const noSleep = () => Promise.reject(new Error('a press does not sleep'))

async function shownButton(store: Store): Promise<string> {
  await store.links.set({ slackId: 'U1', githubLogin: 'octo-admin', githubId: 1, now })
  await store.stories.create(shown)
  await store.messages.posted(parentTag(shown), { channel: 'C1', ts: '1.1', hash: 'h' })
  const offer = { operation: 'rerun-failed', debug: false } as const
  return await store.buttons.idFor('k', { do: 'ask', storyId: shown.id, runId, attempt, offer }, now)
}

/** GitHub would not do it: then it can be asked for again, by another press. */
async function endedOtherwise(store: Store, { by: requester, place, wish }: AskRemedy): Promise<void> {
  const expiresAt = new Date(now.getTime() + 3_600_000).toISOString()
  const asked = { id: wish.slice(0, 22), place, plan, planHash: planHash(plan), requester, needed: 0, ownCounts: false }
  const request = await store.requests.create(openRequest({ ...asked, expiresAt }, now))
  await store.executions.skip(request.id, told('Nothing was done.'), now)
}

/** Only what a press for a re-run asks of it. */
function worldOf(store: Store, askRemedy: PressWorld['askRemedy']): PressWorld {
  const world: Partial<PressWorld> = {
    store,
    askRemedy,
    policy: localPolicy,
    people: async (id) => ({ id, bot: false, guest: false, stranger: false, deleted: false }),
    respond: async () => {},
    now: () => now,
  }
  const github: Partial<PressWorld['github']> = {
    personById: async () => 'octo-admin',
    personAccess: async () => ({ access: 'admin', login: 'octo-admin', id: 1 }),
  }
  return { ...world, github } as PressWorld
}

import { WebClient } from '@slack/web-api'
import { expect, test } from 'vitest'
import { planWaterfall } from '../../src/chart/plan.ts'
import { startLocalSlack } from '../../src/playground/slack.ts'
import { clientOptions } from '../../src/slack/client.ts'
import { type PostedMessages, poster } from '../../src/slack/poster.ts'
import { uploadTo } from '../../src/slack/uploads.ts'
import { openStore } from '../../src/store/store.ts'
import { type PictureOrder, pictureTask } from '../../src/tasks/picture.ts'
import type { Step } from '../../src/tasks/turn.ts'
import { large } from '../chart/builds.ts'
import { noSleep } from '../support/diagnose-world.ts'
import { later, start } from '../thread/examples.ts'

/** The task with a real store, before a local Slack; steps are kept as the engine keeps them. */
async function startTask() {
  const parts = new AsyncDisposableStack()
  const slack = parts.use(await startLocalSlack({ channels: ['builds'] }))
  const store = parts.use(await openStore('sqlite::memory:'))
  const client = new WebClient(slack.botToken, clientOptions(slack.apiUrl))
  const clock = { now: start }
  const kept = new Map<string, unknown>()
  const step: Step = async (name, perform) => {
    if (!kept.has(name)) kept.set(name, await perform())
    return kept.get(name) as Awaited<ReturnType<typeof perform>>
  }
  const taskWith = (messages: PostedMessages) => {
    const posts = poster({ client, messages, now: () => clock.now, leaseMs: 20_000 })
    const upload = uploadTo({ client, apiUrl: slack.apiUrl })
    return { posts, ...pictureTask({ store, poster: posts, upload, logger: { warn() {} } }) }
  }
  const question = await slack.say('why?')
  const channel = await slack.channelId('builds')
  const { build, times } = large()
  const waterfall = planWaterfall(build, times, 'acme/web')
  if (!waterfall) throw new Error('nothing to draw')
  const order: PictureOrder = { of: 'answer', channel, threadTs: question.ts, tag: 'ask:1', waterfall }
  const words = { tag: 'ask:1', parent: null, text: 'Failed', blocks: [] }
  const shown = async () => (await slack.thread('builds', question.ts)).filter(({ text }) => /^Waterfall/.test(text))
  const answer = () => taskWith(store.messages).posts.deliver(words, { channel, threadTs: question.ts })
  return {
    ...{ slack, store, clock, kept, step, taskWith, order, shown, answer },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
}

test('a process that died after the upload shows the picture that it uploaded', async () => {
  await using at = await startTask()
  await at.answer()
  at.slack.failNext({ method: 'chat.postMessage', status: 503 })
  await expect(at.taskWith(at.store.messages).perform(at.order, at.step, noSleep)).rejects.toThrow()
  await at.taskWith(at.store.messages).perform(at.order, at.step, noSleep)
  expect(at.slack.pictures.size).toBe(1)
  expect(await at.shown()).toHaveLength(1)
})

test('a process that died between the post and its note leaves one picture, which the next one finds', async () => {
  await using at = await startTask()
  await at.answer()
  const forgetful = { ...at.store.messages, posted: () => new Promise<void>(() => {}) }
  void at.taskWith(forgetful).perform(at.order, at.step, noSleep)
  await expect.poll(at.shown, { timeout: 5_000 }).toHaveLength(1)
  at.clock.now = later(1)
  await at.taskWith(at.store.messages).perform(at.order, at.step, noSleep)
  expect(await at.shown()).toHaveLength(1)
  expect(await at.store.messages.get('ask:1:picture')).not.toBeNull()
})

test('what stands already is neither drawn nor uploaded again', async () => {
  await using at = await startTask()
  await at.answer()
  await at.taskWith(at.store.messages).perform(at.order, at.step, noSleep)
  at.kept.clear()
  await at.taskWith(at.store.messages).perform(at.order, at.step, noSleep)
  expect(at.slack.pictures.size).toBe(1)
})

test('until Slack has read the picture it waits, and does not show less', async () => {
  await using at = await startTask()
  await at.answer()
  at.slack.failNext({ method: 'chat.postMessage', error: 'invalid_blocks' })
  await expect(at.taskWith(at.store.messages).perform(at.order, at.step, noSleep)).rejects.toMatchObject({
    code: 'slack-unavailable',
    retryAfterMs: 2_000,
  })
  expect(await at.shown()).toEqual([])
  await at.taskWith(at.store.messages).perform(at.order, at.step, noSleep)
  expect(await at.shown()).toHaveLength(1)
})

test('where the words went to a person alone there is no picture', async () => {
  await using at = await startTask()
  await at.taskWith(at.store.messages).perform(at.order, at.step, noSleep)
  expect(at.slack.pictures.size).toBe(0)
})

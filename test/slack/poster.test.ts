import { WebClient } from '@slack/web-api'
import { describe, expect, test } from 'vitest'
import { startLocalSlack } from '../../src/playground/slack.ts'
import { clientOptions } from '../../src/slack/client.ts'
import { SlackRefused, SlackUnavailable } from '../../src/slack/failure.ts'
import { type PostedMessages, poster } from '../../src/slack/poster.ts'
import { planThread } from '../../src/thread/thread.ts'
import type { WantedMessage } from '../../src/thread/wanted.ts'
import { later, start, story } from '../thread/examples.ts'
import { memoryMessages } from './support.ts'

const message = (over: Partial<WantedMessage> = {}): WantedMessage => ({
  tag: 'story:1',
  parent: null,
  text: 'Failed: acme/web',
  blocks: [{ type: 'section', text: { type: 'mrkdwn', text: '*Failed*' } }],
  ...over,
})
const reply = message({ tag: 'story:1:details', parent: 'story:1', text: 'Details', blocks: [] })

/** A poster at a local Slack, with a clock that stands. */
async function startPoster(messages: PostedMessages = memoryMessages()) {
  const slack = await startLocalSlack({ channels: ['builds'], foreignChannels: ['secrets'] })
  const clock = { now: start }
  const client = new WebClient(slack.botToken, clientOptions(slack.apiUrl))
  const channel = await slack.channelId('builds')
  const open = () => poster({ client, messages, now: () => clock.now, leaseMs: 20_000 })
  return { slack, clock, channel, messages, open, posts: open(), [Symbol.asyncDispose]: slack.close }
}

const methods = (slack: Awaited<ReturnType<typeof startLocalSlack>>) =>
  slack.calls.map(({ method }) => method).filter((method) => method.startsWith('chat.'))

test('a new message is posted, an unchanged one left alone, a changed one updated in place', async () => {
  await using at = await startPoster()
  const { ts } = await at.posts.deliver(message(), at)
  expect(await at.posts.deliver(message(), at)).toEqual({ channel: at.channel, ts })
  expect(methods(at.slack)).toEqual(['chat.postMessage'])
  expect(await at.posts.deliver(message({ text: 'Fixed: acme/web' }), at)).toEqual({ channel: at.channel, ts })
  const [standing, ...more] = await at.slack.postedMessages('builds')
  expect(standing).toMatchObject({
    ts,
    text: 'Fixed: acme/web',
    metadata: { event_type: 'layerwise', event_payload: { tag: 'story:1' } },
  })
  expect(more).toEqual([])
})

test('replies go into the thread of their parent, and one that is broadcast says so', async () => {
  await using at = await startPoster()
  await at.posts.deliverAll(
    [message(), reply, message({ tag: 'story:1:fixed', parent: 'story:1', text: 'Fixed', broadcast: true })],
    at,
  )
  const [parent] = await at.slack.postedMessages('builds')
  const replies = await at.slack.thread('builds', parent?.ts ?? '')
  expect(replies).toMatchObject([{ text: 'Details' }, { text: 'Fixed', reply_broadcast: true }])
})

test('an answer goes into the thread where somebody asked, whole', async () => {
  await using at = await startPoster()
  const question = await at.slack.say('why?')
  await at.posts.deliverAll([message(), reply], { channel: at.channel, threadTs: question.ts })
  expect(await at.slack.thread('builds', question.ts)).toMatchObject([
    { text: 'Failed: acme/web' },
    { text: 'Details' },
  ])
})

test('a reply whose parent does not stand yet waits for it', async () => {
  await using at = await startPoster()
  await expect(at.posts.deliver(reply, at)).rejects.toThrow(SlackUnavailable)
  await at.posts.deliver(message(), at)
  await at.posts.deliver(reply, at)
  expect(await at.slack.postedMessages('builds')).toHaveLength(1)
})

test('the thread of a real story passes under the scopes of the manifest', async () => {
  await using at = await startPoster()
  await at.posts.deliverAll(planThread({ story: story() }), at)
  const [parent] = await at.slack.postedMessages('builds')
  expect(parent?.blocks).toHaveLength(5)
  expect(await at.slack.thread('builds', parent?.ts ?? '')).toHaveLength(1)
})

describe('when Slack is not at its best', () => {
  test('a 429 says how long to wait, and the next try posts once', async () => {
    await using at = await startPoster()
    at.slack.failNext({ method: 'chat.postMessage', status: 429, retryAfter: 7 })
    await expect(at.posts.deliver(message(), at)).rejects.toMatchObject({
      code: 'slack-unavailable',
      retryAfterMs: 7_000,
    })
    await at.posts.deliver(message(), at)
    expect(await at.slack.postedMessages('builds')).toHaveLength(1)
  })

  test.each([{ status: 503 }, { error: 'internal_error' }])(
    'an outage is an error to try again after (%o)',
    async (outage) => {
      await using at = await startPoster()
      at.slack.failNext({ method: 'chat.postMessage', ...outage })
      await expect(at.posts.deliver(message(), at)).rejects.toBeInstanceOf(SlackUnavailable)
      await at.posts.deliver(message(), at)
      expect(methods(at.slack)).toHaveLength(2)
    },
  )

  test('a post whose answer is lost does not stand twice after the next try', async () => {
    await using at = await startPoster()
    at.slack.failNext({ method: 'chat.postMessage', lost: true })
    await expect(at.posts.deliver(message(), at)).rejects.toBeInstanceOf(SlackUnavailable)
    expect(await at.slack.postedMessages('builds')).toHaveLength(1)
    await at.posts.deliver(message(), at)
    expect(await at.slack.postedMessages('builds')).toHaveLength(1)
  })

  test('a process that died between post and note leaves one message, which the next one finds', async () => {
    const messages = memoryMessages()
    const forgetful = { ...messages, posted: () => new Promise<void>(() => {}) }
    await using at = await startPoster(forgetful)
    void at.posts.deliver(message(), at)
    await expect.poll(() => at.slack.postedMessages('builds')).toHaveLength(1)

    const next = poster({
      client: new WebClient(at.slack.botToken, clientOptions(at.slack.apiUrl)),
      messages,
      now: () => at.clock.now,
      leaseMs: 20_000,
    })
    await expect(next.deliver(message(), at)).rejects.toMatchObject({ code: 'slack-unavailable', retryAfterMs: 1_000 })
    at.clock.now = later(1)
    const { ts } = await next.deliver(message(), at)
    expect(await at.slack.postedMessages('builds')).toMatchObject([{ ts }])
    expect(await messages.get('story:1')).toMatchObject({ ts })
  })

  test('two that deliver the same message at once post it once', async () => {
    await using at = await startPoster()
    const [one, other] = await Promise.all([at.posts.deliver(message(), at), at.open().deliver(message(), at)])
    expect(other).toEqual(one)
    expect(methods(at.slack)).toHaveLength(1)
  })
})

describe('when Slack refuses', () => {
  const section = (id: string, size: number) => ({
    type: 'section' as const,
    block_id: id,
    text: { type: 'mrkdwn' as const, text: 'x'.repeat(size) },
  })
  const long = message({ blocks: [section('a', 2_900), section('b', 2_900), section('c', 900)] })

  test.each(['msg_blocks_too_long', 'invalid_blocks'])('the whole message (%s), it is said shorter', async (error) => {
    await using at = await startPoster()
    at.slack.failNext({ method: 'chat.postMessage', error })
    await at.posts.deliver(long, at)
    const [standing] = await at.slack.postedMessages('builds')
    expect(standing?.blocks).toMatchObject([{ block_id: 'a' }, { block_id: 'c' }])
  })

  test('every block, the line alone is said, and not said again', async () => {
    await using at = await startPoster()
    at.slack.failNext({ method: 'chat.postMessage', error: 'invalid_blocks', times: 2 })
    await at.posts.deliver(long, at)
    await at.posts.deliver(long, at)
    expect(methods(at.slack)).toHaveLength(3)
    const [standing] = await at.slack.postedMessages('builds')
    expect(standing).toMatchObject({ text: 'Failed: acme/web' })
    expect(standing?.blocks).toBeUndefined()
  })

  test('a channel without the bot, the error says what to do', async () => {
    await using at = await startPoster()
    const place = { channel: await at.slack.channelId('secrets') }
    await expect(at.posts.deliver(message(), place)).rejects.toThrow(
      'posting story:1: not_in_channel (invite the bot to the channel)',
    )
    await expect(at.posts.deliver(message(), place)).rejects.toBeInstanceOf(SlackRefused)
  })

  test('an update of a message that somebody deleted, it stays deleted', async () => {
    await using at = await startPoster()
    await at.posts.deliver(message(), at)
    at.slack.failNext({ method: 'chat.update', error: 'message_not_found' })
    await at.posts.deliver(message({ text: 'Fixed' }), at)
    await at.posts.deliver(message({ text: 'Fixed' }), at)
    expect(methods(at.slack)).toEqual(['chat.postMessage', 'chat.update'])
  })
})

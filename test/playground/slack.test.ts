import { WebClient } from '@slack/web-api'
import { describe, expect, test } from 'vitest'
import { printMessage, printThread } from '../../src/playground/print-thread.ts'
import { startLocalSlack } from '../../src/playground/slack.ts'
import { clientOptions } from '../../src/slack/client.ts'

async function start() {
  const slack = await startLocalSlack({ channels: ['builds'], foreignChannels: ['private'] })
  const client = new WebClient(slack.botToken, clientOptions(slack.apiUrl))
  return { slack, client, channel: await slack.channelId('builds'), [Symbol.asyncDispose]: slack.close }
}

describe('the local Slack', () => {
  test('posts one message for one client_msg_id', async () => {
    await using at = await start()
    const post = { channel: at.channel, text: 'hello', client_msg_id: 'one' }
    const [first, second] = [await at.client.chat.postMessage(post), await at.client.chat.postMessage(post)]
    expect(second.ts).toBe(first.ts)
    expect(await at.slack.postedMessages('builds')).toHaveLength(1)
  })

  test('refuses a method whose scope the manifest does not ask for', async () => {
    await using at = await start()
    await expect(at.client.conversations.history({ channel: at.channel })).rejects.toThrow('missing_scope')
    await expect(at.client.team.info({})).rejects.toThrow('missing_scope')
  })

  test('refuses a token it did not give out, and a channel without the bot', async () => {
    await using at = await start()
    const stranger = new WebClient('xoxb-someone-else', clientOptions(at.slack.apiUrl))
    await expect(stranger.auth.test()).rejects.toThrow('invalid_auth')
    const foreign = await at.slack.channelId('private')
    await expect(at.client.chat.postMessage({ channel: foreign, text: 'x' })).rejects.toThrow('not_in_channel')
  })

  test('takes a channel by name as Slack does, and answers with its id', async () => {
    await using at = await start()
    for (const channel of ['builds', '#builds']) {
      expect(await at.client.chat.postMessage({ channel, text: 'x' })).toMatchObject({ channel: at.channel })
    }
    expect(await at.slack.postedMessages('#builds')).toHaveLength(2)
  })

  test('refuses what Slack finds too long', async () => {
    await using at = await start()
    const section = (size: number) => ({
      type: 'section' as const,
      text: { type: 'mrkdwn' as const, text: 'x'.repeat(size) },
    })
    const post = (blocks: ReturnType<typeof section>[]) =>
      at.client.chat.postMessage({ channel: at.channel, text: 'x', blocks })
    await expect(post([section(3001)])).rejects.toThrow('invalid_blocks')
    await expect(post(Array.from({ length: 5 }, () => section(2900)))).rejects.toThrow('msg_blocks_too_long')
  })

  test('shows its channels to a browser', async () => {
    await using at = await start()
    await at.client.chat.postMessage({ channel: at.channel, text: 'a message to look at' })
    const page = await fetch(at.slack.page)
    expect(page.headers.get('content-type')).toContain('text/html')
    expect(await page.text()).toContain('a message to look at')
  })

  test('lets a bot in by Socket Mode with its app token only', async () => {
    await using at = await start()
    const open = (token: string) => new WebClient(token, clientOptions(at.slack.apiUrl)).apps.connections.open({})
    await expect(open(at.slack.botToken)).rejects.toThrow('invalid_auth')
    expect((await open(at.slack.appToken)).url).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/link\?ticket=/)
  })
})

test('a message prints as a person reads it', () => {
  const blocks = [
    {
      type: 'section',
      text: {
        type: 'mrkdwn',
        text: ':red_circle: *Failed*: <https://github.com/a/b|a/b> &amp; `x*y*z`\n```\n 1: a &lt; b\n```',
      },
    },
    { type: 'divider' },
    {
      type: 'context',
      elements: [
        { type: 'mrkdwn', text: '<!date^1^{date}|today>' },
        { type: 'mrkdwn', text: 'run 7' },
      ],
    },
  ]
  expect(printMessage({ ts: '1', text: 'fallback', blocks })).toBe(
    [
      '🔴 Failed: a/b <https://github.com/a/b> & `x*y*z`',
      '     1: a < b',
      '',
      '─'.repeat(40),
      '',
      '(today run 7)',
    ].join('\n'),
  )
  expect(printThread({ ts: '1', text: 'what &amp; where' }, [{ ts: '2', text: 'fixed', reply_broadcast: true }])).toBe(
    'what & where\n\n  │ (also sent to the channel)\n  │ fixed',
  )
})

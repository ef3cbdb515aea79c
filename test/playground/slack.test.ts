import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
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

const plain = (text: string) => ({ type: 'plain_text' as const, text })
const button = (id: string, text: string) => ({
  ...{ type: 'button' as const, action_id: id, text: plain(text), value: `value-of-${id}` },
})
const menu = (count: number) => ({
  type: 'overflow' as const,
  action_id: 'more',
  options: Array.from({ length: count }, (_, index) => ({ text: plain(`Line ${index}`), value: `line-${index}` })),
})
const confirm = {
  title: plain('Sure?'),
  text: plain('It takes a build.'),
  confirm: plain('Rebuild'),
  deny: plain('No'),
}

describe('buttons at the local Slack', () => {
  type Elements = (ReturnType<typeof button> | ReturnType<typeof menu> | object)[]
  const actions = (elements: Elements) => [{ type: 'actions' as const, block_id: 'b', elements }] as never

  test.each([
    ['two of one id', [button('a', 'A'), button('a', 'B')]],
    ['more than 25', Array.from({ length: 26 }, (_, index) => button(`a${index}`, 'A'))],
    ['none', []],
    ['a text of 76 characters', [button('a', 'x'.repeat(76))]],
    ['a value of 2,001 characters', [{ ...button('a', 'A'), value: 'x'.repeat(2_001) }]],
    ['a menu of six', [menu(6)]],
    ['a question of 301 characters', [{ ...button('a', 'A'), confirm: { ...confirm, text: plain('x'.repeat(301)) } }]],
    ['an answer of 31 characters', [{ ...button('a', 'A'), confirm: { ...confirm, confirm: plain('x'.repeat(31)) } }]],
  ])('are refused: %s', async (_, elements) => {
    await using at = await start()
    const post = at.client.chat.postMessage({ channel: at.channel, text: 'x', blocks: actions(elements) })
    await expect(post).rejects.toThrow('invalid_blocks')
  })

  test('are found by what is on them, as the message stands now', async () => {
    await using at = await start()
    const elements = [{ ...button('a', 'Rebuild'), confirm }, menu(5)]
    const { ts = '' } = await at.client.chat.postMessage({ channel: at.channel, text: 'x', blocks: actions(elements) })
    const heard: unknown[] = []
    await using bot = await listening(heard)
    at.slack.botAt(bot.url)
    await at.slack.press({ message: { ts }, label: 'Line 4' })
    await at.slack.as('U0PERSON02').press({ message: { ts }, actionId: 'a' })
    expect(heard).toMatchObject([
      {
        type: 'block_actions',
        user: { id: 'U0PERSON01', team_id: 'T000000001' },
        container: { type: 'message', message_ts: ts, channel_id: at.channel },
        message: { ts, text: 'x' },
        actions: [{ type: 'overflow', block_id: 'b', selected_option: { value: 'line-4' } }],
      },
      { user: { id: 'U0PERSON02' }, actions: [{ type: 'button', value: 'value-of-a' }] },
    ])
    await at.client.chat.update({ channel: at.channel, ts, text: 'done', blocks: actions([button('b', 'Again')]) })
    await expect(at.slack.press({ message: { ts }, label: 'Rebuild' })).rejects.toThrow(
      'in the message there are: Again',
    )
  })
})

describe('forms at the local Slack', () => {
  const field = {
    type: 'input' as const,
    block_id: 'f',
    label: plain('F'),
    element: { type: 'plain_text_input' as const, action_id: 'f' },
  }
  const view = { type: 'modal' as const, callback_id: 'c', title: plain('T'), submit: plain('Go'), blocks: [field] }
  const clicked = async (at: Awaited<ReturnType<typeof start>>) => {
    await using bot = await listening([])
    at.slack.botAt(bot.url)
    const trigger_id = `T${Math.random()}`
    await at.slack.command('x', { triggerId: trigger_id })
    return trigger_id
  }

  test('open once, within three seconds of a click', async () => {
    await using at = await start()
    const trigger_id = await clicked(at)
    await at.client.views.open({ trigger_id, view })
    await expect(at.client.views.open({ trigger_id, view })).rejects.toThrow('exchanged_trigger_id')
    const late = await clicked(at)
    at.slack.expireTriggers()
    await expect(at.client.views.open({ trigger_id: late, view })).rejects.toThrow('expired_trigger_id')
    await expect(at.client.views.open({ trigger_id: 'guessed', view })).rejects.toThrow('invalid_trigger_id')
    expect(at.slack.modals).toMatchObject([{ user: 'U0PERSON01', view: { callback_id: 'c' } }])
  })

  test.each([
    ['a title of 25 characters', { title: plain('x'.repeat(25)) }],
    ['3,001 characters of metadata', { private_metadata: 'x'.repeat(3_001) }],
    ['101 blocks', { blocks: Array.from({ length: 101 }, (_, index) => ({ ...field, block_id: `f${index}` })) }],
    ['a block_id twice', { blocks: [field, field] }],
    ['an input without a way to send it', { submit: undefined }],
  ])('are refused with %s', async (_, wrong) => {
    await using at = await start()
    const open = at.client.views.open({ trigger_id: await clicked(at), view: { ...view, ...wrong } as never })
    await expect(open).rejects.toThrow('invalid_arguments')
  })

  test('take what a person could type, and nothing else', async () => {
    await using at = await start()
    await at.client.views.open({ trigger_id: await clicked(at), view })
    const [modal] = at.slack.modals
    if (!modal) throw new Error('none is open')
    await expect(async () => at.slack.submit(modal, { g: 'x' })).rejects.toThrow('the form has no g; it has f')
    await expect(async () => at.slack.submit(modal, {})).rejects.toThrow('the form wants f')
    await expect(async () => at.slack.submit(modal, { f: 'x'.repeat(3_001) })).rejects.toThrow('3000 characters')
  })
})

/** A bot that takes everything and keeps the payloads. */
async function listening(heard: unknown[]) {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const payload = new URLSearchParams(Buffer.concat(chunks).toString()).get('payload')
    if (payload !== null) heard.push(JSON.parse(payload))
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = () => {
    server.closeAllConnections()
    return new Promise<void>((resolve) => server.close(() => resolve()))
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, [Symbol.asyncDispose]: close }
}

test('buttons print as a person sees them', () => {
  const thumbs = {
    type: 'feedback_buttons',
    positive_button: { text: plain('Right') },
    negative_button: { text: plain('Wrong') },
  }
  const blocks = [
    { type: 'actions', elements: [button('a', 'Re-run failed jobs'), button('b', 'Rebuild'), menu(2)] },
    { type: 'context_actions', elements: [thumbs] },
  ]
  expect(printMessage({ ts: '1', text: 'x', blocks })).toBe(
    '[Re-run failed jobs] [Rebuild] [… Line 0 | Line 1]\n\n[Right] [Wrong]',
  )
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

import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { printMessage } from '../../src/playground/print-thread.ts'
import type { PrivateAnswer } from '../../src/playground/slack.ts'
import { startBot } from './support.ts'

const link = 'https://github.com/acme/web/actions/runs/901'
const run901 = { repository: 'acme/web', runId: 901, attempt: null, jobId: null }
const read = (answer: PrivateAnswer | undefined) => (answer ? printMessage({ ts: '', ...answer }) : '')

describe.each(['http', 'socket'] as const)('over %s', (door) => {
  test('/cache help lists what can be asked, to the person alone', async () => {
    await using bot = await startBot(door)
    const { status } = await bot.slack.command('help')
    expect(status).toBe(200)
    expect(read(bot.slack.answers[0])).toContain('`/cache debug [repository|link|#PR]`: says why the build failed')
    expect(await bot.slack.postedMessages('builds')).toEqual([])
    await bot.slack.command('')
    expect(bot.slack.answers[1]).toEqual(bot.slack.answers[0])
  })

  test('/cache debug with a link says at once what is read and asks for it', async () => {
    await using bot = await startBot(door)
    await bot.slack.command(`debug <${link}/attempts/2|run>`, { triggerId: 'T1' })
    expect(read(bot.slack.answers[0])).toBe('Reading the log of acme/web run 901. The answer comes here in a moment.')
    expect(bot.asked).toEqual([
      {
        key: 'slack:trigger:T1',
        ask: {
          links: [{ ...run901, attempt: 2 }],
          replyTo: {
            kind: 'response',
            url: expect.stringContaining('/response/'),
            channel: await bot.slack.channelId('builds'),
            user: 'U0PERSON01',
          },
          askedBy: 'U0PERSON01',
        },
      },
    ])
  })

  test('/cache debug without a good link says what a good one looks like', async () => {
    await using bot = await startBot(door)
    await bot.slack.command('debug https://evil.example/acme/<!channel>')
    expect(read(bot.slack.answers[0])).toContain(
      'is nothing I can follow.\nName a repository, a branch or a pull request: `/cache debug acme/web`',
    )
    expect(bot.slack.answers[0]?.text).toContain('&lt;!channel&gt;')
    expect(bot.asked).toEqual([])
  })

  test('an unknown subcommand is answered with the nearest one', async () => {
    await using bot = await startBot(door)
    await bot.slack.command('debgu x')
    expect(read(bot.slack.answers[0])).toMatch(
      /^There is no `\/cache debgu`\.\n• `\/cache debug \[repository\|link\|#PR\]`: [^\n]+$/,
    )
    await bot.slack.command('frobnicate')
    expect(read(bot.slack.answers[1])).toContain('`/cache help`')
  })

  test('the same command delivered twice is one task and one answer', async () => {
    await using bot = await startBot(door)
    await bot.slack.command(`debug ${link}`, { triggerId: 'T7' })
    expect((await bot.slack.command(`debug ${link}`, { triggerId: 'T7' })).status).toBe(200)
    expect(bot.asked).toHaveLength(1)
    expect(bot.slack.answers).toHaveLength(1)
  })

  test('when the task cannot be written down, the person hears so', async () => {
    await using bot = await startBot(door)
    bot.storeDown.value = true
    await bot.slack.command(`debug ${link}`, { triggerId: 'T8' })
    expect(read(bot.slack.answers[0])).toContain('nothing was started')
    bot.storeDown.value = false
    await bot.slack.command(`debug ${link}`, { triggerId: 'T8' })
    expect(bot.asked).toHaveLength(1)
  })

  test('"Explain this build" finds the link wherever it stands in the message and answers in its thread', async () => {
    await using bot = await startBot(door)
    const message = await bot.slack.say('CI failed')
    await bot.slack.shortcut({ ...message, attachments: [{ title: 'Run failed', title_link: `${link}/job/7` }] })
    await expect.poll(() => read(bot.slack.answers[0])).toContain('The answer comes in the thread of that message')
    expect(bot.asked[0]?.ask).toMatchObject({
      links: [{ ...run901, jobId: 7 }],
      replyTo: { kind: 'thread', ts: message.ts, responseUrl: expect.stringContaining('/response/') },
    })
  })

  test('"Explain this build" on a message without a link says so, to the person alone', async () => {
    await using bot = await startBot(door)
    await bot.slack.shortcut(await bot.slack.say('good morning'))
    await expect.poll(() => read(bot.slack.answers[0])).toContain('There is no link to a run in that message.')
    expect(bot.asked).toEqual([])
  })

  test('of many links the first ones are read, and it says so', async () => {
    await using bot = await startBot(door)
    await bot.slack.command(`debug ${link} ${link}/job/1 ${link}/job/2`)
    expect(bot.asked[0]?.ask.links).toHaveLength(2)
    expect(read(bot.slack.answers[0])).toContain('Only the first 2 of 3 links.')
  })

  test('a button that nobody knows any more is answered', async () => {
    await using bot = await startBot(door)
    await bot.slack.pressRaw({ action_id: 'rerun', value: 'forged' })
    await expect.poll(() => read(bot.slack.answers[0])).toContain('Nothing was done.')
    expect(bot.asked).toEqual([])
  })

  test('a mention with a link asks for an answer in its thread, and says nothing meanwhile', async () => {
    await using bot = await startBot(door)
    const { message, knocked } = await bot.slack.mention(`what happened in <${link}>?`, { eventId: 'Ev1' })
    expect(knocked.status).toBe(200)
    expect(bot.asked).toMatchObject([
      {
        key: 'slack:event:Ev1',
        ask: { links: [run901], replyTo: { kind: 'thread', ts: message.ts, responseUrl: null } },
      },
    ])
    expect(await bot.slack.thread('builds', message.ts)).toEqual([])
  })

  test('a mention without a link is told what to do, once however often Slack delivers it', async () => {
    await using bot = await startBot(door)
    const { message } = await bot.slack.mention('hello', { eventId: 'Ev2' })
    await bot.slack.mention('hello', { eventId: 'Ev2', again: message })
    const replies = await bot.slack.thread('builds', message.ts)
    expect(replies.map(({ text }) => text)).toEqual([expect.stringContaining('it has no link to a run')])
  })

  test('a mention that another process has dealt with is acknowledged and not heard again', async () => {
    await using bot = await startBot(door, { seen: new Set(['slack:event:Ev4']) })
    expect((await bot.slack.mention(`<${link}>`, { eventId: 'Ev4' })).knocked.status).toBe(200)
    const { message } = await bot.slack.mention('hello', { eventId: 'Ev4' })
    expect(bot.asked).toEqual([])
    expect(await bot.slack.thread('builds', message.ts)).toEqual([])
  })

  test('a mention whose task could not be written down is taken when Slack sends it again', async () => {
    await using bot = await startBot(door)
    bot.storeDown.value = true
    setTimeout(() => Object.assign(bot.storeDown, { value: false }), 60)
    const { knocked } = await bot.slack.mention(`<${link}>`, { eventId: 'Ev3' })
    expect(knocked.status).toBe(200)
    expect(bot.asked.map(({ key }) => key)).toEqual(['slack:event:Ev3'])
  }, 20_000)
})

describe('a request that Slack did not send', () => {
  const now = () => Math.floor(Date.now() / 1000)

  test.each([
    ['with a wrong signature', { secret: 'guessed' }],
    ['older than five minutes', { timestamp: now() - 400 }],
    ['from the future', { timestamp: now() + 120 }],
    ['with a timestamp that is no number', { timestamp: Number.NaN }],
  ])('%s is refused, and nothing is asked or logged of it', async (_, forgery) => {
    await using bot = await startBot('http')
    const { status } = await bot.slack.command(`debug ${link}`, { forgery })
    expect(status).toBe(401)
    expect(bot.asked).toEqual([])
    expect(bot.logged.map(({ level }) => level)).toEqual(['warn'])
    expect(JSON.stringify(bot.logged)).not.toContain('acme')
  })

  test('without a signature is refused', async () => {
    await using bot = await startBot('http')
    expect((await fetch(`${bot.url}/slack/events`, { method: 'POST', body: 'command=/cache' })).status).toBe(401)
    expect((await fetch(`${bot.url}/slack/events`)).status).toBe(405)
  })

  test('larger than Slack sends is refused unread', async () => {
    await using bot = await startBot('http')
    const sent = fetch(`${bot.url}/slack/events`, { method: 'POST', body: 'x'.repeat(2 * 1024 * 1024) }).then(
      ({ status }) => status,
    )
    expect(await sent.catch(() => 413)).toBe(413)
  })

  test('that is signed but no JSON is refused', async () => {
    await using bot = await startBot('http')
    expect((await bot.slack.command('x', { forgery: { body: 'payload={' } })).status).toBe(400)
  })

  test('whose response_url points elsewhere asks for nothing', async () => {
    await using bot = await startBot('http')
    await bot.slack.command(`debug ${link}`, { responseUrl: 'http://169.254.169.254/latest' })
    expect(bot.asked).toEqual([])
    expect(read(bot.slack.answers[0])).toContain('nothing was started')
  })
})

test('Slack’s check of the address is answered', async () => {
  await using bot = await startBot('http')
  const body = JSON.stringify({ type: 'url_verification', challenge: 'c-1', token: 'x' })
  const timestamp = String(Math.floor(Date.now() / 1000))
  const signature = `v0=${createHmac('sha256', bot.slack.signingSecret).update(`v0:${timestamp}:${body}`).digest('hex')}`
  const response = await fetch(`${bot.url}/slack/events`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': signature,
    },
    body,
  })
  expect(await response.json()).toEqual({ challenge: 'c-1' })
})

test('a socket that Slack refreshes is opened again and nothing asked meanwhile is lost', async () => {
  await using bot = await startBot('socket')
  bot.slack.disconnectSockets()
  await expect
    .poll(() => bot.slack.calls.filter(({ method }) => method === 'apps.connections.open').length, { timeout: 15_000 })
    .toBe(2)
  await expect.poll(() => bot.slack.connected(), { timeout: 15_000 }).toBe(1)
  await bot.slack.command(`debug ${link}`)
  expect(bot.asked).toHaveLength(1)
}, 40_000)

test('a wrong token stops the start with a reason', async () => {
  const starting = async () => {
    await using bot = await startBot('http', { channels: ['builds'] })
    bot.slack.failNext({ method: 'auth.test', error: 'invalid_auth' })
    await bot.side.start()
  }
  await expect(starting()).rejects.toThrow('asking Slack who we are: invalid_auth (the bot token is wrong)')
})

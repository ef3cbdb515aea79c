import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import type { PostedMessage } from '../../src/playground/print-thread.ts'
import type { PrivateAnswer } from '../../src/playground/slack.ts'
import { actionsBlock, feedbackBlock } from '../../src/thread/buttons.ts'
import { startBot, type TestBot } from './support.ts'

const unknown = expect.stringContaining("I don't know that button")

const labels = ['Re-run failed jobs', 'Rebuild', 'Prune caches', 'Prune tags', 'Prune builder']

/** A message of the bot's with five buttons, of which two are in the menu, and thumbs. */
async function offer({ side, slack }: Pick<TestBot, 'side' | 'slack'>): Promise<PostedMessage> {
  const shown = labels.map((text, index) => ({
    ...{ actionId: `layerwise:${index}`, text, value: `id-of-${index}` },
    ...{ style: null, confirm: null },
  }))
  const blocks = [actionsBlock('remedies', shown), feedbackBlock({ upId: 'thumb-up', downId: 'thumb-down' })]
  const message = { tag: 'offer', parent: null, text: 'Failed', blocks: blocks.filter((block) => block !== null) }
  await side.poster.deliver(message, { channel: '#builds' })
  const [posted] = await slack.postedMessages('builds')
  if (!posted) throw new Error('nothing was posted')
  return posted
}

const words = (answers: PrivateAnswer[]) => answers.map(({ to, text }) => ({ to, text }))

describe.each(['http', 'socket'] as const)('a pressed button, over %s,', (door) => {
  test('is a task that knows the id, who pressed it and where; the door itself says nothing', async () => {
    await using bot = await startBot(door)
    const message = await offer(bot)
    expect(await bot.slack.press({ message, label: 'Re-run failed jobs' })).toMatchObject({ status: 200 })
    expect(bot.pressed).toEqual([
      {
        key: expect.stringMatching(/^slack:action:\d+\.\d+:U0PERSON01:C\w+:\d+\.\d+:id-of-0$/),
        press: {
          buttonId: 'id-of-0',
          user: { id: 'U0PERSON01', teamId: 'T000000001' },
          channel: await bot.slack.channelId('builds'),
          messageTs: message.ts,
          responseUrl: expect.stringContaining('/response/'),
        },
      },
    ])
    expect(bot.slack.answers).toEqual([])
  })

  test('may be a line of the menu or a thumb', async () => {
    await using bot = await startBot(door)
    const message = await offer(bot)
    for (const label of ['Prune builder', 'Right', 'This diagnosis is wrong']) await bot.slack.press({ message, label })
    expect(bot.pressed.map(({ press }) => press.buttonId)).toEqual(['id-of-4', 'thumb-up', 'thumb-down'])
  })

  test('is told with whoever pressed it, a stranger with their own workspace', async () => {
    await using bot = await startBot(door)
    const message = await offer(bot)
    await bot.slack.as('U0PERSON02').press({ message, label: 'Rebuild' })
    await bot.slack.as('U0STRANGER1').press({ message, label: 'Rebuild' })
    expect(bot.pressed.map(({ press }) => press.user)).toEqual([
      { id: 'U0PERSON02', teamId: 'T000000001' },
      { id: 'U0STRANGER1', teamId: 'T0ELSEWHERE' },
    ])
  })

  test('delivered again is acknowledged, does nothing and says nothing, also in the next process', async () => {
    const seen = new Set<string>()
    await using bot = await startBot(door, { seen })
    const message = await offer(bot)
    const knocked = await bot.slack.press({ message, label: 'Rebuild' })
    expect((await bot.slack.replay(knocked)).status).toBe(200)
    expect(bot.pressed).toHaveLength(1)
    await bot.side.stop()
    await using next = await startBot(door, { seen, slack: bot.slack })
    expect((await next.slack.replay(knocked)).status).toBe(200)
    expect(next.pressed).toEqual([])
    expect(bot.slack.answers).toEqual([])
    await next.slack.press({ message, label: 'Rebuild' })
    expect(next.pressed.map(({ press }) => press.buttonId)).toEqual(['id-of-1'])
  })

  test('pressed twice is two tasks: what the second is worth is not for the door to say', async () => {
    await using bot = await startBot(door)
    const message = await offer(bot)
    await Promise.all([1, 2].map(() => bot.slack.press({ message, label: 'Rebuild' })))
    expect(new Set(bot.pressed.map(({ key }) => key)).size).toBe(2)
  })

  test('that could not be written down is said so, to that person alone, and can be pressed again', async () => {
    await using bot = await startBot(door)
    const message = await offer(bot)
    bot.storeDown.value = true
    await bot.slack.as('U0PERSON02').press({ message, label: 'Rebuild' })
    expect(words(bot.slack.answers)).toEqual([
      { to: 'U0PERSON02', text: expect.stringContaining('nothing was started') },
    ])
    bot.storeDown.value = false
    await bot.slack.as('U0PERSON02').press({ message, label: 'Rebuild' })
    expect(bot.pressed).toHaveLength(1)
    expect(bot.slack.answers).toHaveLength(1)
  })

  test.each([
    ['of another app', { action_id: 'rerun', value: 'id-of-0' }],
    ['without an id', { action_id: 'layerwise:0', value: '' }],
    ['whose id is no id', { action_id: 'layerwise:0', value: '../acme/web' }],
    ['whose id is too long', { action_id: 'layerwise:0', value: 'a'.repeat(101) }],
    ['of a kind that is never ours', { action_id: 'layerwise:0', value: 'id-of-0', type: 'static_select' }],
    ['without a time', { action_id: 'layerwise:0', value: 'id-of-0', action_ts: 'now' }],
  ])('%s is answered and does nothing', async (_, button) => {
    await using bot = await startBot(door)
    expect((await bot.slack.pressRaw(button)).status).toBe(200)
    expect(words(bot.slack.answers)).toEqual([{ to: 'U0PERSON01', text: unknown }])
    expect(bot.pressed).toEqual([])
  })

  test('is acknowledged and kept when the person cannot be answered', async () => {
    await using bot = await startBot(door)
    const gone = `${bot.slack.url}/nobody-answers-here`
    expect((await bot.slack.pressRaw({ action_id: 'else', value: 'x' }, { responseUrl: gone })).status).toBe(200)
    expect(bot.logged.map(({ message }) => message)).toContain('could not answer whoever pressed a button')
  })
})

describe('a press that Slack did not send', () => {
  const now = () => Math.floor(Date.now() / 1000)

  test.each([
    ['without a signature', { unsigned: true }, 401],
    ['with a wrong signature', { secret: 'guessed' }, 401],
    ['older than five minutes', { timestamp: now() - 400 }, 401],
    ['from the future', { timestamp: now() + 120 }, 401],
    ['of more than a megabyte', { body: `payload=${'x'.repeat(1_100_000)}` }, 413],
  ])('%s is refused', async (_, forgery, expected) => {
    await using bot = await startBot('http')
    const pressed = bot.slack.pressRaw({ action_id: 'layerwise:0', value: 'id-of-0' }, { forgery })
    // A body that is refused unread may be hung up on before all of it is sent.
    const status = await pressed.then(
      (knocked) => knocked.status,
      () => 413,
    )
    expect(status).toBe(expected)
    expect(bot.pressed).toEqual([])
    expect(bot.slack.answers).toEqual([])
    expect(JSON.stringify(bot.logged)).not.toContain('id-of-0')
  })

  test.each(['http://169.254.169.254/latest', 'https://hooks.slack.com.evil.example/x', 'javascript:alert(1)', ''])(
    'and that would be answered at %s does nothing',
    async (responseUrl) => {
      await using bot = await startBot('http')
      const button = { action_id: 'layerwise:0', value: 'id-of-0' }
      expect((await bot.slack.pressRaw(button, { responseUrl })).status).toBe(200)
      expect([bot.pressed, bot.slack.answers]).toEqual([[], []])
    },
  )

  test('never makes us call another host', async () => {
    const called: string[] = []
    const trap = createServer((request, response) => {
      called.push(request.url ?? '')
      response.end()
    })
    await new Promise<void>((resolve) => trap.listen(0, '127.0.0.1', resolve))
    const elsewhere = `http://localhost:${(trap.address() as AddressInfo).port}`
    await using bot = await startBot('http')
    for (const action_id of ['layerwise:0', 'else'])
      await bot.slack.pressRaw({ action_id, value: 'id-of-0' }, { responseUrl: `${elsewhere}/${action_id}` })
    await bot.slack.command('help', { responseUrl: `${elsewhere}/command` })
    trap.close()
    expect(called).toEqual([])
  })
})

test('the same command once more, signature and all, is neither done nor answered again', async () => {
  await using bot = await startBot('http')
  const knocked = await bot.slack.command('debug https://github.com/acme/web/actions/runs/901')
  expect(await bot.slack.replay(knocked)).toMatchObject({ status: 200, said: '' })
  expect([bot.asked.length, bot.slack.answers.length]).toEqual([1, 1])
})

test('an envelope that Slack sends again is acknowledged and not heard again', async () => {
  await using bot = await startBot('socket')
  const first = await bot.slack.command('help')
  const again = await bot.slack.replay(first)
  expect([first.status, again.status]).toEqual([200, 200])
  expect(bot.slack.answers).toHaveLength(1)
})

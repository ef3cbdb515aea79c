import { expect, test } from 'vitest'
import { mayRespondTo, respondTo } from '../../src/slack/response.ts'
import type { WantedMessage } from '../../src/thread/wanted.ts'
import { startBot } from './support.ts'

const answer: WantedMessage = {
  tag: 'ask:1',
  parent: null,
  text: 'Failed: acme/web',
  blocks: [{ type: 'section', text: { type: 'mrkdwn', text: '*Failed*' } }],
}
const details: WantedMessage = { ...answer, tag: 'ask:1:details', parent: 'ask:1', text: 'Details' }

test('an answer to a command is shown to its person alone', async () => {
  await using bot = await startBot('http')
  await bot.slack.command('debug https://github.com/acme/web/actions/runs/901')
  const replyTo = bot.asked[0]?.ask.replyTo
  if (!replyTo) throw new Error('nothing was asked')
  await bot.side.reply(replyTo, [answer, details])
  expect(bot.slack.answers.map(({ text }) => text).slice(1)).toEqual(['Failed: acme/web', 'Details'])
  expect(await bot.slack.postedMessages('builds')).toEqual([])
})

test('an answer in a thread stands there once however often it is given', async () => {
  await using bot = await startBot('http')
  const { message } = await bot.slack.mention('https://github.com/acme/web/actions/runs/901')
  const replyTo = bot.asked[0]?.ask.replyTo
  if (!replyTo) throw new Error('nothing was asked')
  await bot.side.reply(replyTo, [answer, details])
  await bot.side.reply(replyTo, [answer, details])
  expect((await bot.slack.thread('builds', message.ts)).map(({ text }) => text)).toEqual([
    'Failed: acme/web',
    'Details',
  ])
})

test('asked in a channel without the bot, it answers the person alone', async () => {
  await using bot = await startBot('http', { channels: ['builds'], foreignChannels: ['private'] })
  const message = await bot.slack.say('see https://github.com/acme/web/actions/runs/901', { channel: 'private' })
  await bot.slack.shortcut(message, { channel: 'private' })
  await expect.poll(() => bot.slack.answers.length).toBe(1)
  const replyTo = bot.asked[0]?.ask.replyTo
  if (!replyTo) throw new Error('nothing was asked')
  await bot.side.reply(replyTo, [answer])
  expect(bot.slack.answers[1]).toMatchObject({ via: 'response_url', text: 'Failed: acme/web' })
})

test('only Slack’s own host and a configured local one are ever answered', async () => {
  expect(mayRespondTo('https://hooks.slack.com/commands/T1/2/3', [])).toBe(true)
  expect(mayRespondTo('http://127.0.0.1:4003/response/R1', ['127.0.0.1:4003'])).toBe(true)
  for (const url of [
    'http://hooks.slack.com/x',
    'https://hooks.slack.com.evil.example/x',
    'https://user@hooks.slack.com/x',
    'https://hooks.slack.com:8443/x',
    'http://127.0.0.1:9/x',
    'file:///etc/passwd',
    '',
  ]) {
    expect(mayRespondTo(url, ['127.0.0.1:4003']), url).toBe(false)
  }
  await expect(respondTo([])('https://evil.example/', answer)).rejects.toThrow('foreign host')
})

test('an address that was used five times is not tried for ever', async () => {
  await using bot = await startBot('http')
  const url = new URL('/response/R1', bot.slack.apiUrl).href
  const respond = respondTo([new URL(url).host])
  for (let use = 0; use < 5; use++) await respond(url, answer)
  await expect(respond(url, answer)).rejects.toMatchObject({ code: 'slack-refused', reason: 'used_url' })
})

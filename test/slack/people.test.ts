import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebClient } from '@slack/web-api'
import { describe, expect, test } from 'vitest'
import { type LocalSlackOptions, startLocalSlack } from '../../src/playground/slack.ts'
import { clientOptions } from '../../src/slack/client.ts'
import { slackPeople } from '../../src/slack/people.ts'

async function start(options: LocalSlackOptions = {}) {
  const slack = await startLocalSlack(options)
  const people = slackPeople(new WebClient(slack.botToken, clientOptions(slack.apiUrl)))
  return { slack, people, [Symbol.asyncDispose]: slack.close }
}

const plain = { bot: false, guest: false, stranger: false, deleted: false }

test.each([
  ['U0PERSON02', {}],
  ['U0GUEST0001', { guest: true }],
  ['U0STRANGER1', { stranger: true }],
  ['U0BOT000001', { bot: true }],
  ['U0NOBODY', { stranger: true }],
])('Slack says what %s is', async (id, flags) => {
  await using at = await start()
  expect(await at.people(id, null)).toEqual({ id, ...plain, ...flags })
})

test('somebody who leaves is known to have left at the next click', async () => {
  await using at = await start()
  expect(await at.people('U0PERSON02', 'T000000001')).toMatchObject({ deleted: false })
  at.slack.people.set('U0PERSON02', { id: 'U0PERSON02', name: 'second', teamId: 'T000000001', deleted: true })
  expect(await at.people('U0PERSON02', 'T000000001')).toMatchObject({ deleted: true, guest: false })
})

test('a click that came from another workspace makes a stranger of anybody', async () => {
  await using at = await start()
  expect(await at.people('U0PERSON02', 'T0ELSEWHERE')).toMatchObject({ stranger: true })
})

describe('when Slack does not say who it is, nobody is let through', () => {
  test.each([
    [{ method: 'users.info', status: 503 }, 'slack-unavailable'],
    [{ method: 'users.info', status: 429, retryAfter: 3 }, 'slack-unavailable'],
    [{ method: 'users.info', lost: true }, 'slack-unavailable'],
    [{ method: 'auth.test', status: 503 }, 'slack-unavailable'],
    [{ method: 'users.info', error: 'internal_error' }, 'slack-unavailable'],
    [{ method: 'users.info', error: 'token_revoked' }, 'slack-refused'],
  ])('%o, and the next time it is asked again', async (outage, code) => {
    await using at = await start()
    at.slack.failNext(outage)
    await expect(at.people('U0PERSON02', null)).rejects.toMatchObject({ code })
    expect(await at.people('U0PERSON02', null)).toEqual({ id: 'U0PERSON02', ...plain })
  })

  test('without its scope the manifest is named', async () => {
    await using at = await start({ withoutScopes: ['users:read'] })
    await expect(at.people('U0PERSON02', null)).rejects.toThrow('manifest.yml')
  })
})

/** A Slack that says just this. */
async function saying(ours: object, user: unknown) {
  const server = createServer((request, response) => {
    const answer = request.url?.endsWith('auth.test') ? { ok: true, ...ours } : { ok: true, user }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const client = new WebClient('xoxb-x', clientOptions(`http://127.0.0.1:${port}/api/`))
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()))
  return { people: slackPeople(client), [Symbol.asyncDispose]: close }
}

const member = { id: 'U1', team_id: 'T1', is_restricted: false, is_ultra_restricted: false }
const alone = { team_id: 'T1' }
const organisation = { team_id: 'T1', enterprise_id: 'E1' }

describe('of what Slack says', () => {
  test.each([
    ['one of ours', alone, member, 'T1', {}],
    ['a guest of one channel', alone, { ...member, is_ultra_restricted: true }, 'T1', { guest: true }],
    ['nothing about being a guest', alone, { id: 'U1', team_id: 'T1' }, 'T1', { guest: true }],
    ['nothing about the workspace', alone, { ...member, team_id: undefined }, null, { stranger: true }],
    ['a workflow', alone, { ...member, is_workflow_bot: true }, 'T1', { bot: true }],
    ['Slackbot', alone, { ...member, id: 'USLACKBOT' }, 'T1', { id: 'USLACKBOT', bot: true }],
    ['another workspace', alone, { ...member, team_id: 'T2' }, null, { stranger: true }],
    [
      'another workspace of our organisation',
      organisation,
      { ...member, team_id: 'T2', enterprise_user: { enterprise_id: 'E1' } },
      'T2',
      {},
    ],
    ['a whole organisation that is ours', organisation, { ...member, team_id: 'E1' }, 'T1', {}],
    [
      'another organisation',
      organisation,
      { ...member, team_id: 'T2', enterprise_user: { enterprise_id: 'E2' } },
      'T2',
      { stranger: true },
    ],
    [
      'an organisation where we are in none',
      alone,
      { ...member, team_id: 'T2', enterprise_user: { enterprise_id: 'E1' } },
      'T2',
      { stranger: true },
    ],
    ['one of ours, while the click names a third workspace', organisation, member, 'T3', { stranger: true }],
  ])('%s', async (_, ours, user, teamId, flags) => {
    await using at = await saying(ours, user)
    expect(await at.people(user.id, teamId)).toEqual({ id: 'U1', ...plain, ...flags })
  })

  test.each([
    ['somebody else', alone, { ...member, id: 'U2' }],
    ['nobody', alone, undefined],
    ['nonsense', alone, { ...member, is_bot: 'no' }],
    ['nothing about ourselves', {}, member],
  ])('%s, nothing follows', async (_, ours, user) => {
    await using at = await saying(ours, user)
    await expect(at.people('U1', null)).rejects.toMatchObject({ code: 'slack-unavailable' })
  })
})

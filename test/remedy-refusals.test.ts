import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Role } from '../src/remedy/policy.ts'
import {
  askForPrune,
  first,
  linkAccount,
  type RemedyWorld,
  second,
  startRemedyWorld,
  third,
} from './support/remedy-world.ts'
import { failingRun, until } from './support/start-bot.ts'

/** Who may not, what they are told, and what is written down about it. */

const guest = 'U0GUEST0001'
const stranger = 'U0STRANGER1'
const robot = 'U0BOT000001'

describe('whoever presses', () => {
  let world: RemedyWorld
  beforeAll(async () => {
    world = await startRemedyWorld()
    world.github.people.add({ login: 'octo-third', id: 33, access: { '*': 'read' } })
    await world.github.finishRun(failingRun('gha-429'))
    await world.reads(/Re-run failed job/)
  })
  afterAll(() => world[Symbol.asyncDispose]())

  /** Presses, is told this alone, and there is one more row about it. */
  async function refused(who: string, answer: RegExp, because: string): Promise<void> {
    const before = (await world.audited('denied', 0)).length
    await world.press('Re-run failed job', who)
    await world.told(who, answer)
    const rows = await world.audited('denied', before + 1)
    expect(rows.slice(before)).toMatchObject([
      { slackId: who, what: 'rerun-failed', repository: 'acme/platform', reason: because },
    ])
    expect(world.changes()).toEqual([])
  }

  test.each([
    ['has not linked an account', third, /do not know who you are at GitHub.*\/cache link/, 'not-linked'],
    ['is a guest', guest, /Guests of this workspace may not/, 'guest'],
    ['is of another workspace', stranger, /People of other workspaces may not/, 'stranger'],
    ['is a bot', robot, /Bots and workflows may not/, 'bot'],
  ])('and %s is refused', async (_, who, answer, because) => {
    await refused(who, answer, because)
  })

  test('and was deactivated since the button was shown is refused', async () => {
    const person = world.slack.people.get(third)
    if (!person) throw new Error('the third of the people is gone')
    person.deleted = true
    await refused(third, /account is deactivated/, 'deactivated')
    person.deleted = false
  })

  test('and may only read at GitHub is refused, and told what it takes', async () => {
    await linkAccount(world, third, 'octo-third')
    await refused(third, /octo-third has read access to acme\/platform; this needs write access/, 'no-access-at-github')
  })

  test('and lost their access between the showing and the press is refused', async () => {
    world.github.people.setAccess('octo-third', 'write')
    await world.button('Re-run failed job')
    world.github.people.setAccess('octo-third', 'none')
    await refused(third, /octo-third has no access to acme\/platform/, 'no-access-at-github')
  })

  test('is who linked the account, not whoever has its old name now', async () => {
    world.github.people.rename('octo-third', 'octo-renamed')
    world.github.people.add({ login: 'octo-third', id: 44, access: { '*': 'admin' } })
    await refused(third, /octo-renamed has no access/, 'no-access-at-github')
    world.github.people.remove('octo-renamed')
    await refused(third, /has no access/, 'no-access-at-github')
  })

  test('and whom Slack does not tell about is nobody', async () => {
    const { message } = await world.button('Re-run failed job')
    const unseen = world.slack.as(guest)
    world.slack.people.delete(guest)
    await unseen.press({ message, label: 'Re-run failed job' })
    await world.told(guest, /People of other workspaces may not/)
    expect((await world.audited('denied')).at(-1)).toMatchObject({ slackId: guest, reason: 'stranger' })
    expect(world.changes()).toEqual([])
  })
})

describe('a role', () => {
  const now = new Date()
  const otherDay = ((now.getUTCDay() + 2) % 7) + 1
  const role = (people: string[], more: Partial<Role>): Role => ({
    ...{ people, may: ['rerun'], repositories: ['acme/*'], channels: null, hours: null },
    ...more,
  })
  test('of another repository, channel or hour does not reach here, and which right is missing is said', async () => {
    await using world = await startRemedyWorld({
      linked: {},
      dry: true,
      policy: {
        roles: [
          role([first], { repositories: ['acme/other'] }),
          role([second], { channels: ['#elsewhere'] }),
          role([third], { hours: { days: [otherDay], from: 8 * 60, to: 18 * 60, zone: 'UTC' } }),
          role(['github:octo-admin'], {}),
        ],
      },
    })
    await world.github.finishRun(failingRun('gha-429'))
    for (const [who, answer] of [
      [first, /does not reach acme\/platform/],
      [second, /does not hold in this channel, but in #elsewhere/],
      [third, /does not hold at this hour/],
      [guest, /Guests/],
    ] as const) {
      await world.press('Re-run failed job', who)
      await world.told(who, answer)
    }
    await world.slack.command('pause')
    await world.told(first, /No role of yours allows this \(admin\)/)
    expect((await world.audited('denied', 5)).map(({ what, reason }) => [what, reason])).toEqual([
      ['rerun-failed', 'not-this-repository'],
      ['rerun-failed', 'not-this-channel'],
      ['rerun-failed', 'not-at-this-hour'],
      ['rerun-failed', 'guest'],
      ['pause', 'no-role'],
    ])
    expect(world.changes()).toEqual([])
  })

  test('is nobody’s where none is configured: no buttons, and forms and made-up presses do nothing', async () => {
    await using world = await startRemedyWorld({ dry: true, policy: { roles: [] } })
    await world.github.finishRun(failingRun('gha-429'))
    await world.reads(/Re-running the failed jobs helps/)
    const blocks = (await world.messages()).map((message) => JSON.stringify(message.blocks))
    expect(blocks.filter((text) => text.includes('"type":"actions"'))).toEqual([])
    await world.slack.pressRaw({ action_id: 'layerwise:0', value: 'A'.repeat(22) })
    await world.told(first, /do not know this button/)
    await world.slack.command('prune acme/platform')
    await until(() => world.slack.modals.length === 1)
    for (const modal of world.slack.modals) await world.slack.submit(modal, {})
    await world.told(first, /Nobody may do this yet: no role is configured/)
    expect(world.changes()).toEqual([])
  })
})

describe('agreement to a prune', () => {
  test('is never the requester’s own, under whatever account; the others are each counted once', async () => {
    await using world = await startRemedyWorld({ dry: true, policy: { approvals: { prune: 2 } } })
    await linkAccount(world, third, 'octo-admin', /is linked to <@U0PERSON01>/)
    await askForPrune(world)
    await world.press('Prune 2 entries', first)
    await world.told(first, /You asked for this, so somebody else has to agree/)
    await world.press('Prune 2 entries', third)
    await world.told(third, /do not know who you are at GitHub/)
    await world.press('Prune 2 entries', second)
    await world.told(second, /Counted; one more person has to agree/)
    await world.press('Prune 2 entries', second)
    await world.told(second, /Your word is counted already/)
    await world.reads(/Waits for one more person/)
    world.github.people.add({ login: 'octo-third', access: { '*': 'write' } })
    await linkAccount(world, third, 'octo-third')
    await world.press('Prune 2 entries', third)
    await world.told(third, /Agreed/)
    await world.reads(/Dry run: nothing was changed/)
    const agreed = await world.audited('approved', 2)
    expect(agreed.map(({ slackId, githubLogin, reason }) => [slackId, githubLogin, reason])).toEqual([
      [second, 'octo-second', '1 of 2'],
      [third, 'octo-third', '2 of 2'],
    ])
    expect((await world.audit()).map(({ reason }) => reason)).toEqual(
      expect.arrayContaining(['approve: own-request', 'not-linked', 'approve: counted-before']),
    )
  })

  test('may be the requester’s own where the team says that there is one admin, and the audit shows it', async () => {
    await using world = await startRemedyWorld({ dry: true, policy: { oneAdmin: true } })
    await askForPrune(world)
    await world.press('Prune 2 entries', first)
    await world.reads(/Dry run: nothing was changed/)
    const [asked] = await world.audited('asked')
    const [approved] = await world.audited('approved')
    expect([asked?.slackId, approved?.slackId, approved?.reason]).toEqual([first, first, '1 of 1'])
  })

  test('can be refused by another: the buttons go, and whoever is late is told who decided', async () => {
    await using world = await startRemedyWorld({ dry: true })
    await askForPrune(world)
    const { action, message } = await world.button('Prune 2 entries')
    await world.press('Reject', second)
    await world.told(second, /Rejected\. Nothing is done/)
    const text = await world.reads(/Rejected by <@U0PERSON02>/)
    expect(text).not.toMatch(/\[Reject\]/)
    await world.slack.as(second).pressRaw(action, { message })
    await world.told(second, /Already rejected by <@U0PERSON02>/)
    expect(await world.audited('rejected')).toMatchObject([{ slackId: second, what: 'prune-caches' }])
    expect(await world.audited('ran', 0)).toEqual([])
  })

  test('can be made needless by who asked, and by nobody else', async () => {
    await using world = await startRemedyWorld({ dry: true })
    await askForPrune(world)
    await world.press('Cancel', second)
    await world.told(second, /Only <@U0PERSON01>, who asked, can take it back/)
    await world.press('Cancel', first)
    const text = await world.reads(/Taken back by <@U0PERSON01>/)
    expect(text).not.toMatch(/\[Cancel\]/)
    expect(await world.audited('cancelled')).toMatchObject([{ slackId: first }])
  })

  test('comes too late after its time: that is said, the buttons go, and a late press has its answer', async () => {
    await using world = await startRemedyWorld({ dry: true, policy: { expiresAfterMinutes: 0.03 } })
    await askForPrune(world)
    const { action, message } = await world.button('Prune 2 entries')
    const text = await world.reads(/Nobody decided in time; it expired/)
    expect(text).not.toMatch(/\[Prune 2 entries\]/)
    await world.slack.as(second).pressRaw(action, { message })
    await world.told(second, /Too late: this could be agreed to until/)
    expect(await world.audited('expired')).toMatchObject([{ slackId: null, reason: '0 of 1' }])
    expect(await world.audited('approved', 0)).toEqual([])
  })
})

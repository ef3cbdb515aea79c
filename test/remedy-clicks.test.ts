import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { localPolicy } from '../src/config/remedies.ts'
import { askForPrune, first, type RemedyWorld, second, startRemedyWorld } from './support/remedy-world.ts'
import { failingRun, until } from './support/start-bot.ts'

/** Presses that come twice, too late, from elsewhere or from nobody: each has its answer, and nothing is done twice. */

const rerun = 'Re-run failed job'

async function failed(): Promise<RemedyWorld & { runId: number }> {
  const world = await startRemedyWorld()
  const { runId } = await world.github.finishRun(failingRun('gha-429'))
  await world.button(rerun)
  return { ...world, runId }
}

describe('a press on a re-run', () => {
  test('of an attempt that is over names the one that has ended since', async () => {
    await using world = await failed()
    const { action, message } = await world.button(rerun)
    await world.github.finishRun(failingRun('gha-429', { runId: world.runId }))
    await world.reads(/attempt 2/)
    await world.slack.pressRaw(action, { message })
    await world.told(first, /belongs to attempt 1; attempt 2 has ended since\. Nothing was done/)
    expect(world.github.reruns).toEqual([])
  })

  test('twice by one person and once more by another at the same time is one re-run', async () => {
    await using world = await failed()
    const { message } = await world.button(rerun)
    const before = world.slack.answers.length
    const presses = [first, first, second].map((who) => world.slack.as(who).press({ message, label: rerun }))
    await Promise.all(presses)
    await world.reads(/Re-run of the failed jobs?: asked by .*done/)
    await until(() => world.slack.answers.length === before + 3)
    const told = world.slack.answers.slice(before)
    expect(told.map(({ to }) => to).toSorted()).toEqual([first, first, second])
    for (const { text } of told) expect(text).toMatch(/On it|was asked for by/)
    expect(world.github.reruns).toHaveLength(1)
    expect(await world.audited('asked')).toHaveLength(1)
    expect(await world.audited('ran')).toHaveLength(1)
  })

  test('sent once more as it was, before and after a restart, does nothing and says nothing', async () => {
    await using world = await failed()
    const { message } = await world.button(rerun)
    const knocked = await world.slack.press({ message, label: rerun })
    await world.reads(/Re-run of the failed jobs?: asked by .*done/)
    await world.told(first, /On it/)
    const before = world.slack.answers.length
    expect((await world.slack.replay(knocked)).status).toBe(200)
    const url = new URL('/slack/events', await world.restart())
    const { sent } = knocked
    const again = await world.slack.replay({ ...knocked, sent: sent.kind === 'http' ? { ...sent, url } : sent })
    expect(again.status).toBe(200)
    await world.press('Right')
    await world.told(first, /noted as right/)
    expect(world.slack.answers).toHaveLength(before)
    expect(world.github.reruns).toHaveLength(1)
    expect(await world.audited('asked')).toHaveLength(1)
  })
})

describe('a button', () => {
  test('works after a restart of the bot, with what it meant before', async () => {
    await using world = await startRemedyWorld({ dry: true })
    await askForPrune(world)
    await world.restart()
    await world.press('Prune 2 entries', second)
    await world.reads(/It would have deleted 2 cache entries/)
    expect(await world.audited('approved')).toMatchObject([{ slackId: second }])
  })

  test('of another channel’s message is not known here, though the role holds in the channel of the message', async () => {
    const [role] = localPolicy.roles
    if (!role) throw new Error('local mode has a role')
    await using world = await startRemedyWorld({ dry: true, policy: { roles: [{ ...role, channels: ['#builds'] }] } })
    await askForPrune(world)
    const { action } = await world.button('Prune 2 entries')
    await world.slack.as(second).pressRaw(action, { channel: 'CELSEWHERE' })
    await world.told(second, /do not know this button/)
    expect(await world.audited('approved', 0)).toEqual([])
    await world.press('Prune 2 entries', second)
    await world.told(second, /Agreed/)
  })

  test('of another channel’s failure asks for nothing', async () => {
    await using world = await failed()
    const { action } = await world.button(rerun)
    await world.slack.pressRaw(action, { channel: 'CELSEWHERE' })
    await world.told(first, /do not know this button/)
    expect(world.github.reruns).toEqual([])
    expect(await world.audited('asked', 0)).toEqual([])
  })

  test('to take back what one asked for works for who asked, whatever became of their rights', async () => {
    await using world = await startRemedyWorld({ dry: true })
    await askForPrune(world)
    world.github.people.setAccess('octo-admin', 'none')
    await world.press('Cancel')
    await world.reads(/Taken back by <@U0PERSON01>/)
  })
})

describe('a press that Slack did not send', () => {
  let world: RemedyWorld
  beforeAll(async () => {
    world = await failed()
  })
  afterAll(() => world[Symbol.asyncDispose]())

  /** That nothing came of what was sent before shows once a later press has had its answer. */
  async function nothingCame(): Promise<void> {
    await world.slack.pressRaw({ action_id: 'layerwise:0', value: 'nobody-knows-this' })
    await world.told(first, /do not know this button/)
    expect(world.github.reruns).toEqual([])
    expect(world.changes()).toEqual([])
    expect((await world.audit()).map(({ kind }) => kind)).not.toContain('asked')
  }

  const now = () => Math.floor(Date.now() / 1_000)
  test.each([
    ['without a signature', { unsigned: true }],
    ['signed with another secret', { secret: 'guessed' }],
    ['older than five minutes', { timestamp: now() - 400 }],
    ['from the future', { timestamp: now() + 400 }],
    ['of more than a megabyte', { body: `payload=${'x'.repeat(1_100_000)}` }],
  ])('%s starts nothing', async (_, forgery) => {
    const { action, message } = await world.button(rerun)
    const knocked = world.slack.pressRaw(action, { message, forgery })
    // a body that is too large may be hung up on before all of it is sent
    const status = await knocked.then(
      ({ status }) => status,
      () => 413,
    )
    expect([401, 413]).toContain(status)
    await nothingCame()
  })

  test('with an address of another host for the answer starts nothing, and that host is not asked', async () => {
    const asked: string[] = []
    const foreign = createServer((request, response) => {
      asked.push(request.url ?? '')
      response.end()
    })
    await new Promise<void>((resolve) => foreign.listen(0, '127.0.0.1', resolve))
    const { port } = foreign.address() as AddressInfo
    const { action, message } = await world.button(rerun)
    for (const host of [`127.0.0.1:${port}`, `hooks.slack.com@127.0.0.1:${port}`])
      await world.slack.pressRaw(action, { message, responseUrl: `http://${host}/actions/T1/B2` })
    await nothingCame()
    expect(asked).toEqual([])
    await new Promise((resolve) => foreign.close(resolve))
  })
})

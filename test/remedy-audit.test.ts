import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { auditKinds } from '../src/remedy/audit.ts'
import { readAudit } from '../src/store/store.ts'
import {
  beyondRights,
  failureOf,
  first,
  linkAccount,
  second,
  secretsIn,
  secretsOf,
  startRemedyWorld,
  third,
} from './support/remedy-world.ts'
import { failingRun, greenRun, until } from './support/start-bot.ts'

/** What is written down, that it cannot be changed unseen, and what holds whatever a test does. */

describe('the audit', () => {
  test('has a row for everything that people and the bot do, and its chain holds', async () => {
    let ahead = 0
    await using world = await startRemedyWorld({ now: () => new Date(Date.now() + ahead) })
    const { slack, github } = world
    const { runId } = await github.finishRun(failingRun('gha-429'))
    github.failNext({
      match: 'rerun-failed-jobs',
      status: 403,
      body: { message: 'This workflow run cannot be retried' },
    })
    await world.press('Re-run failed job')
    await world.audited('failed')
    await slack.command('pause')
    await world.audited('paused')
    await world.press('Re-run failed job')
    await world.audited('skipped')
    await slack.command('resume')
    await world.audited('resumed')
    await world.press('Re-run failed job', third)
    await world.audited('denied')
    await world.press('Re-run failed job')
    await world.audited('ran')
    await github.finishRun(greenRun({ runId }))
    await world.audited('verdict')
    await slack.command('dry-run on')
    await world.audited('dry-run-on')
    github.addCache({ key: 'index-web-1-0a1b2c3d#1', ref: 'refs/heads/main', sizeBytes: 4_000 })
    await github.finishRun(failureOf('gha-cache-blob-missing'))
    for (const [label, who, kind] of [
      ['Reject', second, 'rejected'],
      ['Cancel', first, 'cancelled'],
      ['Prune 1 entry', second, 'approved'],
    ] as const) {
      const asked = (await world.audited('asked')).length
      await world.press('Prune cache index of main')
      await world.audited('asked', asked + 1)
      await world.press(label, who)
      await until(async () => (await world.audited(kind)).some(({ what }) => what === 'prune-caches'))
    }
    await world.audited('ran', 2)
    await world.press('Prune cache index of main')
    const { action, message } = await world.button('Reject')
    ahead = 2 * 3_600_000
    await slack.as(second).pressRaw(action, { message })
    await world.told(second, /Too late/)
    await slack.as(second).command('unlink')
    await world.audited('unlinked')
    const rows = await world.audit()
    expect(new Set(rows.map(({ kind }) => kind))).toEqual(new Set(auditKinds))
    expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_, at) => at + 1))
    const audit = readAudit(world.database)
    expect(await audit.verify()).toMatchObject({ rows: rows.length, broken: null })
    await audit.close()
    for (const row of rows.filter(({ kind }) => ['asked', 'approved', 'ran', 'failed'].includes(kind)))
      expect(row).toMatchObject({
        repository: 'acme/platform',
        requestId: expect.any(String),
        planHash: expect.any(String),
      })
  })

  test('that was changed keeps the bot from starting with remedies, and not from explaining failures', async () => {
    await using world = await startRemedyWorld()
    await world.audited('dry-run-off')
    tamper(world.database)
    await expect(world.restart()).rejects.toThrow(/audit chain is broken: row 1 was changed/)
    await world.restart({ roles: [] })
    await world.github.finishRun(failingRun('gha-429'))
    const text = await world.reads(/GitHub throttled the cache/)
    expect(text).not.toMatch(/\[Re-run failed job\]/)
  })
})

/** As somebody would who can write to the file: the table itself refuses, so its triggers go first. */
function tamper(database: string): void {
  const file = new DatabaseSync(database.replace('sqlite:', ''))
  expect(() => file.exec(`update audit set slack_id = 'U0NOBODY' where seq = 1`)).toThrow(/audit/)
  const named = file.prepare(`select name from sqlite_master where type = 'trigger' and tbl_name = 'audit'`).all()
  for (const { name } of named) file.exec(`drop trigger "${name}"`)
  file.exec(`update audit set slack_id = 'U0NOBODY' where seq = 1`)
  file.close()
}

/** Every world of these tests asks at its end whether both hold; here it is shown that they can fail. */
describe('what holds whatever a test does', () => {
  test('a request that is in no table of permissions is seen', () => {
    const asked = (method: string, path: string) => ({ to: 'api' as const, method, path })
    expect(
      beyondRights([
        asked('GET', '/repos/acme/platform/contents/.github/workflows/ci.yml'),
        asked('DELETE', '/repos/acme/platform/actions/caches/7'),
        asked('DELETE', '/repos/acme/platform/actions/caches'),
        asked('DELETE', '/repos/acme/platform'),
      ]),
    ).toEqual([
      'DELETE /repos/acme/platform/actions/caches is in no table of permissions',
      'DELETE /repos/acme/platform is in no table of permissions',
    ])
  })

  test('a device code or a token in the log is seen', async () => {
    await using world = await startRemedyWorld({ dry: true, linked: {} })
    await linkAccount(world, first, 'octo-admin')
    const secrets = secretsOf(world)
    expect(secrets.filter((secret) => secret.startsWith('ghu_'))).toHaveLength(1)
    expect(secrets.filter((secret) => /^[0-9a-f]{40}$/.test(secret))).toHaveLength(1)
    const leaks = secrets.map((secret) => ({ level: 'warn', facts: { err: new Error(`x ${secret}`) }, message: 'x' }))
    expect(secretsIn(leaks, secrets)).toHaveLength(secrets.length)
    expect(secretsIn(world.logged, secrets)).toEqual([])
  })
})

import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import type { Meaning } from '../../src/remedy/press.ts'
import { type EndedRun, StaleChecklist } from '../../src/store/checklists.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { type DatabaseEngine, describeOnEngines } from '../support/engines.ts'
import { atOnce, checklist, minutes, now, openTwo } from './remedy-data.ts'

describeOnEngines('what surrounds remedies', (engine) => {
  describe('buttons', () => {
    const approve: Meaning = { do: 'decide', requestId: 'r', planHash: 'h', vote: 'approve' }
    const reject: Meaning = { ...approve, vote: 'reject' }

    test('have one id for ever under one key, that cannot be guessed, and mean what they meant first', async () => {
      await using two = await openTwo(engine)
      const ids = await atOnce(two.both, 20, (store, index) =>
        store.buttons.idFor('r:approve', approve, minutes(index)),
      )
      expect(new Set(ids).size).toBe(1)
      const [id = ''] = ids
      expect(id).toMatch(/^[A-Za-z0-9_-]{22}$/)
      expect(await two.both[1].buttons.meaning(id)).toEqual(approve)
      expect(await two.both[0].buttons.idFor('r:approve', reject, now)).toBe(id)
      expect(await two.both[0].buttons.meaning(id)).toEqual(approve)
      const other = await two.both[0].buttons.idFor('r:reject', reject, now)
      expect(other).not.toBe(id)
    })

    test('with any other id mean nothing', async () => {
      await using two = await openTwo(engine)
      const { buttons } = two.both[0]
      const id = await buttons.idFor('r', approve, now)
      const flipped = `${id.startsWith('A') ? 'B' : 'A'}${id.slice(1)}`
      const wrong = ['', 'r', `${id} `, `${id}\n`, id.slice(1), `${id}a`, flipped, '\0', "' or 1=1 --", '🐳'.repeat(11)]
      for (const text of wrong) expect(await buttons.meaning(text)).toBeNull()
    })

    test('keep a key and names with whatever they hold', async () => {
      await using two = await openTwo(engine)
      const { buttons } = two.both[0]
      const offer = { operation: 'rerun-job', jobId: 19_000_000_001, jobName: "a\0'🐳", debug: false } as const
      const meaning: Meaning = { do: 'ask', storyId: 's', runId: 1, attempt: 1, offer }
      expect(await buttons.meaning(await buttons.idFor('a\0\ud83d', meaning, now))).toEqual(meaning)
    })

    test('are forgotten by age', async () => {
      await using two = await openTwo(engine)
      const { buttons } = two.both[0]
      const old = await buttons.idFor('old', approve, now)
      const young = await buttons.idFor('young', approve, minutes(1))
      expect(await buttons.forgetBefore(minutes(1))).toBe(1)
      expect([await buttons.meaning(old), await buttons.meaning(young)]).toEqual([null, approve])
    })
  })

  describe('links', () => {
    const octocat = { slackId: 'U1', githubLogin: 'octocat', githubId: 583231 }

    test('say who somebody is at GitHub, one each, several may be the same', async () => {
      await using two = await openTwo(engine)
      const { links } = two.both[0]
      expect(await links.of('U1')).toBeNull()
      const link = { ...octocat, linkedAt: now.toISOString() }
      expect(await links.set({ ...octocat, now })).toEqual(link)
      expect(await two.both[1].links.of('U1')).toEqual(link)
      await links.set({ ...octocat, slackId: 'U2', now })
      expect(await links.of('U2')).toMatchObject({ githubId: 583231 })
      await links.set({ slackId: 'U1', githubLogin: 'hubot', githubId: 2 ** 40, now: minutes(1) })
      expect(await links.of('U1')).toMatchObject({ githubLogin: 'hubot', githubId: 2 ** 40 })
      expect(await links.remove('U1', minutes(2))).toMatchObject({ githubLogin: 'hubot' })
      expect(await links.of('U1')).toBeNull()
    })

    test('are audited when they change, and only then', async () => {
      await using two = await openTwo(engine)
      const [{ links }, other] = two.both
      await atOnce(two.both, 10, (store) => store.links.set({ ...octocat, now }))
      await links.set({ slackId: 'U1', githubLogin: 'hubot', githubId: 7, now: minutes(1) })
      await other.links.remove('U1', minutes(2))
      await other.links.remove('U1', minutes(2))
      expect((await audited(other)).slice(1)).toEqual([
        ['linked', 'U1', 'octocat', 'GitHub account 583231', null],
        ['linked', 'U1', 'hubot', 'GitHub account 7', 'instead of octocat'],
        ['unlinked', 'U1', 'hubot', 'GitHub account 7', null],
      ])
    })
  })

  describe('switches', () => {
    test('begin with dry run on, and keep what they are set to', async () => {
      const url = await engine.create()
      {
        await using store = await openStore(url)
        expect(await store.switches.get()).toEqual({ paused: null, dryRun: true })
        await store.switches.setDryRun(false, 'UADMIN', now)
        await store.switches.pause('UADMIN', minutes(1))
      }
      await using store = await openStore(url)
      const paused = { by: 'UADMIN', at: minutes(1).toISOString() }
      expect(await store.switches.get()).toEqual({ paused, dryRun: false })
      expect(await store.switches.pause('UELSE', minutes(2))).toEqual({ paused, dryRun: false })
      expect(await store.switches.resume('UELSE', minutes(3))).toEqual({ paused: null, dryRun: false })
      expect(await store.switches.setDryRun(true, 'UELSE', minutes(3))).toEqual({ paused: null, dryRun: true })
    })

    test('are audited when they change, with the name at GitHub, however many flip them at once', async () => {
      await using two = await openTwo(engine)
      await two.both[0].links.set({ slackId: 'UADMIN', githubLogin: 'octocat', githubId: 1, now })
      await atOnce(two.both, 10, (store) => store.switches.pause('UADMIN', now))
      await atOnce(two.both, 10, (store) => store.switches.setDryRun(true, 'UELSE', now))
      await atOnce(two.both, 10, (store) => store.switches.resume('UADMIN', now))
      expect(await audited(two.both[1])).toEqual([
        ['dry-run-off', 'UADMIN', null, 'all remedies', null],
        ['linked', 'UADMIN', 'octocat', 'GitHub account 1', null],
        ['paused', 'UADMIN', 'octocat', 'all remedies', null],
        ['dry-run-on', 'UELSE', null, 'all remedies', null],
        ['resumed', 'UADMIN', 'octocat', 'all remedies', null],
      ])
    })
  })

  describe('checklists', () => {
    test('are created once and saved by one of those who read the same version', async () => {
      await using two = await openTwo(engine)
      const created = await atOnce(two.both, 10, (store) => store.checklists.create(checklist()))
      expect(new Set(created.map(({ version }) => version))).toEqual(new Set([1]))
      const [read] = created
      const saves = await atOnce(two.both, 10, (store, index) =>
        store.checklists.save({ ...checklist({ version: read?.version ?? 0 }), page: `page ${index}` }).catch(String),
      )
      const saved = saves.filter((save) => typeof save !== 'string')
      expect(saved).toHaveLength(1)
      expect(saved[0]).toMatchObject({ version: 2 })
      expect(await two.both[1].checklists.get('checklist-1')).toEqual(saved[0])
      expect(await two.both[0].checklists.create(checklist({ page: 'else' }))).toEqual(saved[0])
      await expect(two.both[0].checklists.save(checklist({ version: 1 }))).rejects.toThrow(StaleChecklist)
      await expect(two.both[0].checklists.save(checklist({ id: 'none', version: 1 }))).rejects.toThrow(StaleChecklist)
    })

    test('wait for their run from their attempt on, or for the next of their workflow and branch', async () => {
      await using two = await openTwo(engine)
      const { checklists } = two.both[0]
      const runId = 19_000_000_001
      const kept = [
        checklist({ id: 'second attempt', awaits: { runId, attempt: 2 } }),
        checklist({ id: 'third attempt', awaits: { runId, attempt: 3 } }),
        checklist({ id: 'other run', awaits: { runId: runId + 1, attempt: 1 } }),
        checklist({ id: 'next', awaits: null, openedAt: minutes(1).toISOString() }),
        checklist({ id: 'next, opened later', awaits: null, openedAt: minutes(10).toISOString() }),
        checklist({ id: 'next of another branch', awaits: null, branch: 'release' }),
        checklist({ id: 'next of no branch', awaits: null, branch: null }),
        checklist({ id: 'next of another workflow', awaits: null, workflow: 'Release' }),
        checklist({ id: 'next of another repository', awaits: null, repository: 'acme/api' }),
        checklist({ id: 'closed', state: 'closed', closedAt: now.toISOString() }),
      ]
      for (const each of kept) await checklists.create(each)
      const run = { repository: 'ACME/web', workflow: 'CI', branch: 'main', runId, attempt: 2, now: minutes(10) }
      const ids = async (over: Partial<EndedRun>) =>
        (await checklists.waitingFor({ ...run, ...over })).map(({ id }) => id)
      expect(await ids({})).toEqual(['second attempt', 'next'])
      expect(await ids({ attempt: 1 })).toEqual(['next'])
      expect(await ids({ attempt: 4 })).toEqual(['second attempt', 'third attempt', 'next'])
      expect(await ids({ runId: 5, branch: null })).toEqual(['next of no branch'])
      expect(await ids({ runId: runId + 1, workflow: 'Else' })).toEqual(['other run'])
      expect(await ids({ repository: 'acme/other' })).toEqual([])
    })

    test('are found by story, oldest first', async () => {
      await using two = await openTwo(engine)
      const { checklists } = two.both[0]
      await checklists.create(checklist({ id: 'b', openedAt: '2026-03-01T10:00:01Z' }))
      await checklists.create(checklist({ id: 'a' }))
      await checklists.create(checklist({ id: 'c', storyId: null }))
      expect((await checklists.ofStory('story-1')).map(({ id }) => id)).toEqual(['a', 'b'])
      expect(await checklists.get('none')).toBeNull()
    })
  })

  describe('feedback', () => {
    test('counts each person once per diagnosis and each remedy once, by their last word', async () => {
      await using two = await openTwo(engine)
      const { feedback } = two.both[0]
      expect(await feedback.stats()).toEqual([])
      const judge = (diagnosis: string, slackId: string, right: boolean, at: Date) =>
        feedback.judge({ causeId: 'disk-full', diagnosis, slackId, right, at })
      await judge('a', 'U1', false, now)
      await judge('a', 'U1', true, minutes(2))
      // read late, clicked before
      await judge('a', 'U1', false, minutes(1))
      await judge('a', 'U2', false, now)
      await judge('b', 'U1', true, now)
      const verdict = (requestId: string, kind: 'fixed' | 'same-failure' | 'another-failure' | 'unclear', at = now) =>
        feedback.verdict({ causeId: 'disk-full', requestId, kind, at })
      await verdict('r1', 'unclear')
      await verdict('r1', 'fixed', minutes(1))
      await verdict('r2', 'same-failure')
      await verdict('r3', 'another-failure')
      await verdict('r4', 'unclear')
      await feedback.verdict({ causeId: 'copy-missing', requestId: 'r5', kind: 'unclear', at: now })
      expect(await two.both[1].feedback.stats()).toEqual([
        {
          causeId: 'copy-missing',
          thumbsUp: 0,
          thumbsDown: 0,
          fixed: 0,
          sameFailure: 0,
          anotherFailure: 0,
          unclear: 1,
          precision: null,
        },
        {
          causeId: 'disk-full',
          thumbsUp: 2,
          thumbsDown: 1,
          fixed: 1,
          sameFailure: 1,
          anotherFailure: 1,
          unclear: 1,
          precision: 0.6,
        },
      ])
    })
  })

  test('is added to a database of the version before, which keeps what it holds', async () => {
    const url = await engine.create()
    {
      await using store = await openStore(url)
      await store.seen.firstTime('old', now)
      await store.cursors.set('poll', 7)
    }
    await backToMigration3(engine, url)
    await using store = await openStore(url)
    expect(await store.seen.has('old')).toBe(true)
    expect(await store.switches.get()).toEqual({ paused: null, dryRun: true })
    await store.switches.pause('UADMIN', now)
    expect(await store.audit.verify()).toMatchObject({ rows: 1, broken: null })
  })
})

async function audited(store: Store) {
  const rows: unknown[] = []
  for await (const { kind, slackId, githubLogin, what, reason } of store.audit.each())
    rows.push([kind, slackId, githubLogin, what, reason])
  return rows
}

/** As a database was before remedies: without what migration 0004 made. */
async function backToMigration3({ shared }: DatabaseEngine, url: string): Promise<void> {
  const tables = 'requests executions locks buttons links switches audit audit_head checklists judgements verdicts'
  const statements = [
    ...tables.split(' ').map((table) => `drop table ${table}`),
    ...(shared ? ['drop function audit_is_kept'] : []),
    "delete from migrations where name = '0004-remedies'",
  ]
  if (!shared) {
    const file = new DatabaseSync(url.slice('sqlite:'.length))
    for (const statement of statements) file.exec(statement)
    file.close()
    return
  }
  const client = new pg.Client(url)
  await client.connect()
  await client.query('set search_path to layerwise')
  for (const statement of statements) await client.query(statement)
  await client.end()
}

import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import type { Admission } from '../../src/remedy/execution.ts'
import { planHash } from '../../src/remedy/plan.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { type DatabaseEngine, describeOnEngines } from '../support/engines.ts'
import {
  alice,
  approved,
  atOnce,
  auditKindsOf,
  bob,
  limits,
  minutes,
  now,
  openTwo,
  prune,
  request,
  result,
  rowsAbout,
} from './remedy-data.ts'

describeOnEngines('executions', (engine) => {
  test('of one request are admitted once, by however many at once', async () => {
    await using two = await openTwo(engine)
    const [store] = two.both
    await approved(store)
    const admissions = await atOnce(two.both, 20, (each) => each.executions.admit('request-1', limits(), now))
    expect(admissions.filter((each) => each.kind === 'admitted' && !each.again)).toHaveLength(1)
    expect(admissions.filter((each) => each.kind === 'admitted' && each.again)).toHaveLength(19)
    expect(await two.both[1].executions.get('request-1')).toEqual({
      requestId: 'request-1',
      state: 'intended',
      dryRun: false,
      startedAt: now.toISOString(),
      calledAt: null,
      endedAt: null,
      dealtWith: [],
      result: null,
    })
    expect(await two.both[1].locks.holder(limits().lock, now)).toEqual({
      holder: 'prune-caches by alice',
      until: minutes(30).toISOString(),
    })
    expect(await auditKindsOf(store, 'request-1')).toEqual(['asked', 'approved'])
  })

  describe('are not admitted', () => {
    test('before enough others agreed, nor after a refusal, an expiry, or without a request', async () => {
      await using two = await openTwo(engine)
      const [store] = two.both
      await store.requests.create(request({ id: 'waits' }))
      await store.requests.create(request({ id: 'rejected' }))
      await store.requests.decide('rejected', { person: bob, vote: 'reject', planHash: planHash(prune()) }, now)
      await store.requests.create(request({ id: 'expired', expiresAt: minutes(1).toISOString() }))
      await store.requests.expireDue(minutes(1))
      for (const id of ['waits', 'rejected', 'expired', 'none']) {
        expect(await store.executions.admit(id, limits(), now)).toEqual({ kind: 'refused', because: 'not-approved' })
        expect(await store.executions.get(id)).toBeNull()
        expect((await auditKindsOf(store, id)).at(-1)).toBe('skipped')
      }
    })

    test.for([
      ['fewer agreed than are needed', { votes: [] }],
      ['only the requester agreed', { votes: [{ person: alice, vote: 'approve', at: now.toISOString() }] }],
      [
        'the one who agreed is the requester under another name',
        { votes: [{ person: { ...alice, slack: 'UELSE' }, vote: 'approve', at: now.toISOString() }] },
      ],
      ['the plan is another than the one agreed to', { plan: prune({ branch: 'release' }) }],
      ['it is called approved by somebody in the database', { state: 'approved' as const, votes: [] }],
    ] as const)('when %s, whatever its state says', async ([, over]) => {
      await using two = await openTwo(engine)
      const [store] = two.both
      const asked = await approved(store)
      await overwrite(engine, two.url, { ...asked, ...over })
      expect(await store.executions.admit(asked.id, limits(), now)).toMatchObject({ because: 'not-approved' })
      expect(await store.executions.get(asked.id)).toBeNull()
    })

    test('while paused, and are when that is over', async () => {
      await using two = await openTwo(engine)
      const [store, other] = two.both
      await approved(store)
      await other.switches.pause('UADMIN', now)
      expect(await store.executions.admit('request-1', limits(), now)).toEqual({
        kind: 'refused',
        because: 'paused',
        by: 'UADMIN',
        at: now.toISOString(),
      })
      expect(await store.executions.admit('request-1', limits({ dryRun: true }), now)).toMatchObject({
        because: 'paused',
      })
      await other.switches.resume('UADMIN', minutes(1))
      expect(await store.executions.admit('request-1', limits(), minutes(1))).toMatchObject({ kind: 'admitted' })
    })

    test('while another holds the lock: of many at once one is, and the others are told who and until when', async () => {
      await using two = await openTwo(engine)
      for (let index = 0; index < 10; index++) await approved(two.both[0], { id: `r${index}` })
      const admissions = await atOnce(two.both, 10, (store, index) =>
        store.executions.admit(`r${index}`, limits({ lockHolder: `r${index}` }), now),
      )
      const winner = admissions.findIndex(({ kind }) => kind === 'admitted')
      const locked: Admission = {
        kind: 'refused',
        because: 'locked',
        holder: `r${winner}`,
        until: minutes(30).toISOString(),
      }
      for (const [index, admission] of admissions.entries()) if (index !== winner) expect(admission).toEqual(locked)
      const rows = await rowsAbout(two.both[0], winner === 0 ? 'r1' : 'r0')
      expect(rows.at(-1)).toMatchObject({
        kind: 'skipped',
        slackId: 'UALICE',
        reason: `locked by r${winner} until ${minutes(30).toISOString()}`,
      })
    })

    test('during the cooldown of the last that was called, and are to the minute when it ends', async () => {
      await using two = await openTwo(engine)
      const [store] = two.both
      await ran(store, 'first', minutes(1))
      await approved(store, { id: 'second' })
      const until = minutes(11).toISOString()
      const admit = (at: Date) => store.executions.admit('second', limits({ hourly: many }), at)
      expect(await admit(minutes(2))).toEqual({ kind: 'refused', because: 'cooldown', until })
      expect(await admit(new Date(minutes(11).getTime() - 1))).toMatchObject({ because: 'cooldown', until })
      expect(await admit(minutes(11))).toMatchObject({ kind: 'admitted' })
    })

    test('during the cooldown of one of which nobody knows what came of it', async () => {
      await using two = await openTwo(engine)
      const [store] = two.both
      await ran(store, 'unclear', now, {}, 'unclear')
      await approved(store, { id: 'next' })
      expect(await store.executions.admit('next', limits(), minutes(9))).toMatchObject({ because: 'cooldown' })
    })

    test('beyond the hourly caps, which say when the first leaves the hour', async () => {
      await using two = await openTwo(engine)
      const [store] = two.both
      const free = { cooldownMinutes: 0 }
      await ran(store, 'one', minutes(0), free)
      await ran(store, 'two', minutes(5), { ...free, repository: 'acme/web', person: bob.githubId })
      await ran(store, 'three', minutes(10), { ...free, repository: 'acme/api' })
      await approved(store, { id: 'next' })
      const admit = (hourly: Partial<typeof many>, at = minutes(20)) =>
        store.executions.admit('next', limits({ ...free, hourly: { ...many, ...hourly } }), at)
      const refused = (of: string, most: number, until: Date) => ({
        kind: 'refused',
        because: 'cap',
        of,
        most,
        until: until.toISOString(),
      })
      expect(await admit({ repository: 2 })).toEqual(refused('repository', 2, minutes(60)))
      expect(await admit({ person: 2 })).toEqual(refused('person', 2, minutes(60)))
      expect(await admit({ installation: 3 })).toEqual(refused('installation', 3, minutes(60)))
      // a cap that was lowered meanwhile: two have to leave
      expect(await admit({ installation: 2 })).toEqual(refused('installation', 2, minutes(65)))
      expect(await admit({ installation: 0 })).toEqual(refused('installation', 0, minutes(80)))
      expect(await admit({ installation: 3 }, minutes(60))).toMatchObject({ kind: 'admitted' })
    })

    test('beyond a cap when many ask at once, though each has a lock of its own', async () => {
      await using two = await openTwo(engine)
      for (let index = 0; index < 12; index++) await approved(two.both[0], { id: `r${index}` })
      const admissions = await atOnce(two.both, 12, (store, index) =>
        store.executions.admit(
          `r${index}`,
          limits({ lock: `lock ${index}`, hourly: { ...many, installation: 5 } }),
          now,
        ),
      )
      expect(admissions.filter(({ kind }) => kind === 'admitted')).toHaveLength(5)
    })
  })

  describe('are admitted', () => {
    test('after one that failed or was skipped, without a cooldown', async () => {
      await using two = await openTwo(engine)
      const [store] = two.both
      await ran(store, 'failed', now, {}, 'failed')
      await ran(store, 'skipped', minutes(1), { hourly: { ...many, installation: 2 } }, 'skipped')
      await approved(store, { id: 'next' })
      const capped = limits({ hourly: { ...many, installation: 2 } })
      expect(await store.executions.admit('next', capped, minutes(2))).toMatchObject({ kind: 'admitted' })
    })

    test('over a lock whose holder let it run out', async () => {
      await using two = await openTwo(engine)
      const [store] = two.both
      await approved(store, { id: 'dead' })
      await store.executions.admit('dead', limits({ lockUntil: minutes(5) }), now)
      await approved(store, { id: 'next' })
      expect(await store.executions.admit('next', limits(), minutes(4.9))).toMatchObject({ because: 'locked' })
      expect(await store.locks.holder(limits().lock, minutes(5))).toBeNull()
      expect(await store.executions.admit('next', limits({ lockHolder: 'next' }), minutes(5))).toMatchObject({
        kind: 'admitted',
      })
      // the dead one comes back before it had called: the lock is another's now
      expect(await store.executions.admit('dead', limits(), minutes(6))).toMatchObject({
        because: 'locked',
        holder: 'next',
      })
      expect(await store.executions.extendLock('dead', minutes(90))).toBe(false)
    })

    test('again after the call was made, whatever holds others up: it has to be seen to its end', async () => {
      await using two = await openTwo(engine)
      const [store] = two.both
      await approved(store)
      await store.executions.admit('request-1', limits(), now)
      await store.executions.calling('request-1', minutes(1))
      await store.switches.pause('UADMIN', minutes(1))
      const again = await store.executions.admit('request-1', limits(), minutes(2))
      expect(again).toMatchObject({ kind: 'admitted', again: true, execution: { state: 'calling' } })
    })

    test('but paused before the call they stop, and go on afterwards', async () => {
      await using two = await openTwo(engine)
      const [store] = two.both
      await approved(store)
      await store.executions.admit('request-1', limits(), now)
      await store.switches.pause('UADMIN', now)
      expect(await store.executions.admit('request-1', limits(), minutes(1))).toMatchObject({ because: 'paused' })
      await store.switches.resume('UADMIN', minutes(1))
      const again = await store.executions.admit('request-1', limits(), minutes(2))
      expect(again).toMatchObject({ kind: 'admitted', again: true, execution: { state: 'intended' } })
    })
  })

  describe('of a dry run', () => {
    test('take no lock, know no cooldown and count in no cap', async () => {
      await using two = await openTwo(engine)
      const [store] = two.both
      const none = limits({ dryRun: true, hourly: { repository: 0, person: 0, installation: 0 } })
      await ran(store, 'live', now)
      for (const id of ['dry', 'dry again']) {
        await approved(store, { id })
        const admission = await store.executions.admit(id, none, minutes(1))
        expect(admission).toMatchObject({ kind: 'admitted', execution: { dryRun: true } })
        await store.executions.finish(id, 'done', result({ words: 'Would remove 1 entry.' }), minutes(1))
      }
      expect(await store.locks.holder(limits().lock, minutes(1))).toBeNull()
      expect((await rowsAbout(store, 'dry')).at(-1)).toMatchObject({ kind: 'ran', reason: 'dry run' })
      await approved(store, { id: 'next' })
      const one = limits({ hourly: { ...many, installation: 2 } })
      expect(await store.executions.admit('next', one, minutes(10))).toMatchObject({ kind: 'admitted' })
    })

    test('are all there is until somebody switches that off, whatever the caller believes', async () => {
      const url = await engine.create()
      await using store = await openStore(url)
      await approved(store)
      const admission = await store.executions.admit('request-1', limits({ dryRun: false }), now)
      expect(admission).toMatchObject({ kind: 'admitted', execution: { dryRun: true } })
      await expect(store.executions.calling('request-1', now)).rejects.toThrow(/is a dry run: nothing may be called/)
    })

    test('are made of a live one that was not called yet when dry run is switched on', async () => {
      await using two = await openTwo(engine)
      const [store] = two.both
      await approved(store)
      await store.executions.admit('request-1', limits(), now)
      await store.switches.setDryRun(true, 'UADMIN', now)
      const again = await store.executions.admit('request-1', limits(), minutes(1))
      expect(again).toMatchObject({ kind: 'admitted', again: true, execution: { dryRun: true } })
      expect(await store.locks.holder(limits().lock, minutes(1))).toBeNull()
    })
  })

  test('are called first by exactly one of all, ever', async () => {
    await using two = await openTwo(engine)
    const [store] = two.both
    await approved(store)
    await store.executions.admit('request-1', limits(), now)
    const answers = await atOnce(two.both, 30, (each) => each.executions.calling('request-1', minutes(1)))
    expect(answers.filter((answer) => answer === 'first')).toHaveLength(1)
    await store.executions.finish('request-1', 'done', result(), minutes(2))
    expect(await store.executions.calling('request-1', minutes(3))).toBe('again')
    expect(await store.executions.get('request-1')).toMatchObject({ calledAt: minutes(1).toISOString() })
  })

  test('that were not admitted are neither called, dealt with nor finished', async () => {
    await using two = await openTwo(engine)
    const [store] = two.both
    await approved(store)
    await expect(store.executions.calling('request-1', now)).rejects.toThrow(/was not admitted: nothing may be called/)
    await expect(store.executions.dealtWith('request-1', ['1'])).rejects.toThrow(/was not admitted/)
    await expect(store.executions.finish('request-1', 'done', result(), now)).rejects.toThrow(/was not admitted/)
    expect(await store.executions.get('request-1')).toBeNull()
  })

  test('remember what they dealt with, each once, also when told from two sides at once', async () => {
    await using two = await openTwo(engine)
    const [store] = two.both
    await approved(store)
    await store.executions.admit('request-1', limits(), now)
    await atOnce(two.both, 20, (each, index) =>
      each.executions.dealtWith('request-1', [`${index}`, `${index + 1}`, 'a\0']),
    )
    const { dealtWith } = (await store.executions.get('request-1')) ?? { dealtWith: [] }
    expect(dealtWith.toSorted()).toEqual([...Array.from({ length: 21 }, (_, index) => `${index}`), 'a\0'].toSorted())
  })

  test('are finished once: the first word stands, is audited, and the lock is free', async () => {
    await using two = await openTwo(engine)
    const [store] = two.both
    await approved(store)
    await store.executions.admit('request-1', limits(), now)
    await store.executions.calling('request-1', now)
    const url = 'https://github.com/acme/web/actions/runs/1'
    const ends = await atOnce(two.both, 12, (each, index) =>
      each.executions.finish(
        'request-1',
        index % 2 === 0 ? 'done' : 'failed',
        result({ words: `end ${index}`, url }),
        minutes(1),
      ),
    )
    expect(new Set(ends.map((end) => JSON.stringify(end))).size).toBe(1)
    const rows = await rowsAbout(store, 'request-1')
    expect(rows.map(({ kind }) => kind)).toEqual(['asked', 'approved', ends[0]?.state === 'done' ? 'ran' : 'failed'])
    expect(rows[2]).toMatchObject({ slackId: 'UALICE', result: ends[0]?.result?.words, link: url, reason: null })
    expect(await store.locks.holder(limits().lock, minutes(1))).toBeNull()
  })

  test.for([
    ['done', 'ran', null],
    ['failed', 'failed', null],
    ['unclear', 'failed', 'unclear'],
    ['skipped', 'skipped', null],
  ] as const)('that end as %s are audited as %s', async ([outcome, kind, reason]) => {
    await using two = await openTwo(engine)
    await ran(two.both[0], 'request-1', now, {}, outcome)
    expect((await rowsAbout(two.both[0], 'request-1')).at(-1)).toMatchObject({ kind, reason })
    expect(await two.both[0].executions.get('request-1')).toMatchObject({ state: outcome, result: result() })
  })

  test('may keep their lock beyond their end, extend it and let go', async () => {
    await using two = await openTwo(engine)
    const [store] = two.both
    const { lock } = limits()
    await approved(store)
    await store.executions.admit('request-1', limits(), now)
    await store.executions.finish('request-1', 'done', result(), minutes(1), { keepLock: minutes(40) })
    expect(await store.locks.holder(lock, minutes(39))).toMatchObject({ until: minutes(40).toISOString() })
    expect(await store.executions.extendLock('request-1', minutes(60))).toBe(true)
    expect(await store.locks.holder(lock, minutes(59))).not.toBeNull()
    await store.executions.releaseLock('request-1')
    expect(await store.locks.holder(lock, minutes(2))).toBeNull()
    expect(await store.executions.extendLock('request-1', minutes(90))).toBe(false)
  })

  test('that will not be are skipped, once, and cannot begin any more', async () => {
    await using two = await openTwo(engine)
    const [store] = two.both
    await approved(store)
    await atOnce(two.both, 8, (each) => each.executions.skip('request-1', result({ words: 'Changed.' }), now))
    expect(await store.executions.get('request-1')).toMatchObject({ state: 'skipped', calledAt: null })
    expect(await auditKindsOf(store, 'request-1')).toEqual(['asked', 'approved', 'skipped'])
    const admission = await store.executions.admit('request-1', limits(), minutes(1))
    expect(admission).toMatchObject({ kind: 'admitted', again: true, execution: { state: 'skipped' } })
    expect(await store.executions.calling('request-1', minutes(1))).toBe('again')
    await expect(store.executions.skip('none', result(), now)).rejects.toThrow(/There is no request none/)
  })

  test('that were refused and then skipped are audited as skipped once', async () => {
    await using two = await openTwo(engine)
    const [store] = two.both
    await approved(store)
    await store.switches.pause('UADMIN', now)
    await store.executions.admit('request-1', limits(), now)
    await store.executions.skip('request-1', result(), now)
    expect(await auditKindsOf(store, 'request-1')).toEqual(['asked', 'approved', 'skipped'])
  })

  test('whose call was made are not skipped', async () => {
    await using two = await openTwo(engine)
    const [store] = two.both
    await approved(store)
    await store.executions.admit('request-1', limits(), now)
    await store.executions.calling('request-1', now)
    expect(await store.executions.skip('request-1', result(), now)).toMatchObject({ state: 'calling', endedAt: null })
    expect(await store.locks.holder(limits().lock, now)).not.toBeNull()
  })

  test('skipped and admitted at once are the one or the other', async () => {
    await using two = await openTwo(engine)
    for (let round = 0; round < 10; round++) {
      const id = `r${round}`
      await approved(two.both[0], { id })
      await atOnce<unknown>(two.both, 8, (store, index) =>
        index % 4 < 2
          ? store.executions.skip(id, result(), now)
          : store.executions.admit(id, limits({ lock: id, hourly: many, cooldownMinutes: 0 }), now),
      )
      expect(await two.both[0].executions.get(id)).toMatchObject({ state: 'skipped' })
      expect(await two.both[0].locks.holder(id, now)).toBeNull()
    }
  })

  test('are found by story, and while they are open', async () => {
    await using two = await openTwo(engine)
    const [store] = two.both
    for (const [index, id] of ['c', 'b', 'a'].entries()) {
      await approved(store, { id })
      await store.executions.admit(id, limits({ lock: id }), minutes(index))
    }
    await store.executions.calling('b', minutes(3))
    await store.executions.finish('a', 'done', result(), minutes(3))
    expect((await store.executions.ofStory('story-1')).map(({ requestId }) => requestId)).toEqual(['c', 'b', 'a'])
    expect(await store.executions.ofStory('story-2')).toEqual([])
    const open = (await store.executions.open()).map(({ requestId, state }) => [requestId, state])
    expect(open).toEqual([
      ['c', 'intended'],
      ['b', 'calling'],
    ])
  })
})

const many = { repository: 100, person: 100, installation: 100 }

/** Approved, admitted, called and ended, all at this time. */
async function ran(
  store: Store,
  id: string,
  at: Date,
  over: Parameters<typeof limits>[0] = {},
  outcome: 'done' | 'failed' | 'unclear' | 'skipped' = 'done',
): Promise<void> {
  await approved(store, { id })
  const admission = await store.executions.admit(id, limits({ hourly: many, ...over }), at)
  if (admission.kind !== 'admitted') throw new Error(`${id} was not admitted: ${JSON.stringify(admission)}`)
  await store.executions.calling(id, at)
  await store.executions.finish(id, outcome, result(), at)
}

/** Past Layerwise, as somebody with the database may. */
async function overwrite({ shared }: DatabaseEngine, url: string, changed: object): Promise<void> {
  const text = JSON.stringify(changed)
  if (!shared) {
    const file = new DatabaseSync(url.slice('sqlite:'.length), { timeout: 5000 })
    file.prepare('update requests set request = ?').run(text)
    file.close()
    return
  }
  const client = new pg.Client(url)
  await client.connect()
  await client.query('update layerwise.requests set request = $1', [text])
  await client.end()
}

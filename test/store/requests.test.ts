import { expect, test } from 'vitest'
import type { Click } from '../../src/remedy/request.ts'
import { describeOnEngines } from '../support/engines.ts'
import {
  alice,
  atOnce,
  auditKindsOf,
  bob,
  bobToo,
  carol,
  entry,
  minutes,
  now,
  openTwo,
  prune,
  request,
  rowsAbout,
} from './remedy-data.ts'

describeOnEngines('requests', (engine) => {
  test('are kept as they were made, and audited as asked', async () => {
    await using two = await openTwo(engine)
    const [store, other] = two.both
    const asked = request()
    expect(await store.requests.create(asked)).toEqual(asked)
    expect(await other.requests.get(asked.id)).toEqual(asked)
    expect(await other.requests.get('another')).toBeNull()
    expect(await rowsAbout(other, asked.id)).toEqual([
      {
        kind: 'asked',
        at: now.toISOString(),
        slackId: 'UALICE',
        githubLogin: 'alice',
        repository: 'Acme/Web',
        what: 'prune-caches',
        planHash: asked.planHash,
        reason: null,
        result: null,
        link: null,
        requestId: asked.id,
      },
    ])
  })

  test('that need nobody are approved at once, and audited as that', async () => {
    await using two = await openTwo(engine)
    const [store] = two.both
    expect(await store.requests.create(request({ needed: 0 }))).toMatchObject({ state: 'approved' })
    expect(await auditKindsOf(store, 'request-1')).toEqual(['asked', 'approved'])
    expect((await rowsAbout(store, 'request-1'))[1]).toMatchObject({ reason: 'needs nobody else', slackId: null })
  })

  test('asked for many times at once under one id stand once, as the first one had it', async () => {
    await using two = await openTwo(engine)
    const answers = await atOnce(two.both, 20, (store, index) =>
      store.requests.create(request({ expiresAt: minutes(10 + index).toISOString() })),
    )
    expect(new Set(answers.map(({ expiresAt }) => expiresAt)).size).toBe(1)
    expect(await auditKindsOf(two.both[0], 'request-1')).toEqual(['asked'])
  })

  test('hold whatever a log or a branch was called', async () => {
    await using two = await openTwo(engine)
    const plan = prune({ branch: "a\0'b \ud83d 🐳", cold: ['\0'] })
    const asked = request({ plan, requester: { ...alice, github: 'al\0ice' } })
    await two.both[0].requests.create(asked)
    expect(await two.both[1].requests.get(asked.id)).toEqual(asked)
    expect((await two.both[0].audit.verify()).broken).toBeNull()
  })

  test('that could not be read again are not written', async () => {
    await using two = await openTwo(engine)
    const [store] = two.both
    await expect(store.requests.create({ ...request(), needed: -1 })).rejects.toThrow(/needed/)
    expect(await store.requests.get('request-1')).toBeNull()
    expect(await auditKindsOf(store, 'request-1')).toEqual([])
  })

  test('are not kept when their audit row cannot be', async () => {
    await using two = await openTwo(engine)
    const [store] = two.both
    const asked = request()
    await expect(store.requests.create(asked, entry({ kind: 'asked', at: 'yesterday' }))).rejects.toThrow(/datetime/)
    expect(await store.requests.get(asked.id)).toBeNull()
  })

  test('are found by story, and while they wait, oldest first', async () => {
    await using two = await openTwo(engine)
    const { requests } = two.both[0]
    await requests.create(request({ id: 'b', at: minutes(1) }))
    await requests.create(request({ id: 'a' }))
    await requests.create(request({ id: 'c', place: { channel: 'C1', threadTs: null, storyId: null } }))
    await requests.create(request({ id: 'd', needed: 0 }))
    expect((await requests.ofStory('story-1')).map(({ id }) => id)).toEqual(['a', 'd', 'b'])
    expect((await requests.pending()).map(({ id }) => id)).toEqual(['a', 'c', 'b'])
  })

  test('are decided by exactly one of many clicks at once, each of which is in the audit', async () => {
    await using two = await openTwo(engine)
    const asked = await two.both[0].requests.create(request())
    const clicks: Click[] = [
      { person: bob, vote: 'approve', planHash: asked.planHash },
      { person: carol, vote: 'reject', planHash: asked.planHash },
      { person: alice, vote: 'cancel', planHash: asked.planHash },
      { person: bobToo, vote: 'approve', planHash: asked.planHash },
    ]
    const decisions = await atOnce(two.both, 40, (store, index) =>
      store.requests.decide(asked.id, clicks[index % 4] as Click, minutes(1)),
    )
    const winners = decisions.filter(({ kind }) => kind === 'decided')
    expect(winners).toHaveLength(1)
    expect(decisions.filter(({ kind }) => kind === 'refused')).toHaveLength(39)
    const standing = await two.both[1].requests.get(asked.id)
    expect(standing).toEqual(winners[0]?.request)
    const kinds = await auditKindsOf(two.both[0], asked.id)
    expect(kinds.slice(0, 2)).toEqual(['asked', standing?.state])
    expect(kinds.filter((kind) => kind === 'denied')).toHaveLength(39)
  })

  test('count a click that is told again once, and answer it as before', async () => {
    await using two = await openTwo(engine)
    const [store, other] = two.both
    const asked = await store.requests.create(request({ needed: 2 }))
    const click = { person: bob, vote: 'approve', planHash: asked.planHash, id: 'click-1' } as const
    expect(await store.requests.decide(asked.id, click, now)).toMatchObject({ kind: 'counted' })
    expect(await other.requests.decide(asked.id, click, now)).toMatchObject({ kind: 'counted' })
    const last = { person: carol, vote: 'approve', planHash: asked.planHash, id: 'click-2' } as const
    for (const each of [store, other, store])
      expect(await each.requests.decide(asked.id, last, now)).toMatchObject({ kind: 'decided' })
    expect(await auditKindsOf(store, asked.id)).toEqual(['asked', 'approved', 'approved'])
  })

  test('that need two are counted up one by one, however many click at once', async () => {
    await using two = await openTwo(engine)
    const [store] = two.both
    const asked = await store.requests.create(request({ needed: 3 }))
    const people = Array.from({ length: 12 }, (_, at) => ({ slack: `U${at}`, github: `u${at}`, githubId: 100 + at }))
    const decisions = await atOnce(two.both, 12, (each, index) =>
      each.requests.decide(
        asked.id,
        { person: people[index] ?? bob, vote: 'approve', planHash: asked.planHash },
        minutes(1),
      ),
    )
    expect(decisions.map(({ kind }) => kind).sort()).toEqual([
      ...['counted', 'counted', 'decided'],
      ...Array(9).fill('refused'),
    ])
    expect((await store.requests.get(asked.id))?.votes).toHaveLength(3)
    const reasons = (await rowsAbout(store, asked.id)).map(({ kind, reason }) => `${kind} ${reason}`)
    expect(reasons.slice(1, 4)).toEqual(['approved 1 of 3', 'approved 2 of 3', 'approved 3 of 3'])
  })

  test('refuse a click with its reason, which the audit has too', async () => {
    await using two = await openTwo(engine)
    const [store] = two.both
    const { id, planHash } = await store.requests.create(request({ needed: 2 }))
    const refusal = async (click: Click) => {
      const decision = await store.requests.decide(id, click, minutes(1))
      return decision.kind === 'refused' ? decision.because : decision.kind
    }
    expect(await refusal({ person: alice, vote: 'approve', planHash })).toBe('own-request')
    expect(await refusal({ person: bob, vote: 'approve', planHash: 'other' })).toBe('other-plan')
    expect(await refusal({ person: bob, vote: 'cancel', planHash })).toBe('not-yours-to-cancel')
    expect(await refusal({ person: bob, vote: 'approve', planHash })).toBe('counted')
    expect(await refusal({ person: bobToo, vote: 'approve', planHash })).toBe('counted-before')
    expect(await refusal({ person: carol, vote: 'reject', planHash })).toBe('decided')
    expect(await refusal({ person: carol, vote: 'approve', planHash })).toBe('already-decided')
    const rows = (await rowsAbout(store, id)).map(({ kind, githubLogin, reason }) => [kind, githubLogin, reason])
    expect(rows).toEqual([
      ['asked', 'alice', null],
      ['denied', 'alice', 'approve: own-request'],
      ['denied', 'bob', 'approve: other-plan'],
      ['denied', 'bob', 'cancel: not-yours-to-cancel'],
      ['approved', 'bob', '1 of 2'],
      ['denied', 'bob', 'approve: counted-before'],
      ['rejected', 'carol', null],
      ['denied', 'carol', 'approve: already-decided'],
    ])
  })

  test('that are not there are decided by nobody', async () => {
    await using two = await openTwo(engine)
    const { requests } = two.both[0]
    const click: Click = { person: bob, vote: 'approve', planHash: 'x' }
    await expect(requests.decide('none', click, now)).rejects.toThrow('There is no request none in the database')
    await expect(requests.expire('none', now)).rejects.toThrow('There is no request none in the database')
  })

  test('expire once, when their time is over and not before', async () => {
    await using two = await openTwo(engine)
    const [store] = two.both
    const { id } = await store.requests.create(request({ expiresAt: '2026-03-01T10:15:00Z' }))
    expect(await store.requests.expire(id, minutes(14.9))).toMatchObject({ state: 'pending' })
    const answers = await atOnce(two.both, 20, (each) => each.requests.expire(id, minutes(15)))
    expect(new Set(answers.map(({ state }) => state))).toEqual(new Set(['expired']))
    expect(await auditKindsOf(store, id)).toEqual(['asked', 'expired'])
    expect((await rowsAbout(store, id))[1]).toMatchObject({ slackId: null, reason: '0 of 1' })
  })

  test('are expired by a click that comes too late, which is refused', async () => {
    await using two = await openTwo(engine)
    const [store] = two.both
    const { id, planHash } = await store.requests.create(request({ expiresAt: minutes(15).toISOString() }))
    const click: Click = { person: bob, vote: 'approve', planHash }
    const late = await store.requests.decide(id, click, minutes(15))
    expect(late).toMatchObject({ kind: 'refused', because: 'expired', request: { state: 'expired', votes: [] } })
    expect(await auditKindsOf(store, id)).toEqual(['asked', 'expired', 'denied'])
    expect(await store.requests.expireDue(minutes(99))).toEqual([])
  })

  test('whose time is over are expired together, each by one of those who sweep at once', async () => {
    await using two = await openTwo(engine)
    const [store] = two.both
    // spelled without milliseconds, as a schema lets them be
    for (let index = 0; index < 6; index++)
      await store.requests.create(request({ id: `due ${index}`, expiresAt: '2026-03-01T10:15:00Z' }))
    await store.requests.create(request({ id: 'later', expiresAt: minutes(15.01).toISOString() }))
    await store.requests.create(request({ id: 'approved', needed: 0, expiresAt: minutes(1).toISOString() }))
    const swept = (await atOnce(two.both, 4, (each) => each.requests.expireDue(minutes(15)))).flat()
    expect(swept.map(({ id }) => id).sort()).toEqual(['due 0', 'due 1', 'due 2', 'due 3', 'due 4', 'due 5'])
    expect((await store.requests.pending()).map(({ id }) => id)).toEqual(['later'])
    expect(await auditKindsOf(store, 'due 3')).toEqual(['asked', 'expired'])
    expect(await auditKindsOf(store, 'approved')).toEqual(['asked', 'approved'])
  })
})

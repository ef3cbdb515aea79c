import { describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import type { Alert } from '../../src/alert/alert.ts'
import { diagnoseRun } from '../../src/diagnosis/run-diagnosis.ts'
import { clientMsgIdOf } from '../../src/store/messages.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { StaleStory } from '../../src/store/stories.ts'
import type { Story } from '../../src/thread/story.ts'
import { describeOnEngines } from '../support/engines.ts'
import { throwOutConnections } from '../support/postgres.ts'

const now = new Date('2026-03-01T10:00:00.000Z')
const later = (ms: number) => new Date(now.getTime() + ms)

describeOnEngines('the store', (engine) => {
  /** Two stores over one database, as two processes have them; on SQLite, which serves one process, twice the same. */
  async function openTwo(): Promise<{ both: [Store, Store] } & AsyncDisposable> {
    const url = await engine.create()
    const first = await openStore(url)
    const second = engine.shared ? await openStore(url) : first
    return {
      both: [first, second],
      async [Symbol.asyncDispose]() {
        await first.close()
        if (second !== first) await second.close()
      },
    }
  }

  /** Asks 40 times at once, in turn through either store. */
  function atOnce<T>(both: [Store, Store], ask: (store: Store, index: number) => Promise<T>): Promise<T[]> {
    return Promise.all(Array.from({ length: 40 }, (_, index) => ask(both[index % 2 === 0 ? 0 : 1], index)))
  }

  test('what was stored is there after the store was closed and opened again', async () => {
    const url = await engine.create()
    {
      await using store = await openStore(url)
      await store.seen.firstTime('delivery-1', now)
      await store.alerts.hear(alert({}), now)
    }
    await using store = await openStore(url)
    expect(await store.seen.has('delivery-1')).toBe(true)
    expect(await store.alerts.list({ limit: 10 })).toHaveLength(1)
  })

  test('two processes that start at once on an empty database both find the tables', async () => {
    if (!engine.shared) return
    const url = await engine.create()
    const stores = await Promise.all(Array.from({ length: 6 }, () => openStore(url)))
    const answers = await Promise.all(stores.map((store) => store.seen.firstTime('one', now)))
    await Promise.all(stores.map((store) => store.close()))
    expect(answers.filter(Boolean)).toHaveLength(1)
  })

  test('goes on after the server has ended its connections, idle or in use', async () => {
    if (!engine.shared) return
    const url = await engine.create()
    await using store = await openStore(url)
    const asked = Promise.allSettled(
      Array.from({ length: 40 }, (_, index) => store.seen.firstTime(`early ${index}`, now)),
    )
    await throwOutConnections(url)
    await asked
    await throwOutConnections(url)
    await vi.waitFor(() => store.seen.firstTime('late', now))
    const answers = await Promise.all(Array.from({ length: 40 }, () => store.seen.has('late')))
    expect(answers).toEqual(Array(40).fill(true))
  })

  describe('seen', () => {
    test('says "first time" to exactly one of many who ask at once', async () => {
      await using two = await openTwo()
      const answers = await atOnce(two.both, (store) => store.seen.firstTime('delivery-1', now))
      expect(answers.filter(Boolean)).toHaveLength(1)
    })

    test('forgets what is older than asked and remembers the rest', async () => {
      await using two = await openTwo()
      const { seen } = two.both[0]
      await seen.firstTime('old', now)
      await seen.firstTime('young', later(1000))
      expect(await seen.forgetBefore(later(1))).toBe(1)
      expect([await seen.has('old'), await seen.has('young')]).toEqual([false, true])
    })
  })

  describe('alerts', () => {
    test('are new to exactly one of many doors that hear of the same attempt at once', async () => {
      await using two = await openTwo()
      const answers = await atOnce(two.both, (store) => store.alerts.hear(alert({}), now))
      expect(answers.filter((answer) => answer === 'new')).toHaveLength(1)
      expect(answers.filter((answer) => answer === 'known')).toHaveLength(39)
    })

    test('known from a job are finished for exactly one door when the run is finished', async () => {
      await using two = await openTwo()
      const { alerts } = two.both[0]
      expect(await alerts.hear(alert({ runFinished: false }), now)).toBe('new')
      expect(await alerts.hear(alert({ runFinished: false }), now)).toBe('known')
      const answers = await atOnce(two.both, (store) => store.alerts.hear(alert({ conclusion: 'timed_out' }), later(1)))
      expect(answers.filter((answer) => answer === 'finished')).toHaveLength(1)
      expect(answers.filter((answer) => answer === 'known')).toHaveLength(39)
      const heard = await alerts.get('acme/web/19000000001/1')
      expect(heard?.alert.conclusion).toBe('timed_out')
      expect([heard?.firstHeardAt, heard?.lastHeardAt]).toEqual([now, later(1)])
    })

    test('heard of as finished stay so when one of their jobs is heard of late', async () => {
      await using two = await openTwo()
      const { alerts } = two.both[0]
      await alerts.hear(alert({}), now)
      expect(await alerts.hear(alert({ runFinished: false }), later(1))).toBe('known')
      expect((await alerts.get('acme/web/19000000001/1'))?.alert.runFinished).toBe(true)
    })

    test('of another attempt are other alerts, of another spelling of the repository are not', async () => {
      await using two = await openTwo()
      const { alerts } = two.both[0]
      await alerts.hear(alert({}), now)
      expect(await alerts.hear(alert({ attempt: 2 }), now)).toBe('new')
      expect(await alerts.hear(alert({ repository: 'ACME/Web' }), now)).toBe('known')
    })

    test('are listed latest first, by repository or all', async () => {
      await using two = await openTwo()
      const { alerts } = two.both[0]
      await alerts.hear(alert({ runId: 1 }), now)
      await alerts.hear(alert({ runId: 2, repository: 'acme/api' }), later(1))
      await alerts.hear(alert({ runId: 3 }), later(2))
      const runs = async (wanted: Parameters<typeof alerts.list>[0]) =>
        (await alerts.list(wanted)).map((heard) => heard.alert.runId)
      expect(await runs({ limit: 10 })).toEqual([3, 2, 1])
      expect(await runs({ limit: 2 })).toEqual([3, 2])
      expect(await runs({ repository: 'Acme/Web', limit: 10 })).toEqual([3, 1])
    })

    test('that nobody heard of are null', async () => {
      await using two = await openTwo()
      expect(await two.both[0].alerts.get('acme/web/1/1')).toBeNull()
    })
  })

  describe('stories', () => {
    test('are read as they were written, with any text a log can hold', async () => {
      await using two = await openTwo()
      const { stories } = two.both[0]
      const wanted = story({
        branch: null,
        diagnosis: { ...story({}).diagnosis, missing: ['nul \0, half a pair \ud800, 💥'] },
      })
      const created = await stories.create(wanted)
      expect(created).toEqual({ kind: 'created', story: { ...wanted, version: 1 } })
      expect(await stories.get(wanted.id)).toEqual(created.story)
      expect(await stories.get('nobody')).toBeNull()
    })

    test('of one failure in one place are opened by exactly one of many at once; the others get that one', async () => {
      await using two = await openTwo()
      const answers = await atOnce(two.both, (store, index) => store.stories.create(story({ id: `story-${index}` })))
      expect(answers.filter((answer) => answer.kind === 'created')).toHaveLength(1)
      expect(new Set(answers.map((answer) => answer.story.id)).size).toBe(1)
    })

    test('without a branch, or with the repository in another spelling, are still one per place', async () => {
      await using two = await openTwo()
      const { stories } = two.both[0]
      await stories.create(story({ id: 'a', branch: null }))
      const again = await stories.create(story({ id: 'b', branch: null, repository: 'Acme/WEB' }))
      expect([again.kind, again.story.id]).toEqual(['known', 'a'])
    })

    test('asked for again with the same id are created again, as after a crash', async () => {
      await using two = await openTwo()
      const { stories } = two.both[0]
      await stories.create(story({}))
      expect((await stories.create(story({}))).kind).toBe('created')
    })

    test('may be opened anew once the old one is fixed', async () => {
      await using two = await openTwo()
      const { stories } = two.both[0]
      const { story: first } = await stories.create(story({ id: 'a' }))
      await stories.save({
        ...first,
        state: 'fixed',
        fixedAt: later(1).toISOString(),
        fixedBy: 'https://github.example/run/2',
      })
      expect((await stories.create(story({ id: 'b' }))).kind).toBe('created')
      expect((await stories.open(first)).map((open) => open.id)).toEqual(['b'])
      expect(await stories.get('a')).toMatchObject({ state: 'fixed', fixedAt: later(1).toISOString(), version: 2 })
    })

    test('are listed as open by place, oldest first', async () => {
      await using two = await openTwo()
      const { stories } = two.both[0]
      await stories.create(story({ id: 'young', fingerprint: 'other', firstAt: later(5).toISOString() }))
      await stories.create(story({ id: 'old' }))
      await stories.create(story({ id: 'elsewhere', branch: 'feature' }))
      await stories.create(story({ id: 'other channel', channel: 'C2' }))
      expect((await stories.open(story({}))).map((open) => open.id)).toEqual(['old', 'young'])
    })

    test('are saved by exactly one of many who read the same version; the others are told that theirs is stale', async () => {
      await using two = await openTwo()
      const { story: read } = await two.both[0].stories.create(story({}))
      const answers = await atOnce(two.both, (store, index) =>
        store.stories.save({ ...read, attempt: index + 1 }).catch((error: unknown) => error),
      )
      expect(answers.filter((answer) => answer instanceof StaleStory)).toHaveLength(39)
      expect((await two.both[0].stories.get(read.id))?.version).toBe(2)
    })

    test('cannot be opened again beside another open one of the same failure', async () => {
      await using two = await openTwo()
      const { stories } = two.both[0]
      const { story: first } = await stories.create(story({ id: 'a' }))
      const fixed = await stories.save({ ...first, state: 'fixed' })
      await stories.create(story({ id: 'b' }))
      await expect(stories.save({ ...fixed, state: 'open' })).rejects.toMatchObject({ code: 'stale-story' })
    })
  })

  describe('messages', () => {
    const wanted = { channel: 'C1', now, leaseMs: 30_000 }

    test('are claimed by exactly one of many at once; the others are told that somebody is at it', async () => {
      await using two = await openTwo()
      const answers = await atOnce(two.both, (store) => store.messages.claim('tag', wanted))
      expect(answers.filter((answer) => answer.kind === 'mine')).toHaveLength(1)
      expect(answers.filter((answer) => answer.kind === 'busy')).toHaveLength(39)
    })

    test('whose holder died are claimed by exactly one when the lease has run out, under the same client_msg_id', async () => {
      await using two = await openTwo()
      const { messages } = two.both[0]
      const first = await messages.claim('tag', wanted)
      expect(first).toEqual({ kind: 'mine', clientMsgId: clientMsgIdOf('tag'), claim: 1 })
      expect(await messages.claim('tag', { ...wanted, now: later(29_999) })).toEqual({
        kind: 'busy',
        until: later(30_000),
      })
      const answers = await atOnce(two.both, (store) => store.messages.claim('tag', { ...wanted, now: later(30_000) }))
      const mine = answers.filter((answer) => answer.kind === 'mine')
      expect(mine).toEqual([{ kind: 'mine', clientMsgId: clientMsgIdOf('tag'), claim: 2 }])
    })

    test('that stand are never claimed again, however late', async () => {
      await using two = await openTwo()
      const { messages } = two.both[0]
      await messages.claim('tag', wanted)
      expect(await messages.get('tag')).toBeNull()
      await messages.posted('tag', { channel: 'C1', ts: '17.01', hash: 'h1' })
      const claim = await messages.claim('tag', { ...wanted, now: later(86_400_000) })
      expect(claim).toEqual({ kind: 'posted', channel: 'C1', ts: '17.01', hash: 'h1' })
    })

    test('take a new hash with each update but keep their first ts', async () => {
      await using two = await openTwo()
      const { messages } = two.both[0]
      await messages.claim('tag', wanted)
      await messages.posted('tag', { channel: 'C1', ts: '17.01', hash: 'h1' })
      await messages.posted('tag', { channel: 'C1', ts: '17.01', hash: 'h2' })
      await messages.posted('tag', { channel: 'C1', ts: '99.99', hash: 'h3' })
      expect(await messages.get('tag')).toEqual({ channel: 'C1', ts: '17.01', hash: 'h2' })
    })

    test('handed back are free at once, but not by a holder whose lease had run out', async () => {
      await using two = await openTwo()
      const { messages } = two.both[0]
      await messages.claim('tag', wanted)
      await messages.release('tag', 1)
      expect(await messages.claim('tag', wanted)).toMatchObject({ kind: 'mine', claim: 2 })
      await messages.release('tag', 1)
      expect(await messages.claim('tag', wanted)).toMatchObject({ kind: 'busy' })
    })

    test('posted without a claim are remembered too', async () => {
      await using two = await openTwo()
      const { messages } = two.both[0]
      await messages.posted('tag', { channel: 'C1', ts: '17.01', hash: 'h1' })
      expect(await messages.claim('tag', wanted)).toMatchObject({ kind: 'posted', ts: '17.01' })
    })
  })

  describe('cursors', () => {
    test('give back what was set last, and null before', async () => {
      await using two = await openTwo()
      const { cursors } = two.both[0]
      const schema = z.strictObject({ etag: z.string() })
      expect(await cursors.get('poller acme/web', schema)).toBeNull()
      await cursors.set('poller acme/web', { etag: 'a' })
      await cursors.set('poller acme/web', { etag: 'b' })
      expect(await cursors.get('poller acme/web', schema)).toEqual({ etag: 'b' })
    })

    test('that hold something else than expected are an error that names them', async () => {
      await using two = await openTwo()
      const { cursors } = two.both[0]
      await cursors.set('poller acme/web', { etag: 7 })
      const read = cursors.get('poller acme/web', z.strictObject({ etag: z.string() }))
      await expect(read).rejects.toThrow(/cursors\.value of poller acme\/web .*another version.*expected string/s)
    })
  })
})

test('a client_msg_id is a UUID of version 5, the same for the same tag, another for another', () => {
  expect(clientMsgIdOf('tag')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(clientMsgIdOf('tag')).toBe(clientMsgIdOf('tag'))
  expect(clientMsgIdOf('tag')).not.toBe(clientMsgIdOf('gat'))
})

function alert(different: Partial<Alert>): Alert {
  return {
    repository: 'acme/web',
    runId: 19_000_000_001,
    attempt: 1,
    workflow: 'CI',
    branch: 'main',
    sha: 'f00d',
    conclusion: 'failure',
    url: 'https://github.example/acme/web/actions/runs/19000000001',
    runFinished: true,
    heardFrom: 'webhook',
    ...different,
  }
}

function story(different: Partial<Story>): Story {
  return {
    id: 'story-1',
    channel: 'C1',
    repository: 'acme/web',
    workflow: 'CI',
    branch: 'main',
    fingerprint: 'disk-full-builder',
    state: 'open',
    runId: 19_000_000_001,
    attempt: 1,
    failures: 1,
    diagnosis: diagnoseRun([], []),
    sha: 'f00d',
    url: 'https://github.example/acme/web/actions/runs/19000000001',
    history: [],
    firstAt: now.toISOString(),
    lastAt: now.toISOString(),
    fixedAt: null,
    fixedBy: null,
    version: 0,
    ...different,
  }
}

import { expect, test } from 'vitest'
import { type KeptBuild, seriesOf } from '../../src/cache/kept-build.ts'
import { openDatabase } from '../../src/store/database.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { describeOnEngines } from '../support/engines.ts'

const now = new Date('2026-03-01T10:00:00.000Z')
const later = (minutes: number) => new Date(now.getTime() + minutes * 60_000)

describeOnEngines('builds', (engine) => {
  const open = async (): Promise<Store> => openStore(await engine.create())

  /** Keeps builds of runs 1, 2, 3…, a minute apart. */
  async function keepAll({ builds }: Store, different: Partial<KeptBuild>[]): Promise<void> {
    for (const [at, change] of different.entries())
      await builds.keep(build({ runId: at + 1, jobId: at + 1, at: later(at), ...change }))
  }

  test('are read as they were kept, ids of GitHub’s size, nulls and any text included', async () => {
    await using store = await open()
    const wanted = build({
      runId: 19_700_000_001,
      jobId: 57_700_000_001,
      branch: null,
      hitRate: null,
      seconds: null,
      steps: [step({ name: 'RUN echo \0 💥', stage: null, status: 'cached', seconds: null })],
      firstMisses: [miss({ stage: null, expected: null, secondsLost: null, files: ['a', 'b'] })],
      exports: [{ type: 'registry', ref: '', ok: false, error: 'denied' }],
    })
    const kept = await store.builds.keep(wanted)
    expect(kept).toEqual({ ...wanted, steps: [{ ...wanted.steps[0], name: 'RUN echo  💥' }] })
    expect(await store.builds.ofRun(19_700_000_001, 1)).toEqual([kept])
  })

  test('kept again have new findings, and the time they had', async () => {
    await using store = await open()
    await store.builds.keep(build({}))
    await store.builds.keep(build({ repository: 'ACME/Web', at: later(9), hitRate: 0.25, outcome: 'failed' }))
    expect(await store.builds.ofRun(1, 1)).toMatchObject([
      { repository: 'acme/web', at: now, hitRate: 0.25, outcome: 'failed' },
    ])
  })

  test('kept by many at once are one row', async () => {
    await using store = await open()
    await Promise.all(Array.from({ length: 20 }, () => store.builds.keep(build({}))))
    expect(await store.builds.ofRun(1, 1)).toHaveLength(1)
  })

  test('stay small, whatever the log said', async () => {
    await using store = await open()
    const long = 'x'.repeat(5_000)
    const kept = await store.builds.keep(
      build({
        series: long,
        steps: Array.from({ length: 900 }, () => step({ name: `${'x'.repeat(399)}💥` })),
        firstMisses: Array.from({ length: 900 }, () =>
          miss({ step: long, detail: long, files: Array(900).fill('file') }),
        ),
        imports: Array.from({ length: 900 }, () => ({ type: 'gha' as const, ref: long, ok: true, error: long })),
      }),
    )
    expect(kept.steps).toHaveLength(200)
    // half of the last character is no character
    expect(kept.steps[0]?.name).toBe(`${'x'.repeat(399)}\ufffd`)
    expect(kept.firstMisses).toHaveLength(50)
    expect(kept.firstMisses[0]?.files).toHaveLength(20)
    expect(kept.imports).toHaveLength(20)
    expect(JSON.stringify(kept).length).toBeLessThan(200_000)
    expect(await store.builds.last(build({ series: long }), { before: later(1), limit: 5 })).toHaveLength(1)
  })

  test('of a run’s attempt are told job by job', async () => {
    await using store = await open()
    await store.builds.keep(build({ jobId: 8, index: 1 }))
    await store.builds.keep(build({ jobId: 8, index: 0 }))
    await store.builds.keep(build({ jobId: 7 }))
    await store.builds.keep(build({ jobId: 9, attempt: 2 }))
    const told = await store.builds.ofRun(1, 1)
    expect(told.map(({ jobId, index }) => [jobId, index])).toEqual([
      [7, 0],
      [8, 0],
      [8, 1],
    ])
  })

  test('of a series are told oldest first, the latest of them, on a branch or on all', async () => {
    await using store = await open()
    await keepAll(store, [
      {},
      { branch: 'feature' },
      { branch: null },
      {},
      { series: 'worker' },
      { jobName: 'other' },
      { workflow: 'nightly' },
      { repository: 'acme/api' },
    ])
    const runs = async (asked: Parameters<Store['builds']['last']>[1]) =>
      (await store.builds.last(build({ repository: 'Acme/Web' }), asked)).map(({ runId }) => runId)
    expect(await runs({ before: later(60), limit: 9 })).toEqual([1, 2, 3, 4])
    expect(await runs({ before: later(60), limit: 2 })).toEqual([3, 4])
    expect(await runs({ before: later(3), limit: 9 })).toEqual([1, 2, 3])
    expect(await runs({ before: later(60), limit: 9, branch: 'main' })).toEqual([1, 4])
    expect(await runs({ before: later(60), limit: 9, branch: null })).toEqual([3])
  })

  test('are compared with the one before of their own branch, else of a base branch', async () => {
    await using store = await open()
    await keepAll(store, [
      {},
      { outcome: 'failed' },
      { branch: 'feature' },
      { branch: 'feature' },
      { series: 'worker' },
    ])
    const { builds } = store
    const own = build({ runId: 9, branch: 'feature', at: later(60) })
    expect(await builds.previous(own)).toMatchObject({ runId: 4 })
    expect(await builds.previous({ ...own, at: later(3), runId: 4 })).toMatchObject({ runId: 3 })
    expect(await builds.previous({ ...own, at: later(3), runId: 5 })).toMatchObject({ runId: 4 })
    const fresh = { ...own, branch: 'fresh' }
    expect(await builds.previous(fresh)).toBeNull()
    expect(await builds.previous(fresh, { bases: ['release', 'main'] })).toMatchObject({ runId: 2 })
    expect(await builds.previous(fresh, { bases: ['main'], outcome: 'succeeded' })).toMatchObject({ runId: 1 })
    expect(await builds.previous({ ...fresh, jobName: 'other' }, { bases: ['main'] })).toBeNull()
  })

  test('beside a series are those of others in the repository that write a cache', async () => {
    await using store = await open()
    const exports = [{ type: 'gha' as const, ref: '', ok: true, error: null }]
    await keepAll(store, [
      { exports, series: 'too old' },
      { exports },
      { exports, series: 'worker' },
      { exports: [], series: 'reader' },
      { exports, jobName: 'other' },
      { exports, workflow: 'nightly' },
      { exports, repository: 'acme/api' },
      { exports, series: 'too new' },
    ])
    const asked = { since: later(1), before: later(7), limit: 9 }
    const runs = (told: KeptBuild[]) => told.map(({ runId }) => runId)
    expect(runs(await store.builds.writersBeside(build({}), asked))).toEqual([3, 5, 6])
    expect(runs(await store.builds.writersBeside(build({}), { ...asked, limit: 2 }))).toEqual([5, 6])
  })

  test('of a repository come from all its series, the latest, oldest first', async () => {
    await using store = await open()
    await keepAll(store, [{}, { series: 'worker' }, { repository: 'acme/api' }, { workflow: 'nightly' }, {}])
    const runs = async (asked: { before: Date; limit: number }) =>
      (await store.builds.ofRepository('Acme/Web', asked)).map(({ runId }) => runId)
    expect(await runs({ before: later(60), limit: 9 })).toEqual([1, 2, 4, 5])
    expect(await runs({ before: later(4), limit: 2 })).toEqual([2, 4])
  })

  test('are forgotten when they are older than asked', async () => {
    await using store = await open()
    await keepAll(store, [{}, {}, {}])
    expect(await store.builds.forgetBefore(later(2))).toBe(2)
    expect(await store.builds.last(build({}), { before: later(60), limit: 9 })).toMatchObject([{ runId: 3 }])
  })

  test('that hold something else than this version expects are named', async () => {
    const url = await engine.create()
    {
      await using store = await openStore(url)
      await store.builds.keep(build({}))
    }
    const database = await openDatabase(url)
    await database.db.updateTable('builds').set({ steps: '[{"name":1}]' }).execute()
    await database.close()
    await using store = await openStore(url)
    await expect(store.builds.ofRun(1, 1)).rejects.toThrow('builds.steps of build 0 in attempt 1 of job 1')
  })
})

test('a series is a target and its platforms; what looks alike is told apart by its order', () => {
  const on = (target: string | null, ...platforms: (string | null)[]) => ({
    target,
    steps: platforms.map((platform) => ({ platform })),
  })
  expect(
    seriesOf([
      on('web', 'linux/arm64', 'linux/amd64', 'linux/arm64'),
      on('web', null),
      on(null),
      on(null, null),
      on('web', 'linux/amd64', 'linux/arm64'),
    ]),
  ).toEqual(['web linux/amd64,linux/arm64', 'web', '', '#2', 'web linux/amd64,linux/arm64 #2'])
})

function step(different: Partial<KeptBuild['steps'][number]>): KeptBuild['steps'][number] {
  return {
    name: '[deps 3/4] RUN npm ci',
    stage: 'deps',
    platform: null,
    status: 'executed',
    seconds: 41.5,
    ...different,
  }
}

function miss(different: Partial<KeptBuild['firstMisses'][number]>): KeptBuild['firstMisses'][number] {
  return {
    stage: 'deps',
    step: '[deps 3/4] RUN npm ci',
    reason: 'unknown',
    files: [],
    detail: 'nobody knows',
    expected: false,
    secondsLost: 41.5,
    certainty: 'low',
    ...different,
  }
}

function build(different: Partial<KeptBuild>): KeptBuild {
  return {
    repository: 'acme/web',
    workflow: 'CI',
    jobName: 'build',
    series: 'web',
    branch: 'main',
    event: 'push',
    ref: 'refs/heads/main',
    sha: 'f00d',
    runId: 1,
    attempt: 1,
    jobId: 1,
    index: 0,
    at: now,
    outcome: 'succeeded',
    hitRate: 0.5,
    seconds: 41.5,
    cached: 2,
    executed: 1,
    steps: [step({})],
    firstMisses: [miss({})],
    imports: [{ type: 'gha', ref: 'gha:1234', ok: true, error: null }],
    exports: [],
    ...different,
  }
}

import { expect, test } from 'vitest'
import type { Failure, FailureFilter, Failures, KeptFailure } from '../../src/store/failures.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { describeOnEngines } from '../support/engines.ts'

const now = new Date('2026-03-01T10:00:00.000Z')
const later = (minutes: number) => new Date(now.getTime() + minutes * 60_000)

describeOnEngines('failures', (engine) => {
  const open = async (): Promise<Store> => openStore(await engine.create())

  test('are read as they were kept, ids of GitHub’s size and any text of a log included', async () => {
    await using store = await open()
    const wanted = failure({ branch: null, excerpt: 'line 1\nnul \0 and 💥', runId: 9_700_000_001 })
    const kept = await store.failures.keep(wanted)
    expect(kept).toEqual({ ...wanted, excerpt: 'line 1\nnul  and 💥', passedAt: null })
    expect(await all(store.failures)).toEqual([kept])
  })

  test('kept again have new findings, and the time and the excerpt they had', async () => {
    await using store = await open()
    await store.failures.keep(failure({ excerpt: 'what the log said' }))
    await store.failures.keep(failure({ repository: 'ACME/Web', at: later(9), causeId: 'disk-full-runner' }))
    expect(await all(store.failures)).toMatchObject([
      { repository: 'acme/web', at: now, causeId: 'disk-full-runner', excerpt: 'what the log said' },
    ])
  })

  test('kept by many at once are one row', async () => {
    await using store = await open()
    await Promise.all(Array.from({ length: 20 }, () => store.failures.keep(failure({}))))
    expect(await all(store.failures)).toHaveLength(1)
  })

  test('have a history of what was seen before in the same job, on whatever branch', async () => {
    await using store = await open()
    const { failures } = store
    await failures.keep(failure({ runId: 1, sha: 'aaa', branch: 'feature' }))
    await failures.keep(failure({ runId: 1, attempt: 2, jobId: 8, sha: 'aaa', at: later(1), branch: 'feature' }))
    await failures.keep(failure({ runId: 2, sha: 'bbb', at: later(2) }))
    await failures.keep(failure({ runId: 3, at: later(3), jobName: 'build (arm64)' }))
    await failures.keep(failure({ runId: 4, at: later(3), fingerprint: 'npm-e404:2' }))
    await failures.keep(failure({ runId: 5, at: later(3), workflow: 'nightly' }))
    await failures.keep(failure({ runId: 6, at: later(3), repository: 'acme/api' }))
    await failures.passedOnRerun({ repository: 'acme/web', runId: 1, attempt: 2 }, later(4))
    const place = { repository: 'Acme/Web', workflow: 'CI', jobName: 'build', fingerprint: 'npm-e404:1' }
    expect(await failures.history(place, { before: later(10), runId: 1 })).toEqual({
      times: 3,
      firstAt: now,
      firstSha: 'aaa',
      lastAt: later(2),
      passedOnRerun: 1,
      sameRun: 2,
    })
    expect(await failures.history(place, { before: later(1), runId: 2 })).toMatchObject({
      times: 1,
      lastAt: now,
      sameRun: 0,
    })
    expect(await failures.history(place, { before: now, runId: 1 })).toBeNull()
  })

  test('pass on a re-run when a later attempt of their own run does, in the jobs named', async () => {
    await using store = await open()
    const { failures } = store
    await failures.keep(failure({ runId: 1, attempt: 1, jobId: 1 }))
    await failures.keep(failure({ runId: 1, attempt: 1, jobId: 2, jobName: 'test' }))
    await failures.keep(failure({ runId: 1, attempt: 2, jobId: 3, jobName: 'test' }))
    await failures.keep(failure({ runId: 2, attempt: 1, jobId: 4 }))
    const passed = (attempt: number, jobNames?: string[]) =>
      failures.passedOnRerun(
        { repository: 'ACME/web', runId: 1, attempt, ...(jobNames && { jobNames }) },
        later(attempt),
      )
    expect(await passed(1)).toBe(0)
    expect(await passed(2, ['build'])).toBe(1)
    expect(await passed(2, ['build'])).toBe(0)
    expect(await passed(2, [])).toBe(0)
    expect(await passed(3)).toBe(2)
    const told = (await all(failures)).map(({ jobId, passedAt }) => [jobId, passedAt])
    expect(told.sort()).toEqual([
      [1, later(2)],
      [2, later(3)],
      [3, later(3)],
      [4, null],
    ])
  })

  test('still count as passed when they are kept again', async () => {
    await using store = await open()
    await store.failures.keep(failure({}))
    await store.failures.passedOnRerun({ repository: 'acme/web', runId: 19_000_000_001, attempt: 2 }, later(1))
    expect(await store.failures.keep(failure({}))).toMatchObject({ passedAt: later(1) })
  })

  test('are all told, latest first, each once, however many there are and at whatever time', async () => {
    await using store = await open()
    const at = (index: number) => later(Math.floor(index / 150))
    for (let index = 0; index < 450; index++) await store.failures.keep(failure({ jobId: index, at: at(index) }))
    const told = await all(store.failures)
    expect(new Set(told.map(({ jobId }) => jobId)).size).toBe(450)
    expect(told).toHaveLength(450)
    const times = told.map(({ at }) => at.getTime())
    expect(times).toEqual(times.toSorted((a, b) => b - a))
  })

  test('are told of what was asked for only', async () => {
    await using store = await open()
    await store.failures.keep(failure({ jobId: 1, excerpt: 'x' }))
    await store.failures.keep(failure({ jobId: 2, repository: 'acme/api', at: later(1) }))
    await store.failures.keep(failure({ jobId: 3, causeId: 'disk-full-runner', fingerprint: 'd', at: later(2) }))
    await store.failures.keep(failure({ jobId: 4, workflow: 'nightly', at: later(3) }))
    const jobs = async (filter: FailureFilter) => (await all(store.failures, filter)).map(({ jobId }) => jobId)
    expect(await jobs({})).toEqual([4, 3, 2, 1])
    expect(await jobs({ repository: 'ACME/web' })).toEqual([4, 3, 1])
    expect(await jobs({ causeId: 'disk-full-runner' })).toEqual([3])
    expect(await jobs({ fingerprint: 'd' })).toEqual([3])
    expect(await jobs({ workflow: 'nightly' })).toEqual([4])
    expect(await jobs({ since: later(2) })).toEqual([4, 3])
    expect(await jobs({ withExcerpt: true })).toEqual([1])
  })

  test('are forgotten when they are older than asked', async () => {
    await using store = await open()
    await store.failures.keep(failure({ jobId: 1 }))
    await store.failures.keep(failure({ jobId: 2, at: later(1) }))
    expect(await store.failures.forgetBefore(later(1))).toBe(1)
    expect((await all(store.failures)).map(({ jobId }) => jobId)).toEqual([2])
  })
})

async function all(failures: Failures, filter?: FailureFilter): Promise<KeptFailure[]> {
  const told: KeptFailure[] = []
  for await (const failure of failures.each(filter)) told.push(failure)
  return told
}

function failure(different: Partial<Failure>): Failure {
  return {
    repository: 'acme/web',
    workflow: 'CI',
    jobName: 'build',
    branch: 'main',
    sha: 'f00d',
    runId: 19_000_000_001,
    attempt: 1,
    jobId: 27_000_000_001,
    at: now,
    fingerprint: 'npm-e404:1',
    causeId: 'npm-e404',
    confidence: 0.95,
    excerpt: null,
    ...different,
  }
}

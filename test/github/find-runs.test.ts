import { afterAll, describe, expect, test } from 'vitest'
import { githubClient } from '../../src/github/client.ts'
import { findRuns } from '../../src/github/find-runs.ts'
import { type LocalGithub, type ScriptedRun, startLocalGithub } from '../../src/playground/github.ts'
import { githubDescription } from '../support/openapi.ts'

const repository = 'acme/platform'
const asked: LocalGithub['requests'] = []
afterAll(() => expect(githubDescription().problemsOf(asked)).toEqual([]))

describe('the run to compare with', () => {
  const push = { workflow: 'CI', branch: 'fix', event: 'push', baseBranch: null }

  test('is the last of its own branch that passed, in one call', async () => {
    await using world = await startWorld()
    await world.play({ branch: 'main' })
    const passed = await world.play({ branch: 'fix' })
    await world.play({ branch: 'fix', conclusion: 'failure' })
    await world.play({ branch: 'fix', workflow: 'Nightly' })
    const runId = await world.play({ branch: 'fix' })
    await world.play({ branch: 'fix' })
    expect(await world.comparable({ ...push, runId })).toEqual([passed, 'own-branch', 'success'])
    expect(world.local.requests).toHaveLength(1)
  })

  test('is one that failed when none passed, but none that was cancelled or never began', async () => {
    await using world = await startWorld()
    await world.play({ branch: 'main' })
    const failed = await world.play({ branch: 'fix', conclusion: 'failure' })
    for (const conclusion of ['cancelled', 'skipped', 'startup_failure', 'action_required'])
      await world.play({ branch: 'fix', conclusion })
    const runId = await world.play({ branch: 'fix' })
    expect(await world.comparable({ ...push, runId })).toEqual([failed, 'own-branch', 'failure'])
  })

  test("is the base branch's, else the default branch's, in four calls at most", async () => {
    await using world = await startWorld()
    const onMain = await world.play({ branch: 'main', conclusion: 'failure' })
    await world.play({ branch: 'main', event: 'pull_request', headRepository: 'robin/platform' })
    const onNext = await world.play({ branch: 'next' })
    const runId = await world.play({ branch: 'fix' })
    const of = (more: object) => world.comparable({ ...push, runId, ...more })
    expect(await of({ baseBranch: 'next' })).toEqual([onNext, 'base-branch', 'success'])
    expect(await of({ baseBranch: null })).toEqual([onMain, 'default-branch', 'failure'])
    world.local.requests.length = 0
    expect(await of({ baseBranch: 'empty' })).toEqual([onMain, 'default-branch', 'failure'])
    expect(world.local.requests).toHaveLength(4)
    expect(await of({ workflow: 'Release' })).toBeNull()
    expect(await of({ branch: null })).toEqual([onMain, 'default-branch', 'failure'])
  })

  test('of a pull request is one of that pull request: a push to its branch used other caches', async () => {
    await using world = await startWorld()
    const onMain = await world.play({ branch: 'main' })
    const pull = { ...push, event: 'pull_request', baseBranch: 'main' }
    await world.play({ branch: 'fix' })
    const first = await world.play({ branch: 'fix', event: 'pull_request' })
    await world.play({ branch: 'fix' })
    const second = await world.play({ branch: 'fix', event: 'pull_request' })
    expect(await world.comparable({ ...pull, runId: second })).toEqual([first, 'own-branch', 'success'])
    expect(await world.comparable({ ...pull, runId: first })).toEqual([onMain, 'base-branch', 'success'])
  })

  test('of a fork is one of that fork, not of a branch that has the same name elsewhere', async () => {
    await using world = await startWorld()
    const onMain = await world.play({ branch: 'main' })
    const fork = { event: 'pull_request', branch: 'main' }
    const first = await world.play({ ...fork, headRepository: 'robin/platform' })
    await world.play({ ...fork, headRepository: 'kim/platform' })
    const runId = await world.play({ ...fork, headRepository: 'robin/platform' })
    const wanted = { workflow: 'CI', event: 'pull_request', baseBranch: 'main' }
    expect(await world.comparable({ ...wanted, branch: 'robin:main', runId })).toEqual([first, 'own-branch', 'success'])
    expect(await world.comparable({ ...wanted, branch: 'lou:main', runId })).toEqual([onMain, 'base-branch', 'success'])
    expect(await world.comparable({ ...push, branch: 'main', runId })).toEqual([onMain, 'own-branch', 'success'])
  })

  test('of the default branch is looked for there once', async () => {
    await using world = await startWorld()
    const runId = await world.play({ branch: 'main' })
    expect(await world.comparable({ ...push, branch: 'main', runId })).toBeNull()
    expect(world.local.requests).toHaveLength(2)
  })
})

test("the last green run of a branch is none of a fork's branch of that name", async () => {
  await using world = await startWorld()
  const own = await world.play({ branch: 'main' })
  await world.play({ branch: 'main', event: 'pull_request', headRepository: 'robin/platform' })
  const runId = await world.play({ branch: 'main', conclusion: 'failure' })
  expect((await world.runs.lastGreen(repository, { workflow: 'CI', branch: 'main', runId }))?.runId).toBe(own)
})

test('the latest runs are those that came to an end, newest first', async () => {
  await using world = await startWorld()
  const failed = await world.play({ branch: 'main', conclusion: 'failure' })
  const onFix = await world.play({ branch: 'fix', workflow: 'Nightly' })
  await world.play({ branch: 'main', conclusion: 'cancelled' })
  await world.local.startRun({ jobs: [] })
  const latest = async (wanted?: object) => (await world.runs.latestRuns(repository, wanted)).map(({ runId }) => runId)
  expect(await latest()).toEqual([onFix, failed])
  expect(await latest({ branch: 'main' })).toEqual([failed])
  expect(await latest({ branch: 'elsewhere' })).toEqual([])
})

test('the runs of a commit are found by its sha', async () => {
  await using world = await startWorld()
  const sha = 'c'.repeat(40)
  const first = await world.play({ sha })
  const second = await world.play({ sha, workflow: 'Lint', conclusion: 'failure' })
  await world.play({})
  expect((await world.runs.runsOfCommit(repository, sha)).map(({ runId }) => runId)).toEqual([second, first])
  expect(await world.runs.runsOfCommit(repository, 'd'.repeat(40))).toEqual([])
})

async function startWorld() {
  const local = await startLocalGithub()
  const runs = findRuns(githubClient({ kind: 'token', token: local.token, baseUrl: local.baseUrl }, { retries: 0 }))
  return {
    local,
    runs,
    async play(script: Omit<ScriptedRun, 'jobs'>): Promise<number> {
      return (await local.finishRun({ jobs: [{ name: 'build', conclusion: 'success' }], ...script })).runId
    },
    async comparable(wanted: Parameters<typeof runs.comparable>[1]) {
      const found = await runs.comparable(repository, wanted)
      return found && [found.run.runId, found.of, found.run.conclusion]
    },
    async [Symbol.asyncDispose]() {
      asked.push(...local.requests)
      await local[Symbol.asyncDispose]()
    },
  }
}

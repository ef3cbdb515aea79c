import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { indexSigns } from '../../src/diagnosis/match.ts'
import { loadRunbooks } from '../../src/diagnosis/runbooks.ts'
import { githubClient } from '../../src/github/client.ts'
import { githubRuns } from '../../src/github/runs.ts'
import { type LocalGithub, type PlayedRun, startLocalGithub } from '../../src/playground/github.ts'
import { attemptOf, readRun } from '../../src/tasks/read-run.ts'

const signs = indexSigns(await loadRunbooks([fileURLToPath(new URL('../../runbooks', import.meta.url))]))
const lab = (name: string) => readFileSync(new URL(`../fixtures/lab/${name}.gha.log`, import.meta.url))
const red = (name: string, log: Uint8Array | string | { status: 404 | 410 } = lab('run-tsc-error')) => ({
  name,
  conclusion: 'failure',
  log,
})
const passed = (name: string) => ({ name, conclusion: 'success', log: lab('web-warm') })

function runsOf({ baseUrl, token }: LocalGithub) {
  const patience = { retries: 1, retryUnitMs: 1, timeoutMs: 5_000 }
  return githubRuns(githubClient({ kind: 'token', token, baseUrl }, patience))
}

function read(github: LocalGithub, run: PlayedRun, { jobId = null as number | null, now = () => new Date() } = {}) {
  const { repository, runId, attempt } = run
  return readRun({ runs: runsOf(github), signs, now }, { repository, runId, attempt, jobId })
}

const logRequests = (github: LocalGithub) => github.requests.filter(({ path }) => /\/jobs\/\d+\/logs$/.test(path))

describe('the jobs that are read', () => {
  test('are the failed ones', async () => {
    await using github = await startLocalGithub()
    const others = ['cancelled', 'skipped'].map((conclusion) => ({ name: conclusion, conclusion, log: '' }))
    const run = await github.finishRun({
      jobs: [passed('a'), red('b'), { ...red('c'), conclusion: 'timed_out' }, ...others],
    })
    const { jobs, missing } = await read(github, run)
    expect(jobs.map(({ name, conclusion, explanation }) => [name, conclusion, explanation?.outcome])).toEqual([
      ['b', 'failure', 'failed'],
      ['c', 'timed_out', 'failed'],
    ])
    expect(missing).toEqual([])
    expect(logRequests(github)).toHaveLength(2)
  })

  test('are those that ran, where none failed and somebody asks', async () => {
    await using github = await startLocalGithub()
    const run = await github.finishRun({ jobs: [passed('a'), { name: 'b', conclusion: 'skipped' }] })
    const { jobs } = await read(github, run)
    expect(jobs.map(({ name, explanation }) => [name, explanation?.outcome])).toEqual([['a', 'succeeded']])
  })

  test('are twenty at most, and the rest is counted', async () => {
    await using github = await startLocalGithub()
    const names = Array.from({ length: 27 }, (_, index) => `shard ${index}`)
    const run = await github.finishRun({ jobs: names.map((name) => red(name)) })
    const { jobs, missing } = await read(github, run)
    expect(jobs.map(({ name }) => name)).toEqual(names.slice(0, 20))
    expect(missing).toEqual(['7 further failed jobs: only the first 20 logs are read'])
    expect(logRequests(github)).toHaveLength(20)
  })

  test('are all of twenty, with nothing said to be missing', async () => {
    await using github = await startLocalGithub()
    const run = await github.finishRun({ jobs: Array.from({ length: 20 }, (_, index) => red(`shard ${index}`)) })
    const { jobs, missing } = await read(github, run)
    expect([jobs.length, missing]).toEqual([20, []])
  })

  test('are those of the attempt that is asked for', async () => {
    await using github = await startLocalGithub()
    const first = await github.finishRun({ jobs: [red('a')] })
    await github.finishRun({ runId: first.runId, jobs: [passed('a')] })
    const { jobs } = await read(github, first)
    expect(jobs.map(({ id, conclusion }) => [id, conclusion])).toEqual([[first.jobs[0]?.id, 'failure']])
  })

  test('is the one that is named, failed or not', async () => {
    await using github = await startLocalGithub()
    const run = await github.finishRun({ jobs: [passed('a'), red('b')] })
    const { jobs } = await read(github, run, { jobId: run.jobs[0]?.id ?? 0 })
    expect(jobs.map(({ name }) => name)).toEqual(['a'])
  })

  test('is none, in words, when the named one is of another attempt', async () => {
    await using github = await startLocalGithub()
    const first = await github.finishRun({ jobs: [red('a')] })
    const second = await github.finishRun({ runId: first.runId, jobs: [red('a')] })
    const jobId = first.jobs[0]?.id ?? 0
    expect(await read(github, second, { jobId })).toMatchObject({
      jobs: [],
      lead: null,
      missing: [`job ${jobId}: it is not part of attempt 2 of this run`],
    })
  })

  test('are none when the run never started', async () => {
    await using github = await startLocalGithub()
    const run = await github.finishRun({ conclusion: 'startup_failure', jobs: [] })
    expect(await read(github, run)).toMatchObject({ jobs: [], lead: null, fingerprint: 'no-log', missing: [] })
  })
})

describe('a log that cannot be read whole', () => {
  test('gives an explanation of what came, marked as truncated', async () => {
    await using github = await startLocalGithub()
    const log = lab('run-tsc-error')
    const run = await github.finishRun({ jobs: [red('build', log)] })
    github.failNext({ match: 'GET /logs/', breakAfter: log.length - 300 })
    const { jobs, missing } = await read(github, run)
    const { source, outcome, missing: ofJob } = jobs[0]?.explanation ?? {}
    expect(source).toMatchObject({ truncated: true, bytes: log.length - 300 })
    // GitHub says that it failed, whatever came
    expect(outcome).toBe('failed')
    expect(missing).toEqual([expect.stringMatching(/^job build: the log broke off after \d+ bytes/)])
    expect(ofJob).toEqual(missing)
  })

  test('is told with its reason, and the others are read', async () => {
    await using github = await startLocalGithub()
    const run = await github.finishRun({ jobs: [red('old', { status: 410 }), red('build')] })
    const { jobs, lead, missing } = await read(github, run)
    expect(jobs.map(({ name, explanation }) => [name, explanation?.diagnosis?.id])).toEqual([
      ['old', undefined],
      ['build', 'run-app-compile-error'],
    ])
    expect(lead).toBe(1)
    expect(missing).toEqual(['job old: it expired or was deleted (410)'])
  })

  test('is asked for once more when its job has just ended', async () => {
    await using github = await startLocalGithub()
    const run = await github.finishRun({ jobs: [red('build')] })
    github.failNext({ match: /\/jobs\/\d+\/logs/, status: 404 })
    const { jobs, missing } = await read(github, run)
    expect(jobs[0]?.explanation?.diagnosis?.id).toBe('run-app-compile-error')
    expect(missing).toEqual([])
    expect(logRequests(github)).toHaveLength(2)
  })

  test('is not asked for again when its job ended long ago, nor when it expired', async () => {
    await using github = await startLocalGithub()
    const run = await github.finishRun({ jobs: [red('build', { status: 404 })] })
    const tomorrow = () => new Date(Date.now() + 86_400_000)
    const { missing } = await read(github, run, { now: tomorrow })
    expect(missing).toEqual([expect.stringMatching(/^job build: GitHub has no log for it \(404\)/)])
    expect(logRequests(github)).toHaveLength(1)
    const gone = await github.finishRun({ jobs: [red('build', { status: 410 })] })
    await read(github, gone)
    expect(logRequests(github)).toHaveLength(2)
  })

  test('because GitHub is down is a fault, to be tried again', async () => {
    await using github = await startLocalGithub()
    const run = await github.finishRun({ jobs: [red('build')] })
    github.failNext({ match: 'GET /logs/', status: 503, times: 5 })
    await expect(read(github, run)).rejects.toMatchObject({ code: 'unavailable' })
  })
})

describe('the attempt that a link means', () => {
  test('is the one named, that of the job named, else the latest', async () => {
    await using github = await startLocalGithub()
    const first = await github.finishRun({ jobs: [red('a')] })
    const { repository, runId } = await github.finishRun({ runId: first.runId, jobs: [red('a')] })
    const link = { repository, runId, attempt: null, jobId: null }
    const jobId = first.jobs[0]?.id ?? 0
    const meant = [link, { ...link, attempt: 1 }, { ...link, jobId }, { ...link, attempt: 2, jobId }]
    const attempts = await Promise.all(meant.map((one) => attemptOf(runsOf(github), one)))
    expect(attempts.map(({ attempt }) => attempt)).toEqual([2, 1, 1, 2])
  })
})

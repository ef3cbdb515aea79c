import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import nock from 'nock'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { githubClient } from '../../src/github/client.ts'
import { githubFault } from '../../src/github/fault.ts'
import { rerunFailedJobs, rerunJob } from '../../src/github/rerun.ts'
import { githubRuns } from '../../src/github/runs.ts'
import { type LocalGithub, startLocalGithub } from '../../src/playground/github.ts'
import { githubDescription } from '../support/openapi.ts'

const repository = 'acme/platform'
const api = 'https://api.github.com'
const path = '/repos/acme/platform/actions/runs/7/rerun-failed-jobs'
const broken = { name: 'build', conclusion: 'failure', log: 'no space left on device\n' }
const green = { name: 'lint', conclusion: 'success', log: 'fine\n' }

describe('at the local GitHub', () => {
  test('the failed jobs run again as the next attempt, which can then end', async () => {
    await using local = await startLocalGithub()
    const client = clientOf(local)
    const runs = githubRuns(client)
    const { runId } = await local.finishRun({ jobs: [broken, green] })
    expect(await rerunFailedJobs(client)({ repository, runId, debug: true })).toEqual({ kind: 'started' })
    expect(local.reruns).toEqual([{ repository, runId, jobId: null, debug: true, by: 'layerwise[bot]' }])
    expect(await runs.run(repository, runId)).toMatchObject({ attempt: 2, status: 'queued', conclusion: null })
    const queued = await runs.jobs(repository, runId, 2)
    expect(queued.map(({ name, status }) => [name, status])).toEqual([['build', 'queued']])

    const ended = await local.finishRun({ runId, jobs: [{ ...broken, conclusion: 'success', log: 'built\n' }] })
    expect(ended).toMatchObject({ runId, attempt: 2, jobs: [{ name: 'build', id: queued[0]?.id }] })
    expect(await runs.run(repository, runId)).toMatchObject({ attempt: 2, conclusion: 'success' })
    await local.finishRun({ runId, jobs: [broken] })
    expect(await runs.run(repository, runId)).toMatchObject({ attempt: 3, conclusion: 'failure' })
    expect(githubDescription().problemsOf(local.requests)).toEqual([])
  })

  test('one job runs again alone', async () => {
    await using local = await startLocalGithub()
    const run = await local.finishRun({ jobs: [broken, { ...broken, name: 'image' }] })
    const jobId = run.jobs[1]?.id ?? 0
    expect(await rerunJob(clientOf(local))({ repository, jobId, debug: false })).toEqual({ kind: 'started' })
    expect(local.reruns).toMatchObject([{ jobId, debug: false }])
    const jobs = await githubRuns(clientOf(local)).jobs(repository, run.runId, 2)
    expect(jobs.map(({ name }) => name)).toEqual(['image'])
    expect(githubDescription().problemsOf(local.requests)).toEqual([])
  })

  test('a run that is running, has passed or is too old is refused in GitHub’s words', async () => {
    let now = new Date('2026-11-22T10:00:00Z')
    await using local = await startLocalGithub({ now: () => now })
    const rerun = async (runId: number) => rerunFailedJobs(clientOf(local))({ repository, runId, debug: false })
    const { runId } = await local.finishRun({ jobs: [broken] })
    expect(await rerun(runId)).toEqual({ kind: 'started' })
    expect(await rerun(runId)).toEqual({ kind: 'refused', because: 'This workflow is already running (403)' })
    const passed = await local.finishRun({ jobs: [green] })
    expect(await rerun(passed.runId)).toEqual({
      kind: 'refused',
      because: expect.stringMatching(/cannot be retried \(403\) GitHub re-runs what has ended, within 30 days/),
    })
    await local.finishRun({ runId, jobs: [broken] })
    now = new Date('2026-12-24T10:00:00Z')
    expect(await rerun(runId)).toMatchObject({ because: expect.stringContaining('over a month ago (403)') })
    expect(local.reruns).toHaveLength(1)
  })

  test.each([
    [
      'rerunFailedJobs',
      (local: LocalGithub, runId: number) => rerunFailedJobs(patient(local))({ repository, runId, debug: false }),
    ],
    [
      'rerunJob',
      async (local: LocalGithub, runId: number) => {
        const [job] = await githubRuns(clientOf(local)).jobs(repository, runId, 1)
        return rerunJob(patient(local))({ repository, jobId: job?.id ?? 0, debug: false })
      },
    ],
  ])('%s: an answer that gets lost after the run began is not asked for again', async (_, rerun) => {
    await using local = await startLocalGithub()
    const { runId } = await local.finishRun({ jobs: [broken] })
    local.failNext({ match: /POST .*rerun/, lost: true })
    const outcome = await rerun(local, runId)
    expect(outcome).toEqual({ kind: 'unclear', because: expect.stringMatching(/^GitHub did not answer \(\w+\)\.$/) })
    expect(local.reruns).toHaveLength(1)
    expect(local.requests.filter(({ method }) => method === 'POST')).toHaveLength(1)
  })
})

test('no answer in time may have begun it', async () => {
  let asked = 0
  const silent = createServer(() => void asked++)
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const baseUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
  const hasty = githubClient({ kind: 'token', token: 'x', baseUrl }, { retries: 2, retryUnitMs: 1, timeoutMs: 200 })
  expect(await rerunFailedJobs(hasty)({ repository, runId: 7, debug: false })).toEqual({
    kind: 'unclear',
    because: 'GitHub did not answer (no answer in time).',
  })
  expect(asked).toBe(1)
  silent.closeAllConnections()
  silent.close()
})

describe('what GitHub answers', () => {
  beforeEach(() => nock.disableNetConnect())
  afterEach(() => {
    nock.cleanAll()
    nock.enableNetConnect()
  })
  const rerun = () => rerunFailedJobs(client())({ repository, runId: 7, debug: true })

  test('debug logging is asked for in the body', async () => {
    const asked = nock(api).post(path, { enable_debug_logging: true }).reply(201, {})
    expect(await rerun()).toEqual({ kind: 'started' })
    expect(asked.isDone()).toBe(true)
  })

  test.each([
    [403, 'Resource not accessible by integration', /^our token or App needs the permission Actions: write here/],
    [403, 'Resource not accessible by personal access token', /needs the permission Actions: write/],
    [403, 'Must have admin rights to Repository.', /needs the permission Actions: write/],
    [403, 'This workflow is already running', /^This workflow is already running \(403\)$/],
    [403, 'This workflow run cannot be retried', /^This workflow run cannot be retried \(403\) GitHub re-runs/],
    [404, 'Not Found', /^GitHub has no run 7, or our credentials cannot see it \(404\)\.$/],
    [401, 'Bad credentials', /^GitHub refused our credentials \(401\)/],
    [409, 'Conflict with another change', /^Conflict with another change \(409\)$/],
    [422, 'Validation failed', /^Validation failed \(422\)$/],
    [429, 'slow down', /rate limit is used up; it asks to wait 60 s/],
  ])('%d %s is a refusal that says so', async (status, message, words) => {
    const once = nock(api).post(path).reply(status, { message })
    const outcome = await rerun()
    expect(outcome).toEqual({ kind: 'refused', because: expect.stringMatching(words) })
    expect(once.isDone()).toBe(true)
  })

  test.each([500, 502])('%d may have begun it, and is not tried again', async (status) => {
    nock(api).post(path).reply(status, { message: 'oops' })
    const again = nock(api).post(path).reply(201, {})
    expect(await rerun()).toEqual({ kind: 'unclear', because: expect.stringContaining(String(status)) })
    expect(again.isDone()).toBe(false)
  })

  test('no answer may have begun it, and is not tried again', async () => {
    nock(api)
      .post(path)
      .replyWithError(Object.assign(new Error('gone'), { code: 'ECONNRESET' }))
    const again = nock(api).post(path).reply(201, {})
    expect(await rerun()).toEqual({ kind: 'unclear', because: 'GitHub did not answer (ECONNRESET).' })
    expect(again.isDone()).toBe(false)
  })

  test('what GitHub says is redacted, on one line and short', async () => {
    const token = `ghp_${'a1B2c3D4e5'.repeat(4)}`
    nock(api)
      .post(path)
      .reply(422, { message: `no\n\nway ${token} ${'long '.repeat(500)}` })
    const outcome = await rerun()
    const because = outcome.kind === 'refused' ? outcome.because : ''
    expect(because).toMatch(/^no way \*\*\* long/)
    expect(because).not.toContain(token)
    expect(because.length).toBeLessThan(330)
  })

  test('an App that is not installed there is refused before anything is asked', async () => {
    const fault = githubFault('Looking for our App', new Error('not installed'))
    const client = { baseUrl: api, appId: 1, forRepository: () => Promise.reject(fault) }
    expect(await rerunFailedJobs(client)({ repository, runId: 7, debug: false })).toEqual({
      kind: 'refused',
      because: fault.message,
    })
  })
})

/** One that would try again, if it were let. */
function client() {
  return githubClient({ kind: 'token', token: 'x', baseUrl: api }, { retries: 2, retryUnitMs: 1, longestWaitMs: 0 })
}

function patient({ token, baseUrl }: LocalGithub) {
  return githubClient({ kind: 'token', token, baseUrl }, { retries: 2, retryUnitMs: 1 })
}

function clientOf({ token, baseUrl }: LocalGithub) {
  return githubClient({ kind: 'token', token, baseUrl }, { retries: 0 })
}

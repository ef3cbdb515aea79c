import nock from 'nock'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { githubClient } from '../../src/github/client.ts'
import { dispatchWorkflow, findDispatched } from '../../src/github/dispatch.ts'
import { githubRuns } from '../../src/github/runs.ts'
import { type LocalGithub, startLocalGithub } from '../../src/playground/github.ts'
import { githubDescription } from '../support/openapi.ts'

const repository = 'acme/platform'
const workflow = '.github/workflows/ci.yml'
const wanted = { repository, workflow, ref: 'main', inputs: { no_cache: 'true' } }
const text = `
name: CI
on:
  push:
  workflow_dispatch:
    inputs:
      no_cache: { type: boolean, default: false }
jobs: {}
`
const green = { name: 'build', conclusion: 'success', log: 'built\n' }

describe('at the local GitHub', () => {
  test('the run that was started is named, and can be played to its end', async () => {
    await using local = await startLocalGithub()
    const sha = local.commit({ files: { [workflow]: text } })
    const started = await dispatchWorkflow(clientOf(local))(wanted)
    const runId = local.dispatches[0]?.runId ?? 0
    expect(started).toEqual({ kind: 'started', runId, url: `${local.baseUrl}/${repository}/actions/runs/${runId}` })
    expect(local.dispatches).toEqual([{ repository, workflow, ref: 'main', inputs: { no_cache: 'true' }, runId }])
    const { run, jobs } = githubRuns(clientOf(local))
    const facts = { workflow: 'CI', workflowPath: workflow, event: 'workflow_dispatch', branch: 'main', sha }
    expect(await run(repository, runId)).toMatchObject({ ...facts, status: 'queued', attempt: 1 })
    expect(await jobs(repository, runId, 1)).toEqual([])
    await local.finishRun({ runId, jobs: [green] })
    expect(await run(repository, runId)).toMatchObject({ ...facts, conclusion: 'success', attempt: 1 })
    expect(await jobs(repository, runId, 1)).toMatchObject([{ name: 'build', conclusion: 'success' }])
    expect(githubDescription().problemsOf(local.requests)).toEqual([])
  })

  test.each([
    ['silent', 1],
    ['refuses', 2],
  ] as const)(
    'an old server that is %s starts it once, in %d requests, and does not name it',
    async (old, requests) => {
      await using local = await startLocalGithub()
      local.oldServer = old
      expect(await dispatchWorkflow(clientOf(local))(wanted)).toEqual({ kind: 'started', runId: null, url: null })
      expect(local.dispatches).toHaveLength(1)
      expect(local.requests).toHaveLength(requests)
      expect(githubDescription().problemsOf(local.requests)).toEqual([])
    },
  )

  test('what the workflow does not take is refused in GitHub’s words', async () => {
    await using local = await startLocalGithub()
    const inputs = '{ type: boolean, required: true }'
    local.commit({ files: { [workflow]: text, '.github/workflows/quiet.yml': 'on: push\njobs: {}\n' } })
    local.commit({ branch: 'strict', files: { [workflow]: text.replace(/\{.*\}/, inputs) } })
    const dispatch = dispatchWorkflow(clientOf(local))
    const refused = async (more: Partial<typeof wanted>) => {
      const outcome = await dispatch({ ...wanted, ...more })
      return outcome.kind === 'refused' ? outcome.because : outcome.kind
    }
    expect(await refused({ inputs: { cold: 'true' } as never })).toBe('Unexpected inputs provided: ["cold"] (422)')
    expect(await refused({ inputs: { no_cache: 'perhaps' } })).toMatch(/not in the list of allowed values \(422\)$/)
    expect(await refused({ ref: 'strict', inputs: {} as never })).toBe("Required input 'no_cache' not provided (422)")
    expect(await refused({ ref: 'nowhere' })).toBe('No ref found for: nowhere (422)')
    expect(await refused({ workflow: '.github/workflows/quiet.yml' })).toMatch(/not have 'workflow_dispatch' trigger/)
    expect(await refused({ workflow: 'none.yml' })).toMatch(/^GitHub has no workflow none\.yml on its default branch/)
    expect(local.dispatches).toEqual([])
    expect(githubDescription().problemsOf(local.requests)).toEqual([])
  })

  test('an answer that gets lost after the run began is not asked for again, and the run is found', async () => {
    await using local = await startLocalGithub()
    const since = new Date()
    local.failNext({ match: '/dispatches', lost: true })
    expect(await dispatchWorkflow(patient(local))(wanted)).toMatchObject({ kind: 'unclear' })
    expect(local.dispatches).toHaveLength(1)
    const found = await findDispatched(clientOf(local))({ ...wanted, since })
    expect(found).toMatchObject([{ runId: local.dispatches[0]?.runId, attempt: 1, actor: 'layerwise[bot]' }])
  })

  test('runs that were dispatched since then are found, oldest first, of this workflow and branch only', async () => {
    let now = new Date('2026-11-22T10:00:00.000Z')
    await using local = await startLocalGithub({ now: () => now })
    const at = async (time: string, more: object = {}) => {
      now = new Date(`2026-11-22T${time}Z`)
      const script = { path: workflow, event: 'workflow_dispatch', actor: 'octo-admin', jobs: [green], ...more }
      return (await local.finishRun(script)).runId
    }
    await at('10:00:00.000')
    const first = await at('10:00:05.100')
    await at('10:00:06.000', { branch: 'other' })
    await at('10:00:07.000', { event: 'push' })
    await at('10:00:08.000', { workflow: 'Other', path: '.github/workflows/other.yml' })
    const second = await at('10:00:09.000')
    // GitHub shows 10:00:05 for the first.
    const since = new Date('2026-11-22T10:00:05.900Z')
    for (const name of [workflow, 'ci.yml']) {
      const found = await findDispatched(clientOf(local))({ repository, workflow: name, ref: 'main', since })
      expect(found.map(({ runId }) => runId)).toEqual([first, second])
      expect(found[0]).toEqual({
        runId: first,
        attempt: 1,
        url: `${local.baseUrl}/${repository}/actions/runs/${first}`,
        createdAt: '2026-11-22T10:00:05Z',
        actor: 'octo-admin',
      })
    }
    expect(await findDispatched(clientOf(local))({ ...wanted, ref: 'refs/heads/other', since })).toHaveLength(1)
    expect(githubDescription().problemsOf(local.requests)).toEqual([])
  })
})

describe('what GitHub answers', () => {
  const api = 'https://api.github.com'
  const path = '/repos/acme/platform/actions/workflows/ci.yml/dispatches'
  const client = githubClient({ kind: 'token', token: 'x', baseUrl: api }, { retries: 2, retryUnitMs: 1 })
  const dispatch = () => dispatchWorkflow(client)(wanted)
  const body = { ref: 'main', inputs: { no_cache: 'true' } }
  beforeEach(() => nock.disableNetConnect())
  afterEach(() => {
    nock.cleanAll()
    nock.enableNetConnect()
  })

  test('a server that refuses to name the run is asked once more without', async () => {
    const message = 'Invalid request.\n\n"return_run_details" is not a permitted key.'
    const first = nock(api)
      .post(path, { ...body, return_run_details: true })
      .reply(422, { message })
    const second = nock(api).post(path, body).reply(204)
    expect(await dispatch()).toEqual({ kind: 'started', runId: null, url: null })
    expect(first.isDone() && second.isDone()).toBe(true)
  })

  test('another 422 is not asked again', async () => {
    nock(api).post(path).reply(422, { message: 'Unexpected inputs provided: ["no_cache"]' })
    const again = nock(api).post(path).reply(204)
    expect(await dispatch()).toEqual({ kind: 'refused', because: 'Unexpected inputs provided: ["no_cache"] (422)' })
    expect(again.isDone()).toBe(false)
  })

  test.each([
    [200, {}],
    [200, { workflow_run_id: -1, html_url: 'javascript:alert(1)' }],
  ])('%d %j has started a run that is not named', async (status, answer) => {
    nock(api).post(path).reply(status, answer)
    expect(await dispatch()).toEqual({ kind: 'started', runId: null, url: null })
  })

  test.each([
    [403, 'refused', /needs the permission Actions: write/],
    [404, 'refused', /GitHub has no workflow ci\.yml on its default branch, or our credentials cannot see it/],
    [500, 'unclear', /500/],
  ])('%d is %s', async (status, kind, words) => {
    nock(api).post(path).reply(status, { message: 'Resource not accessible by integration' })
    const again = nock(api).post(path).reply(204)
    expect(await dispatch()).toEqual({ kind, because: expect.stringMatching(words) })
    expect(again.isDone()).toBe(false)
  })

  test.each([
    [403, 'forbidden'],
    [404, 'not-found'],
    [500, 'unavailable'],
  ])('%d to the question for runs is a fault', async (status, code) => {
    nock(api)
      .get(/workflows\/ci\.yml\/runs/)
      .times(3)
      .reply(status, { message: 'no' })
    await expect(findDispatched(client)({ ...wanted, since: new Date(0) })).rejects.toMatchObject({ code })
  })
})

function clientOf({ token, baseUrl }: LocalGithub) {
  return githubClient({ kind: 'token', token, baseUrl }, { retries: 0 })
}

function patient({ token, baseUrl }: LocalGithub) {
  return githubClient({ kind: 'token', token, baseUrl }, { retries: 2, retryUnitMs: 1 })
}

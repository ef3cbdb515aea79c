import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { type LocalGithub, startLocalGithub } from '../../src/playground/github.ts'
import { githubDescription } from '../support/openapi.ts'

const description = githubDescription()
const actions = '/repos/acme/platform/actions'
const broken = { name: 'build', conclusion: 'failure', log: 'no space left on device\n' }

test('a queued attempt is told by webhook, and played with the rest of them', async () => {
  await using inbox = await startInbox()
  await using local = await startLocalGithub({ webhookUrl: inbox.url })
  const first = await local.finishRun({ jobs: [broken, { ...broken, name: 'image' }] })
  inbox.received.length = 0
  expect(await post(local, `${actions}/runs/${first.runId}/rerun-failed-jobs`)).toBe(201)
  await inbox.holds(1)
  const [image] = (await get(local, `${actions}/runs/${first.runId}/attempts/2/jobs`)).jobs.filter(
    ({ name }: { name: string }) => name === 'image',
  )
  const second = await local.finishRun({ runId: first.runId, jobs: [{ ...broken, name: 'image', log: 'again\n' }] })
  expect(second.attempt).toBe(2)
  expect(second.jobs).toContainEqual({ id: image.id, name: 'image' })
  expect(inbox.received.map(({ event, payload }) => `${event} ${payload.action} ${statusOf(payload)}`)).toEqual([
    'workflow_run requested queued',
    'workflow_run in_progress in_progress',
    'workflow_job in_progress in_progress',
    'workflow_job in_progress in_progress',
    'workflow_job completed failure',
    'workflow_job completed success',
    'workflow_run completed failure',
  ])
  for (const { event, payload } of inbox.received) expect(description.problemsOfWebhook(event, payload)).toEqual([])
  expect(await get(local, `${actions}/runs/${first.runId}`)).toMatchObject({
    run_attempt: 2,
    conclusion: 'failure',
    actor: { login: 'robin-doe' },
    triggering_actor: { login: 'layerwise[bot]' },
    path: '.github/workflows/ci.yml',
  })
  expect(description.problemsOf(local.requests)).toEqual([])
})

test('a run can be re-run fifty times', async () => {
  await using local = await startLocalGithub()
  const { runId } = await local.finishRun({ jobs: [broken] })
  for (let n = 1; n <= 50; n++) {
    expect(await post(local, `${actions}/runs/${runId}/rerun-failed-jobs`)).toBe(201)
    await local.finishRun({ runId, jobs: [broken] })
  }
  expect(await post(local, `${actions}/runs/${runId}/rerun-failed-jobs`)).toBe(403)
  expect(local.reruns).toHaveLength(50)
})

test('a dispatch by the workflow’s number starts the same as one by its file', async () => {
  await using local = await startLocalGithub()
  await local.finishRun({ workflow: 'Nightly build', path: '.github/workflows/night.yml', jobs: [broken] })
  const [run] = (await get(local, `${actions}/workflows/night.yml/runs`)).workflow_runs
  const byNumber = `${actions}/workflows/${run.workflow_id}`
  expect(await post(local, `${byNumber}/dispatches`, { ref: 'main' })).toBe(204)
  expect(
    await post(local, `${actions}/workflows/night.yml/dispatches`, { ref: 'main', return_run_details: true }),
  ).toBe(200)
  expect(local.dispatches).toMatchObject([
    { workflow: '.github/workflows/night.yml', inputs: {} },
    { workflow: '.github/workflows/night.yml' },
  ])
  expect((await get(local, `${byNumber}/runs?event=workflow_dispatch`)).workflow_runs).toMatchObject([
    { name: 'Nightly build', event: 'workflow_dispatch', actor: { login: 'layerwise[bot]' } },
    { name: 'Nightly build' },
  ])
  expect(description.problemsOf(local.requests)).toEqual([])
})

test.each([
  'on: workflow_dispatch',
  'on: [push, workflow_dispatch]',
  'on:\n  workflow_dispatch:',
  'on: { workflow_dispatch: {} }',
])('%j can be dispatched without inputs', async (on) => {
  await using local = await startLocalGithub()
  local.commit({ files: { '.github/workflows/ci.yml': `${on}\njobs: {}\n` } })
  expect(await post(local, `${actions}/workflows/ci.yml/dispatches`, { ref: 'main' })).toBe(204)
  expect(await post(local, `${actions}/workflows/ci.yml/dispatches`, { ref: 'main', inputs: { x: '1' } })).toBe(422)
})

test.each(['on: push', 'on: [push]', ': : no yaml', ''])('%j cannot be dispatched', async (on) => {
  await using local = await startLocalGithub()
  local.commit({ files: { '.github/workflows/ci.yml': `${on}\n` } })
  expect(await post(local, `${actions}/workflows/ci.yml/dispatches`, { ref: 'main' })).toBe(422)
  expect(local.dispatches).toEqual([])
})

test('an answer that gets lost has had its effect, once', async () => {
  await using local = await startLocalGithub()
  local.addCache({ key: 'k', id: 5 })
  local.failNext({ match: 'DELETE', lost: true })
  await expect(send(local, 'DELETE', `${actions}/caches/5`)).rejects.toThrow('fetch failed')
  expect(local.deletedCaches).toMatchObject([{ id: 5, key: 'k' }])
  expect((await send(local, 'DELETE', `${actions}/caches/5`)).status).toBe(404)
})

test('an outage has no effect, and is over after as many times as it was asked for', async () => {
  await using local = await startLocalGithub()
  const { runId } = await local.finishRun({ jobs: [broken] })
  local.failNext({ match: /rerun/, status: 502, times: 2 })
  const statuses = []
  for (let n = 0; n < 3; n++) statuses.push(await post(local, `${actions}/runs/${runId}/rerun-failed-jobs`))
  expect(statuses).toEqual([502, 502, 201])
  expect(local.reruns).toHaveLength(1)
})

test('closed pull requests are listed when they are asked for', async () => {
  await using inbox = await startInbox()
  await using local = await startLocalGithub({ webhookUrl: inbox.url })
  local.commit({ files: { a: 'a\n' } })
  local.commit({ branch: 'fix', files: { a: 'b\n' } })
  local.openPull({ head: 'fix' })
  local.closePull(local.openPull({ head: 'fix' }))
  const numbers = async (query: string) =>
    (await get(local, `/repos/acme/platform/pulls${query}`)).map(({ number }: { number: number }) => number)
  expect(await numbers('')).toEqual([1])
  expect(await numbers('?state=closed')).toEqual([2])
  expect((await numbers('?state=all')).toSorted()).toEqual([1, 2])
  await local.tellPull(2, 'closed')
  const [told] = inbox.received
  expect(told?.payload).toMatchObject({ action: 'closed', pull_request: { state: 'closed' } })
  expect(description.problemsOfWebhook('pull_request', told?.payload ?? {})).toEqual([])
  expect(description.problemsOf(local.requests)).toEqual([])
  expect(() => local.closePull(9)).toThrow('no pull request #9')
})

test('each token opens its own doors', async () => {
  await using local = await startLocalGithub()
  local.addVersion({ name: 'web', tags: ['a'] })
  const versions = '/orgs/acme/packages/container/web/versions'
  const status = async (path: string, token: string) => (await send(local, 'GET', path, { token })).status
  expect(await status(versions, local.packagesToken)).toBe(200)
  expect(await status(versions, local.token)).toBe(403)
  expect(await status(`${actions}/runs`, local.packagesToken)).toBe(403)
  expect(await status('/user', local.token)).toBe(403)
  expect(await status('/user', 'ghu_made_up')).toBe(401)
  expect(await status('/users/nobody', local.token)).toBe(404)
  expect(await status('/user/1', local.token)).toBe(200)
})

test('who links a device is who typed its code', async () => {
  await using local = await startLocalGithub({ deviceIntervalSeconds: 0 })
  const login = async (path: string, body: object) => {
    const answer = await send(local, 'POST', `/login/${path}`, { body })
    return answer.json() as Promise<ReturnType<typeof JSON.parse>>
  }
  const one = await login('device/code', { client_id: 'x' })
  const other = await login('device/code', { client_id: 'x' })
  expect(local.devices.waiting()).toEqual([one.user_code, other.user_code])
  local.authorizeDevice(other.user_code, 'octo-reader')
  const token = ({ device_code }: { device_code: string }) =>
    login('oauth/access_token', { client_id: 'x', device_code })
  expect(await token(one)).toMatchObject({ error: 'authorization_pending' })
  const { access_token } = await token(other)
  expect(await (await send(local, 'GET', '/user', { token: access_token })).json()).toMatchObject({
    login: 'octo-reader',
    id: 3,
  })
  expect(() => local.authorizeDevice('NONE', 'octo-admin')).toThrow('nobody was given the code NONE')
  expect(description.problemsOf(local.requests)).toEqual([])
})

function statusOf({ workflow_run, workflow_job }: Payload): string | null | undefined {
  const told = workflow_run ?? workflow_job
  return told?.conclusion ?? told?.status
}

type Told = { status: string; conclusion: string | null }
type Payload = { action?: string; workflow_run?: Told; workflow_job?: Told; pull_request?: object }

async function get(local: LocalGithub, path: string) {
  return (await send(local, 'GET', path)).json() as Promise<ReturnType<typeof JSON.parse>>
}

async function post(local: LocalGithub, path: string, body: object = {}): Promise<number> {
  return (await send(local, 'POST', path, { body })).status
}

type Sent = { token?: string; body?: object }

function send(local: LocalGithub, method: string, path: string, { token = local.token, body }: Sent = {}) {
  return fetch(local.baseUrl + path, {
    method,
    headers: { authorization: `token ${token}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  })
}

/** Somebody who listens to webhooks. */
async function startInbox() {
  const received: { event: string; payload: Payload }[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    received.push({ event: String(request.headers['x-github-event']), payload: JSON.parse(body) })
    response.writeHead(202).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    received,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async holds(count: number) {
      await expect.poll(() => received.length).toBe(count)
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

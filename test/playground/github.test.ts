import assert from 'node:assert/strict'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'vitest'
import { githubClient } from '../../src/github/client.ts'
import { githubRuns } from '../../src/github/runs.ts'
import { type LocalGithub, startLocalGithub } from '../../src/playground/github.ts'
import { signature } from '../../src/playground/github-webhooks.ts'
import { githubDescription } from '../support/openapi.ts'

const github = githubDescription()

const red = {
  name: 'build',
  conclusion: 'failure',
  log: '2026-11-22T10:00:00.0000000Z #7 ERROR: no space left on device\n',
}
const green = { name: 'lint', conclusion: 'success', log: 'fine\n' }

test('every answer of the local GitHub is as GitHub describes it', async () => {
  await using local = await startLocalGithub()
  const run = await local.finishRun({
    jobs: [red, green],
    headRepository: 'fork-owner/platform',
    branch: 'fix',
    event: 'pull_request',
  })
  await local.startRun({ jobs: [green] })
  await local.finishRun({ runId: run.runId, jobs: [{ ...red, conclusion: 'success' }] })
  const runs = githubRuns(githubClient({ kind: 'token', token: local.token, baseUrl: local.baseUrl }))
  const octokit = await githubClient({ kind: 'token', token: local.token, baseUrl: local.baseUrl }).forRepository(
    'acme/platform',
  )

  await runs.run('acme/platform', run.runId)
  await runs.run('acme/platform', run.runId, 1)
  await runs.jobs('acme/platform', run.runId, 1)
  await runs.openLog('acme/platform', run.jobs[0]?.id ?? 0)
  await octokit.rest.actions.listWorkflowRunsForRepo({
    owner: 'acme',
    repo: 'platform',
    status: 'completed',
    created: '2026-01-01T00:00:00Z..2099-01-01T00:00:00Z',
  })

  assert.equal(local.requests.filter(({ to }) => to === 'api').length, 5)
  assert.deepEqual(github.problemsOf(local.requests), [])
})

test('the description notices what GitHub does not know', () => {
  const base = { to: 'api' as const, method: 'GET', headers: {}, status: 200 }
  const problems = github.problemsOf([
    { ...base, path: '/repos/acme/platform/actions/failures', query: {}, answer: {} },
    {
      ...base,
      path: '/repos/acme/platform/actions/runs',
      query: { since: '2026' },
      answer: { total_count: 1, workflow_runs: [] },
    },
    { ...base, path: '/repos/acme/platform/actions/runs/1', query: {}, answer: { id: 'one' } },
  ])
  assert.match(problems.join('\n'), /no such path/)
  assert.match(problems.join('\n'), /since is unknown/)
  assert.match(problems.join('\n'), /must have required property 'node_id'/)
})

test("every webhook is signed, has GitHub's headers and GitHub's shape", async () => {
  await using inbox = await startInbox()
  await using local = await startLocalGithub({ webhookUrl: inbox.url, webhookSecret: 'hush' })
  await local.ping()
  const run = await local.finishRun({ jobs: [red, green] })
  await local.finishRun({ runId: run.runId, jobs: [{ ...red, conclusion: 'success' }] })

  assert.deepEqual(
    run.deliveries.map(({ event, action, status }) => `${event} ${action} ${status}`),
    [
      'workflow_run requested 202',
      'workflow_run in_progress 202',
      'workflow_job in_progress 202',
      'workflow_job in_progress 202',
      'workflow_job completed 202',
      'workflow_job completed 202',
      'workflow_run completed 202',
    ],
  )
  assert.equal(inbox.received.length, 13)
  for (const { headers, body } of inbox.received) {
    assert.equal(headers['x-hub-signature-256'], signature(body, 'hush'))
    assert.match(String(headers['x-github-delivery']), /^[0-9a-f-]{36}$/)
    assert.deepEqual(github.problemsOfWebhook(String(headers['x-github-event']), JSON.parse(body)), [])
  }
})

test('a redelivery has the same id and the same body', async () => {
  await using inbox = await startInbox()
  await using local = await startLocalGithub({ webhookUrl: inbox.url })
  await local.redeliver(await local.ping())
  const [first, second] = inbox.received
  assert.equal(first?.body, second?.body)
  assert.equal(first?.headers['x-github-delivery'], second?.headers['x-github-delivery'])
})

test('webhooks that nobody answers are written down', async () => {
  await using local = await startLocalGithub({ webhookUrl: 'http://127.0.0.1:1/github/webhooks' })
  assert.equal((await local.ping()).status, null)
})

test('a log lies on another origin, and a request that carries a token is refused there', async () => {
  await using local = await startLocalGithub()
  const run = await local.finishRun({ jobs: [red] })
  const link = await logLink(local, run.jobs[0]?.id)
  assert.notEqual(new URL(link).origin, local.baseUrl)
  assert.equal((await fetch(link, { headers: { authorization: `token ${local.token}` } })).status, 403)
  assert.equal(await (await fetch(link)).text(), red.log)
  assert.equal((await fetch(link.replace(/sig=./, 'sig=?'))).status, 403)
})

test('a link to a log is good for a minute', async () => {
  let now = new Date('2026-11-22T10:00:00Z')
  await using local = await startLocalGithub({ now: () => now })
  const run = await local.finishRun({ jobs: [red] })
  const link = await logLink(local, run.jobs[0]?.id)
  now = new Date('2026-11-22T10:01:01Z')
  assert.equal((await fetch(link)).status, 403)
})

test('an unfinished job has no log', async () => {
  await using local = await startLocalGithub()
  const run = await local.startRun({ jobs: [red] })
  assert.equal((await askForLog(local, run.jobs[0]?.id)).status, 404)
  await run.finish()
  assert.equal((await askForLog(local, run.jobs[0]?.id)).status, 302)
})

test('an unchanged list costs nothing', async () => {
  await using local = await startLocalGithub()
  await local.finishRun({ jobs: [red] })
  const first = await get(local, '/repos/acme/platform/actions/runs')
  const second = await get(local, '/repos/acme/platform/actions/runs', {
    'if-none-match': first.headers.get('etag') ?? '',
  })
  assert.equal(second.status, 304)
  assert.equal(second.headers.get('x-ratelimit-remaining'), first.headers.get('x-ratelimit-remaining'))
  await local.finishRun({ jobs: [green] })
  const third = await get(local, '/repos/acme/platform/actions/runs', {
    'if-none-match': first.headers.get('etag') ?? '',
  })
  assert.equal(third.status, 200)
})

test('without the token the API says 401, and an outage is played as often as asked', async () => {
  await using local = await startLocalGithub()
  assert.equal((await fetch(`${local.baseUrl}/repos/acme/platform/actions/runs`)).status, 401)
  local.failNext({ match: '/actions/runs', status: 503, times: 2, headers: { 'retry-after': '3' } })
  const statuses = [1, 2, 3].map(() => get(local, '/repos/acme/platform/actions/runs'))
  const answers = await Promise.all(statuses)
  assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, 503, 503])
  assert.equal(answers.find(({ status }) => status === 503)?.headers.get('retry-after'), '3')
})

test('a run has a page that people can open', async () => {
  await using local = await startLocalGithub()
  const run = await local.finishRun({ jobs: [red] })
  assert.match(await (await fetch(run.url)).text(), /acme\/platform.*attempt 1: failure.*build/s)
})

test('odd requests are answered, not fatal', async () => {
  await using local = await startLocalGithub()
  for (const path of ['//', '/%', '/repos/%zz/x/actions/runs/1', '/repos/a/b/actions/runs/1/attempts/99', '/logs/1'])
    assert.ok((await get(local, path)).status >= 400, path)
  assert.ok((await fetch(`${local.logsUrl}//x`)).status >= 400)
})

function get(local: LocalGithub, path: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(local.baseUrl + path, {
    headers: { authorization: `token ${local.token}`, ...headers },
    redirect: 'manual',
  })
}

function askForLog(local: LocalGithub, jobId: number | undefined): Promise<Response> {
  return get(local, `/repos/acme/platform/actions/jobs/${jobId}/logs`)
}

async function logLink(local: LocalGithub, jobId: number | undefined): Promise<string> {
  return (await askForLog(local, jobId)).headers.get('location') ?? ''
}

async function startInbox() {
  const received: { headers: IncomingHttpHeaders; body: string }[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    received.push({ headers: request.headers, body })
    response.writeHead(202).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    received,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/github/webhooks`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

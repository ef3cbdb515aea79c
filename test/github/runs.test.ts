import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, test } from 'vitest'
import { githubClient } from '../../src/github/client.ts'
import { GithubFault } from '../../src/github/fault.ts'
import { githubRuns, type Runs } from '../../src/github/runs.ts'
import { FileBroken, type StoreOptions } from '../../src/github/stored-file.ts'
import { type LocalGithub, startLocalGithub } from '../../src/playground/github.ts'
import { githubDescription } from '../support/openapi.ts'

const repository = 'acme/platform'
const quick = { retries: 1, retryUnitMs: 1, timeoutMs: 2_000 }
const red = { name: 'build', conclusion: 'failure', log: '##[error]no space left on device\n' }

describe('runs and jobs', () => {
  test('the latest attempt is read when none is named', async () => {
    await using local = await startLocalGithub()
    const { runId } = await local.finishRun({ jobs: [red], branch: 'fix', headRepository: 'robin/platform' })
    await local.finishRun({ runId, jobs: [{ ...red, conclusion: 'success' }] })
    const runs = runsOf(local)
    const { attempt, conclusion, branch, workflow, url } = await runs.run(repository, runId)
    assert.deepEqual(
      { attempt, conclusion, branch, workflow, url },
      {
        attempt: 2,
        conclusion: 'success',
        branch: 'robin:fix',
        workflow: 'CI',
        url: `${local.baseUrl}/acme/platform/actions/runs/${runId}`,
      },
    )
    assert.equal((await runs.run(repository, runId, 1)).conclusion, 'failure')
  })

  test('the last green run is that of the branch before this one, else of any that was pushed to', async () => {
    await using local = await startLocalGithub()
    const well = { name: 'build', conclusion: 'success' }
    const play = async (more: object, job = well) => (await local.finishRun({ jobs: [job], ...more })).runId
    const onMain = await play({})
    const onFix = await play({ branch: 'fix' })
    await play({ branch: 'fix' }, red)
    await play({ branch: 'fix', workflow: 'Nightly' })
    const runId = await play({ branch: 'fix' }, red)
    await play({ branch: 'fix' })
    const found = async (branch: string | null, before = runId, workflow = 'CI') =>
      (await runsOf(local).lastGreen(repository, { workflow, branch, runId: before }))?.runId
    assert.equal(await found('fix'), onFix)
    assert.equal(await found('fix', onFix), onMain)
    assert.equal(await found('new'), onFix)
    assert.equal(await found('robin:main', onFix), onMain)
    assert.equal(await found(null, onFix), onMain)
    assert.equal(await found('fix', onMain), undefined)
    assert.equal(await found('fix', runId, 'Release'), undefined)
  })

  test('all jobs are read, however many pages there are', async () => {
    await using local = await startLocalGithub()
    const names = Array.from({ length: 230 }, (_, index) => `shard ${index}`)
    const { runId } = await local.finishRun({ jobs: names.map((name) => ({ name, conclusion: 'success' })) })
    const jobs = await runsOf(local).jobs(repository, runId, 1)
    assert.deepEqual(
      jobs.map(({ name }) => name),
      names,
    )
    assert.deepEqual(githubDescription().problemsOf(local.requests), [])
  })

  test('each attempt has its own jobs', async () => {
    await using local = await startLocalGithub()
    const { runId } = await local.finishRun({ jobs: [red] })
    await local.finishRun({ runId, jobs: [{ ...red, conclusion: 'success' }] })
    const [first] = await runsOf(local).jobs(repository, runId, 1)
    const [second] = await runsOf(local).jobs(repository, runId, 2)
    assert.deepEqual([first?.conclusion, second?.conclusion], ['failure', 'success'])
    assert.notEqual(first?.id, second?.id)
    assert.deepEqual(
      first?.steps.map(({ conclusion }) => conclusion),
      ['success', 'success', 'failure'],
    )
  })

  test('a job knows its run and attempt, as its link does not', async () => {
    await using local = await startLocalGithub()
    const first = await local.finishRun({ jobs: [red] })
    const { runId, jobs } = await local.finishRun({ runId: first.runId, jobs: [{ ...red, conclusion: 'success' }] })
    const runs = runsOf(local)
    const { attempt, conclusion } = await runs.job(repository, idOf(first.jobs))
    assert.deepEqual({ attempt, conclusion }, { attempt: 1, conclusion: 'failure' })
    assert.deepEqual(await runs.job(repository, idOf(jobs)), (await runs.jobs(repository, runId, 2))[0])
    await assert.rejects(runs.job(repository, 1), { code: 'not-found' })
    assert.deepEqual(githubDescription().problemsOf(local.requests), [])
  })

  test('a run that is not there is told apart from an outage', async () => {
    await using local = await startLocalGithub()
    await assert.rejects(runsOf(local).run(repository, 1), { code: 'not-found', status: 404 })
    local.failNext({ match: '/runs/1', status: 503, times: 2 })
    await assert.rejects(runsOf(local).run(repository, 1), { code: 'unavailable', status: 503 })
  })

  test('no GitHub at all is a fault worth another try', async () => {
    const gone = await startServer(() => {})
    await gone[Symbol.asyncDispose]()
    const runs = runsOf({ baseUrl: gone.url, token: 'x' })
    await assert.rejects(runs.run(repository, 1), {
      code: 'unavailable',
      message: /could not be reached \(ECONNREFUSED\)/,
    })
  })

  test('an answer that never comes is a fault worth another try', async () => {
    await using server = await startServer(() => {})
    const runs = githubRuns(
      githubClient({ kind: 'token', token: 'x', baseUrl: server.url }, { timeoutMs: 50, retries: 0 }),
    )
    await assert.rejects(runs.run(repository, 1), { code: 'unavailable', message: /no answer in time/ })
  })

  test('a list of jobs that breaks off is a fault, not an empty list', async () => {
    await using server = await startServer((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 })
      response.write('{"total_count":1,', () => response.destroy())
    })
    const runs = runsOf({ baseUrl: server.url, token: 'x' })
    await assert.rejects(runs.jobs(repository, 1, 1), { code: 'unavailable' })
  })

  test('a page of HTML from a proxy is a fault', async () => {
    await using server = await startServer((_, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
    )
    const runs = runsOf({ baseUrl: server.url, token: 'x' })
    await assert.rejects(runs.jobs(repository, 1, 1), GithubFault)
    await assert.rejects(runs.run(repository, 1), { code: 'malformed' })
  })
})

describe('job logs', () => {
  test('the log comes whole from its other origin, which never sees the token', async () => {
    await using local = await startLocalGithub()
    const log = 'x'.repeat(3_000_000)
    const { jobs } = await local.finishRun({ jobs: [{ ...red, log }] })
    const opened = await runsOf(local).openLog(repository, idOf(jobs))
    assert.ok(opened.kind === 'file')
    assert.equal(opened.bytes, log.length)
    assert.equal((await readAll(opened.body)).text, log)
    const [asked] = local.requests.filter(({ to }) => to === 'logs')
    assert.equal(asked?.headers.authorization, undefined)
    assert.equal(asked?.headers.cookie, undefined)
    assert.ok(
      local.requests.some(({ to, headers }) => to === 'api' && headers.authorization === `token ${local.token}`),
    )
    assert.deepEqual(githubDescription().problemsOf(local.requests), [])
  })

  test.each([
    [404, /runner died/],
    [410, /expired or was deleted \(410\)/],
    [403, /Actions: read/],
  ] as const)('a log GitHub refuses with %i is missing, in words', async (status, because) => {
    await using local = await startLocalGithub()
    const { jobs } = await local.finishRun({ jobs: [{ ...red, log: { status } }] })
    const opened = await runsOf(local).openLog(repository, idOf(jobs))
    assert.ok(opened.kind === 'missing')
    assert.equal(opened.status, status)
    assert.match(opened.because, because)
  })

  test('a link that expired is asked for once more', async () => {
    await using local = await startLocalGithub()
    const { jobs } = await local.finishRun({ jobs: [red] })
    local.failNext({ match: 'GET /logs/', status: 403 })
    const opened = await runsOf(local).openLog(repository, idOf(jobs))
    assert.ok(opened.kind === 'file')
    assert.equal((await readAll(opened.body)).text, red.log)
  })

  test('a link that is refused twice is missing, in words', async () => {
    await using local = await startLocalGithub()
    const { jobs } = await local.finishRun({ jobs: [red] })
    local.failNext({ match: 'GET /logs/', status: 403, times: 2 })
    const opened = await runsOf(local).openLog(repository, idOf(jobs))
    assert.deepEqual(opened, {
      kind: 'missing',
      status: 403,
      because: 'the link to the log was refused twice (403): it expired or the log is gone',
    })
  })

  test('a log that was never sent is missing, though GitHub gives a link to it', async () => {
    await using local = await startLocalGithub()
    const { jobs } = await local.finishRun({ jobs: [red] })
    local.failNext({ match: 'GET /logs/', status: 404 })
    const opened = await runsOf(local).openLog(repository, idOf(jobs))
    assert.ok(opened.kind === 'missing')
    assert.match(opened.because, /cancelled or its runner died/)
  })

  test('an outage of GitHub or of the log store is a fault worth another try', async () => {
    await using local = await startLocalGithub()
    const { jobs } = await local.finishRun({ jobs: [red] })
    local.failNext({ match: '/jobs/', status: 502, times: 2 })
    await assert.rejects(runsOf(local).openLog(repository, idOf(jobs)), { code: 'unavailable', status: 502 })
    local.failNext({ match: 'GET /logs/', status: 503 })
    await assert.rejects(runsOf(local).openLog(repository, idOf(jobs)), {
      code: 'unavailable',
      message: /log store answered 503/,
    })
  })

  test('a rate limit is a wait, not a missing log', async () => {
    await using local = await startLocalGithub()
    const { jobs } = await local.finishRun({ jobs: [red] })
    local.failNext({
      match: '/jobs/',
      status: 403,
      headers: { 'retry-after': '120' },
      body: { message: 'secondary rate limit' },
    })
    await assert.rejects(runsOf(local).openLog(repository, idOf(jobs)), { code: 'rate-limited', retryAfterMs: 120_000 })
  })

  test('a log that breaks off gives what came and then says so', async () => {
    await using local = await startLocalGithub()
    const { jobs } = await local.finishRun({ jobs: [{ ...red, log: 'y'.repeat(500_000) }] })
    local.failNext({ match: 'GET /logs/', breakAfter: 100_000 })
    const opened = await runsOf(local).openLog(repository, idOf(jobs))
    assert.ok(opened.kind === 'file')
    const { text, error } = await readAll(opened.body)
    assert.equal(text, 'y'.repeat(100_000))
    assert.ok(error instanceof FileBroken)
    assert.equal(error.code, 'truncated')
    assert.match(error.message, /broke off after 100000 bytes/)
  })

  test('a log that goes silent is given up after the pause', async () => {
    await using local = await startLocalGithub()
    const { jobs } = await local.finishRun({ jobs: [red] })
    local.failNext({ match: 'GET /logs/', breakAfter: 5, stall: true })
    const opened = await runsOf(local, { stallMs: 100 }).openLog(repository, idOf(jobs))
    assert.ok(opened.kind === 'file')
    const { text, error } = await readAll(opened.body)
    assert.equal(text, red.log.slice(0, 5))
    assert.match(String(error), /nothing came for 100 ms/)
  })

  test('a slow reader is not taken for a silent log', async () => {
    await using local = await startLocalGithub()
    const { jobs } = await local.finishRun({ jobs: [{ ...red, log: 'z'.repeat(2_000_000) }] })
    const opened = await runsOf(local, { stallMs: 60 }).openLog(repository, idOf(jobs))
    assert.ok(opened.kind === 'file')
    let bytes = 0
    let pauses = 3
    for await (const chunk of opened.body) {
      bytes += chunk.length
      if (pauses-- > 0) await new Promise((resolve) => setTimeout(resolve, 100))
    }
    assert.equal(bytes, 2_000_000)
  })

  test('leaving the log early frees its connection', async () => {
    let closed = false
    await using store = await startServer((request, response) => {
      request.socket.once('close', () => {
        closed = true
      })
      response.writeHead(200)
      response.write('first')
    })
    await using api = await startServer(redirectTo(() => store.url))
    const opened = await runsOf({ baseUrl: api.url, token: 'x' }).openLog(repository, 1)
    assert.ok(opened.kind === 'file')
    for await (const chunk of opened.body) {
      assert.ok(chunk.length > 0)
      break
    }
    for (let tries = 0; tries < 100 && !closed; tries++) await new Promise((resolve) => setTimeout(resolve, 10))
    assert.ok(closed)
  })

  test.each([
    'http://192.0.2.1/logs',
    'ftp://example.com/logs',
    'file:///etc/passwd',
    'https://user:secret@example.com/logs',
    'http://127.0.0.1.example.com/',
  ])('a redirect to %s is not followed', async (location) => {
    await using api = await startServer(redirectTo(() => location))
    await assert.rejects(runsOf({ baseUrl: api.url, token: 'x' }).openLog(repository, 1), (error: unknown) => {
      assert.ok(error instanceof GithubFault)
      assert.equal(error.code, 'malformed')
      assert.doesNotMatch(error.message, /192\.0\.2\.1|example|passwd|secret/)
      return true
    })
  })

  test('a renamed repository is followed with the token, its log without', async () => {
    const seen: string[] = []
    await using store = await startServer((request, response) => {
      seen.push(`store ${request.headers.authorization ?? 'no token'}`)
      response.end('log')
    })
    await using api = await startServer((request, response) => {
      seen.push(`api ${request.headers.authorization ?? 'no token'}`)
      const renamed = request.url?.startsWith('/repositories/')
      response
        .writeHead(renamed ? 302 : 301, { location: renamed ? store.url : '/repositories/7/actions/jobs/1/logs' })
        .end()
    })
    const opened = await runsOf({ baseUrl: api.url, token: 'x' }).openLog(repository, 1)
    assert.ok(opened.kind === 'file')
    assert.equal((await readAll(opened.body)).text, 'log')
    assert.deepEqual(seen, ['api token x', 'api token x', 'store no token'])
  })

  test('redirects without end are a fault', async () => {
    await using store = await startServer((_, response) => response.writeHead(302, { location: '/again' }).end())
    await using api = await startServer(redirectTo(() => store.url))
    await assert.rejects(runsOf({ baseUrl: api.url, token: 'x' }).openLog(repository, 1), /redirected 4 times/)
  })
})

function runsOf(github: Pick<LocalGithub, 'baseUrl' | 'token'>, options: StoreOptions = {}): Runs {
  return githubRuns(githubClient({ kind: 'token', token: github.token, baseUrl: github.baseUrl }, quick), options)
}

function idOf(jobs: { id: number }[]): number {
  assert.ok(jobs[0])
  return jobs[0].id
}

async function readAll(body: AsyncIterable<Uint8Array>): Promise<{ text: string; error: unknown }> {
  const chunks: Uint8Array[] = []
  try {
    for await (const chunk of body) chunks.push(chunk)
  } catch (error) {
    return { text: Buffer.concat(chunks).toString(), error }
  }
  return { text: Buffer.concat(chunks).toString(), error: null }
}

function redirectTo(location: () => string): RequestListener {
  return (_, response) => void response.writeHead(302, { location: location() }).end()
}

async function startServer(listener: RequestListener) {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import nock from 'nock'
import { afterEach, beforeEach, test } from 'vitest'
import { githubClient, ownerAndName } from '../../src/github/client.ts'
import { GithubFault, githubFault } from '../../src/github/fault.ts'
import { githubRuns } from '../../src/github/runs.ts'

const api = 'https://api.github.com'
const privateKey = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs1', format: 'pem' })
  .toString()
const quick = { retries: 1, retryUnitMs: 1, timeoutMs: 2_000 }

beforeEach(() => nock.disableNetConnect())
afterEach(() => {
  nock.cleanAll()
  nock.enableNetConnect()
})

test('a token is sent as it is, with our name', async () => {
  nock(api, { reqheaders: { authorization: 'token sesame', 'user-agent': /^layerwise / } })
    .get('/repos/acme/web')
    .reply(200, {})
  const octokit = await githubClient({ kind: 'token', token: 'sesame', baseUrl: api }, quick).forRepository('acme/web')
  const { status } = await octokit.request('GET /repos/{owner}/{repo}', ownerAndName('acme/web'))
  assert.equal(status, 200)
})

test("an App asks once for each repository's installation and reads with that installation's token", async () => {
  const lookedUp = nock(api).get('/repos/acme/web/installation').once().reply(200, { id: 7 })
  nock(api).post('/app/installations/7/access_tokens').once().reply(201, installationToken('ghs_web'))
  const read = nock(api, { reqheaders: { authorization: 'token ghs_web' } })
    .get('/repos/acme/web')
    .times(2)
    .reply(200, {})
  const client = githubClient({ kind: 'app', appId: '1', privateKey, baseUrl: api }, quick)
  for (const name of ['acme/web', 'Acme/Web']) {
    const octokit = await client.forRepository(name)
    await octokit.request('GET /repos/acme/web')
  }
  assert.ok(lookedUp.isDone() && read.isDone())
})

test('an App that is not installed says so, and is looked for again the next time', async () => {
  nock(api).get('/repos/acme/web/installation').reply(404, { message: 'Not Found' })
  nock(api).get('/repos/acme/web/installation').reply(200, { id: 7 })
  const client = githubClient({ kind: 'app', appId: '1', privateKey, baseUrl: api }, quick)
  await assert.rejects(client.forRepository('acme/web'), {
    code: 'not-found',
    message: /App is not installed in acme\/web/,
  })
  assert.ok(await client.forRepository('acme/web'))
})

test('an App that was installed anew is found under its new id', async () => {
  const client = githubClient({ kind: 'app', appId: '1', privateKey, baseUrl: api }, quick)
  nock(api).get('/repos/acme/web/installation').reply(200, { id: 7 })
  nock(api).post('/app/installations/7/access_tokens').reply(404, { message: 'Not Found' })
  const gone = await client.forRepository('acme/web')
  await assert.rejects(gone.request('GET /repos/acme/web'))
  nock(api).get('/repos/acme/web/installation').reply(200, { id: 8 })
  nock(api).post('/app/installations/8/access_tokens').reply(201, installationToken('ghs_new'))
  nock(api, { reqheaders: { authorization: 'token ghs_new' } })
    .get('/repos/acme/web')
    .reply(200, {})
  const found = await client.forRepository('acme/web')
  assert.equal((await found.request('GET /repos/acme/web')).status, 200)
})

test('a passing 502 is tried again, an outage becomes a fault worth another try', async () => {
  const runs = githubRuns(githubClient({ kind: 'token', token: 'sesame', baseUrl: api }, quick))
  nock(api)
    .get(/runs\/1/)
    .reply(502)
  nock(api)
    .get(/runs\/1/)
    .reply(200, { id: 'odd' })
  await assert.rejects(runs.run('acme/web', 1), {
    code: 'malformed',
    message: /Reading run 1 of acme\/web.*id: invalid_type/,
  })
  nock(api)
    .get(/runs\/1/)
    .times(2)
    .reply(502)
  await assert.rejects(runs.run('acme/web', 1), { code: 'unavailable', status: 502 })
})

test('a used-up rate limit says how long to wait instead of holding the task', async () => {
  const runs = githubRuns(githubClient({ kind: 'token', token: 'sesame', baseUrl: api }, quick))
  const reset = Math.floor(Date.now() / 1000) + 600
  nock(api)
    .get(/runs\/1/)
    .reply(
      403,
      { message: 'API rate limit exceeded' },
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(reset) },
    )
  const fault = await faultOf(runs.run('acme/web', 1))
  assert.equal(fault.code, 'rate-limited')
  assert.ok((fault.retryAfterMs ?? 0) > 590_000 && (fault.retryAfterMs ?? 0) < 605_000)
})

test('a short secondary limit is waited for once', async () => {
  const runs = githubRuns(githubClient({ kind: 'token', token: 'sesame', baseUrl: api }, quick))
  const limited = { message: 'You have exceeded a secondary rate limit' }
  nock(api)
    .get(/runs\/1/)
    .reply(403, limited, { 'retry-after': '1' })
  nock(api)
    .get(/runs\/1/)
    .reply(404, { message: 'Not Found' })
  assert.equal((await faultOf(runs.run('acme/web', 1))).code, 'not-found')
})

test.each([
  [401, 'unauthorized'],
  [403, 'forbidden'],
  [404, 'not-found'],
  [410, 'not-found'],
  [418, 'malformed'],
])('GitHub answering %i is told apart as %s', async (status, code) => {
  const runs = githubRuns(githubClient({ kind: 'token', token: 'sesame', baseUrl: api }, { ...quick, retries: 0 }))
  nock(api)
    .get(/runs\/1/)
    .reply(status, { message: 'secret words of GitHub' })
  const fault = await faultOf(runs.run('acme/web', 1))
  assert.equal(fault.code, code)
  assert.doesNotMatch(fault.message, /secret words/)
})

test('neither a fault nor the log ever holds the token', async () => {
  const said: string[] = []
  const runs = githubRuns(
    githubClient({ kind: 'token', token: 'sesame', baseUrl: api }, { ...quick, warn: (line) => said.push(line) }),
  )
  nock(api)
    .get(/runs\/1/)
    .times(2)
    .replyWithError('connection reset, authorization: token sesame')
  const fault = await faultOf(runs.run('acme/web', 1))
  assert.doesNotMatch(JSON.stringify([fault, fault.message, fault.stack, fault.cause, said]), /sesame/)
})

test('a name that is no owner/name never becomes a request', async () => {
  const runs = githubRuns(githubClient({ kind: 'token', token: 'sesame', baseUrl: api }, quick))
  for (const name of ['acme', 'acme/web/actions', '/web', ''])
    assert.equal((await faultOf(runs.run(name, 1))).code, 'not-found')
})

test('what is not from octokit is a fault too', () => {
  assert.equal(githubFault('Reading', 'a string').code, 'unavailable')
  assert.match(githubFault('Reading', Object.assign(new Error('x'), { code: 'ECONNREFUSED' })).message, /ECONNREFUSED/)
})

async function faultOf(promise: Promise<unknown>): Promise<GithubFault> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof GithubFault, String(error))
  return error
}

function installationToken(token: string) {
  return { token, expires_at: '2099-01-01T00:00:00Z', permissions: { actions: 'read' }, repository_selection: 'all' }
}

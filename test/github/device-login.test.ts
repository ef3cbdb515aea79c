import nock from 'nock'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { deviceLogin } from '../../src/github/device-login.ts'
import { type LocalGithub, startLocalGithub } from '../../src/playground/github.ts'
import { githubDescription } from '../support/openapi.ts'

const clientId = 'Iv23litest'

describe('at the local GitHub', () => {
  test('a person types the code, and we learn who that was', async () => {
    let now = new Date('2026-11-22T10:00:00Z')
    const said: string[] = []
    await using local = await startLocalGithub({ now: () => now })
    const login = loginAt(local, () => now, said)
    const code = await login.begin()
    expect(code).toEqual({
      deviceCode: expect.stringMatching(/^[0-9a-f]{40}$/),
      userCode: expect.stringMatching(/^[0-9A-F]{4}-[0-9A-F]{4}$/),
      verificationUri: `${local.baseUrl}/login/device`,
      expiresAt: '2026-11-22T10:15:00.000Z',
      intervalMs: 5_000,
    })
    expect(await login.exchange(code.deviceCode)).toEqual({ kind: 'waiting', intervalMs: 5_000 })
    local.authorizeDevice(code.userCode, 'octo-second')
    now = new Date('2026-11-22T10:00:05Z')
    const linked = await login.exchange(code.deviceCode)
    expect(linked).toEqual({ kind: 'linked', login: 'octo-second', id: 2 })

    // The code is used up, and the token is in nobody's hands.
    expect(await login.exchange(code.deviceCode)).toEqual({ kind: 'ended', because: 'expired' })
    const token = local.requests.find(({ path }) => path === '/user')?.headers.authorization?.split(' ')[1] ?? ''
    expect(token).toMatch(/^ghu_/)
    expect(JSON.stringify([code, linked, login, said])).not.toContain(token)
    expect(githubDescription().problemsOf(local.requests)).toEqual([])
    expect(local.requests.filter(({ to }) => to === 'api').map(({ path }) => path)).toEqual(['/user'])
  })

  test('no scope is asked for', async () => {
    await using local = await startLocalGithub()
    await loginAt(local).begin()
    expect(local.requests.map(({ sent }) => sent)).toEqual([{ client_id: clientId }])
  })

  test('who asks too soon is told to slow down, and waits longer from then on', async () => {
    let now = new Date('2026-11-22T10:00:00Z')
    await using local = await startLocalGithub({ now: () => now })
    const login = loginAt(local)
    const { deviceCode, intervalMs } = await login.begin()
    await login.exchange(deviceCode, intervalMs)
    const slower = await login.exchange(deviceCode, intervalMs)
    expect(slower).toEqual({ kind: 'waiting', intervalMs: 10_000 })
    now = new Date('2026-11-22T10:00:10Z')
    expect(await login.exchange(deviceCode, 10_000)).toEqual(slower)
  })

  test.each([
    ['denied', (local: LocalGithub, userCode: string) => local.denyDevice(userCode)],
    [
      'disabled',
      (local: LocalGithub) => {
        local.devices.enabled = false
      },
    ],
  ])('it ends when it is %s', async (because, end) => {
    await using local = await startLocalGithub()
    const login = loginAt(local)
    const { deviceCode, userCode } = await login.begin()
    end(local, userCode)
    expect(await login.exchange(deviceCode)).toEqual({ kind: 'ended', because })
  })

  test('a code is good for a quarter of an hour', async () => {
    let now = new Date('2026-11-22T10:00:00Z')
    await using local = await startLocalGithub({ now: () => now })
    const login = loginAt(local)
    const { deviceCode, userCode } = await login.begin()
    now = new Date('2026-11-22T10:15:00Z')
    local.authorizeDevice(userCode, 'octo-admin')
    expect(await login.exchange(deviceCode)).toEqual({ kind: 'ended', because: 'expired' })
  })

  test('an app whose settings do not allow it is told so at the start', async () => {
    await using local = await startLocalGithub()
    local.devices.enabled = false
    await expect(loginAt(local).begin()).rejects.toMatchObject({
      name: 'GithubFault',
      code: 'forbidden',
      message: 'Asking GitHub for a device code: the device flow is not enabled in the settings of our app.',
    })
  })

  test('a token whose answer got lost is not asked for twice', async () => {
    await using local = await startLocalGithub()
    const login = loginAt(local)
    const { deviceCode, userCode } = await login.begin()
    local.authorizeDevice(userCode, 'octo-admin')
    local.failNext({ match: '/login/oauth/access_token', lost: true })
    await expect(login.exchange(deviceCode)).rejects.toMatchObject({ code: 'unavailable' })
    expect(local.requests.filter(({ path }) => path === '/login/oauth/access_token')).toHaveLength(1)
  })

  test('an outage while we ask who it is passes', async () => {
    await using local = await startLocalGithub()
    const login = loginAt(local)
    const { deviceCode, userCode } = await login.begin()
    local.authorizeDevice(userCode, 'octo-admin')
    local.failNext({ match: 'GET /user', status: 502 })
    expect(await login.exchange(deviceCode)).toMatchObject({ kind: 'linked', login: 'octo-admin' })
  })
})

describe('what GitHub answers', () => {
  beforeEach(() => nock.disableNetConnect())
  afterEach(() => {
    nock.cleanAll()
    nock.enableNetConnect()
  })
  const web = 'https://ghe.example.com'
  const login = deviceLogin({ githubUrl: web, apiUrl: `${web}/api/v3`, clientId }, { retries: 0 })
  const code = {
    ...{ device_code: 'd1', user_code: 'WDJB-MJHT', verification_uri: `${web}/login/device` },
    ...{ expires_in: 899, interval: 7 },
  }

  test('codes are given by the web host and the account by the API, also at an Enterprise Server', async () => {
    nock(web).post('/login/device/code', { client_id: clientId }).reply(200, code)
    expect(await login.begin()).toMatchObject({ deviceCode: 'd1', userCode: 'WDJB-MJHT', intervalMs: 7_000 })
    const grant_type = 'urn:ietf:params:oauth:grant-type:device_code'
    nock(web)
      .post('/login/oauth/access_token', { client_id: clientId, device_code: 'd1', grant_type })
      .reply(200, { access_token: 'ghu_x', token_type: 'bearer', scope: '' })
    nock(web, { reqheaders: { authorization: 'token ghu_x' } })
      .get('/api/v3/user')
      .reply(200, { login: 'robin', id: 7 })
    expect(await login.exchange('d1')).toEqual({ kind: 'linked', login: 'robin', id: 7 })
  })

  test('where no pause is named it is five seconds', async () => {
    const { interval: _, ...rest } = code
    nock(web).post('/login/device/code').reply(200, rest)
    expect(await login.begin()).toMatchObject({ intervalMs: 5_000 })
  })

  test.each([
    [404, { message: 'Not Found' }, 'not-found', /knows no app with our client id/],
    [500, {}, 'unavailable', /500/],
    [200, { ...code, verification_uri: 'javascript:alert(1)' }, 'malformed', /verification_uri/],
    [200, { ...code, user_code: '<!channel>' }, 'malformed', /user_code/],
    [200, '<html>sign in</html>', 'malformed', /not what it promises/],
    [200, { error: 'incorrect_client_credentials', error_description: 'no <such> id' }, 'forbidden', /refused our app/],
  ])('%d %j for a code is a fault', async (status, answer, fault, message) => {
    nock(web).post('/login/device/code').reply(status, answer)
    await expect(login.begin()).rejects.toMatchObject({
      name: 'GithubFault',
      code: fault,
      message: expect.stringMatching(message),
    })
  })

  test.each([
    [
      { error: 'slow_down', interval: 30 },
      { kind: 'waiting', intervalMs: 30_000 },
    ],
    [{ error: 'slow_down' }, { kind: 'waiting', intervalMs: 14_000 }],
    [{ error: 'authorization_pending' }, { kind: 'waiting', intervalMs: 9_000 }],
    [{ error: 'incorrect_device_code' }, { kind: 'ended', because: 'expired' }],
    [{ error: 'expired_token' }, { kind: 'ended', because: 'expired' }],
    [{ error: 'access_denied' }, { kind: 'ended', because: 'denied' }],
    [{ error: 'device_flow_disabled' }, { kind: 'ended', because: 'disabled' }],
  ])('%j for a token is %j', async (answer, outcome) => {
    nock(web).post('/login/oauth/access_token').reply(200, answer)
    expect(await login.exchange('d1', 9_000)).toEqual(outcome)
  })

  test.each([
    [200, { error: 'unsupported_grant_type' }, 'forbidden'],
    [503, {}, 'unavailable'],
    [200, { hello: 1 }, 'malformed'],
  ])('%d %j for a token is a fault', async (status, answer, fault) => {
    nock(web).post('/login/oauth/access_token').reply(status, answer)
    await expect(login.exchange('d1')).rejects.toMatchObject({ name: 'GithubFault', code: fault })
  })

  test.each([
    [200, { login: 'robin' }, 'malformed'],
    [403, { message: 'Sorry. Your account was suspended' }, 'forbidden'],
    [401, {}, 'unauthorized'],
  ])('%d %j for the account is a fault that holds no token', async (status, answer, fault) => {
    const access_token = `ghu_${'a1B2c3D4e5'.repeat(4)}`
    nock(web).post('/login/oauth/access_token').reply(200, { access_token, token_type: 'bearer', scope: '' })
    nock(web).get('/api/v3/user').reply(status, answer)
    const error: Error = await login.exchange('d1').then(
      () => new Error('linked'),
      (thrown) => thrown,
    )
    expect(error).toMatchObject({ name: 'GithubFault', code: fault })
    expect(`${error.message} ${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`).not.toContain(
      access_token,
    )
  })
})

function loginAt({ baseUrl }: LocalGithub, now = () => new Date(), said: string[] = []) {
  const warn = (message: string) => void said.push(message)
  return deviceLogin({ githubUrl: baseUrl, apiUrl: baseUrl, clientId }, { retries: 1, retryUnitMs: 1, now, warn })
}

import nock from 'nock'
import { afterEach, describe, expect, test } from 'vitest'
import { githubClient } from '../../src/github/client.ts'
import { personAccess, personById } from '../../src/github/person-access.ts'
import { type LocalGithub, startLocalGithub } from '../../src/playground/github.ts'
import { accessLevels } from '../../src/remedy/remedy.ts'
import { githubDescription } from '../support/openapi.ts'

const repository = 'acme/platform'
const api = 'https://api.github.com'
const path = '/repos/acme/platform/collaborators/robin/permission'
afterEach(() => nock.cleanAll())

describe('at the local GitHub', () => {
  test.each(accessLevels)('who has %s has just that', async (access) => {
    await using local = await startLocalGithub()
    local.people.add({ login: 'Robin', id: 7 })
    local.people.setAccess('robin', access)
    expect(await personAccess(clientOf(local))({ repository, login: 'robin' })).toEqual({
      access,
      login: 'Robin',
      id: 7,
    })
    expect(githubDescription().problemsOf(local.requests)).toEqual([])
  })

  test('access is that in this repository, and is asked anew', async () => {
    await using local = await startLocalGithub()
    const ask = personAccess(clientOf(local))
    const access = async (login: string, where = repository) => (await ask({ repository: where, login })).access
    expect(await access('octo-admin')).toBe('admin')
    expect(await access('octo-second')).toBe('write')
    expect(await access('octo-reader')).toBe('read')
    expect(await access('nobody')).toBe('none')
    local.people.setAccess('octo-admin', 'none', repository)
    expect(await access('octo-admin')).toBe('none')
    expect(await access('octo-admin', 'acme/other')).toBe('admin')
    expect(githubDescription().problemsOf(local.requests)).toEqual([])
  })

  test('a role of the organisation’s own counts as what it is based on', async () => {
    await using local = await startLocalGithub()
    local.people.add({ login: 'robin', id: 7, access: { '*': 'write' }, customRole: 'release engineer' })
    const ask = personAccess(clientOf(local))
    expect(await ask({ repository, login: 'robin' })).toMatchObject({ access: 'write' })
  })

  test('an account is found under its new name, and the old name is somebody else', async () => {
    await using local = await startLocalGithub()
    local.people.rename('octo-admin', 'octo-retired')
    local.people.add({ login: 'octo-admin', id: 66, access: { '*': 'admin' } })
    const client = clientOf(local)
    expect(await personById(client)(repository, 1)).toBe('octo-retired')
    expect(await personAccess(client)({ repository, login: 'octo-admin' })).toMatchObject({ id: 66 })
    local.people.remove('octo-retired')
    expect(await personById(client)(repository, 1)).toBeNull()
    expect(githubDescription().problemsOf(local.requests)).toEqual([])
  })

  test('a suspended account is nobody', async () => {
    await using local = await startLocalGithub()
    local.people.add({ login: 'robin', id: 7, suspended: true })
    expect(await personById(clientOf(local))(repository, 7)).toBeNull()
  })
})

describe('what GitHub answers', () => {
  const client = githubClient({ kind: 'token', token: 'x', baseUrl: api }, { retries: 0 })
  const ask = () => personAccess(client)({ repository, login: 'robin' })
  const user = { login: 'robin', id: 7 }

  // A role could be named like a level that it is not.
  test.each([
    [{ permission: 'read', role_name: 'admin', user }, 'read'],
    [{ permission: 'read', role_name: 'maintain', user }, 'read'],
    [{ permission: 'write', role_name: 'admin', user }, 'write'],
    [{ permission: 'none', role_name: 'triage', user }, 'none'],
    [{ permission: 'write', role_name: 'maintain', user }, 'maintain'],
    [{ permission: 'read', role_name: 'triage', user }, 'triage'],
    [{ permission: 'admin', role_name: null, user }, 'admin'],
  ])('%j is %s', async (answer, access) => {
    nock(api).get(path).reply(200, answer)
    expect(await ask()).toEqual({ access, login: 'robin', id: 7 })
  })

  test('an account that GitHub does not show has no id', async () => {
    nock(api).get(path).reply(200, { permission: 'write', role_name: 'write', user: null })
    expect(await ask()).toEqual({ access: 'write', login: 'robin', id: null })
  })

  test('404 is no access', async () => {
    nock(api).get(path).reply(404, { message: 'robin is not a user' })
    expect(await ask()).toEqual({ access: 'none', login: 'robin', id: null })
  })

  test.each([
    [200, { permission: 'god', role_name: 'god', user }, 'malformed'],
    [200, {}, 'malformed'],
    [403, { message: 'Resource not accessible by integration' }, 'forbidden'],
    [500, {}, 'unavailable'],
  ])('%d %j is a fault, never an access', async (status, answer, code) => {
    nock(api).get(path).reply(status, answer)
    await expect(ask()).rejects.toMatchObject({ code })
  })

  test('an answer about another account is worth nothing', async () => {
    nock(api).get('/user/7').reply(200, { login: 'robin', id: 8 })
    expect(await personById(client)(repository, 7)).toBeNull()
  })

  test.each([
    [200, { login: '', id: 7 }, 'malformed'],
    [500, {}, 'unavailable'],
  ])('%d %j to the question for an account is a fault', async (status, answer, code) => {
    nock(api).get('/user/7').reply(status, answer)
    await expect(personById(client)(repository, 7)).rejects.toMatchObject({ code })
  })
})

function clientOf({ token, baseUrl }: LocalGithub) {
  return githubClient({ kind: 'token', token, baseUrl }, { retries: 0 })
}

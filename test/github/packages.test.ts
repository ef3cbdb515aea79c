import nock from 'nock'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { deletePackageVersion, listPackageVersions, packageHome, packagesClient } from '../../src/github/packages.ts'
import { type LocalGithub, startLocalGithub } from '../../src/playground/github.ts'
import { githubDescription } from '../support/openapi.ts'

const image = 'ghcr.io/acme/web/cache'

describe('at the local GitHub', () => {
  test('the versions of an image are listed, newest first, and deleted one by one', async () => {
    await using local = await startLocalGithub()
    const updatedAt = new Date('2026-11-20T10:00:00Z')
    const old = local.addVersion({
      name: 'web/cache',
      tags: ['buildcache-main'],
      digest: `sha256:${'a'.repeat(64)}`,
      updatedAt,
    })
    const untagged = local.addVersion({ name: 'web/cache', tags: [] })
    local.addVersion({ name: 'web/cache', tags: ['v1', 'latest'] })
    local.addVersion({ name: 'web', tags: ['v1'] })
    const client = clientOf(local)
    const listed = await listPackageVersions(client)(image)
    expect(listed).toMatchObject({ kind: 'listed', complete: true })
    expect(listed.kind === 'listed' && listed.entries.map(({ tags }) => tags)).toEqual([
      ['v1', 'latest'],
      [],
      ['buildcache-main'],
    ])
    expect(listed.kind === 'listed' && listed.entries.at(-1)).toEqual({
      id: old,
      tags: ['buildcache-main'],
      digest: `sha256:${'a'.repeat(64)}`,
      updatedAt: '2026-11-20T10:00:00.000Z',
      sizeBytes: null,
    })
    const remove = deletePackageVersion(client)
    expect(await remove({ image, id: old })).toEqual({ kind: 'deleted' })
    expect(await remove({ image, id: old })).toEqual({ kind: 'gone' })
    expect(await remove({ image: `${image}:v1`, id: untagged })).toEqual({ kind: 'deleted' })
    expect(local.deletedVersions).toEqual([old, untagged].map((id) => ({ owner: 'acme', name: 'web/cache', id })))
    expect(local.packages.versionsOf('acme', 'web/cache')).toHaveLength(1)
    expect(local.packages.versionsOf('acme', 'web')).toHaveLength(1)
    expect(githubDescription().problemsOf(local.requests)).toEqual([])
  })

  test('those of a person have an address of their own', async () => {
    await using local = await startLocalGithub()
    local.packages.addPersonal('robin')
    const id = local.addVersion({ owner: 'robin', name: 'web', tags: ['a'] })
    local.addVersion({ owner: 'robin', name: 'web', tags: ['b'] })
    const client = clientOf(local)
    expect(await listPackageVersions(client)('ghcr.io/robin/web')).toMatchObject({ kind: 'listed', complete: true })
    const remove = deletePackageVersion(client)
    expect(await remove({ image: 'ghcr.io/robin/web', id })).toEqual({ kind: 'deleted' })
    expect(await remove({ image: 'ghcr.io/robin/web', id })).toEqual({ kind: 'gone' })
    expect(githubDescription().problemsOf(local.requests)).toEqual([])
    expect(local.requests.filter(({ path }) => path === '/users/robin')).toHaveLength(1)
  })

  test.each([
    [1_000, 1_000, true],
    [1_001, 1_000, false],
  ])('of %d versions %d are listed, all of them: %s', async (count, listed, complete) => {
    await using local = await startLocalGithub()
    for (let n = 0; n < count; n++) local.addVersion({ name: 'web/cache', tags: [`t${n}`] })
    const found = await listPackageVersions(clientOf(local))(image)
    expect(found).toMatchObject({ kind: 'listed', complete })
    expect(found.kind === 'listed' && found.entries).toHaveLength(listed)
  })

  test.each([
    ['no classic token', null, /seems to be no classic token, and GitHub lets no other kind do this/],
    ['a token without the scope', ['repo'], /has the scopes repo\. Or/],
  ])('%s may not list, and it is said what it takes', async (_, scopes, words) => {
    await using local = await startLocalGithub()
    local.addVersion({ name: 'web/cache', tags: ['a'] })
    local.packages.scopes = scopes
    const listed = await listPackageVersions(clientOf(local))(image)
    expect(listed).toEqual({ kind: 'refused', because: expect.stringMatching(words) })
    expect(listed).toMatchObject({ because: expect.stringContaining('It takes a classic token with read:packages') })
  })

  test('a token that may only read may not delete', async () => {
    await using local = await startLocalGithub()
    const id = local.addVersion({ name: 'web/cache', tags: [] })
    local.packages.scopes = ['read:packages']
    const refused = await deletePackageVersion(clientOf(local))({ image, id })
    expect(refused).toMatchObject({
      kind: 'refused',
      because: expect.stringMatching(/403.*delete:packages.*has the scopes read:packages/),
    })
    expect(local.deletedVersions).toEqual([])
  })

  test('the last version with a tag stays, and GitHub says why', async () => {
    await using local = await startLocalGithub()
    const id = local.addVersion({ name: 'web/cache', tags: ['a'] })
    expect(await deletePackageVersion(clientOf(local))({ image, id })).toEqual({
      kind: 'refused',
      because: expect.stringMatching(/^Deleting version \d+ of \S+: You cannot delete the last tagged version/),
    })
  })

  test('the bot’s own token is none for packages', async () => {
    await using local = await startLocalGithub()
    local.addVersion({ name: 'web/cache', tags: ['a'] })
    const client = packagesClient({ token: local.token, apiUrl: local.baseUrl }, { retries: 0 })
    expect(await listPackageVersions(client)(image)).toMatchObject({
      kind: 'refused',
      because: expect.stringContaining('Resource not accessible'),
    })
  })

  test('a deletion whose answer got lost is found done', async () => {
    await using local = await startLocalGithub()
    const id = local.addVersion({ name: 'web/cache', tags: [] })
    local.failNext({ match: 'DELETE', lost: true })
    const patient = packagesClient(
      { token: local.packagesToken, apiUrl: local.baseUrl },
      { retries: 1, retryUnitMs: 1 },
    )
    expect(await deletePackageVersion(patient)({ image, id })).toEqual({ kind: 'gone' })
    expect(local.deletedVersions).toHaveLength(1)
  })
})

describe('images', () => {
  test.each([
    'docker.io/acme/web',
    'acme/web',
    'ghcr.io/acme',
    'ghcr.io/acme/../../orgs/acme',
    'ghcr.io//web',
    'ghcr.io.evil.example/acme/web',
    'ghcr.io/acme/web?x=1',
    '',
  ])('%j is not in GitHub’s registry, and nothing is asked', async (other) => {
    await using local = await startLocalGithub()
    const refused = {
      kind: 'refused',
      because: expect.stringContaining("is not in GitHub's container registry (ghcr.io/"),
    }
    expect(await listPackageVersions(clientOf(local))(other)).toEqual(refused)
    expect(await deletePackageVersion(clientOf(local))({ image: other, id: 1 })).toEqual(refused)
    expect(local.requests).toEqual([])
  })

  test.each([
    ['https://api.github.com', 'ghcr.io'],
    ['https://ghe.example.com/api/v3', 'containers.ghe.example.com'],
    ['https://api.acme.ghe.com', 'containers.acme.ghe.com'],
    ['http://127.0.0.1:4000', 'ghcr.io'],
  ])('of %s are at %s', (apiUrl, registry) => {
    expect(packagesClient({ token: 'x', apiUrl }).registry).toBe(registry)
  })
})

describe('what GitHub answers', () => {
  const api = 'https://api.github.com'
  const versions = '/orgs/acme/packages/container/web%2Fcache/versions'
  const client = () => packagesClient({ token: 'x', apiUrl: api }, { retries: 0, longestWaitMs: 0 })
  beforeEach(() => {
    nock.disableNetConnect()
    nock(api).get('/users/acme').reply(200, { login: 'acme', type: 'Organization' })
  })
  afterEach(() => {
    nock.cleanAll()
    nock.enableNetConnect()
  })

  test('404 to a deletion of what is there is a refusal', async () => {
    nock(api)
      .delete(`${versions}/5`)
      .reply(404, { message: 'Package not found.' }, { 'x-oauth-scopes': 'read:packages' })
    nock(api).get(`${versions}/5`).reply(200, {})
    expect(await deletePackageVersion(client())({ image, id: 5 })).toEqual({
      kind: 'refused',
      because: expect.stringMatching(
        /^GitHub answered 404 \(Package not found\.\)\. It takes a classic token with delete:packages/,
      ),
    })
  })

  test.each([
    [500, {}, { code: 'unavailable' }],
    [429, { 'retry-after': '9' }, { code: 'rate-limited', retryAfterMs: 9_000 }],
  ])('%d %j is a fault', async (status, headers, fault) => {
    nock(api).get(versions).query(true).reply(status, {}, headers)
    nock(api).delete(`${versions}/5`).reply(status, {}, headers)
    const used = client()
    await expect(listPackageVersions(used)(image)).rejects.toMatchObject(fault)
    await expect(deletePackageVersion(used)({ image, id: 5 })).rejects.toMatchObject(fault)
  })

  test('401 says that the token is none', async () => {
    nock(api).get(versions).query(true).reply(401, { message: 'Bad credentials' })
    expect(await listPackageVersions(client())(image)).toMatchObject({
      because: expect.stringMatching(/401 \(Bad credentials\)/),
    })
  })

  test('an odd list is a fault', async () => {
    nock(api)
      .get(versions)
      .query(true)
      .reply(200, [{ id: 'x' }])
    await expect(listPackageVersions(client())(image)).rejects.toMatchObject({ code: 'malformed' })
  })
})

test('the repository that a package belongs to, or that it belongs to none', async () => {
  await using local = await startLocalGithub()
  local.addVersion({ name: 'web', tags: ['cache'] })
  local.packages.addPersonal('robin')
  local.addVersion({ owner: 'robin', name: 'tool', tags: ['cache'] })
  const home = packageHome(clientOf(local))
  expect(await home('ghcr.io/acme/web')).toEqual({ kind: 'found', linked: null })
  local.packages.link('acme', 'web', 'acme/platform')
  local.packages.link('robin', 'tool', 'robin/tool')
  expect(await home('ghcr.io/acme/web')).toEqual({ kind: 'found', linked: 'acme/platform' })
  expect(await home('ghcr.io/robin/tool')).toEqual({ kind: 'found', linked: 'robin/tool' })
  expect(await home('ghcr.io/acme/none')).toMatchObject({ kind: 'refused', because: expect.stringContaining('404') })
  expect(await home('quay.io/acme/web')).toMatchObject({ kind: 'refused' })
  expect(githubDescription().problemsOf(local.requests)).toEqual([])
})

function clientOf({ packagesToken, baseUrl }: LocalGithub) {
  return packagesClient({ token: packagesToken, apiUrl: baseUrl }, { retries: 0 })
}

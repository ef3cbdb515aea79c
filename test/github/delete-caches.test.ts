import nock from 'nock'
import { afterEach, expect, test } from 'vitest'
import { listCaches } from '../../src/github/caches.ts'
import { githubClient } from '../../src/github/client.ts'
import { cacheUsage, deleteCache } from '../../src/github/delete-caches.ts'
import { type LocalGithub, startLocalGithub } from '../../src/playground/github.ts'
import { githubDescription } from '../support/openapi.ts'

const repository = 'acme/platform'
const api = 'https://api.github.com'
afterEach(() => nock.cleanAll())

test('one entry is deleted, by its id alone; the second time it is gone already', async () => {
  await using local = await startLocalGithub()
  const key = 'index-web-1-ab12cd34#1'
  local.addCache({ key, sizeBytes: 70 })
  local.addCache({ key, sizeBytes: 7, ref: 'refs/heads/fix' })
  const client = clientOf(local)
  const { caches } = await listCaches(client)(repository)
  const id = caches.find(({ ref }) => ref === 'refs/heads/main')?.id ?? 0
  expect(await cacheUsage(client)({ repository })).toEqual({ bytes: 77, entries: 2 })
  expect(await deleteCache(client)({ repository, id })).toBe('deleted')
  expect(await deleteCache(client)({ repository, id })).toBe('gone')
  expect(local.deletedCaches).toEqual([{ repository, id, key, ref: 'refs/heads/main' }])
  expect((await listCaches(client)(repository)).caches).toMatchObject([{ ref: 'refs/heads/fix' }])
  expect(await cacheUsage(client)({ repository })).toEqual({ bytes: 7, entries: 1 })
  expect(githubDescription().problemsOf(local.requests)).toEqual([])
})

test('an answer that gets lost is asked for again, and then it is gone', async () => {
  await using local = await startLocalGithub()
  local.addCache({ key: 'k', id: 5 })
  local.failNext({ match: 'DELETE', lost: true })
  const { token, baseUrl } = local
  const patient = githubClient({ kind: 'token', token, baseUrl }, { retries: 1, retryUnitMs: 1 })
  expect(await deleteCache(patient)({ repository, id: 5 })).toBe('gone')
  expect(local.deletedCaches).toHaveLength(1)
})

test.each([
  [403, {}, { code: 'forbidden', message: expect.stringContaining('Actions: write') }],
  [401, {}, { code: 'unauthorized' }],
  [403, { 'retry-after': '30' }, { code: 'rate-limited', retryAfterMs: 30_000 }],
  [422, {}, { code: 'malformed' }],
  [503, {}, { code: 'unavailable' }],
])('%d %j to a deletion is a fault', async (status, headers, fault) => {
  nock(api).delete('/repos/acme/platform/actions/caches/5').reply(status, { message: 'no' }, headers)
  const client = githubClient({ kind: 'token', token: 'x', baseUrl: api }, { retries: 0, longestWaitMs: 0 })
  await expect(deleteCache(client)({ repository, id: 5 })).rejects.toMatchObject(fault)
})

test.each([
  [200, { active_caches_size_in_bytes: 'much' }, 'malformed'],
  [404, {}, 'not-found'],
  [500, {}, 'unavailable'],
])('%d %j to the question how much they hold is a fault', async (status, answer, code) => {
  nock(api).get('/repos/acme/platform/actions/cache/usage').reply(status, answer)
  const client = githubClient({ kind: 'token', token: 'x', baseUrl: api }, { retries: 0 })
  await expect(cacheUsage(client)({ repository })).rejects.toMatchObject({ code })
})

function clientOf({ token, baseUrl }: LocalGithub) {
  return githubClient({ kind: 'token', token, baseUrl }, { retries: 0 })
}

import nock from 'nock'
import { afterEach, expect, test } from 'vitest'
import { listCaches } from '../../src/github/caches.ts'
import { githubClient } from '../../src/github/client.ts'
import { startLocalGithub } from '../../src/playground/github.ts'
import { githubDescription } from '../support/openapi.ts'

const repository = 'acme/platform'
afterEach(() => nock.cleanAll())

test('caches are listed by the beginning of their key and by ref, newest first', async () => {
  await using local = await startLocalGithub()
  const createdAt = (minute: number) => new Date(Date.UTC(2026, 10, 22, 10, minute))
  local.addCache({ key: 'index-web-1-ab12cd34#1', createdAt: createdAt(1), sizeBytes: 77 })
  local.addCache({ key: 'index-web-1-ab12cd34#2', createdAt: createdAt(2) })
  local.addCache({ key: 'index-web-1-00aa00aa#1', createdAt: createdAt(3), ref: 'refs/pull/12/merge' })
  local.addCache({ key: 'node-cache', createdAt: createdAt(4) })
  const list = listCaches(clientOf(local))
  const keys = async (wanted?: { key?: string; ref?: string }) =>
    (await list(repository, wanted)).caches.map(({ key }) => key)
  expect(await keys({ key: 'index-web-' })).toEqual([
    'index-web-1-00aa00aa#1',
    'index-web-1-ab12cd34#2',
    'index-web-1-ab12cd34#1',
  ])
  expect(await keys({ key: 'index-web-', ref: 'refs/pull/12/merge' })).toEqual(['index-web-1-00aa00aa#1'])
  expect(await keys({ key: 'index-web-1-ab12cd34#1' })).toHaveLength(1)
  expect(await keys()).toHaveLength(4)
  expect((await list(repository, { key: 'index-web-1-ab12cd34#1' })).caches[0]).toEqual({
    id: expect.any(Number),
    key: 'index-web-1-ab12cd34#1',
    ref: 'refs/heads/main',
    sizeBytes: 77,
    createdAt: '2026-11-22T10:01:00.000Z',
    lastUsedAt: expect.any(String),
  })
  expect(githubDescription().problemsOf(local.requests)).toEqual([])
})

test.each([
  [0, 0, true, 1],
  [100, 100, true, 1],
  [1_000, 1_000, true, 10],
  [1_001, 1_000, false, 11],
])('of %d caches %d are listed, all of them: %s', async (count, listed, complete, calls) => {
  await using local = await startLocalGithub()
  for (let n = 0; n < count; n++) local.addCache({ key: `buildkit-blob-1-${n}` })
  const list = await listCaches(clientOf(local))(repository)
  expect([list.caches.length, list.complete]).toEqual([listed, complete])
  expect(local.requests).toHaveLength(calls)
})

test('a cache that is met on two pages is listed once', async () => {
  const api = 'https://api.github.com'
  const path = '/repos/acme/platform/actions/caches'
  const entry = (id: number) => ({
    ...{ id, key: `k${id}`, ref: 'refs/heads/main', version: 'v', size_in_bytes: 1 },
    ...{ created_at: '2026-11-22T10:00:00.1234567Z', last_accessed_at: '2026-11-22T10:00:00Z' },
  })
  const answer = (...ids: number[]) => ({ total_count: 3, actions_caches: ids.map(entry) })
  nock(api)
    .get(path)
    .query({ sort: 'created_at', direction: 'desc', per_page: 100 })
    .reply(200, answer(3, 2), { link: `<${api}${path}?page=2>; rel="next"` })
  nock(api).get(path).query({ page: 2 }).reply(200, answer(2, 1))
  const asked = {
    to: 'api',
    method: 'GET',
    path,
    query: {},
    headers: {},
    status: 200,
    answer: answer(3, 2, 1),
  } as const
  expect(githubDescription().problemsOf([asked])).toEqual([])
  const client = githubClient({ kind: 'token', token: 'x', baseUrl: api }, { retries: 0 })
  expect((await listCaches(client)(repository)).caches.map(({ id }) => id)).toEqual([3, 2, 1])
})

test.each([
  [{ status: 200, body: { total_count: 1, actions_caches: [{ id: 1 }] } }, 'malformed'],
  [{ status: 403 }, 'forbidden'],
  [{ status: 503 }, 'unavailable'],
])('%j is a fault', async (outage, code) => {
  await using local = await startLocalGithub()
  local.failNext({ match: '/caches', ...outage })
  await expect(listCaches(clientOf(local))(repository)).rejects.toMatchObject({ code })
})

function clientOf({ token, baseUrl }: { token: string; baseUrl: string }) {
  return githubClient({ kind: 'token', token, baseUrl }, { retries: 0 })
}

import nock from 'nock'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { mayHold, type RecordArtifact } from '../../src/github/artifacts.ts'
import { githubClient } from '../../src/github/client.ts'
import { githubRuns } from '../../src/github/runs.ts'
import { githubDescription } from '../support/openapi.ts'

const api = 'https://api.github.com'
const store = 'https://store.example.net'
const place = '/repos/acme/web/actions'
const runs = githubRuns(githubClient({ kind: 'token', token: 'x', baseUrl: api }, { retries: 0, timeoutMs: 2_000 }))

beforeAll(() => nock.disableNetConnect())
afterEach(() => {
  expect(nock.pendingMocks()).toEqual([])
  nock.cleanAll()
})
afterAll(() => nock.restore())

const artifact = (id: number, name: string, more: object = {}) => ({
  id,
  node_id: 'x',
  name,
  size_in_bytes: 4000,
  url: `${api}${place}/artifacts/${id}`,
  archive_download_url: `${api}${place}/artifacts/${id}/zip`,
  expired: false,
  created_at: '2026-11-22T15:53:00Z',
  expires_at: '2027-02-20T15:53:00Z',
  updated_at: '2026-11-22T15:53:00Z',
  ...more,
})
const record: RecordArtifact = {
  id: 7,
  name: 'acme~web~ABCDEF.dockerbuild',
  bytes: 4000,
  expired: false,
  createdAt: null,
}

function answerPages(pages: object[][]) {
  const total_count = pages.flat().length
  const answers = pages.map((artifacts) => ({ total_count, artifacts }))
  for (const [index, body] of answers.entries()) {
    const query = { per_page: 100, ...(index > 0 && { page: index + 1 }) }
    const next = `<${api}${place}/runs/5/artifacts?per_page=100&page=${index + 2}>; rel="next"`
    const headers: Record<string, string> = index + 1 < answers.length ? { link: next } : {}
    nock(api).get(`${place}/runs/5/artifacts`).query(query).reply(200, body, headers)
  }
  return answers.map((answer, index) => ({
    to: 'api' as const,
    method: 'GET',
    path: `${place}/runs/5/artifacts`,
    query: { per_page: '100', ...(index > 0 && { page: String(index + 1) }) },
    headers: {},
    status: 200,
    answer,
  }))
}

describe('the build records of a run', () => {
  test('are picked by their names from all pages', async () => {
    const asked = answerPages([
      [artifact(1, 'dist'), artifact(2, 'acme~web~ABCDEF.dockerbuild'), artifact(3, 'my.dockerbuild')],
      [
        artifact(4, 'acme~web~12CDEF+3.dockerbuild', { expired: true, created_at: null }),
        artifact(5, 'acme~web~ABC.dockerbuild'),
      ],
    ])
    expect(githubDescription().problemsOf(asked)).toEqual([])
    expect(await runs.records('acme/web', 5)).toEqual([
      { id: 2, name: 'acme~web~ABCDEF.dockerbuild', bytes: 4000, expired: false, createdAt: '2026-11-22T15:53:00Z' },
      { id: 4, name: 'acme~web~12CDEF+3.dockerbuild', bytes: 4000, expired: true, createdAt: null },
    ])
  })

  test('are looked for on ten pages and no further', async () => {
    answerPages(Array.from({ length: 10 }, (_, n) => [artifact(n + 1, `acme~web~00000${n}.dockerbuild`)]))
    const more = nock(api).get(`${place}/runs/5/artifacts`).query({ per_page: 100, page: 11 }).reply(200, {})
    // nock keeps the last of the answers without a link to a next page
    expect(await runs.records('acme/web', 5)).toHaveLength(10)
    expect(more.isDone()).toBe(false)
    nock.cleanAll()
  })

  test.each([
    [200, { total_count: 1, artifacts: [{ id: 'one', name: 'a' }] }, 'malformed'],
    [403, { message: 'Resource not accessible by integration' }, 'forbidden'],
    [404, { message: 'Not Found' }, 'not-found'],
    [500, {}, 'unavailable'],
  ])('answer %d %j is a fault', async (status, body, code) => {
    nock(api).get(`${place}/runs/5/artifacts`).query(true).reply(status, body)
    await expect(runs.records('acme/web', 5)).rejects.toMatchObject({ code })
  })
})

test('the name of an artifact tells which builds it may hold', () => {
  const named = (name: string) => ({ ...record, name })
  expect(mayHold(named('acme~web~V0CW61.dockerbuild'), 'v0cw6186myvfqmtzkxxstaorh')).toBe(true)
  expect(mayHold(named('acme~web~V0CW61+2.dockerbuild'), 'v0cw6186myvfqmtzkxxstaorh')).toBe(true)
  expect(mayHold(named('acme~web~V0CW62.dockerbuild'), 'v0cw6186myvfqmtzkxxstaorh')).toBe(false)
})

describe('an artifact', () => {
  test('comes from its store, which never sees the token', async () => {
    nock(api)
      .get(`${place}/artifacts/7/zip`)
      .reply(302, '', { location: `${store}/a?sig=1` })
    nock(store, { badheaders: ['authorization'] })
      .get('/a')
      .query({ sig: '1' })
      .reply(200, Buffer.from('PK'))
    const file = await runs.openRecord('acme/web', record)
    const chunks: Uint8Array[] = []
    if (file.kind === 'file') for await (const chunk of file.body) chunks.push(chunk)
    expect(Buffer.concat(chunks).toString()).toBe('PK')
  })

  test.each([
    [403, /may not read it \(403\)/],
    [404, /has no such artifact \(404\)/],
    [410, /expired or was deleted \(410\)/],
  ])('that the API answers with %d is missing, in words', async (status, because) => {
    nock(api).get(`${place}/artifacts/7/zip`).reply(status, { message: 'no' })
    expect(await runs.openRecord('acme/web', record)).toEqual({
      kind: 'missing',
      status,
      because: expect.stringMatching(because),
    })
  })

  test('behind an address that is not https is not followed', async () => {
    nock(api).get(`${place}/artifacts/7/zip`).reply(302, '', { location: 'http://192.0.2.1/a' })
    await expect(runs.openRecord('acme/web', record)).rejects.toMatchObject({ code: 'malformed' })
  })
})

import nock from 'nock'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { githubClient } from '../../src/github/client.ts'
import { changedFiles } from '../../src/github/compare.ts'
import { githubDescription } from '../support/openapi.ts'

const api = 'https://api.github.com'
const place = '/repos/acme/web'
const [base, head] = ['a'.repeat(40), 'b'.repeat(40)]
const blob = (letter: string) => letter.repeat(40)
const description = githubDescription()
const changes = changedFiles(githubClient({ kind: 'token', token: 'x', baseUrl: api }, { retries: 0 }))

beforeAll(() => nock.disableNetConnect())
afterEach(() => {
  expect(nock.pendingMocks()).toEqual([])
  nock.cleanAll()
})
afterAll(() => nock.restore())

describe('a file of a comparison', () => {
  const submodule = (lines: string) => `@@ -1 +1 @@\n${lines}`
  const commit = (sign: string, letter: string) => `${sign}Subproject commit ${blob(letter)}`

  test.each([
    ['modified', { status: 'modified', changes: 2, patch: '@@ -1 +1 @@\n-a\n+b' }, ['f modified']],
    ['too large for a patch', { status: 'modified', changes: 20_000 }, ['f modified']],
    [
      'renamed and edited',
      { status: 'renamed', previous_filename: 'o', changes: 2, patch: '@@' },
      ['o deleted', 'f added'],
    ],
    ['copied', { status: 'copied', previous_filename: 'o', changes: 0 }, ['f added']],
    ['removed', { status: 'removed', changes: 1, patch: '@@ -1 +0,0 @@\n-a' }, ['f deleted']],
    ['unchanged', { status: 'unchanged', changes: 0 }, []],
    ['an added empty file', { status: 'added', changes: 0 }, ['f added']],
    [
      'a moved submodule',
      { status: 'modified', changes: 2, patch: submodule(`${commit('-', 'c')}\n${commit('+', 'd')}`) },
      ['f/ modified'],
    ],
    ['a new submodule', { status: 'added', changes: 1, patch: `@@ -0,0 +1 @@\n${commit('+', 'd')}` }, ['f/ added']],
    [
      'a text about submodules',
      { status: 'modified', changes: 3, patch: submodule(`${commit('-', 'c')}\n+a\n+b`) },
      ['f modified'],
    ],
  ])('%s', async (_, more, expected) => {
    answerCompare([entry(more)])
    expect(words(await changes('acme/web', base, head))).toEqual(expected)
  })

  test.each([
    ['changed', blob('e'), 'f mode'],
    ['changed', blob('1'), 'f modified'],
    ['modified', blob('e'), 'f mode'],
    ['modified', blob('1'), 'f modified'],
  ])('%s without lines, whose blob was %s before: %s', async (status, before, expected) => {
    answerCompare([entry({ status, changes: 0 })])
    answerTree([{ path: 'f', mode: '100644', type: 'blob', sha: before }])
    expect(words(await changes('acme/web', base, head))).toEqual([expected])
  })

  test.each([
    ['changed', 'f mode'],
    ['modified', 'f modified'],
  ])('%s without lines, where the tree does not tell: %s', async (status, expected) => {
    answerCompare([entry({ status, changes: 0 })])
    answerTree([], true)
    expect(words(await changes('acme/web', base, head))).toEqual([expected])
  })
})

function entry(more: object): object {
  const links = { blob_url: `${api}/b`, raw_url: `${api}/r`, contents_url: `${api}/c` }
  return { sha: blob('e'), filename: 'f', additions: 0, deletions: 0, changes: 0, ...links, ...more }
}

function answerCompare(files: object[]): void {
  const author = null
  const person = { name: 'Robin', email: 'robin@acme.example', date: '2026-11-22T10:00:00Z' }
  const url = `${api}/x`
  const tree = { sha: base, url }
  const commit = {
    ...{ url, sha: base, node_id: 'x', html_url: url, comments_url: url, author, committer: author, parents: [] },
    commit: { url, author: person, committer: person, message: 'm', comment_count: 0, tree },
  }
  const links = { url, html_url: url, permalink_url: url, diff_url: url, patch_url: url }
  const counts = { status: 'ahead', ahead_by: 1, behind_by: 0, total_commits: 1 }
  answer(
    `/compare/${base}...${head}`,
    { per_page: '1', page: '1' },
    {
      ...links,
      ...counts,
      base_commit: commit,
      merge_base_commit: commit,
      commits: [commit],
      files,
    },
  )
}

function answerTree(tree: object[], truncated = false): void {
  answer(`/git/trees/${base}`, { recursive: '1' }, { sha: base, url: `${api}/t`, truncated, tree })
}

/** Only what GitHub's description allows. */
function answer(path: string, query: Record<string, string>, body: nock.Body): void {
  const request = {
    to: 'api',
    method: 'GET',
    path: place + path,
    query,
    headers: {},
    status: 200,
    answer: body,
  } as const
  expect(description.problemsOf([request])).toEqual([])
  nock(api).get(request.path).query(query).reply(200, body)
}

function words({ files }: { files: { path: string; change: string }[] }): string[] {
  return files.map(({ path, change }) => `${path} ${change}`)
}

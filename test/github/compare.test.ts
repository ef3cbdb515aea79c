import { afterAll, describe, expect, test } from 'vitest'
import { githubClient } from '../../src/github/client.ts'
import { changedFiles } from '../../src/github/compare.ts'
import { type LocalGithub, startLocalGithub } from '../../src/playground/github.ts'
import { githubDescription } from '../support/openapi.ts'

const repository = 'acme/platform'
const description = githubDescription()
const asked: LocalGithub['requests'] = []
afterAll(() => expect(description.problemsOf(asked)).toEqual([]))

describe('the files between two commits', () => {
  test('are those of the comparison when one grew out of the other: one call', async () => {
    await using local = await startLocalGithub()
    const base = local.commit({
      files: { 'src/app.ts': 'a\n', 'README.md': 'x\n', 'old name.md': 'same\n', gone: 'g\n' },
    })
    local.commit({ files: { 'src/app.ts': 'b\n' } })
    const head = local.commit({
      files: { 'src/néw.ts': 'n\n', 'old name.md': null, 'docs/new name.md': 'same\n', gone: null, 'README.md': '' },
    })
    const changes = await changesOf(local, base, head)
    expect({ ...changes, files: changes.files.toSorted(byPath) }).toEqual({
      files: [
        { path: 'README.md', change: 'modified' },
        { path: 'docs/new name.md', change: 'added' },
        { path: 'gone', change: 'deleted' },
        { path: 'old name.md', change: 'deleted' },
        { path: 'src/app.ts', change: 'modified' },
        { path: 'src/néw.ts', change: 'added' },
      ],
      complete: true,
      because: null,
      between: { base, head },
    })
    expect(local.requests.map(({ path }) => path)).toEqual([`/repos/acme/platform/compare/${base}...${head}`])
  })

  test('are none between a commit and itself, without a call', async () => {
    await using local = await startLocalGithub()
    const base = local.commit({ files: { a: 'a' } })
    expect(await changesOf(local, base, base)).toMatchObject({ files: [], complete: true })
    expect(local.requests).toEqual([])
  })

  test('tell another mode from another content of a binary file', async () => {
    await using local = await startLocalGithub()
    const base = local.commit({ files: { 'run.sh': '#!/bin/sh\n', 'logo.png': new Uint8Array([0, 1, 2]) } })
    const head = local.commit({
      files: { 'run.sh': { content: '#!/bin/sh\n', executable: true }, 'logo.png': new Uint8Array([0, 1, 3]) },
    })
    const { files } = await changesOf(local, base, head)
    expect(files).toEqual([
      { path: 'logo.png', change: 'modified' },
      { path: 'run.sh', change: 'mode' },
    ])
    expect(local.requests).toHaveLength(2)
  })

  test('name a submodule as a folder', async () => {
    await using local = await startLocalGithub()
    const base = local.commit({
      files: { 'vendor/lib': { submodule: 'a'.repeat(40) }, other: { submodule: 'c'.repeat(40) } },
    })
    const head = local.commit({ files: { 'vendor/lib': { submodule: 'b'.repeat(40) }, other: null } })
    const files = [
      { path: 'other/', change: 'deleted' },
      { path: 'vendor/lib/', change: 'modified' },
    ]
    expect((await changesOf(local, base, head)).files).toEqual(files)
    const away = local.commit({ parent: base, branch: 'away', files: { x: 'x' } })
    expect((await changesOf(local, away, head)).files).toEqual(
      expect.arrayContaining([...files, { path: 'x', change: 'deleted' }]),
    )
  })
})

describe('where the comparison begins elsewhere, the trees tell', () => {
  const first = { 'src/app.ts': 'a\n', 'lib/x.ts': 'x\n', 'run.sh': 'r\n', link: { linkTo: 'run.sh' } }

  test('after a force push', async () => {
    await using local = await startLocalGithub()
    const root = local.commit({ files: first })
    const base = local.commit({ parent: root, branch: 'fix', files: { 'src/app.ts': 'old try\n', 'lib/y.ts': 'y\n' } })
    const head = local.commit({
      parent: root,
      branch: 'fix',
      files: { 'src/app.ts': 'new try\n', 'run.sh': { content: 'r\n', executable: true }, link: 'run.sh' },
    })
    expect(await changesOf(local, base, head)).toMatchObject({ complete: true, between: { base, head } })
    expect((await changesOf(local, base, head)).files.toSorted(byPath)).toEqual([
      { path: 'lib/y.ts', change: 'deleted' },
      // a link with the text of what it was
      { path: 'link', change: 'modified' },
      { path: 'run.sh', change: 'mode' },
      { path: 'src/app.ts', change: 'modified' },
    ])
  })

  test('backwards in time', async () => {
    await using local = await startLocalGithub()
    const old = local.commit({ files: first })
    const now = local.commit({ files: { 'src/new.ts': 'n\n' } })
    expect((await changesOf(local, now, old)).files).toEqual([{ path: 'src/new.ts', change: 'deleted' }])
  })

  test('without a common ancestor', async () => {
    await using local = await startLocalGithub()
    const base = local.commit({ files: first })
    const head = local.commit({ parent: null, branch: 'orphan', files: { ...first, 'src/app.ts': 'b\n' } })
    expect(await changesOf(local, base, head)).toMatchObject({
      files: [{ path: 'src/app.ts', change: 'modified' }],
      complete: true,
    })
  })

  test('from 300 files on, where the comparison ends', async () => {
    await using local = await startLocalGithub()
    const many = (text: string, count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, n) => [`src/${n}.ts`, `${text} ${n}\n`]))
    const base = local.commit({ files: many('a', 340) })
    const fewer = local.commit({ files: many('b', 299) })
    const head = local.commit({ parent: base, files: many('b', 340) })
    expect((await changesOf(local, base, fewer)).files).toHaveLength(299)
    expect(local.requests).toHaveLength(1)
    const { files, complete } = await changesOf(local, base, head)
    expect([files.length, complete]).toEqual([340, true])
    expect(local.requests).toHaveLength(4)
  })

  test('when GitHub takes too long for a comparison', async () => {
    await using local = await startLocalGithub()
    const base = local.commit({ files: first })
    const head = local.commit({ files: { 'src/app.ts': 'b\n' } })
    local.failNext({ match: '/compare/', status: 422, body: { message: 'this diff is taking too long to generate' } })
    expect((await changesOf(local, base, head)).files).toEqual([{ path: 'src/app.ts', change: 'modified' }])
  })
})

describe('a repository too large for one tree', () => {
  const files = (folders: number) =>
    Object.fromEntries(Array.from({ length: folders }, (_, n) => [`f${n}/inner/a.ts`, `${n}\n`]))

  test('is walked where its folders differ', async () => {
    await using local = await startLocalGithub({ treeLimit: 8 })
    const root = local.commit({ files: files(6) })
    const base = local.commit({ parent: root, branch: 'x', files: { 'f0/inner/a.ts': 'other\n' } })
    const head = local.commit({
      parent: root,
      branch: 'y',
      files: { 'f3/inner/b.ts': 'b\n', 'f4/inner/a.ts': null, f4: 'now a file\n' },
    })
    const changes = await changesOf(local, base, head)
    expect(changes).toMatchObject({ complete: true, because: null })
    expect(changes.files.toSorted(byPath)).toEqual([
      { path: 'f0/inner/a.ts', change: 'modified' },
      { path: 'f3/inner/b.ts', change: 'added' },
      { path: 'f4', change: 'added' },
      { path: 'f4/inner/a.ts', change: 'deleted' },
    ])
    expect(trees(local)).toHaveLength(4 + 2 + 2 + 1)
  })

  test('is walked within a bound, and what was left is named by folder', async () => {
    await using local = await startLocalGithub({ treeLimit: 60 })
    const root = local.commit({ files: files(50) })
    const base = local.commit({ parent: root, branch: 'x', files: { z: 'z\n' } })
    const changed = Object.fromEntries(Object.keys(files(50)).map((path) => [path, 'changed\n']))
    const head = local.commit({ parent: root, branch: 'y', files: changed })
    const { files: found, complete, because } = await changesOf(local, base, head)
    expect(complete).toBe(false)
    expect(because).toMatch(/too large to be compared whole: of \d+ folders/)
    expect(found).toHaveLength(51)
    expect(found).toContainEqual({ path: 'f0/inner/a.ts', change: 'modified' })
    expect(found.filter(({ path }) => path.endsWith('/')).length).toBeGreaterThan(10)
    expect(trees(local).length).toBeLessThanOrEqual(60)
  })

  test('with a folder too large is not known at all there', async () => {
    await using local = await startLocalGithub({ treeLimit: 1 })
    const root = local.commit({ files: files(3) })
    const base = local.commit({ parent: root, branch: 'x', files: { z: 'z\n' } })
    const head = local.commit({ parent: root, branch: 'y', files: { y: 'y\n' } })
    expect(await changesOf(local, base, head)).toMatchObject({ files: [], complete: false })
  })
})

describe('what is not there', () => {
  test.each(['', '..', 'main', '../../other', `${'a'.repeat(40)}...`])(
    '%j is no commit, and is not asked for',
    async (odd) => {
      await using local = await startLocalGithub()
      const head = local.commit({ files: { a: 'a' } })
      const nothing = { files: [], complete: false, because: 'it is not known which commits to compare', between: null }
      expect(await changesOf(local, odd, head)).toEqual(nothing)
      expect(await changesOf(local, head, odd)).toEqual(nothing)
      expect(local.requests).toEqual([])
    },
  )

  test('a commit that was force-pushed away is told in words', async () => {
    await using local = await startLocalGithub()
    const root = local.commit({ files: { a: 'a' } })
    const base = local.commit({ parent: root, branch: 'x', files: { a: 'b' } })
    const head = local.commit({ parent: root, branch: 'y', files: { a: 'c' } })
    local.forgetCommit(base)
    expect(await changesOf(local, base, head)).toEqual({
      files: [],
      complete: false,
      because: expect.stringContaining(`no commit ${base.slice(0, 7)} that we can see: it was force-pushed away`),
      between: { base, head },
    })
  })

  test.each([
    [{ status: 403, body: { message: 'Resource not accessible by integration' } }, 'forbidden', /Contents: read/],
    [{ status: 403, headers: { 'retry-after': '120' } }, 'rate-limited', /asks to wait 120 s/],
    [{ status: 401 }, 'unauthorized', /refused our credentials/],
  ])('%j is a fault', async (outage, code, message) => {
    await using local = await startLocalGithub()
    local.failNext({ match: '/compare/', ...outage })
    await expect(changesOf(local, 'a'.repeat(40), 'b'.repeat(40))).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    })
  })

  test('an outage is one, also while trees are read', async () => {
    await using local = await startLocalGithub()
    local.failNext({ match: /compare|trees/, status: 502, times: 20 })
    await expect(changesOf(local, 'a'.repeat(40), 'b'.repeat(40))).rejects.toMatchObject({ code: 'unavailable' })
    local.failNext({ match: '/compare/', status: 404 })
    await expect(changesOf(local, 'a'.repeat(40), 'b'.repeat(40))).rejects.toMatchObject({ code: 'unavailable' })
  })
})

async function changesOf(local: LocalGithub, base: string, head: string) {
  const client = githubClient({ kind: 'token', token: local.token, baseUrl: local.baseUrl }, { retries: 0 })
  try {
    return await changedFiles(client)(repository, base, head)
  } finally {
    asked.push(...local.requests)
  }
}

function trees({ requests }: LocalGithub) {
  return requests.filter(({ path }) => path.includes('/git/trees/'))
}

function byPath(a: { path: string }, b: { path: string }): number {
  return a.path < b.path ? -1 : 1
}

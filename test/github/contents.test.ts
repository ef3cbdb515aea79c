import { afterAll, expect, test } from 'vitest'
import { githubClient } from '../../src/github/client.ts'
import { githubContents } from '../../src/github/contents.ts'
import { type LocalGithub, startLocalGithub } from '../../src/playground/github.ts'
import { githubDescription } from '../support/openapi.ts'

const repository = 'acme/platform'
const asked: LocalGithub['requests'] = []
// The root folder is asked for without a path, of which the description knows nothing but GitHub's documentation does.
const described = () => asked.filter(({ path }) => !path.endsWith('/contents'))
afterAll(() => expect(githubDescription().problemsOf(described())).toEqual([]))

const dockerfile = 'FROM node:24\r\nRUN echo "grüße"\n'
const files = {
  'docker/web image/Dockerfile': `\uFEFF${dockerfile}`,
  Dockerfile: { linkTo: 'docker/web image/Dockerfile' },
  dangling: { linkTo: '../elsewhere' },
  vendor: { submodule: 'a'.repeat(40) },
  empty: '',
  'large.txt': 'x'.repeat(1024 * 1024 + 1),
  'most.txt': 'y'.repeat(1024 * 1024),
  '.github/workflows/ci.yml': 'on: push\n',
  '.github/workflows/nested/x.yml': 'on: push\n',
}

test('a text is read as it stood at a commit or a branch', async () => {
  await using local = await startLocalGithub()
  const sha = local.commit({ files })
  local.commit({ files: { 'docker/web image/Dockerfile': 'FROM scratch\n' } })
  const { readText } = contentsOf(local)
  expect(await readText(repository, 'docker/web image/Dockerfile', sha)).toEqual({ kind: 'file', text: dockerfile })
  expect(await readText(repository, './docker//web image/Dockerfile', 'main')).toEqual({
    kind: 'file',
    text: 'FROM scratch\n',
  })
  expect(await readText(repository, 'empty', sha)).toEqual({ kind: 'file', text: '' })
  expect(await readText(repository, 'Dockerfile', sha)).toEqual({ kind: 'file', text: dockerfile })
  expect(await readText(repository, 'most.txt', sha)).toEqual({ kind: 'file', text: files['most.txt'] })
  asked.push(...local.requests)
})

test.each([
  ['nowhere/Dockerfile', /there is no nowhere\/Dockerfile at [0-9a-f]{7}, or we cannot see it/],
  ['docker', /docker is a folder/],
  ['', /the root folder is a folder/],
  ['dangling', /symbolic link that leads to no file/],
  ['vendor', /submodule, whose files lie in another repository/],
  ['large.txt', /larger than 1 MB/],
])('%j is missing, in words', async (path, because) => {
  await using local = await startLocalGithub()
  const sha = local.commit({ files })
  expect(await contentsOf(local).readText(repository, path, sha)).toEqual({
    kind: 'missing',
    because: expect.stringMatching(because),
  })
  asked.push(...local.requests)
})

test.each(['..', '../x', 'a/../../x', 'a/..', '/..', '..//', 'a\0b', '\uD800'])('%j asks for nothing', async (path) => {
  await using local = await startLocalGithub()
  local.commit({ files })
  expect(await contentsOf(local).readText(repository, path, 'main')).toMatchObject({ kind: 'missing' })
  expect(await contentsOf(local).listFolder(repository, path, 'main')).toMatchObject({ kind: 'missing' })
  expect(local.requests).toEqual([])
})

test.each(['%2e%2e/x', '..%2Fx', 'a?ref=b', 'a#b', '...', 'a\\..\\b'])(
  '%j is a name like others, and stays in its folder',
  async (path) => {
    await using local = await startLocalGithub()
    local.commit({ files })
    expect(await contentsOf(local).readText(repository, path, 'main')).toMatchObject({ kind: 'missing' })
    const paths = local.requests.map((request) => request.path)
    expect(paths.every((each) => each.startsWith('/repos/acme/platform/contents/'))).toBe(true)
  },
)

test('a folder tells what lies in it', async () => {
  await using local = await startLocalGithub()
  local.commit({ files })
  const { listFolder } = contentsOf(local)
  expect(await listFolder(repository, '.github/workflows/', 'main')).toEqual({
    kind: 'folder',
    entries: [
      { name: 'ci.yml', path: '.github/workflows/ci.yml', type: 'file' },
      { name: 'nested', path: '.github/workflows/nested', type: 'dir' },
    ],
  })
  const root = await listFolder(repository, '', 'main')
  expect(root.kind === 'folder' && root.entries.map(({ name, type }) => `${name} ${type}`)).toContain('docker dir')
  expect(await listFolder(repository, 'empty', 'main')).toEqual({ kind: 'missing', because: 'empty is no folder' })
  expect(await listFolder(repository, 'nowhere', 'main')).toMatchObject({ kind: 'missing' })
  asked.push(...local.requests)
})

test('what we may not read is a fault that names the permission', async () => {
  await using local = await startLocalGithub()
  local.failNext({ match: '/contents/', status: 403 })
  await expect(contentsOf(local).readText(repository, 'Dockerfile', 'main')).rejects.toMatchObject({
    code: 'forbidden',
    message: expect.stringContaining('Contents: read'),
  })
})

function contentsOf(local: LocalGithub) {
  return githubContents(githubClient({ kind: 'token', token: local.token, baseUrl: local.baseUrl }, { retries: 0 }))
}

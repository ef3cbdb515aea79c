import { afterAll, expect, test } from 'vitest'
import { githubClient } from '../../src/github/client.ts'
import { defaultBranch } from '../../src/github/default-branch.ts'
import { githubPulls } from '../../src/github/pulls.ts'
import { type LocalGithub, startLocalGithub } from '../../src/playground/github.ts'
import { githubDescription } from '../support/openapi.ts'

const repository = 'acme/platform'
const asked: LocalGithub['requests'] = []
afterAll(() => expect(githubDescription().problemsOf(asked)).toEqual([]))

test('a pull request tells its two ends', async () => {
  await using local = await startLocalGithub()
  const baseSha = local.commit({ files: { a: 'a\n' } })
  const headSha = local.commit({ branch: 'fix', files: { a: 'b\n' } })
  const number = local.openPull({ head: 'fix' })
  const { pullRequest } = githubPulls(clientOf(local))
  expect(await pullRequest(repository, number)).toEqual({
    number,
    headRef: 'fix',
    headSha,
    baseRef: 'main',
    baseSha,
    isOpen: true,
    isFromFork: false,
    mergeSha: null,
    updatedAt: expect.any(String),
  })
  const fromFork = local.openPull({ head: 'fix', headRepository: 'robin/platform' })
  expect(await pullRequest(repository, fromFork)).toMatchObject({ isFromFork: true })
  await expect(pullRequest(repository, 99)).rejects.toMatchObject({ code: 'not-found' })
  asked.push(...local.requests)
})

test('its files are those that changed since it left its base', async () => {
  await using local = await startLocalGithub()
  const root = local.commit({ files: { a: 'a\n', 'run.sh': 'r\n', moved: 'm\n' } })
  local.commit({ files: { 'on-main': 'x\n' } })
  const files = { a: 'b\n', 'run.sh': { content: 'r\n', executable: true }, moved: null, 'new/place': 'm\n' }
  local.commit({ branch: 'fix', parent: root, files })
  const number = local.openPull({ head: 'fix' })
  expect(await githubPulls(clientOf(local)).filesOfPull(repository, number)).toEqual({
    files: [
      { path: 'a', change: 'modified' },
      { path: 'moved', change: 'deleted' },
      { path: 'new/place', change: 'added' },
      { path: 'run.sh', change: 'mode' },
    ],
    complete: true,
    because: null,
    between: null,
  })
  asked.push(...local.requests)
})

test.each([
  [299, true, 3],
  [3_100, false, 30],
])('%d files are listed whole: %s', async (count, complete, calls) => {
  await using local = await startLocalGithub()
  local.commit({ files: { a: 'a\n' } })
  const files = Object.fromEntries(Array.from({ length: count }, (_, n) => [`f${n}`, `${n}\n`]))
  local.commit({ branch: 'fix', files })
  const found = await githubPulls(clientOf(local)).filesOfPull(repository, local.openPull({ head: 'fix' }))
  expect([found.files.length, found.complete]).toEqual([Math.min(count, 3_000), complete])
  expect(found.because).toEqual(complete ? null : expect.stringContaining('3,000'))
  expect(local.requests).toHaveLength(calls)
})

test('a repository tells its default branch', async () => {
  await using local = await startLocalGithub()
  expect(await defaultBranch(clientOf(local))(repository)).toBe('main')
  local.failNext({ match: '/repos/acme/platform', status: 403 })
  await expect(githubPulls(clientOf(local)).pullRequest(repository, 1)).rejects.toMatchObject({
    message: expect.stringContaining('Pull requests: read'),
  })
  asked.push(...local.requests)
})

function clientOf({ token, baseUrl }: { token: string; baseUrl: string }) {
  return githubClient({ kind: 'token', token, baseUrl }, { retries: 0 })
}

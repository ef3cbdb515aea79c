import { expect, test } from 'vitest'
import { githubClient } from '../../src/github/client.ts'
import { closedPulls } from '../../src/github/pulls.ts'
import { type LocalGithub, startLocalGithub } from '../../src/playground/github.ts'
import { githubDescription } from '../support/openapi.ts'

const repository = 'acme/platform'

test.each([3, 31, 250])('of %d pull requests the closed ones are known, and of what is none nothing', async (count) => {
  await using local = await startLocalGithub()
  const numbers = openPulls(local, count)
  const closed = numbers.filter((number) => number % 3 === 0)
  for (const number of closed) local.closePull(number)
  // One that nobody asks about.
  local.openPull({ head: 'fix' })
  local.closePull(count + 1)
  const found = await closedPulls(clientOf(local))({ repository, numbers: [...numbers, 9_999, 3] })
  expect([...found].toSorted((a, b) => a - b)).toEqual(closed)
  expect(local.requests.length).toBeLessThanOrEqual(31)
  expect(githubDescription().problemsOf(local.requests)).toEqual([])
})

test('of none nothing is asked', async () => {
  await using local = await startLocalGithub()
  expect(await closedPulls(clientOf(local))({ repository, numbers: [] })).toEqual(new Set())
  expect(local.requests).toEqual([])
})

test.each([
  [1, 403, 'forbidden'],
  [40, 403, 'forbidden'],
  [1, 503, 'unavailable'],
  [40, 503, 'unavailable'],
])('with %d pull requests %d is a fault, and none is said to be closed', async (count, status, code) => {
  await using local = await startLocalGithub()
  const numbers = openPulls(local, count)
  local.failNext({ match: '/pulls', status })
  await expect(closedPulls(clientOf(local))({ repository, numbers })).rejects.toMatchObject({ code })
})

function openPulls(local: LocalGithub, count: number): number[] {
  local.commit({ files: { a: 'a\n' } })
  local.commit({ branch: 'fix', files: { a: 'b\n' } })
  return Array.from({ length: count }, () => local.openPull({ head: 'fix' }))
}

function clientOf({ token, baseUrl }: LocalGithub) {
  return githubClient({ kind: 'token', token, baseUrl }, { retries: 0 })
}

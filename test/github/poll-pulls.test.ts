import { expect, test } from 'vitest'
import { githubClient } from '../../src/github/client.ts'
import { pollPulls } from '../../src/github/poll-pulls.ts'
import type { PullNews } from '../../src/github/pull-event.ts'
import { startLocalGithub } from '../../src/playground/github.ts'
import { openStore } from '../../src/store/store.ts'
import { githubDescription } from '../support/openapi.ts'

test('open pull requests are heard when they are new and when they move, in their order', async () => {
  let now = new Date('2026-11-22T10:00:00Z')
  await using local = await startLocalGithub({ now: () => now })
  await using store = await openStore('sqlite::memory:')
  const client = githubClient({ kind: 'token', token: local.token, baseUrl: local.baseUrl })
  const look = async () => {
    const heard: PullNews[] = []
    const hear = async (pull: PullNews) => void heard.push(pull)
    await pollPulls({ github: client, cursors: store.cursors, hear }, 'acme/platform')
    return heard.map(({ number, headSha }) => [number, headSha])
  }
  expect(await look()).toEqual([])
  local.commit({ files: { a: 'a\n' } })
  const first = local.commit({ branch: 'one', files: { a: '1\n' } })
  local.openPull({ head: 'one' })
  now = new Date('2026-11-22T10:01:00Z')
  const second = local.commit({ branch: 'two', files: { a: '2\n' } })
  local.openPull({ head: 'two' })
  expect(await look()).toEqual([
    [1, first],
    [2, second],
  ])
  now = new Date('2026-11-22T10:02:00Z')
  const moved = local.commit({ branch: 'one', files: { a: '3\n' } })
  // what has the second of the last look may have moved since then; its key makes hearing it again harmless
  expect(await look()).toEqual([
    [2, second],
    [1, moved],
  ])
  expect(githubDescription().problemsOf(local.requests)).toEqual([])
})

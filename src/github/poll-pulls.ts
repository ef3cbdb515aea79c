import { z } from 'zod'
import { commitSha, githubId } from '../alert/from-run.ts'
import type { Cursors } from '../store/cursors.ts'
import { ask } from './ask.ts'
import type { GithubClient } from './client.ts'
import type { PullNews } from './pull-event.ts'

export type PullPolling = {
  github: GithubClient
  cursors: Cursors
  /** adds the task; does nothing the second time for the same commit */
  hear(pull: PullNews): Promise<unknown>
}

/**
 * Looks at the open pull requests that moved last, in one request, and hears those that moved since the last look. Of more
 * than thirty between two looks the oldest are passed over, until they move again.
 */
export async function pollPulls({ github, cursors, hear }: PullPolling, repository: string): Promise<void> {
  const name = `github-pulls/${repository.toLowerCase()}`
  const since = (await cursors.get(name, z.string())) ?? ''
  const moved = (await openPulls(github, repository)).filter(({ updatedAt }) => updatedAt >= since)
  // The tasks first, the place second: a crash in between repeats the tasks, which their keys make harmless.
  for (const pull of moved.toReversed()) await hear(pull)
  const newest = moved[0]
  if (newest && newest.updatedAt !== since) await cursors.set(name, newest.updatedAt)
}

function openPulls(github: GithubClient, repository: string): Promise<PullNews[]> {
  const doing = `Listing the open pull requests of ${repository}`
  return ask(
    github,
    { repository, doing, needs: 'Pull requests: read', schema: z.array(pullSchema) },
    async (octokit, place) => {
      const wanted = { ...place, state: 'open', sort: 'updated', direction: 'desc', per_page: 30 } as const
      return (await octokit.rest.pulls.list(wanted)).data
    },
  ).then((pulls) => pulls.map((pull) => ({ ...pull, repository })))
}

const pullSchema = z
  .object({ number: githubId, updated_at: z.iso.datetime({ offset: true }), head: z.object({ sha: commitSha }) })
  .transform(({ number, updated_at, head }) => ({ number, headSha: head.sha, updatedAt: updated_at }))

import { z } from 'zod'
import { commitSha } from '../alert/from-run.ts'
import { ask } from './ask.ts'
import type { GithubClient } from './client.ts'
import { GithubFault } from './fault.ts'

/** The commit at which two histories part; null when they have none in common, or one end is gone. Needs *Contents: read*. */
export function mergeBase(
  client: GithubClient,
): (repository: string, base: string, head: string) => Promise<string | null> {
  return async (repository, base, head) => {
    const doing = `Looking where ${head.slice(0, 7)} left its base branch in ${repository}`
    try {
      const read = await ask(
        client,
        { repository, doing, needs: 'Contents: read', schema },
        async ({ rest }, place) => {
          // files are on the first page only, and of those we want none
          const wanted = { ...place, basehead: `${base}...${head}`, per_page: 1, page: 2 }
          return (await rest.repos.compareCommitsWithBasehead(wanted)).data
        },
      )
      return read.merge_base_commit.sha
    } catch (error) {
      if (error instanceof GithubFault && [404, 409, 422].includes(error.status ?? 0)) return null
      throw error
    }
  }
}

const schema = z.object({ merge_base_commit: z.object({ sha: commitSha }) })

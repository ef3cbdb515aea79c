import { z } from 'zod'
import { ask } from './ask.ts'
import type { GithubClient } from './client.ts'

/** The branch that others are cut from: `main`, `master`… */
export function defaultBranch(client: GithubClient): (repository: string) => Promise<string> {
  return (repository) =>
    ask(
      client,
      { repository, doing: `Looking up the default branch of ${repository}`, needs: 'Metadata: read', schema },
      async ({ rest }, place) => (await rest.repos.get(place)).data,
    )
}

const schema = z.object({ default_branch: z.string().min(1).max(1_000) }).transform((read) => read.default_branch)

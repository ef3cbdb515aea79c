import type { Octokit } from 'octokit'
import { z } from 'zod'
import { commitSha, githubId, repositoryName } from '../alert/from-run.ts'
import type { ChangedFiles } from '../cache/changed-files.ts'
import { ask } from './ask.ts'
import type { GithubClient } from './client.ts'
import { changesOf, diffEntries } from './diff-entry.ts'
import { GithubFault } from './fault.ts'

export type PullRequest = {
  number: number
  /** the branch that is to be merged, and its newest commit */
  headRef: string
  headSha: string
  /** the branch that is to receive it, and where that stands */
  baseRef: string
  baseSha: string
  isOpen: boolean
  /** also when the fork is deleted by now */
  isFromFork: boolean
  /** while it is open the test merge, which `pull_request` runs build; null while GitHub works that out */
  mergeSha: string | null
  /** ISO 8601 */
  updatedAt: string
}

/** Reads pull requests. Needs *Pull requests: read*. */
export type Pulls = {
  pullRequest(repository: string, number: number): Promise<PullRequest>
  /** What it changes since it left its base branch; at most 3,000 files. */
  filesOfPull(repository: string, number: number): Promise<ChangedFiles>
}

export function githubPulls(client: GithubClient): Pulls {
  const needs = 'Pull requests: read'
  return {
    pullRequest(repository, number) {
      const doing = `Reading pull request #${number} of ${repository}`
      return ask(client, { repository, doing, needs, schema: pullSchema }, async ({ rest }, place) => {
        return (await rest.pulls.get({ ...place, pull_number: number })).data
      })
    },
    async filesOfPull(repository, number) {
      const doing = `Listing the files of pull request #${number} of ${repository}`
      const entries = await ask(client, { repository, doing, needs, schema: diffEntries }, (octokit, place) =>
        listFiles(octokit, { ...place, pull_number: number }),
      )
      const complete = entries.length < mostFiles
      const because = complete ? null : 'GitHub lists no more than 3,000 files of a pull request'
      return { files: entries.flatMap(changesOf), complete, because, between: null }
    },
  }
}

/**
 * Which of these pull requests are certainly closed, merged or not. A few are asked for one by one; of many, those among
 * the thousand closed ones that moved last. Whatever GitHub does not show counts as open.
 */
export function closedPulls(
  client: GithubClient,
): (wanted: { repository: string; numbers: number[] }) => Promise<Set<number>> {
  return async ({ repository, numbers }) => {
    const wanted = new Set(numbers)
    const closed = wanted.size > mostSingly ? listClosed : askSingly
    const found = await closed(client, repository, wanted)
    return new Set(found.filter((number) => wanted.has(number)))
  }
}

const mostSingly = 30

async function askSingly(client: GithubClient, repository: string, numbers: Set<number>): Promise<number[]> {
  const { pullRequest } = githubPulls(client)
  const closed: number[] = []
  for (const number of numbers) {
    try {
      if (!(await pullRequest(repository, number)).isOpen) closed.push(number)
    } catch (error) {
      if (!(error instanceof GithubFault && error.code === 'not-found')) throw error
    }
  }
  return closed
}

async function listClosed(client: GithubClient, repository: string, numbers: Set<number>): Promise<number[]> {
  const doing = `Listing the closed pull requests of ${repository}`
  const needs = 'Pull requests: read'
  const schema = z.array(z.object({ number: githubId }).transform(({ number }) => number))
  return ask(client, { repository, doing, needs, schema }, async (octokit, place) => {
    const missing = new Set(numbers)
    const wanted = { ...place, state: 'closed', sort: 'updated', direction: 'desc', per_page: 100 } as const
    let pages = 0
    return octokit.paginate(octokit.rest.pulls.list, wanted, ({ data }, done) => {
      for (const { number } of data) missing.delete(number)
      if (++pages === 10 || missing.size === 0) done()
      return data
    })
  })
}

/** https://docs.github.com/rest/pulls/pulls#list-pull-requests-files */
const mostFiles = 3_000

function listFiles(octokit: Octokit, place: { owner: string; repo: string; pull_number: number }): Promise<unknown> {
  let pages = 0
  return octokit.paginate(octokit.rest.pulls.listFiles, { ...place, per_page: 100 }, ({ data }, done) => {
    if (++pages * 100 >= mostFiles) done()
    return data
  })
}

const branch = z.object({
  ref: z.string().max(1_000),
  sha: commitSha,
  // null once the fork is deleted
  repo: z.object({ full_name: repositoryName }).nullable(),
})

const pullSchema = z
  .object({
    number: githubId,
    state: z.string().max(50),
    merge_commit_sha: commitSha.nullable(),
    updated_at: z.iso.datetime({ offset: true }),
    head: branch,
    base: branch,
  })
  .transform(
    ({ number, state, merge_commit_sha, updated_at, head, base }): PullRequest => ({
      number,
      headRef: head.ref,
      headSha: head.sha,
      baseRef: base.ref,
      baseSha: base.sha,
      isOpen: state === 'open',
      isFromFork: head.repo?.full_name.toLowerCase() !== base.repo?.full_name.toLowerCase(),
      mergeSha: merge_commit_sha,
      updatedAt: updated_at,
    }),
  )

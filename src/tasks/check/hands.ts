import { type Checks, githubChecks } from '../../github/checks.ts'
import type { GithubClient } from '../../github/client.ts'
import { type Contents, githubContents } from '../../github/contents.ts'
import { mergeBase } from '../../github/merge-base.ts'
import { githubPulls, type Pulls } from '../../github/pulls.ts'
import { blobsOf } from '../../github/trees.ts'

/** What GitHub is asked and told to check a pull request. */
export type CheckHands = {
  pulls: Pulls
  contents: Contents
  checks: Checks
  mergeBase(repository: string, base: string, head: string): Promise<string | null>
  /** of all files of a commit, by their paths; empty when it is gone */
  blobs(repository: string, sha: string): Promise<Map<string, string>>
}

export function checkHands(client: GithubClient): CheckHands {
  return {
    pulls: githubPulls(client),
    contents: githubContents(client),
    checks: githubChecks(client),
    mergeBase: mergeBase(client),
    blobs: (repository, sha) => blobsOf(client, repository, sha),
  }
}

import type { ChangedFiles } from '../../cache/changed-files.ts'
import { type CacheList, listCaches } from '../../github/caches.ts'
import type { GithubClient } from '../../github/client.ts'
import { changedFiles } from '../../github/compare.ts'
import { type Contents, githubContents } from '../../github/contents.ts'
import { defaultBranch } from '../../github/default-branch.ts'
import { type FindRuns, findRuns } from '../../github/find-runs.ts'
import type { Runs } from '../../github/runs.ts'

/** What GitHub can be asked to explain a miss. */
export type EvidenceHands = {
  comparable: FindRuns['comparable']
  contents: Contents
  changedFiles(repository: string, base: string, head: string): Promise<ChangedFiles>
  listCaches(repository: string, wanted: { key: string }): Promise<CacheList>
  defaultBranch(repository: string): Promise<string>
}

export type EvidenceWorld = { runs: Runs; hands: EvidenceHands }

export function evidenceHands(client: GithubClient): EvidenceHands {
  return {
    comparable: findRuns(client).comparable,
    contents: githubContents(client),
    changedFiles: changedFiles(client),
    listCaches: listCaches(client),
    defaultBranch: defaultBranch(client),
  }
}

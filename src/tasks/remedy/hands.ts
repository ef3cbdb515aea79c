import { type CacheList, listCaches } from '../../github/caches.ts'
import type { GithubClient } from '../../github/client.ts'
import { type Contents, githubContents } from '../../github/contents.ts'
import { deleteCache } from '../../github/delete-caches.ts'
import { dispatchWorkflow, findDispatched } from '../../github/dispatch.ts'
import { personAccess, personById } from '../../github/person-access.ts'
import { closedPulls } from '../../github/pulls.ts'
import { rerunFailedJobs, rerunJob } from '../../github/rerun.ts'

/** What remedies ask of GitHub. */
export type RemedyHands = {
  rerunFailedJobs: ReturnType<typeof rerunFailedJobs>
  rerunJob: ReturnType<typeof rerunJob>
  dispatchWorkflow: ReturnType<typeof dispatchWorkflow>
  findDispatched: ReturnType<typeof findDispatched>
  /** all of a repository's Actions caches */
  listCaches(repository: string): Promise<CacheList>
  deleteCache: ReturnType<typeof deleteCache>
  closedPulls: ReturnType<typeof closedPulls>
  personAccess: ReturnType<typeof personAccess>
  personById: ReturnType<typeof personById>
  readText: Contents['readText']
}

/** A preview lists every entry: ten thousand, a hundred calls. */
const mostPages = 100

export function remedyHands(client: GithubClient): RemedyHands {
  const list = listCaches(client, { mostPages })
  return {
    rerunFailedJobs: rerunFailedJobs(client),
    rerunJob: rerunJob(client),
    dispatchWorkflow: dispatchWorkflow(client),
    findDispatched: findDispatched(client),
    listCaches: (repository) => list(repository),
    deleteCache: deleteCache(client),
    closedPulls: closedPulls(client),
    personAccess: personAccess(client),
    personById: personById(client),
    readText: githubContents(client).readText,
  }
}

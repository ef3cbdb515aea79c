import type { GithubClient } from './client.ts'
import { openStored, type StoredFile, type StoreOptions } from './stored-file.ts'

/** The log of one job, as it streams in; or, in words, why GitHub has none. */
export function openJobLog(
  client: GithubClient,
  options: StoreOptions,
): (repository: string, jobId: number) => Promise<StoredFile> {
  return (repository, jobId) =>
    openStored(
      client,
      {
        repository,
        path: '/repos/{owner}/{repo}/actions/jobs/{job_id}/logs',
        params: { job_id: jobId },
        noun: 'log',
        doing: `Fetching the log of job ${jobId} of ${repository}`,
        reasons,
      },
      options,
    )
}

const expired = 'it expired or was deleted (410)'
const reasons = {
  api: {
    403: 'we may not read it (403): the token or App needs the permission Actions: read',
    404: 'GitHub has no log for it (404): its runner died before sending one, or our credentials cannot see it',
    410: expired,
  },
  store: {
    // GitHub gives a link also to a log that was never sent; then it is the store that says 404 (BlobNotFound).
    404: 'GitHub has no log for it (404): the job was cancelled or its runner died before sending one',
    410: expired,
  },
}

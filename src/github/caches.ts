import type { Octokit } from 'octokit'
import { z } from 'zod'
import { githubId } from '../alert/from-run.ts'
import { ask } from './ask.ts'
import type { GithubClient } from './client.ts'

/** An entry of a repository's Actions cache. */
export type CacheListing = {
  id: number
  key: string
  /** `refs/heads/main`, `refs/pull/12/merge`: whose runs wrote it */
  ref: string
  sizeBytes: number
  /** ISO 8601 */
  createdAt: string
  lastUsedAt: string
}

/** The newest first; `complete` is false when there are more than we read. */
export type CacheList = { caches: CacheListing[]; complete: boolean }

/** Lists the Actions caches whose key begins with `key`, of one ref or of all. Needs *Actions: read*. */
export function listCaches(
  client: GithubClient,
  { mostPages = 10 }: { /** of a hundred entries each */ mostPages?: number } = {},
): (repository: string, wanted?: { key?: string; ref?: string }) => Promise<CacheList> {
  return async (repository, wanted = {}) => {
    let complete = true
    const doing = `Listing the caches of ${repository}`
    const caches = await ask(client, { repository, doing, schema }, async (octokit, place) => {
      const pages = await readPages(octokit, { ...place, ...wanted }, mostPages)
      complete = pages.complete
      return pages.entries
    })
    // One that is written while we page is pushed to the next page and met twice.
    return { caches: [...new Map(caches.map((cache) => [cache.id, cache])).values()], complete }
  }
}

/** A build writes an entry for each layer, so lists get long; GitHub gives a hundred a page. */
async function readPages(
  octokit: Octokit,
  where: { owner: string; repo: string; key?: string; ref?: string },
  mostPages: number,
) {
  const entries: unknown[] = []
  let pages = 0
  // By creation, as the order of use changes while we read.
  const wanted = { ...where, sort: 'created_at', direction: 'desc', per_page: 100 } as const
  for await (const { data } of octokit.paginate.iterator(octokit.rest.actions.getActionsCacheList, wanted)) {
    if (++pages > mostPages) return { entries, complete: false }
    entries.push(...data)
  }
  return { entries, complete: true }
}

const time = z.iso.datetime({ offset: true })

const schema = z.array(
  z
    .object({
      id: githubId,
      key: z.string().max(1_000),
      ref: z.string().max(1_000),
      size_in_bytes: z.int().nonnegative(),
      created_at: time,
      last_accessed_at: time,
    })
    .transform(
      (entry): CacheListing => ({
        id: entry.id,
        key: entry.key,
        ref: entry.ref,
        sizeBytes: entry.size_in_bytes,
        createdAt: entry.created_at,
        lastUsedAt: entry.last_accessed_at,
      }),
    ),
)

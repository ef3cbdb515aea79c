import { z } from 'zod'
import { ask } from './ask.ts'
import type { GithubClient } from './client.ts'
import { GithubFault } from './fault.ts'

/**
 * Deletes one entry of the Actions cache by its id, which no other entry ever has: doing it twice changes nothing.
 * Needs *Actions: write*.
 */
export function deleteCache(
  client: GithubClient,
): (wanted: { repository: string; id: number }) => Promise<'deleted' | 'gone'> {
  return async ({ repository, id }) => {
    const doing = `Deleting cache entry ${id} of ${repository}`
    try {
      await ask(client, { repository, doing, needs: 'Actions: write', schema: z.unknown() }, ({ rest }, place) =>
        rest.actions.deleteActionsCacheById({ ...place, cache_id: id }),
      )
      return 'deleted'
    } catch (error) {
      if (error instanceof GithubFault && error.status === 404) return 'gone'
      throw error
    }
  }
}

/** What a repository's caches hold together; GitHub counts anew every five minutes or so. Needs *Actions: read*. */
export type CacheUsage = { bytes: number; entries: number }

export function cacheUsage(client: GithubClient): (wanted: { repository: string }) => Promise<CacheUsage> {
  return ({ repository }) => {
    const doing = `Reading how much the caches of ${repository} hold`
    return ask(client, { repository, doing, schema: usageSchema }, async ({ rest }, place) => {
      return (await rest.actions.getActionsCacheUsage(place)).data
    })
  }
}

const usageSchema = z
  .object({ active_caches_size_in_bytes: z.int().nonnegative(), active_caches_count: z.int().nonnegative() })
  .transform((usage): CacheUsage => ({ bytes: usage.active_caches_size_in_bytes, entries: usage.active_caches_count }))

import { ConfigProblems, type Environment, type GithubConfig, readGithubConfig } from './config.ts'
import { openBuilder } from './docker/builder.ts'
import type { Usage } from './docker/disk-usage.ts'
import { DockerFault } from './docker/fault.ts'
import { listCaches } from './github/caches.ts'
import { githubClient } from './github/client.ts'
import { GithubFault } from './github/fault.ts'
import { listPackageVersions, packagesClient } from './github/packages.ts'
import { closedPulls } from './github/pulls.ts'
import type { BuilderSelection, CacheSelection, PlanOf } from './remedy/plan.ts'
import { coldAfterBuilder, selectBuilder } from './remedy/select-builder.ts'
import { coldAfterCaches, pullOf, selectCaches } from './remedy/select-caches.ts'
import { coldAfterTags, selectTags } from './remedy/select-tags.ts'

/** What somebody at a terminal wants to see the pruning of. */
export type PruneWish =
  | { kind: 'caches'; repository: string; selection: CacheSelection }
  | { kind: 'image'; image: string; tags: string[] }
  | { kind: 'builder'; url: string; certificates: string | null; selection: BuilderSelection }

export type PrunePlanMade = { plan: PlanOf<'prune-caches' | 'prune-tags' | 'prune-builder'> } | { problem: string }

/** Looks, and changes nothing anywhere. */
export async function makePrunePlan(wish: PruneWish, env: Environment, now: Date): Promise<PrunePlanMade> {
  try {
    if (wish.kind === 'builder') return { plan: await planBuilder(wish, now) }
    const github = readGithubConfig(env)
    if (github === null) return { problem: 'asking GitHub needs a token that may read Actions; set GITHUB_TOKEN' }
    return wish.kind === 'image' ? await planTags(wish, github) : { plan: await planCaches(wish, github, now) }
  } catch (error) {
    if (error instanceof GithubFault || error instanceof DockerFault || error instanceof ConfigProblems)
      return { problem: error.message }
    throw error
  }
}

type WishOf<Kind extends PruneWish['kind']> = Extract<PruneWish, { kind: Kind }>

async function planCaches(
  { repository, selection }: WishOf<'caches'>,
  github: GithubConfig,
  now: Date,
): Promise<PlanOf<'prune-caches'>> {
  const client = githubClient({ ...github.credentials, baseUrl: github.apiUrl })
  const { caches, complete } = await listCaches(client)(repository)
  const numbers = selection.closedPulls ? caches.flatMap(({ ref }) => pullOf(ref) ?? []) : []
  const closed = numbers.length === 0 ? new Set<number>() : await closedPulls(client)({ repository, numbers })
  const entries = selectCaches(caches, selection, { closedPulls: closed, now })
  const cold = coldAfterCaches(entries, caches)
  return { operation: 'prune-caches', repository, branch: null, selection, entries, complete, cold }
}

async function planTags({ image, tags }: WishOf<'image'>, github: GithubConfig): Promise<PrunePlanMade> {
  if (github.packagesToken === null)
    return {
      problem:
        'versions of images are listed with a token of their own: set GITHUB_PACKAGES_TOKEN to a classic token with read:packages',
    }
  const client = packagesClient({ token: github.packagesToken, apiUrl: github.apiUrl })
  const listed = await listPackageVersions(client)(image)
  if (listed.kind === 'refused') return { problem: listed.because }
  const entries = selectTags(listed.entries, tags)
  const repository = image.split('/').slice(1, 3).join('/')
  const cold = coldAfterTags(image, entries)
  return { plan: { operation: 'prune-tags', repository, branch: null, image, tags, entries, cold } }
}

async function planBuilder(
  { url, certificates, selection }: WishOf<'builder'>,
  now: Date,
): Promise<PlanOf<'prune-builder'>> {
  const { records, inUse } = await usageOf(url, certificates)
  const entries = selectBuilder(records, selection, { now })
  const cold = coldAfterBuilder(entries)
  // at a terminal it has no name and serves no repository that we know of
  return { operation: 'prune-builder', repository: url, branch: null, builder: url, selection, entries, inUse, cold }
}

async function usageOf(url: string, certificates: string | null): Promise<Usage> {
  const builder = await openBuilder({ url, certificates })
  try {
    return await builder.usage()
  } finally {
    builder.close()
  }
}

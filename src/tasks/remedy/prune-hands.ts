import type { PlanOf } from '../../remedy/plan.ts'
import type { RemedyWorld } from './world.ts'

type PrunePlan = PlanOf<'prune-caches' | 'prune-tags' | 'prune-builder'>

/** How the entries of one kind of cache are deleted and looked for. Ids as text, as builders have them. */
export type PruneHands = {
  /** how many to a step: a restart repeats at most so many deletions, of what is gone already */
  atOnce: number
  /** Deletes these, in whatever order they can go, and says so of each; returns why some are left, in words. */
  remove(ids: string[], gone: (id: string) => Promise<void>): Promise<string[]>
  /** of the plan's entries those that are still there */
  left(): Promise<Set<string>>
}

export function pruneHands(world: RemedyWorld, plan: PrunePlan): PruneHands {
  switch (plan.operation) {
    case 'prune-caches':
      return cacheHands(world, plan)
    case 'prune-tags':
      return tagHands(world, plan)
    case 'prune-builder':
      return builderHands(world, plan)
    default:
      return plan satisfies never
  }
}

function cacheHands({ github }: RemedyWorld, { repository, entries }: PlanOf<'prune-caches'>): PruneHands {
  return {
    atOnce: 25,
    async remove(ids, gone) {
      for (const id of ids) {
        await github.deleteCache({ repository, id: Number(id) })
        await gone(id)
      }
      return []
    },
    async left() {
      const { caches } = await github.listCaches(repository)
      return those(entries, new Set(caches.map(({ id }) => String(id))))
    },
  }
}

function tagHands({ packages }: RemedyWorld, { image, entries }: PlanOf<'prune-tags'>): PruneHands {
  if (packages === null)
    throw new Error('GITHUB_PACKAGES_TOKEN is not set any more, and this prune was planned with it')
  return {
    atOnce: 25,
    async remove(ids, gone) {
      const refused: string[] = []
      for (const id of ids) {
        const removed = await packages.remove({ image, id: Number(id) })
        if (removed.kind === 'refused') refused.push(removed.because)
        await gone(id)
      }
      return refused
    },
    async left() {
      const listed = await packages.list(image)
      if (listed.kind === 'refused') throw new Error(listed.because)
      return those(entries, new Set(listed.entries.map(({ id }) => String(id))))
    },
  }
}

function builderHands({ builder }: RemedyWorld, plan: PlanOf<'prune-builder'>): PruneHands {
  const { entries } = plan
  return {
    // a record goes after those that stand on it, wherever in the list they are
    atOnce: Math.max(1, entries.length),
    async remove(ids, gone) {
      const { left } = await builder(plan.builder).prune(ids, gone)
      return left.map(({ because }) => whyLeft[because])
    },
    async left() {
      // what a build is using is there as well
      const { ids } = await builder(plan.builder).usage()
      return those(entries, new Set(ids))
    },
  }
}

const whyLeft = {
  'in-use': 'a build is using it',
  needed: 'something that stays stands on it',
  kept: 'the daemon kept it without a reason',
} as const

function those(entries: { id: number | string }[], there: ReadonlySet<string>): Set<string> {
  return new Set(entries.map(({ id }) => String(id)).filter((id) => there.has(id)))
}

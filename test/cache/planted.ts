import type { Pattern } from '../../src/cache/patterns/pattern.ts'
import { dice, type PlannedStage } from './histories.ts'
import { badLayout, layout, planned, type Told } from './plans.ts'

export type Planted = {
  name: string
  /** kinds that have to be found; any other is a false alarm, but for `also` */
  kinds: Pattern['kind'][]
  also?: Pattern['kind'][]
  step?: string
  /** index of the commit that it begins with, where it is one */
  since?: (told: Told) => string | undefined
  make(seed: number): Told
}

const fellAt = 12

/** Troubles, and what looks like one. */
export const planted: Planted[] = [
  {
    name: 'npm ci behind COPY . ., as the comparison tells it',
    kinds: ['miss-every-build'],
    step: 'RUN npm ci',
    make: (seed) => planned(seed, 12, () => ({ stages: badLayout(), known: 'all' })),
  },
  {
    name: 'npm ci behind COPY . ., from logs alone',
    kinds: ['miss-every-build'],
    step: 'RUN npm ci',
    make: (seed) => planned(seed, 12, () => ({ stages: badLayout() })),
  },
  {
    name: 'npm ci behind COPY . ., on branches, with builds that fail',
    kinds: ['miss-every-build'],
    step: 'RUN npm ci',
    make: (seed) => {
      const random = dice(seed)
      return planned(seed, 30, () => ({
        stages: badLayout(),
        branch: random() < 0.7 ? 'main' : 'feature',
        until: random() < 0.15 ? 0.8 : 1,
      }))
    },
  },
  {
    name: 'an argument before npm ci that differs in each commit',
    kinds: ['miss-every-build'],
    step: 'RUN npm ci',
    make: (seed) => planned(seed, 12, () => ({ stages: withArgument(), known: 'all' })),
  },
  {
    name: 'the order of the layers spoilt by a commit',
    kinds: ['miss-every-build', 'hit-rate-fell'],
    step: 'RUN npm ci',
    since: ({ builds }) => builds[fellAt]?.sha,
    make: (seed) => planned(seed, 24, (at) => ({ stages: at < fellAt ? layout() : spoilt(), known: 'all' })),
  },
  {
    name: 'the order of the layers spoilt and mended',
    kinds: [],
    make: (seed) => planned(seed, 30, (at) => ({ stages: at < 9 || at >= 18 ? layout() : spoilt(), known: 'all' })),
  },
  {
    name: 'an install that differs in each commit from one on',
    kinds: ['hit-rate-fell', 'miss-every-build'],
    step: 'RUN apk add --no-cache tini',
    since: ({ builds }) => builds[fellAt]?.sha,
    make: (seed) => moving(seed),
  },
  {
    name: 'another image with the same scope, now and then',
    kinds: ['scope-overwritten'],
    make: (seed) => {
      const random = dice(seed)
      return planned(seed, 24, () => ({ rivals: random() < 0.5 ? [{ scope: 'web', stages: rival() }] : [] }))
    },
  },
  {
    name: 'another image with the same tag in a registry',
    kinds: ['scope-overwritten'],
    // when it writes several times in a row
    also: ['hit-rate-fell'],
    make: (seed) => {
      const random = dice(seed)
      const type = 'registry' as const
      return planned(seed, 20, () => ({
        type,
        rivals: random() < 0.4 ? [{ scope: 'web', type, stages: rival() }] : [],
      }))
    },
  },
  {
    name: 'another image with a scope of its own',
    kinds: [],
    make: (seed) => {
      const random = dice(seed)
      return planned(seed, 24, () => ({ rivals: random() < 0.5 ? [{ stages: rival() }] : [] }))
    },
  },
  {
    name: 'a cache that is evicted three times',
    kinds: ['evicted-or-expired'],
    make: (seed) =>
      planned(seed, 24, (at, { evict }) => {
        if (at === 8 || at === 15 || at === 19) evict()
        return {}
      }),
  },
  {
    name: 'a cache that expires in a pause',
    kinds: ['evicted-or-expired'],
    make: (seed) =>
      planned(seed, 12, (at, { evict }) => {
        if (at === 8) evict()
        return { hours: at === 8 ? 8 * 24 : 4 }
      }),
  },
  {
    name: 'a pause that the cache survives',
    kinds: [],
    make: (seed) => planned(seed, 12, (at) => ({ hours: at === 8 ? 8 * 24 : 4 })),
  },
  {
    name: 'exports that fail from a commit on',
    kinds: ['export-lost'],
    // the cache grows old, and each build makes again what the last one made
    also: ['hit-rate-fell', 'miss-every-build'],
    make: (seed) => planned(seed, 20, (at) => ({ export: at < 14 ? 'ok' : 'failed' })),
  },
  {
    name: 'an image that never exports',
    kinds: ['export-lost'],
    make: (seed) => planned(seed, 12, () => ({ export: null })),
  },
  {
    name: 'cold builds here and there, for no reason known',
    kinds: [],
    also: ['evicted-or-expired'],
    make: (seed) => {
      const random = dice(seed)
      return planned(seed, 40, (_at, { evict }) => {
        if (random() < 0.06) evict()
        return {}
      })
    },
  },
]

/** The layout of `layout()` with the sources copied too early. */
function spoilt(): PlannedStage[] {
  const [deps, ...others] = layout()
  if (!deps) return []
  const steps = deps.steps.map((step) =>
    step.text.startsWith('COPY') ? { ...step, text: 'COPY . .', reads: ['src' as const] } : step,
  )
  return [{ ...deps, steps }, ...others]
}

function withArgument(): PlannedStage[] {
  return layout().map((stage) => ({
    ...stage,
    steps: stage.steps.map((step) => (step.text === 'RUN npm ci' ? { ...step, reads: ['argument'] } : step)),
  }))
}

function rival(): PlannedStage[] {
  return [{ name: 'other', steps: [{ text: 'RUN make other', seconds: 20 }] }]
}

/** An apk index that is fetched anew: its step reads what differs each time, and nothing tells. */
function moving(seed: number): Told {
  return planned(seed, 24, (at) => ({
    stages: layout().map((stage) => ({
      ...stage,
      steps: stage.steps.map((step) =>
        at >= fellAt && step.text.includes('apk add') ? { ...step, reads: ['argument'] } : step,
      ),
    })),
  }))
}

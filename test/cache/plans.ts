import type { KeptBuild } from '../../src/cache/kept-build.ts'
import { type Commit, dice, type PlannedBuild, type PlannedStage, world } from './histories.ts'

/** Layouts of Dockerfiles that are as they should be. */
const healthyLayouts: PlannedStage[][] = [
  [
    {
      name: 'deps',
      steps: [
        { text: 'WORKDIR /app', seconds: 0.1 },
        { text: 'COPY package.json package-lock.json ./', reads: ['lock'], seconds: 0.2 },
        { text: 'RUN npm ci', seconds: 40 },
      ],
    },
    {
      name: 'build',
      from: 'deps',
      steps: [
        { text: 'COPY . .', reads: ['src'], seconds: 0.5 },
        { text: 'RUN npm run build', seconds: 30 },
      ],
    },
    {
      name: 'runner',
      steps: [
        { text: 'RUN apk add --no-cache tini', seconds: 3 },
        { text: 'COPY --from=deps /app/node_modules ./node_modules', seconds: 2 },
        { text: 'COPY --from=build /app/dist ./dist', seconds: 1 },
      ],
    },
  ],
  [
    {
      name: 'stage-0',
      steps: [
        { text: 'RUN apt-get update && apt-get install -y libpq5', seconds: 15 },
        { text: 'COPY requirements.txt .', reads: ['lock'], seconds: 0.1 },
        { text: 'RUN pip install -r requirements.txt', seconds: 60 },
        { text: 'COPY . .', reads: ['src'], seconds: 0.4 },
        { text: 'RUN pip install --no-deps .', seconds: 4 },
      ],
    },
  ],
  [
    {
      name: 'stage-0',
      steps: [
        { text: 'COPY go.mod go.sum ./', reads: ['lock'], seconds: 0.1 },
        { text: 'RUN go mod download', seconds: 20 },
        { text: 'COPY . .', reads: ['src'], seconds: 0.3 },
        { text: 'ARG_VERSION RUN echo', reads: ['argument'], seconds: 0.1 },
        { text: 'RUN go build ./...', seconds: 50 },
      ],
    },
  ],
].map((stages) => JSON.parse(JSON.stringify(stages).replace('ARG_VERSION RUN echo', 'RUN echo $VERSION > version')))

export const layout = (): PlannedStage[] => structuredClone(healthyLayouts[0] ?? [])

/** npm ci behind COPY . . */
export function badLayout(): PlannedStage[] {
  return [
    {
      name: 'stage-0',
      steps: [
        { text: 'WORKDIR /app', seconds: 0.1 },
        { text: 'COPY . .', reads: ['src'], seconds: 0.5 },
        { text: 'RUN npm ci', seconds: 40 },
        { text: 'RUN npm run build', seconds: 30 },
      ],
    },
  ]
}

const minuteMs = 60_000
const dayMs = 86_400_000
export const start = Date.parse('2026-01-05T08:00:00Z')

export function commits(random: () => number, count: number, change = { lock: 0.2, base: 0.04 }): Commit[] {
  let [lock, base] = [0, 0]
  return Array.from({ length: count }, (_, at) => {
    if (at > 0 && random() < change.lock) lock++
    if (at > 0 && random() < change.base) base++
    const sha =
      Math.floor(random() * 0xfffffff)
        .toString(16)
        .padStart(7, '0') + String(at).padStart(4, '0')
    return { sha, src: `${at}`, lock: `${lock}`, base: `${base}`, argument: `${at}` }
  })
}

export type Told = { builds: KeptBuild[]; others: KeptBuild[] }

/**
 * A series that is well, with what happens to such: changed lock files and bases, edited instructions, failed and repeated
 * builds, other branches (which may read main's cache and write none), pauses, imports that fail, --no-cache, nightly
 * builds that are cold on purpose, images beside it with scopes of their own, one cache that is lost for no reason known, slow
 * machines; or a job that only reads what another job writes.
 */
export function healthy(seed: number): Told {
  const random = dice(seed)
  const chance = (share: number) => random() < share
  const always = {
    known: chance(0.5) ? 'log' : 'all',
    type: chance(0.7) ? 'gha' : 'registry',
  } as const
  const stages = structuredClone(healthyLayouts[Math.floor(random(healthyLayouts.length))] ?? [])
  const failing = random(0.3)
  const count = 4 + Math.floor(random(50))
  const coldAt = chance(0.5) ? Math.floor(random(count)) : -1
  const beside = chance(0.5)
  const reader = chance(0.15)
  const branches = chance(0.4) ? ['main', 'main', 'feature', 'fix'] : ['main']
  const readersBeside = chance(0.3)
  const nightly = chance(0.2)
  const { build, evict } = world()
  const told: Told = { builds: [], others: [] }
  let at = start
  for (const [index, commit] of commits(random, count, { lock: random(0.4), base: random(0.1) }).entries()) {
    at += chance(0.2) ? random(6 * dayMs) : random(300 * minuteMs)
    if (index === coldAt) evict()
    if (chance(0.04)) edit(stages, random)
    const branch = branches[Math.floor(random(branches.length))] ?? 'main'
    const usual: PlannedBuild = {
      ...always,
      commit,
      stages: structuredClone(stages),
      at: new Date(at),
      runId: 2 * index,
      branch,
    }
    if (reader) told.others.push(build({ ...usual, series: 'worker', scope: 'web' }))
    const attempts = chance(0.15) ? 2 : 1
    for (let attempt = 1; attempt <= attempts; attempt++) {
      at += 9 * minuteMs
      const planned: PlannedBuild = { ...usual, at: new Date(at), attempt }
      if (chance(failing)) planned.until = random()
      if (chance(0.04)) planned.noCache = true
      if (chance(0.04)) planned.import = 'failed'
      if (reader || (readersBeside && branch !== 'main')) planned.export = null
      told.builds.push(jittered(build(planned), random))
    }
    at += 5 * minuteMs
    if (beside && chance(0.7))
      told.others.push(build({ ...usual, at: new Date(at), series: 'worker', scope: 'worker' }))
    at += 5 * minuteMs
    if (nightly && chance(0.2)) {
      const night = build({ ...usual, at: new Date(at), runId: 2 * index + 1, event: 'schedule', noCache: true })
      // asked for in a bake file, which the log does not show
      const misses = night.firstMisses.map((miss) => ({ ...miss, reason: 'unknown' as const }))
      told.builds.push({ ...night, firstMisses: misses })
    }
  }
  return told
}

function edit(stages: PlannedStage[], random: () => number): void {
  const steps = stages.flatMap(({ steps }) => steps).filter(({ text }) => text.startsWith('RUN'))
  const step = steps[Math.floor(random() * steps.length)]
  if (step) step.text = `${step.text.replace(/ # v\d+$/, '')} # v${Math.floor(random() * 1e6)}`
}

function jittered(build: KeptBuild, random: () => number): KeptBuild {
  const slow = random() < 0.05 ? 4 : 0.7 + random()
  const times = (seconds: number | null) => (seconds === null ? null : seconds * slow)
  return {
    ...build,
    seconds: times(build.seconds),
    steps: build.steps.map((step) => ({ ...step, seconds: times(step.seconds) })),
    firstMisses: build.firstMisses.map((miss) => ({ ...miss, secondsLost: times(miss.secondsLost) })),
  }
}

/** A history of one build an hour, each as `plan` says. */
export function planned(
  seed: number,
  count: number,
  plan: (
    at: number,
    world: { evict(): void },
  ) => Partial<PlannedBuild> & { hours?: number; rivals?: Partial<PlannedBuild>[] },
  change = { lock: 0.1, base: 0.02 },
): Told {
  const random = dice(seed)
  const { build, evict } = world()
  const told: Told = { builds: [], others: [] }
  let at = start
  for (const [index, commit] of commits(random, count, change).entries()) {
    const { hours = 1, rivals = [], ...different } = plan(index, { evict })
    at += hours * 60 * minuteMs
    const usual = { commit, stages: layout(), runId: 1_000 + index, known: 'log' as const }
    told.builds.push(jittered(build({ ...usual, at: new Date(at), ...different }), random))
    for (const rival of rivals) {
      at += 20 * minuteMs
      told.others.push(build({ ...usual, at: new Date(at), series: 'worker', ...rival }))
    }
  }
  return told
}

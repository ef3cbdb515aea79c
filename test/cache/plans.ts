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
 * A series that is well, with what happens to such: changed lock files and bases, failed and repeated builds, other branches,
 * quick pauses and weekends, imports that fail, --no-cache, other images beside it with scopes of their own, one cold build
 * that nothing explains, a pull-request-like reader that never exports, and slow machines.
 */
export function healthy(seed: number): Told {
  const random = dice(seed)
  const known = random() < 0.5 ? 'log' : 'all'
  const type = random() < 0.7 ? 'gha' : 'registry'
  const stages = structuredClone(healthyLayouts[Math.floor(random(healthyLayouts.length))] ?? [])
  const change = { lock: random(0.4), base: random(0.1) }
  const failing = random(0.3)
  const count = 4 + Math.floor(random(50))
  const coldAt = random() < 0.5 ? Math.floor(random(count)) : -1
  const beside = random() < 0.5
  const branches = random() < 0.4 ? ['main', 'main', 'feature', 'fix'] : ['main']
  const { build, evict } = world()
  const told: Told = { builds: [], others: [] }
  let at = start
  let runId = 1_000
  for (const [index, commit] of commits(random, count, change).entries()) {
    at += random() < 0.2 ? random(6 * dayMs) : random(300 * minuteMs)
    if (index === coldAt) evict()
    const again = random() < 0.15 ? 2 : 1
    runId++
    const branch = branches[Math.floor(random(branches.length))] ?? 'main'
    for (let attempt = 1; attempt <= again; attempt++) {
      at += 9 * minuteMs
      const planned: PlannedBuild = {
        commit,
        stages,
        at: new Date(at),
        runId,
        attempt,
        branch,
        known,
        type,
      }
      if (random() < failing) planned.until = random()
      if (random() < 0.04) planned.noCache = true
      if (random() < 0.04) planned.import = 'failed'
      told.builds.push(jittered(build(planned), random))
    }
    if (beside && random() < 0.7) {
      at += 5 * minuteMs
      const planned = { commit, stages, at: new Date(at), runId, branch, known, type } as const
      told.others.push(build({ ...planned, series: 'worker' }))
    }
  }
  return told
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

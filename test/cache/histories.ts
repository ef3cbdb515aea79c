import type { KeptBuild, KeptStep, KeptTransfer } from '../../src/cache/kept-build.ts'
import type { Miss } from '../../src/cache/miss.ts'

/**
 * Builds of a small world that keeps caches as BuildKit does: a step is cached when the chain of what it was made from is in
 * a cache that the build reads. What a history shows is thus made by its cause, and not written down.
 */

/** What a commit holds; a step runs again when what it reads has another value. */
export type Commit = { sha: string; src: string; lock: string; base: string; argument: string }
type Input = keyof Omit<Commit, 'sha'>

export type PlannedStep = { text: string; reads?: Input[]; seconds: number }
export type PlannedStage = { name: string; from?: string; steps: PlannedStep[] }

export type PlannedBuild = {
  commit: Commit
  stages: PlannedStage[]
  at: Date
  runId: number
  attempt?: number
  branch?: string
  event?: string
  /** no step after this share of them; 1 is a whole build */
  until?: number
  /** null: the job has none */
  export?: 'ok' | 'failed' | null
  import?: 'ok' | 'failed'
  noCache?: boolean
  series?: string
  type?: 'gha' | 'registry'
  /** where the cache is kept: images with the same one overwrite each other */
  scope?: string
  /** what is known of misses: only the log, or the comparison with the build before */
  known?: 'log' | 'all'
}

export type World = { build(planned: PlannedBuild): KeptBuild; evict(): void }

export function world(): World {
  const caches = new Map<string, Set<string>>()
  const latest = new Map<string, Commit>()
  return {
    evict: () => caches.clear(),
    build(planned) {
      const { branch = 'main', type = 'gha', scope = planned.series ?? 'web', series = 'web' } = planned
      const place = type === 'gha' ? `${scope} ${branch}` : scope
      const main = type === 'gha' ? `${scope} main` : scope
      const read = new Set([...(caches.get(place) ?? []), ...(caches.get(main) ?? [])])
      const usable = planned.import === 'failed' || planned.noCache ? new Set<string>() : read
      const run = runSteps(planned, usable)
      const failed = (planned.until ?? 1) < 1
      const writes = planned.export === undefined ? 'ok' : planned.export
      if (!failed && writes === 'ok') caches.set(place, run.keys)
      const before = latest.get(`${series} ${branch}`) ?? latest.get(`${series} main`) ?? null
      latest.set(`${series} ${branch}`, planned.commit)
      return keptBuild({ ...planned, branch, type, scope, series }, run, { before, failed, writes })
    },
  }
}

type Ran = { steps: KeptStep[]; keys: Set<string> }

function runSteps({ stages, commit, until = 1 }: PlannedBuild, usable: Set<string>): Ran {
  const all = stages.flatMap(({ steps }) => steps).length
  const keys = new Set<string>()
  const ends = new Map<string, string>()
  const steps: KeptStep[] = []
  for (const stage of stages) {
    const total = stage.steps.length + 1
    const from = stage.from === undefined ? `FROM node:22@sha256:${commit.base}` : `FROM ${stage.from}`
    if (stage.from === undefined)
      steps.push({
        name: `[${stage.name} 1/${total}] ${from}`,
        stage: stage.name,
        platform: null,
        status: 'executed',
        seconds: 0,
      })
    let chain = stage.from === undefined ? from : (ends.get(stage.from) ?? '')
    for (const [at, { text, reads = [], seconds }] of stage.steps.entries()) {
      const taken = /--from=(\S+)/.exec(text)?.[1]
      chain = [chain, text, ...reads.map((input) => commit[input]), taken && ends.get(taken)].join('|')
      keys.add(chain)
      if (steps.filter(({ name }) => !name.includes('FROM')).length >= Math.round(all * until)) continue
      const status = usable.has(chain) ? 'cached' : 'executed'
      const name = `[${stage.name} ${at + 2}/${total}] ${text}`
      steps.push({ name, stage: stage.name, platform: null, status, seconds: status === 'cached' ? null : seconds })
    }
    ends.set(stage.name, chain)
  }
  const last = steps.at(-1)
  if (until < 1 && last?.status === 'executed') last.status = 'failed'
  return { steps, keys }
}

type Circumstances = { before: Commit | null; failed: boolean; writes: 'ok' | 'failed' | null }
type Filled = PlannedBuild & Required<Pick<PlannedBuild, 'branch' | 'type' | 'scope' | 'series'>>

function keptBuild(planned: Filled, { steps }: Ran, { before, failed, writes }: Circumstances): KeptBuild {
  const { commit, runId, attempt = 1, at, branch, type, scope, series } = planned
  const layers = steps.filter(({ name }) => !name.includes('FROM'))
  const counted = layers.filter(({ name }) => /\b(?:RUN|COPY)\b/.test(name))
  const executed = layers.filter(({ status }) => status !== 'cached')
  const ref = type === 'gha' ? `gha:${runId * 7919}` : `ghcr.io/acme/${scope}:cache`
  const imported = planned.import !== 'failed'
  const exports: KeptTransfer[] =
    writes === null || failed
      ? []
      : [
          {
            type,
            ref: '',
            ok: writes === 'ok',
            error: writes === 'ok' ? null : 'failed to upload: 429 Too Many Requests',
          },
        ]
  return {
    ...{
      repository: 'acme/web',
      workflow: 'CI',
      jobName: 'build',
      series,
      branch,
      event: planned.event ?? 'push',
      ref: `refs/heads/${branch}`,
    },
    ...{ sha: commit.sha, runId, attempt, jobId: runId * 100 + attempt, index: 0, at },
    outcome: failed ? 'failed' : 'succeeded',
    hitRate: counted.length === 0 ? null : counted.filter(({ status }) => status === 'cached').length / counted.length,
    seconds: executed.reduce((sum, { seconds }) => sum + (seconds ?? 0), 0),
    cached: layers.length - executed.length,
    executed: executed.length,
    steps,
    firstMisses: missesOf(planned, steps, before),
    imports: [{ type, ref, ok: imported, error: imported ? null : 'i/o timeout' }],
    exports,
  }
}

function missesOf(planned: Filled, steps: KeptStep[], before: Commit | null): Miss[] {
  return planned.stages.flatMap(({ name, steps: written }) => {
    const first = steps.find((step) => step.stage === name && step.status !== 'cached' && !step.name.includes('FROM'))
    if (!first) return []
    const lost = steps.filter(({ stage, status }) => stage === name && status !== 'cached')
    const about = written.find(({ text }) => first.name.endsWith(text))
    const secondsLost = lost.reduce((sum, { seconds }) => sum + (seconds ?? 0), 0)
    return [{ stage: name, step: first.name, secondsLost, files: [], ...reasonOf(planned, about, before, written) }]
  })
}

type Why = Pick<Miss, 'reason' | 'expected' | 'detail' | 'certainty'>

/** Why, as an attribution that knows both commits says it. */
function reasonOf(planned: Filled, step: PlannedStep | undefined, before: Commit | null, stage: PlannedStep[]): Why {
  const say = (reason: Miss['reason'], expected: boolean | null, certainty: Miss['certainty'] = 'high') => ({
    reason,
    expected,
    detail: `because of ${reason}`,
    certainty,
  })
  // the command line stands in the log
  if (planned.noCache) return say('no-cache-requested', null)
  if (planned.known !== 'all') return say('unknown', null, 'low')
  if (before === null) return say('first-build', true)
  if (planned.import === 'failed') return say('cache-import-failed', false)
  if (before.base !== planned.commit.base) return say('base-image-moved', true)
  const changed = step?.reads?.find((input) => before[input] !== planned.commit[input])
  const installFollows = stage.slice(step && stage.indexOf(step)).some(({ text }) => /npm ci/.test(text))
  if (changed === 'argument') return say('build-arg-changed', false)
  if (changed === 'src') return say('file-changed', !installFollows)
  if (changed !== undefined) return say('file-changed', true)
  return step?.text.includes('--from=') ? say('upstream-stage-changed', true) : say('unknown', null, 'low')
}

/** The same numbers for the same seed (mulberry32). */
export function dice(seed: number): (below?: number) => number {
  let state = seed >>> 0
  return (below = 1) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below
  }
}

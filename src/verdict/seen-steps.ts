import { readVertexName } from '../build/vertex-name.ts'
import type { BuildSummary } from '../diagnosis/explanation.ts'
import type { JobDiagnosis } from '../diagnosis/run-diagnosis.ts'
import { installsDependencies, type PackageManager } from '../dockerfile/package-managers.ts'
import { readDockerfile } from '../dockerfile/read-dockerfile.ts'
import { listed, quoted, shown } from './evidence.ts'

/** A RUN, COPY or ADD of an image build, with the miss that began before or at it. */
export type SeenStep = {
  name: string
  /** it installs what manifests and lock files declare, and nothing else */
  installs: boolean
  status: 'cached' | 'ran' | 'unfinished'
  /** first miss of its stage, when it ran */
  miss: Miss | null
  why: WhyRan
}

export type Miss = BuildSummary['firstMisses'][number]

/** Whether the trigger table foresees that a step ran. `without-cache`: there was none to find, and that was meant. */
export type WhyRan = 'expected' | 'unexpected' | 'without-cache' | 'unknown'

export type SeenBuild = { job: JobDiagnosis; build: BuildSummary; times: [number | null, number | null][] }

/** The image builds in the logs that were read. */
export function buildsOf(jobs: JobDiagnosis[]): SeenBuild[] {
  return jobs.flatMap((job) =>
    (job.explanation?.builds ?? [])
      .map((build, index) => ({ job, build, times: job.times?.[index] ?? [] }))
      .filter(({ build }) => build.steps.length > 0),
  )
}

/** Why nothing can be told of builds. */
export function whyNoBuild(jobs: JobDiagnosis[]): string {
  if (jobs.every(({ explanation }) => explanation === null)) return 'No log of this run could be read.'
  return `There is no image build in the logs that were read (${listed(jobs.map(({ name }) => quoted(name, 40)))}).`
}

export function seenSteps({ build }: SeenBuild, operation: string | null): SeenStep[] {
  const named = build.steps.map((step) => ({ step, name: readVertexName(withoutStepWord(step.name)) }))
  const stages = Map.groupBy(named, ({ step }) => `${step.stage ?? ''}\n${step.platform ?? ''}`)
  return [...stages.values()].flatMap((stage) => {
    const installed = new Set<string>()
    return stage
      .toSorted((a, b) => (a.name.ordinal ?? 0) - (b.name.ordinal ?? 0))
      .filter(({ name }) => /^(?:ONBUILD )?(?:RUN|COPY|ADD)\b/i.test(name.instruction))
      .map(({ step, name }): SeenStep => {
        const manager = installerIn(name.instruction)
        // after a cached install the same tool puts in place the project itself
        const installs = manager !== null && !installed.has(manager.name)
        if (manager && step.status === 'cached') installed.add(manager.name)
        const status = step.status === 'cached' || step.status === 'unfinished' ? step.status : 'ran'
        const miss = status === 'ran' ? missOf(build, step) : null
        return { name: step.name, installs, status, miss, why: whyRan(miss, build, operation) }
      })
  })
}

/** The classic builder counts in words. */
function withoutStepWord(name: string): string {
  return name.replace(/^(?:Step|STEP) (\d+)\/(\d+)\s*: /, '[$1/$2] ')
}

function installerIn(instruction: string): PackageManager | null {
  const [line = ''] = instruction.split('\n')
  if (/\s--(?:no-deps|only-root)\b/.test(line)) return null
  const [stage] = readDockerfile(`FROM scratch\n${line}\n`, 'the log').stages
  const run = stage?.instructions.find(({ keyword }) => keyword === 'RUN')
  const manager = run ? installsDependencies(run) : null
  return manager?.project ? null : manager
}

function missOf({ firstMisses }: BuildSummary, { stage, platform }: BuildSummary['steps'][number]): Miss | null {
  const ofStage = firstMisses.filter((miss) => miss.stage === stage)
  return ofStage.find(({ step }) => readVertexName(step).platform === platform) ?? ofStage[0] ?? null
}

/** A guess accuses nobody. */
export function whyRan(miss: Miss | null, { firstMisses }: BuildSummary, operation: string | null): WhyRan {
  if (miss === null) return 'unknown'
  const emptied = firstMisses.some(({ reason }) => isWithoutCache(reason, operation))
  if (isWithoutCache(miss.reason, operation) || (emptied && followers.has(miss.reason))) return 'without-cache'
  if (miss.expected === null || (!miss.expected && miss.certainty === 'low')) return 'unknown'
  return miss.expected ? 'expected' : 'unexpected'
}

export const followers: ReadonlySet<Miss['reason']> = new Set(['upstream-stage-changed', 'parent-step-changed'])

function isWithoutCache(reason: Miss['reason'], operation: string | null): boolean {
  if (operation === 'rebuild' || reason === 'no-cache-requested' || reason === 'first-build') return true
  return operation?.startsWith('prune-') === true && emptied.has(reason)
}

/** What a prune looks like in the next build. */
const emptied: ReadonlySet<Miss['reason']> = new Set([
  'pruned',
  'evicted',
  'cache-import-not-found',
  'cache-not-configured',
  'not-exported',
])

/** "web/yarn.lock changed", or what was found out about it otherwise */
export function becauseOf({ reason, files, detail }: Miss): string {
  const [first, ...others] = files
  if (first === undefined || reason === 'file-metadata-changed') return shown(detail, 110)
  return `${shown(first, 80)}${others.length === 0 ? '' : ` and ${others.length} more`} changed`
}

export const madeWithoutCache = 'This build was made without cache; the next one will show.'

import type { Dockerfile } from '../../dockerfile/dockerfile.ts'
import { targetBuilds } from '../bake-builds.ts'
import type { CacheOption } from '../cache-option.ts'
import { expand, legsOf } from '../expand.ts'
import type { ImageBuild, Job, Leg, Workflow } from '../workflow.ts'
import type { CacheTrouble, TroubleOptions } from './trouble.ts'

/** What every rule looks at: each build once for each leg of its matrix. */
export type Scene = {
  workflow: Workflow
  others: Workflow[]
  placed: Placed[]
  dockerfileOf: (build: ImageBuild) => Dockerfile | null
  linesOf: (file: string) => string[]
}

export type Placed = {
  /** as the leg runs it */
  build: ImageBuild
  written: ImageBuild
  leg: Leg
  job: Job | null
}

export type Finding = Omit<CacheTrouble, 'ignored'>

export function placeBuilds(workflow: Workflow, { dockerfileOf, bakeOf, others = [] }: TroubleOptions): Scene {
  const lines = new Map([[workflow.file, workflow.text.split(/\r?\n/)]])
  const builds = workflow.builds.flatMap((build) => {
    const bake = build.bake === null ? null : (bakeOf?.(build) ?? null)
    if (bake === null) return [build]
    if (!lines.has(bake.file)) lines.set(bake.file, bake.text.split(/\r?\n/))
    return targetBuilds(build, bake)
  })
  return {
    workflow,
    others,
    placed: placeAll(workflow, builds),
    dockerfileOf: dockerfileOf ?? (() => null),
    linesOf: (file) => lines.get(file) ?? [],
  }
}

export function placeAll(workflow: Workflow, builds: ImageBuild[]): Placed[] {
  return builds.flatMap((written) => {
    const job = workflow.jobs.find(({ id }) => id === written.job) ?? null
    return legsOf(written).map((leg) => ({ build: expand(written, leg), written, leg, job }))
  })
}

/** Bake and compose files say more than the workflow does: until one is read, nothing is known to be missing. */
export function isKnown({ build }: Placed): boolean {
  return build.bake === null && !build.opaque && build.how.kind !== 'other'
}

/** The machine is new for every job: GitHub's own. Other labels may stand for machines that keep
 * their layers, and its Windows machines have no BuildKit that could import a cache. */
export function isFresh({ job, leg, written }: Placed): boolean {
  const labels = job?.runsOn.map((label) => expand({ ...written, context: label }, leg).context ?? '') ?? []
  return labels.length > 0 && labels.every((label) => /^ubuntu-[\w.-]+$/.test(label))
}

export function isSymbolic(text: string | null): boolean {
  return text !== null && /\$|\{\{/.test(text)
}

/** What an export writes and an import reads; null when only the runner knows, or when there is no name to compare. */
export function addressOf({ type, scope, ref, src, dest }: CacheOption): string | null {
  if (type === 'gha') return `gha ${scope ?? 'buildkit'}`
  if (type === 'registry') return ref === null ? null : `registry ${ref}`
  if (type === 'local') return `local ${(src ?? dest ?? '').replace(/(?<!\/)\/+$/, '')}`
  return null
}

export function finding(placed: Placed, said: Pick<Finding, 'kind' | 'line' | 'message' | 'why' | 'edit'>): Finding {
  return { ...said, file: placed.written.source, job: placed.build.job }
}

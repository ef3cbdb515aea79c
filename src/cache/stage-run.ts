import { isStep, type Vertex, wasCached } from '../build/build.ts'

export type StageStep = { vertex: Vertex; stage: string | null }

/** What a build did in one stage on one platform, in the order of the Dockerfile. */
export type StageRun = {
  /** as the builder names it; null for a Dockerfile of one stage without a name */
  stage: string | null
  platform: string | null
  steps: Vertex[]
  /** the first step that was not taken from the cache */
  first: Vertex | null
}

/** In the order of the stages' first appearance. */
export function stageRuns(steps: StageStep[]): StageRun[] {
  const stages = Map.groupBy(
    steps.filter(({ vertex }) => isStep(vertex)),
    ({ vertex, stage }) => [stage ?? '', vertex.name.platform ?? ''].join('\u0000'),
  )
  return [...stages.values()].map((members) => {
    const sorted = members.map(({ vertex }) => vertex).sort((a, b) => (a.name.ordinal ?? 0) - (b.name.ordinal ?? 0))
    const [{ stage, vertex } = { stage: null, vertex: null }] = members
    return { stage, platform: vertex?.name.platform ?? null, steps: sorted, first: sorted.find(hasRun) ?? null }
  })
}

/** It was executed, also in vain. FROM fetches whatever the cache did, and is no miss by itself. */
export function hasRun(vertex: Vertex): boolean {
  if (vertex.name.kind === 'from' || wasCached(vertex)) return false
  return vertex.status === 'done' || vertex.status === 'failed' || vertex.status === 'canceled'
}

/** RUN, COPY, ADD: the steps that `--no-cache` runs anew (BuildKit `dispatchRun`, `dispatchCopy`), WORKDIR it does not. */
export function makesLayer({ name }: Vertex): boolean {
  return name.kind === 'step' && !/^WORKDIR\b/i.test(name.instruction)
}

/** Seconds of what ran in the stage; null when no step tells. */
export function secondsOf({ steps }: StageRun): number | null {
  const known = steps.filter(hasRun).flatMap(({ seconds }) => seconds ?? [])
  return known.length === 0 ? null : Math.round(known.reduce((sum, seconds) => sum + seconds, 0) * 10) / 10
}

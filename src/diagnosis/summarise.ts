import { type Build, isStep, type Vertex, wasCached } from '../build/build.ts'
import { redact } from '../build/redact.ts'
import { cacheTransfer, targetOf } from '../build/vertex-name.ts'
import { type Evidence, noEvidence, type Trigger } from '../cache/evidence.ts'
import { firstMisses } from '../cache/first-miss.ts'
import type { StageStep } from '../cache/stage-run.ts'
import type { BuildSummary } from './explanation.ts'

/** One summary per image: a bake with three targets gives three. */
export function summariseBuild(
  build: Build,
  evidence: Evidence = noEvidence,
  triggers: Trigger[] = [],
): BuildSummary[] {
  const targets = bakeTargets(build)
  const all = images(build, targets)
  const stepsOf = ({ vertices }: Image) => stageSteps(build, vertices.filter(isStep), targets)
  return all.map((image) => {
    const others = all.filter((other) => other !== image).map(stepsOf)
    return summary(build, image, targets, (steps) => {
      const misses = firstMisses({ build, target: image.target, steps, others }, evidence, triggers)
      const fixesFor = evidence.sourcesOf(build, image.target)?.fixesFor
      return { firstMisses: misses, fixes: fixesFor?.(misses) ?? [] }
    })
  })
}

/**
 * When the steps of each summary started and ended, in seconds since the first of them did; beside the summaries, whose
 * form is public. Nothing for a build that no clock tells of, or that is larger than anybody would draw.
 */
export function stepTimes(build: Build): StepTimes[] {
  return images(build, bakeTargets(build)).map(({ vertices }) => {
    const steps = vertices.filter(isStep)
    const starts = steps.flatMap(({ startedAt }) => startedAt ?? [])
    if (starts.length === 0 || steps.length > stepsTimed) return []
    const zero = starts.reduce((first, start) => Math.min(first, start))
    const since = (at: number | null) => (at === null ? null : Math.round((at - zero) / 10) / 100)
    return steps.map(({ startedAt, endedAt }) => [since(startedAt), since(endedAt)])
  })
}

/** start and end of each step */
export type StepTimes = [number | null, number | null][]
const stepsTimed = 500

type Image = { target: string | null; vertices: Vertex[] }

function images(build: Build, targets: Set<string>): Image[] {
  if (targets.size === 0) return [{ target: null, vertices: [...build.vertices.values()] }]
  const groups = Map.groupBy(build.vertices.values(), (vertex) => vertexTarget(vertex, targets) ?? '')
  const named = [...groups.entries()].filter(([target]) => target !== '')
  const shared = groups.get('') ?? []
  return named.map(([target, vertices], index) => ({
    target,
    // vertices without a target (a cache import of the whole bake) are told once, with the first
    vertices: index === 0 ? [...shared, ...vertices] : vertices,
  }))
}

/** Name of the stage a step stands in: BuildKit's own, the classic builder's from its FROM lines. */
export function stageOf(vertex: Vertex, targets: Set<string>): string | null {
  const tokens = vertex.name.tokens
  const first = tokens[0]
  const inTarget = first !== undefined && targets.has(first)
  return (inTarget ? tokens[1] : first) ?? null
}

export function bakeTargets(build: Build): Set<string> {
  const targets = new Set<string>()
  for (const vertex of build.vertices.values()) {
    const target = targetOf(vertex.name)
    if (target !== null) targets.add(target)
  }
  return targets
}

function vertexTarget(vertex: Vertex, targets: Set<string>): string | null {
  const first = vertex.name.tokens[0]
  return first !== undefined && targets.has(first) ? first : null
}

function summary(
  build: Build,
  { target, vertices }: Image,
  targets: Set<string>,
  missesOf: (steps: StageStep[]) => Pick<BuildSummary, 'firstMisses' | 'fixes'>,
): BuildSummary {
  const steps = stageSteps(build, vertices.filter(isStep), targets)
  const cached = steps.filter(({ vertex }) => wasCached(vertex)).length
  const executed = steps.filter(({ vertex }) => vertex.name.kind === 'step' && hasRun(vertex)).length
  return {
    builder: build.builder,
    from: build.record ? 'record' : 'log',
    target: target ?? build.record?.bakeTarget ?? build.record?.target ?? targetOption(build.command),
    steps: steps.map(({ vertex, stage }) => ({
      vertex: /^(?:#\d+|sha256:\w+)$/.test(vertex.key) ? vertex.key : null,
      name: redact(vertex.text),
      stage,
      platform: vertex.name.platform,
      status: statusOf(vertex),
      seconds: wasCached(vertex) ? null : vertex.seconds,
    })),
    cached,
    executed,
    hitRate: hitRate(steps.map(({ vertex }) => vertex)),
    imports: transfers(vertices, 'import'),
    exports: [...transfers(vertices, 'export'), ...inlineExports(vertices)],
    ...missesOf(steps),
  }
}

function stageSteps(build: Build, vertices: Vertex[], targets: Set<string>): StageStep[] {
  if (build.builder === 'buildkit') return vertices.map((vertex) => ({ vertex, stage: stageOf(vertex, targets) }))
  const several = vertices.filter((vertex) => vertex.name.kind === 'from').length > 1
  let index = -1
  let stage: string | null = null
  return vertices.map((vertex) => {
    if (vertex.name.kind === 'from') {
      index++
      stage = / AS (\S+)\s*$/i.exec(vertex.text)?.[1] ?? (several ? `stage-${index}` : null)
    }
    return { vertex, stage }
  })
}

function statusOf(vertex: Vertex): BuildSummary['steps'][number]['status'] {
  if (wasCached(vertex)) return 'cached'
  return vertex.status === 'done' ? 'executed' : vertex.status
}

function hasRun(vertex: Vertex): boolean {
  const status = statusOf(vertex)
  return status === 'executed' || status === 'failed' || status === 'canceled'
}

function hitRate(steps: Vertex[]): number | null {
  const layers = steps.filter((vertex) => /^(?:ONBUILD )?(?:RUN|COPY|ADD)\b/i.test(vertex.name.instruction))
  const cached = layers.filter(wasCached).length
  const all = cached + layers.filter(hasRun).length
  return all === 0 ? null : cached / all
}

function transfers(vertices: Vertex[], kind: 'import' | 'export'): BuildSummary['imports'] {
  return vertices
    .filter((vertex) => vertex.name.kind === kind)
    .map((vertex) => {
      const { type, ref } = cacheTransfer(vertex.name.instruction)
      const ok = vertex.status === 'done' || vertex.status === 'cached'
      return { type, ref: redact(ref), ok, error: ok ? null : redact(vertex.error ?? 'did not finish') }
    })
}

/** Inline cache metadata is written on the vertex that exports the image. */
function inlineExports(vertices: Vertex[]): BuildSummary['exports'] {
  return vertices
    .filter((vertex) => vertex.inlineCache)
    .map((vertex) => ({ type: 'inline', ref: '', ok: vertex.status === 'done', error: null }))
}

function targetOption(command: string | null): string | null {
  return /\s--target[ =](\S+)/.exec(command ?? '')?.[1] ?? null
}

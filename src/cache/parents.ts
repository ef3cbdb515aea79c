import { isStep, type Vertex } from '../build/build.ts'
import type { Dockerfile, Instruction, Stage } from '../dockerfile/dockerfile.ts'
import { instructionOf, runOf, type Scene, stageIn } from './scene.ts'
import { hasRun, type StageRun } from './stage-run.ts'

/**
 * The same instruction on the same parent is one vertex, shown under the name of one stage only: the builder's
 * `COPY . .` may be the planner's. So a step's true parent may stand in another stage.
 */
export type SharedStep = { vertex: Vertex; run: StageRun }

/** Steps before this one that its stage does not show, nearest first, where another stage shows them. */
export function sharedBefore(scene: Scene, run: StageRun, vertex: Vertex): SharedStep[] {
  const stage = stageIn(scene, run)
  const instruction = instructionOf(scene, run, vertex)
  if (!scene.dockerfile || !stage || instruction?.stage !== stage.index) return byPlace(scene, run, vertex)
  const path = pathOf(scene.dockerfile, stage)
  const hidden = path
    .filter((one) => one.stage === stage.index && one.line < instruction.line && one.keyword !== 'FROM')
    .filter((one) => !run.steps.some((step) => step.name.ordinal === one.ordinal))
  return hidden.reverse().flatMap((one) => shownElsewhere(scene, run, path, one) ?? [])
}

/** Without a Dockerfile: another stage's step at a place that is missing here, when only one can be meant. */
function byPlace({ runs }: Scene, run: StageRun, { name }: Vertex): SharedStep[] {
  const last = name.ordinal ?? 0
  const missing = Array.from({ length: Math.max(0, last - 1) }, (_, at) => last - 1 - at).filter(
    (ordinal) => !run.steps.some((step) => step.name.ordinal === ordinal),
  )
  return missing.flatMap((ordinal) => {
    const others = runs
      .filter((other) => other !== run && other.platform === run.platform)
      .flatMap((other) =>
        other.steps
          .filter((vertex) => vertex.name.ordinal === ordinal && vertex.name.kind === 'step')
          .map((vertex) => ({ vertex, run: other })),
      )
    return others.length === 1 ? others : []
  })
}

function shownElsewhere(scene: Scene, run: StageRun, path: Instruction[], hidden: Instruction): SharedStep | null {
  const { dockerfile } = scene
  if (!dockerfile) return null
  const words = until(path, hidden)
  for (const stage of dockerfile.stages) {
    const other = runOf(scene, stage, run.platform)
    if (!other || other === run) continue
    const twin = pathOf(dockerfile, stage).find((one, _, all) => one.stage === stage.index && until(all, one) === words)
    const vertex = twin && other.steps.find((step) => isStep(step) && step.name.ordinal === twin.ordinal)
    if (vertex) return { vertex, run: other }
  }
  return null
}

/** All that made layers from the outermost image on, stage by stage. */
function pathOf(dockerfile: Dockerfile, stage: Stage, depth = 0): Instruction[] {
  const base =
    stage.base.stage === null || depth > dockerfile.stages.length ? undefined : dockerfile.stages[stage.base.stage]
  const own = stage.instructions.filter(
    ({ keyword, onbuild }) => !onbuild && /^(?:FROM|RUN|COPY|ADD|WORKDIR)$/.test(keyword),
  )
  return base ? [...pathOf(dockerfile, base, depth + 1), ...own.filter(({ keyword }) => keyword !== 'FROM')] : own
}

function until(path: Instruction[], last: Instruction): string {
  return path
    .slice(0, path.indexOf(last) + 1)
    .map(({ text, keyword, heredocs }) =>
      JSON.stringify([keyword === 'FROM' ? text.trimEnd().replace(/(?<!\s)\s+AS\s+\S+$/i, '') : text, heredocs]),
    )
    .join('\n')
}

/** The nearest of them that was executed. */
export function sharedMiss(scene: Scene, run: StageRun, vertex: Vertex): SharedStep | null {
  return sharedBefore(scene, run, vertex).find((shared) => hasRun(shared.vertex)) ?? null
}

/** The stage that this one is built on (`FROM deps`). */
export function baseRun(scene: Scene, run: StageRun): StageRun | null {
  const base = stageIn(scene, run)?.base.stage
  const stage = base === null || base === undefined ? undefined : scene.dockerfile?.stages[base]
  const found = stage ? runOf(scene, stage, run.platform) : null
  return found === run ? null : found
}

/** Nothing that makes a layer stands before it, in its stage or those below, and was taken from the cache. */
export function isAtStart(scene: Scene, run: StageRun, vertex: Vertex, depth = 0): boolean {
  const before = run.steps.slice(0, run.steps.indexOf(vertex)).filter(({ name }) => name.kind === 'step')
  if (before.length > 0 || !sharedBefore(scene, run, vertex).every((shared) => hasRun(shared.vertex))) return false
  const base = baseRun(scene, run)
  if (!base || depth > 20) return true
  const last = base.steps.filter(({ name }) => name.kind === 'step').at(-1)
  if (!last) return true
  return base.first !== null && isAtStart(scene, base, base.first, depth + 1)
}

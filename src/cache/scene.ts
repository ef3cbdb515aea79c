import { type Build, isStep, type Vertex } from '../build/build.ts'
import type { Dockerfile, Instruction, Stage } from '../dockerfile/dockerfile.ts'
import { isSpeltSo, locate } from '../dockerfile/locate.ts'
import { readDockerfile } from '../dockerfile/read-dockerfile.ts'
import { toldBuildArgs } from './build-args.ts'
import { commandSetup } from './command-setup.ts'
import type { Evidence, Sources, Trigger } from './evidence.ts'
import { makesLayer, type StageRun, type StageStep, stageRuns } from './stage-run.ts'

/** One image build with all that is known about it. */
export type Scene = {
  build: Build
  target: string | null
  runs: StageRun[]
  /** of the other images that were built with it: a step that they share is shown under one name only */
  neighbours: StageRun[]
  dockerfile: Dockerfile | null
  sources: Sources
  evidence: Evidence
  triggers: Trigger[]
  /** the build before of the same image; null when there is none to compare with */
  previous: Build | null
  /** there were builds before, but of nothing like this */
  strangersBefore: boolean
}

/** `others`: the steps of the other images of the same build, each with its target */
export type BuiltImage = { build: Build; target: string | null; steps: StageStep[]; others: StageStep[][] }

export function sceneOf({ build, target, steps, others }: BuiltImage, evidence: Evidence, triggers: Trigger[]): Scene {
  const known = evidence.sourcesOf(build, target) ?? nothingKnown
  const previous = closest(build, evidence.previous ?? [])
  const sources = {
    ...known,
    buildArgs: known.buildArgs ?? toldBuildArgs(build, previous),
    cache: known.cache ?? commandSetup(build.command),
  }
  return {
    build,
    target,
    runs: stageRuns(steps),
    neighbours: others.flatMap(stageRuns),
    dockerfile: sources.dockerfile ?? recorded(build),
    sources,
    evidence,
    triggers,
    previous,
    strangersBefore: previous === null && (evidence.previous ?? []).some(({ vertices }) => vertices.size > 0),
  }
}

const nothingKnown: Sources = {
  dockerfile: null,
  previousDockerfile: null,
  ignore: null,
  context: null,
  buildArgs: null,
  cache: null,
  fixesFor: null,
}

function recorded(build: Build): Dockerfile | null {
  const text = build.record?.dockerfile.text
  return text ? readDockerfile(text, build.record?.dockerfile.name ?? 'Dockerfile') : null
}

/** The build that has most steps in common; without any it was of another image. */
function closest(build: Build, builds: Build[]): Build | null {
  const words = (one: Build) => new Set([...one.vertices.values()].filter(isLayer).map(stepWords))
  const own = words(build)
  const ranked = builds
    .map((one) => ({ one, common: own.intersection(words(one)).size }))
    .sort((a, b) => b.common - a.common)
  return ranked[0] && ranked[0].common > 0 ? ranked[0].one : null
}

function isLayer(vertex: Vertex): boolean {
  return isStep(vertex) && makesLayer(vertex) && vertex.name.kind === 'step'
}

function stepWords({ name }: Vertex): string {
  return `${name.tokens.join(' ')}\n${name.instruction}`
}

/** By the list of changed files: a Dockerfile that is not on it is the same. */
export function dockerfileIsSame({ evidence, dockerfile }: Scene): boolean {
  const { changed } = evidence
  if (changed?.complete !== true) return false
  const own = dockerfile?.file.split('/').at(-1)
  return !changed.files.some(({ path }) => /dockerfile|containerfile/i.test(path) || path.split('/').at(-1) === own)
}

/** The same step in the build before: at the same place, else with the same words. */
export function twinOf({ previous }: Scene, { name }: Vertex): Vertex | null {
  if (!previous) return null
  const inStage = [...previous.vertices.values()].filter(
    (one) => isStep(one) && one.name.tokens.join() === name.tokens.join() && one.name.platform === name.platform,
  )
  return (
    inStage.find((one) => one.name.instruction === name.instruction) ??
    inStage.find(
      (one) => one.name.ordinal !== null && one.name.ordinal === name.ordinal && one.name.total === name.total,
    ) ??
    null
  )
}

/** The instruction of the Dockerfile behind a step; without a Dockerfile, what the step's own words say. */
export function instructionOf(scene: Scene, run: StageRun, vertex: Vertex): Instruction | null {
  const { ordinal, instruction } = vertex.name
  const known = scene.dockerfile && locate(scene.dockerfile, { stage: run.stage, ordinal, instruction })
  if (known && !(takesFilesIn(known) && !isSpeltSo(known, instruction))) return known
  return speltOut(instruction)
}

/** The same with what BuildKit wrote in for variables, which says better than the Dockerfile what is copied. */
export function copyingOf(scene: Scene, run: StageRun, vertex: Vertex): Instruction | null {
  const known = instructionOf(scene, run, vertex)
  const filledIn = known?.copy && /\$/.test(known.text) && known.json === null && known.heredocs.length === 0
  const shown = filledIn && !vertex.name.instruction.includes('$') ? speltOut(vertex.name.instruction) : null
  return shown?.copy ? shown : known
}

function speltOut(instruction: string): Instruction | null {
  const [stage] = readDockerfile(`FROM scratch\n${instruction.split('\n')[0] ?? ''}\n`, 'the log').stages
  return stage?.instructions.find(({ keyword }) => keyword !== 'FROM') ?? null
}

/**
 * Other words at its place: an ONBUILD of the base image has moved the steps, or the log tells of another version of the
 * Dockerfile. What was copied is then what the step says. A heredoc is shown by its first line alone.
 */
function takesFilesIn({ copy, mounts, heredocs }: Instruction): boolean {
  return heredocs.length === 0 && (copy !== null || mounts.some(({ type }) => type === 'bind'))
}

/** The stage in the Dockerfile; null when there is no Dockerfile or it is another version of it. */
export function stageIn({ dockerfile }: Scene, { stage }: StageRun): Stage | null {
  if (!dockerfile) return null
  const numbered = /^stage-(\d+)$/.exec(stage ?? 'stage-0')?.[1]
  const name = stage?.toLowerCase()
  return (
    dockerfile.stages.find((one) => one.name !== null && one.name === name) ??
    (numbered === undefined ? null : (dockerfile.stages[Number(numbered)] ?? null))
  )
}

/** What ran of a stage of the Dockerfile, on the same platform; under the name of another image when that shows it. */
export function runOf({ runs, neighbours, dockerfile }: Scene, stage: Stage, platform: string | null): StageRun | null {
  const names = new Set([stage.name, `stage-${stage.index}`])
  const isOf = (run: StageRun) => names.has(run.stage?.toLowerCase() ?? 'stage-0') && run.platform === platform
  const own = runs.find(isOf) ?? null
  if (own?.first || !dockerfile) return own
  const others = neighbours.filter((run) => isOf(run) && tellsOf(dockerfile, run))
  return others.find(({ first }) => first) ?? own ?? others[0] ?? null
}

/** Another image may be made from another Dockerfile with stages of the same names. */
function tellsOf(dockerfile: Dockerfile, { stage, steps }: StageRun): boolean {
  return steps.every(({ name: { ordinal, instruction } }) => {
    const found = locate(dockerfile, { stage, ordinal, instruction })
    if (found?.ordinal !== ordinal) return false
    return found.keyword === 'FROM' || /[$<]/.test(found.text) || squeezed(found.text) === squeezed(instruction)
  })
}

function squeezed(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

import { type Build, closeVertex, type Vertex } from '../build.ts'
import type { Orphans } from '../fragment.ts'
import { placeOf } from '../place.ts'
import type { DialectReader, Scene } from '../scene.ts'
import {
  addClassicStep,
  closingStep,
  isMute,
  readLayerTransfer,
  readStepLine,
  readUnderStep,
  type StepLine,
  saysState,
  saysSuccess,
} from './classic.ts'
import { openLanes } from './lanes.ts'
import { backwardsReader } from './read-backwards.ts'
import { noteTransfer } from './transfers.ts'

/**
 * The classic builder, buildah and podman, told into the scene. `orphans` gives, once, the loose lines of a log that has
 * shown no structure yet: when such a log names a failed command, they were its output.
 */
export function classicReader(scene: Scene, orphans: Orphans): DialectReader & { idle(): boolean } {
  const lanes = openLanes()
  const backwards = backwardsReader(scene)
  /** words of trouble under a step that prints nothing ended its build, unless the build goes on */
  let troubled: { build: Build; vertex: Vertex; lines: number; sure: boolean } | null = null

  function goesOn(build: Build): void {
    if (troubled?.build !== build || troubled.sure) return
    build.finalError = null
    troubled.vertex.error = null
    troubled.vertex.errorLine = null
    troubled.vertex.status = 'unfinished'
    troubled = null
  }

  function readStep(text: string, number: number): boolean {
    const told = readStepLine(text)
    if (!told) return false
    const { builder, step } = told
    if (backwards.readStep(step, number)) return true
    const before = lanes.before(step, scene.build)
    if (before && before.vertex === troubled?.vertex) goesOn(before.build)
    if (before && before.build.builder === builder && before.build.finalError === null) {
      scene.resume(before.build, before.vertex)
      closeVertex(before.vertex)
    } else if (scene.build?.builder !== builder || beginsAnew(scene.build, step)) {
      if (builder === 'buildah') lanes.forget()
      scene.leave()
      scene.enter(builder, number)
    } else if (builder === 'classic' || !lanes.beside(scene.talking)) {
      closeVertex(scene.talking)
    }
    if (!scene.build) return true
    scene.talking = addClassicStep(scene.build, step, number)
    scene.build.lastLine = number
    lanes.begin(scene.build, step, scene.talking)
    return true
  }

  function readSuccess(current: Build): void {
    const build = lanes.ending(current)
    if (build === current) closeVertex(scene.talking)
    lanes.end(build)
    build.succeeded = true
    scene.build = build
    scene.talking = null
  }

  /** Goes on where the line belongs, when several stages or builds speak at a time. */
  function findSpeaker(text: string): void {
    const lane = lanes.of(text) ?? (scene.talking === null && /^ ---> /.test(text) ? lanes.left() : null)
    if (lane) scene.resume(lane.build, lane.vertex)
  }

  /** A line that names nobody would be taken for more of what is talking. */
  function idle(): boolean {
    if (scene.build?.builder !== 'classic' && scene.build?.builder !== 'buildah') return true
    const lane = lanes.of('')
    if (scene.talking?.status === 'unfinished' && isMute(scene.talking)) return false
    if (troubled !== null || backwards.waits()) return false
    return lane === null || (lane.build === scene.build && lane.vertex === scene.talking)
  }

  function readUnder(vertex: Vertex, text: string, number: number): boolean {
    const { build } = scene
    if (!build) return false
    build.lastLine = number
    const transfer = readLayerTransfer(text)
    if (transfer) {
      noteTransfer(build, transfer.kind, transfer.layer, number)
      return true
    }
    const state = readUnderStep(vertex, text, number, lanes.several())
    if (state === 'state') return true
    scene.emit(text, number, placeOf(vertex), vertex)
    if (state === 'output') return true
    build.finalError = { line: number, text }
    scene.emit(text, number, 'error', vertex)
    if (isMute(vertex)) troubled = { build, vertex, lines: 0, sure: state === 'failed' }
    return true
  }

  /** After words of trouble: more of them, or a sign that all is well. */
  function readOn(text: string, number: number): boolean {
    if (!troubled || troubled.build !== scene.build || troubled.vertex !== scene.talking) return false
    if (saysState(text) && !troubled.sure) {
      goesOn(troubled.build)
      return readUnder(scene.talking, text, number)
    }
    if (scene.afterBlank || ++troubled.lines > linesOfTrouble || ofJob.test(text)) return false
    scene.emit(text, number, 'error', troubled.vertex)
    return true
  }

  const read: DialectReader = (text, number) => {
    if (readStep(text, number)) return true
    if (scene.builds.length === 0 && !scene.jobs.current()?.name && adopt(scene, orphans, text, number))
      backwards.begin(text)
    backwards.keep(text, number)
    if (scene.build?.builder !== 'classic' && scene.build?.builder !== 'buildah') return false
    if (saysSuccess(text) || (scene.build.builder === 'buildah' && isImageId(text))) {
      goesOn(scene.build)
      readSuccess(scene.build)
      return true
    }
    if (readOn(text, number)) return true
    findSpeaker(text)
    return scene.talking !== null && scene.build.finalError === null && readUnder(scene.talking, text, number)
  }
  return Object.assign(read, { idle })
}

const linesOfTrouble = 10

/** Whoever ran the builder goes on. */
const ofJob =
  /^(?:\[Pipeline\]|Finished: |section_|Build step |\+ |\$ |make: \*\*\*|ERROR: (?:Job|Build|script|Service)\b)/

/** A first step, or one that this build has had. Of buildah's stages any may be the first to speak. */
function beginsAnew(build: Build, step: StepLine): boolean {
  if (build.finalError !== null || build.vertices.has(step.position)) return true
  return build.builder === 'buildah' ? build.succeeded : step.first
}

/** The last line of buildah and podman for an image without a name. */
function isImageId(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text)
}

/** The failed step is named, and stands nowhere above it in the log. Returns whether a build was made of it. */
function adopt(scene: Scene, orphans: Orphans, text: string, number: number): boolean {
  const closing = closingStep(text)
  if (closing === null) return false
  const adopted = orphans()
  const line = adopted[0]?.number ?? number
  const vertex = addClassicStep(scene.enter(closing.builder, line), { position: '1', ...closing }, line)
  scene.talking = vertex
  for (const orphan of adopted) scene.emit(orphan.text, orphan.number, 'step', vertex)
  return true
}

import { type Build, closeVertex, type Vertex } from './build.ts'
import {
  addClassicStep,
  commandIn,
  readLayerTransfer,
  readStepLine,
  readUnderStep,
  type StepLine,
  saysCommandFailed,
  saysSuccess,
} from './classic.ts'
import { openLanes } from './lanes.ts'
import { placeOf } from './place.ts'
import type { DialectReader, Scene } from './scene.ts'
import { noteTransfer } from './transfers.ts'

type Orphans = () => { text: string; number: number }[]

/**
 * The classic builder, buildah and podman, told into the scene. `orphans` gives, once, the loose lines of a log that has
 * shown no structure yet: when such a log names a failed command, they were its output.
 */
export function classicReader(scene: Scene, orphans: Orphans): DialectReader & { idle(): boolean } {
  const lanes = openLanes()

  function readStep(text: string, number: number): boolean {
    const told = readStepLine(text)
    if (!told) return false
    const { builder, step } = told
    const before = lanes.before(step, scene.build)
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
    return lane === null || (lane.build === scene.build && lane.vertex === scene.talking)
  }

  const read: DialectReader = (text, number) => {
    if (readStep(text, number)) return true
    if (scene.builds.length === 0 && scene.jobs.current() === null) adopt(scene, orphans, text, number)
    if (scene.build?.builder !== 'classic' && scene.build?.builder !== 'buildah') return false
    if (saysSuccess(text) || (scene.build.builder === 'buildah' && isImageId(text))) {
      readSuccess(scene.build)
      return true
    }
    findSpeaker(text)
    return scene.talking !== null && scene.build.finalError === null && readUnder(scene, scene.talking, text, number)
  }
  return Object.assign(read, { idle })
}

/** A first step, or one that this build has had. Of buildah's stages any may be the first to speak. */
function beginsAnew(build: Build, step: StepLine): boolean {
  if (build.finalError !== null || build.vertices.has(step.position)) return true
  return build.builder === 'buildah' ? build.succeeded : step.first
}

/** The last line of buildah and podman for an image without a name. */
function isImageId(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text)
}

function readUnder(scene: Scene, vertex: Vertex, text: string, number: number): boolean {
  if (!scene.build) return false
  scene.build.lastLine = number
  const transfer = readLayerTransfer(text)
  if (transfer) {
    noteTransfer(scene.build, transfer.kind, transfer.layer, number)
    return true
  }
  const state = readUnderStep(vertex, text, number)
  if (state === 'state') return true
  scene.emit(text, number, placeOf(vertex), vertex)
  if (state === 'failed') {
    scene.build.finalError = { line: number, text }
    scene.emit(text, number, 'error', vertex)
  }
  return true
}

/** The failed command is named, the step above it is not in the log. */
function adopt(scene: Scene, orphans: Orphans, text: string, number: number): void {
  const instruction = saysCommandFailed(text) ? `RUN ${commandIn(text)}` : buildahFailure.exec(text)?.[1]
  if (instruction === undefined) return
  const adopted = orphans()
  const line = adopted[0]?.number ?? number
  const build = scene.enter(saysCommandFailed(text) ? 'classic' : 'buildah', line)
  const vertex = addClassicStep(build, { position: '1', instruction }, line)
  scene.talking = vertex
  for (const orphan of adopted) scene.emit(orphan.text, orphan.number, 'step', vertex)
}

const buildahFailure =
  /^(?:ERROR|Error): (?:error )?building at STEP "(.*)": (?:(?:error )?while running |exit status )/

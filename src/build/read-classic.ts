import { closeVertex, type Vertex } from './build.ts'
import { addClassicStep, commandIn, readStepLine, readUnderStep, saysCommandFailed, saysSuccess } from './classic.ts'
import { placeOf } from './place.ts'
import type { DialectReader, Scene } from './scene.ts'

type Orphans = () => { text: string; number: number }[]

/**
 * The classic builder, buildah and podman, told into the scene. `orphans` gives, once, the loose lines of a log that has
 * shown no structure yet: when such a log names a failed command, they were its output.
 */
export function classicReader(scene: Scene, orphans: Orphans): DialectReader {
  return (text, number) => {
    if (readStep(scene, text, number)) return true
    if (scene.builds.length === 0 && scene.jobs.current() === null) adopt(scene, orphans, text, number)
    if (scene.build?.builder !== 'classic' && scene.build?.builder !== 'buildah') return false
    if (saysSuccess(text) || (scene.build.builder === 'buildah' && isImageId(text))) {
      closeVertex(scene.talking)
      scene.build.succeeded = true
      scene.talking = null
      return true
    }
    return scene.talking !== null && scene.build.finalError === null && readUnder(scene, scene.talking, text, number)
  }
}

/** The last line of buildah and podman for an image without a name. */
function isImageId(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text)
}

function readStep(scene: Scene, text: string, number: number): boolean {
  const told = readStepLine(text)
  if (!told) return false
  const { builder, step } = told
  const again = step.first || scene.build?.vertices.has(step.position)
  if (scene.build?.builder !== builder || again || scene.build.finalError) {
    scene.leave()
    scene.enter(builder, number)
  }
  if (!scene.build) return true
  closeVertex(scene.talking)
  scene.talking = addClassicStep(scene.build, step, number)
  scene.build.lastLine = number
  return true
}

function readUnder(scene: Scene, vertex: Vertex, text: string, number: number): boolean {
  if (!scene.build) return false
  scene.build.lastLine = number
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
  const vertex = addClassicStep(build, { position: '1', first: false, instruction }, line)
  scene.talking = vertex
  for (const orphan of adopted) scene.emit(orphan.text, orphan.number, 'step', vertex)
}

const buildahFailure = /^(?:ERROR|Error): (?:error )?building at STEP "(.*)": (?:error )?while running /

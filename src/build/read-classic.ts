import { closeVertex, type Vertex } from './build.ts'
import { addClassicStep, commandIn, readStepLine, readUnderStep, saysCommandFailed, saysSuccess } from './classic.ts'
import { placeOf } from './place.ts'
import type { DialectReader, Scene } from './scene.ts'

/**
 * The classic builder, buildah and podman, told into the scene. `orphans` gives, once, the loose lines of a log that has
 * shown no structure yet: when such a log names a failed command, they were its output.
 */
export function classicReader(scene: Scene, orphans: () => { text: string; number: number }[]): DialectReader {
  return (text, number) => {
    if (readStep(scene, text, number)) return true
    if (scene.builds.length === 0 && saysCommandFailed(text)) adopt(scene, orphans(), text)
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
function adopt(scene: Scene, orphans: { text: string; number: number }[], failure: string): void {
  if (orphans.length === 0) return
  const line = orphans[0]?.number ?? 1
  const build = scene.enter('classic', line)
  const step = { position: '1', first: false, instruction: `RUN ${commandIn(failure)}` }
  const vertex = addClassicStep(build, step, line)
  scene.talking = vertex
  for (const { text, number } of orphans) scene.emit(text, number, 'step', vertex)
}

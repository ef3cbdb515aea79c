import { type Build, closeVertex, failVertex, finishVertex, type Vertex } from './build.ts'
import { addClassicStep } from './classic.ts'
import type { Marks } from './marks.ts'
import type { DialectReader, Scene } from './scene.ts'

/**
 * kaniko (`pkg/executor/build.go`, `pkg/logging`): levelled log lines around the bare output of the commands it runs.
 */
export function kanikoReader(scene: Scene): DialectReader {
  return (text, number) => {
    const message = readKanikoPrefix(text)
    if (scene.build?.builder !== 'kaniko') {
      if (message === null || !speaksKaniko(message)) return false
      scene.leave()
      scene.enter('kaniko', number)
    }
    const { build } = scene
    if (!build) return false
    build.lastLine = number
    if (message !== null) {
      scene.talking = readKanikoMessage(build, message, scene.talking, number)
      return true
    }
    if (readKanikoFailure(build, text, scene.talking, number)) {
      scene.emit(text, number, 'error', null)
      return true
    }
    if (!scene.talking) return false
    scene.talking.spoke = true
    scene.emit(text, number, 'step', scene.talking)
    return true
  }
}

export const kanikoMarks: Marks = {
  begins: ['INFO[', 'WARN[', 'ERRO[', 'FATA[', 'DEBU[', 'TRAC[', 'time="', 'error ', 'kaniko should '],
  contains: [],
}

function readKanikoPrefix(text: string): string | null {
  const levelled = /^ ?(?:INFO|WARN|ERRO|FATA|DEBU|TRAC)\[\d{4,}\] ?(.*)$/.exec(text)
  if (levelled) return levelled[1] ?? ''
  return /^time="[^"]*" level=\w+ msg="((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? null
}

function speaksKaniko(message: string): boolean {
  return /^(?:Retrieving image|Running: \[|Resolved base name|Building stage '|Checking for cached layer|Executing 0 build triggers|Built cross stage deps|Unpacking rootfs as cmd)/.test(
    message,
  )
}

/** Folds one message; returns the step whose output the following bare lines are, or null when none runs. */
function readKanikoMessage(build: Build, message: string, running: Vertex | null, line: number): Vertex | null {
  const cached = /^Using caching version of cmd: (.*)$/.exec(message)?.[1]
  if (cached !== undefined) {
    finishVertex(stepFor(build, cached, line), 'cached')
    return running
  }
  if (/^(?:RUN|COPY|ADD|WORKDIR) /.test(message)) {
    closeVertex(running)
    const vertex = stepFor(build, message, line)
    // a step found in the cache is announced once more when its layer is unpacked
    return vertex.status === 'cached' ? null : vertex
  }
  const command = /^Running: \[\S+ -c (.*)\]\s*$/.exec(message)?.[1]
  if (command !== undefined && running === null) return stepFor(build, `RUN ${command}`, line)
  if (/^Pushed |^Pushing image to /.test(message)) {
    closeVertex(running)
    build.succeeded = true
  }
  return running
}

/** kaniko's own last word, printed without a level. */
function readKanikoFailure(build: Build, text: string, running: Vertex | null, line: number): boolean {
  if (!/^ ?error (?:building|pushing|checking push|resolving) |^kaniko should only be run/.test(text)) return false
  build.finalError = { line, text }
  build.succeeded = false
  if (running && /failed to execute command/.test(text)) failVertex(running, text, line)
  return true
}

function stepFor(build: Build, instruction: string, line: number): Vertex {
  const known = [...build.vertices.values()].find((vertex) => vertex.text === instruction && vertex.status === 'cached')
  if (known) return known
  const position = String(build.vertices.size + 1)
  return addClassicStep(build, { position, first: false, instruction }, line)
}

import { type Build, closeVertex, failVertex, finishVertex, type Vertex } from '../build.ts'
import { adoptLines, type Orphans } from '../fragment.ts'
import type { Marks } from '../marks.ts'
import type { DialectReader, Scene } from '../scene.ts'
import { addClassicStep } from './classic.ts'
import { readKanikoPrefix } from './kaniko-prefix.ts'
import { noteFailedExport, noteTransfer, repositoryOf } from './transfers.ts'

/**
 * kaniko (`pkg/executor/build.go`, `pkg/logging`): levelled log lines around the bare output of the commands it runs.
 * Which steps of a stage are cached is said before its first one; each is announced again when its turn comes. `orphans`
 * gives, once, the loose lines of a log without structure: its last word may be all that was quoted of it.
 */
export function kanikoReader(scene: Scene, orphans: Orphans): DialectReader {
  /** cached steps whose turn has not come */
  let promised: Vertex[] = []

  function readLastWord(text: string, number: number): boolean {
    if (!lastWord.test(text) || scene.talking !== null) return false
    const first = scene.builds.length === 0
    const build = scene.enter('kaniko', number)
    if (first && commandFailed.test(text)) adoptLines(scene, build, orphans())
    readKanikoFailure(build, text, [...build.vertices.values()][0] ?? null, number)
    scene.emit(text, number, 'error', null)
    return true
  }

  return (text, number) => {
    const message = readKanikoPrefix(text)
    if (scene.build?.builder !== 'kaniko' || beginsAnew(scene.build, message)) {
      if (message === null) return readLastWord(text, number)
      if (!speaksKaniko(message)) return false
      scene.leave()
      scene.enter('kaniko', number)
      promised = []
    }
    const { build } = scene
    if (!build) return false
    build.lastLine = number
    if (message !== null) {
      scene.talking = readKanikoMessage(build, message, { running: scene.talking, promised, line: number })
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
  begins: [
    ...['INFO[', 'WARN[', 'ERRO[', 'FATA[', 'DEBU[', 'TRAC[', 'time="', '{"level":', 'error ', 'kaniko should '],
    ...['fatal error: ', 'runtime: out of memory'],
  ],
  contains: [],
}

/** The next build of the same job, after one that is through. */
function beginsAnew(build: Build, message: string | null): boolean {
  const through = build.finalError !== null || build.succeeded
  return (
    through && message !== null && /^(?:Resolved base name|Retrieving image manifest|Using dockerignore)/.test(message)
  )
}

function speaksKaniko(message: string): boolean {
  return /^(?:Retrieving image|Running: \[|Resolved base name|Building stage '|Checking for cached layer|Executing 0 build triggers|Built cross stage deps|Unpacking rootfs as cmd|Using caching version of cmd|(?:No|Found) cached layer|Taking snapshot of |Deleting filesystem|No files (?:were )?changed|Skipping (?:unpacking|paths)|Saving file .* for later use|Initializing snapshotter|Pushing layer \S+ to cache)/.test(
    message,
  )
}

type Turn = { running: Vertex | null; promised: Vertex[]; line: number }

/** Folds one message; returns the step whose output the following bare lines are, or null when none runs. */
function readKanikoMessage(build: Build, message: string, { running, promised, line }: Turn): Vertex | null {
  const base = /^Building stage '(.*?)' \[idx: /.exec(message)?.[1]
  if (base !== undefined) {
    closeVertex(running)
    closeVertex(addStep(build, `FROM ${base}`, line))
    return null
  }
  const cached = /^Using caching version of cmd: (.*)$/s.exec(message)?.[1]
  if (cached !== undefined) {
    const vertex = addStep(build, cached, line)
    finishVertex(vertex, 'cached')
    promised.push(vertex)
    return running
  }
  if (/^(?:RUN|COPY|ADD|WORKDIR) /.test(message)) {
    closeVertex(running)
    const index = promised.findIndex((vertex) => vertex.text === message)
    if (index < 0) return addStep(build, message, line)
    promised.splice(index, 1)
    return null
  }
  const command = /^Running: \[\S+ -c (.*)\]$/s.exec(message)?.[1]
  if (command !== undefined && running === null) return addStep(build, `RUN ${command}`, line)
  if (message.startsWith('Taking snapshot of ')) {
    // the command is through: what comes next is kaniko's own
    closeVertex(running)
    return null
  }
  readTransfer(build, message, line)
  if (/^Push(?:ed|ing image to) /.test(message) && !isCache(build, message)) {
    closeVertex(running)
    build.succeeded = true
  }
  return running
}

function readTransfer(build: Build, message: string, line: number): void {
  const [, looked, pushed] =
    /^Checking for cached layer (\S+?)\.\.\.$|^Pushing layer (\S+) to cache now$/.exec(message) ?? []
  if (looked !== undefined) noteTransfer(build, 'import', looked, line)
  if (pushed !== undefined) noteTransfer(build, 'export', pushed, line)
  if (/^error uploading layer to cache: /i.test(message)) noteFailedExport(build, message, line)
}

/** Layers for the cache are pushed like images, in between. */
function isCache(build: Build, message: string): boolean {
  const repository = repositoryOf(/^Push(?:ed|ing image to) (\S+)/.exec(message)?.[1] ?? '')
  return [...build.vertices.values()].some(
    ({ name }) => (name.kind === 'import' || name.kind === 'export') && name.instruction.endsWith(` ${repository}`),
  )
}

/** kaniko's own last word, printed without a level. */
function readKanikoFailure(build: Build, text: string, running: Vertex | null, line: number): boolean {
  const crashed = running === null && crash.test(text)
  if (!lastWord.test(text) && !crashed && !/^kaniko should only be run/.test(text)) return false
  build.finalError ??= { line, text }
  build.succeeded = false
  if (running && commandFailed.test(text)) failVertex(running, text, line)
  return true
}

const lastWord =
  /^ ?\d{0,6} ?error (?:building (?:image|stage)|pushing (?:image|layer)|checking push permission|resolving )/
const commandFailed = /failed to execute command|waiting for process to exit/
/** of kaniko itself, which is written in Go */
const crash = /^(?:fatal error: (?:runtime: |all goroutines|concurrent map)|runtime: out of memory)/

function addStep(build: Build, instruction: string, line: number): Vertex {
  return addClassicStep(build, { position: String(build.vertices.size + 1), instruction }, line)
}

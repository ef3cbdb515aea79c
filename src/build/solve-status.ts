import { addVertex, type Build, failVertex, finishVertex, type Vertex } from './build.ts'
import { withoutEscapes } from './dress.ts'
import { type LineSplitter, lineSplitter } from './log-lines.ts'
import { placeOf } from './place.ts'
import type { Scene } from './scene.ts'

/**
 * BuildKit's `SolveStatus` (`client/graph.go`): what vertices, their progress and their output have become since the
 * last one. Raw progress prints it, a build record keeps it. Times are milliseconds since 1970; null where not told.
 */
export type SolveStatus = {
  vertexes: ToldVertex[]
  statuses: { id: string; vertex: string }[]
  logs: { vertex: string; data: Uint8Array }[]
  warnings: { vertex: string; text: string; line: number | null }[]
}

export type ToldVertex = {
  digest: string
  inputs: string[]
  name: string
  started: number | null
  completed: number | null
  cached: boolean
  error: string
}

/** Folds a status into the build and tells its output; `nextLine` gives the number of each line that is told. */
export type StatusTeller = {
  tell(build: Build, status: SolveStatus, nextLine: () => number): void
}

export function statusTeller(scene: Scene): StatusTeller {
  const voices = new WeakMap<Vertex, Voice>()

  function voiceOf(vertex: Vertex): Voice {
    const known = voices.get(vertex)
    if (known) return known
    const voice: Voice = { intervals: new Map(), said: new Set(), splitter: null, nextLine: () => 1 }
    voices.set(vertex, voice)
    return voice
  }

  function say(vertex: Vertex, text: string, nextLine: () => number): void {
    for (const line of text.split('\n')) scene.emit(line, nextLine(), placeOf(vertex), vertex)
  }

  function tellVertex(build: Build, told: ToldVertex, nextLine: () => number): void {
    // the graph is announced whole; a vertex exists for us once it starts, as in the plain display
    if (told.started === null && !told.cached && told.error === '') return
    const vertex = build.vertices.get(told.digest) ?? newVertex(build, told, nextLine())
    const voice = voiceOf(vertex)
    if (told.started !== null && told.completed !== null && voice.intervals.size < intervalsKept)
      voice.intervals.set(told.started, told.completed)
    tellTimes(vertex, told)
    const seconds = secondsIn(voice.intervals)
    if (told.error !== '') {
      if (vertex.error !== told.error) {
        const line = nextLine()
        failVertex(vertex, told.error, line)
        say(vertex, told.error, () => line)
      }
      vertex.seconds = vertex.status === 'failed' ? seconds : null
    } else if (told.cached) finishVertex(vertex, 'cached')
    else if (told.completed !== null && vertex.status !== 'cached') finishVertex(vertex, 'done', seconds)
    if (vertex.name.kind === 'image' && vertex.status === 'done') build.succeeded = true
    if (told.completed !== null) endOutput(voice)
  }

  function tellOutput(vertex: Vertex, data: Uint8Array, nextLine: () => number): void {
    const voice = voiceOf(vertex)
    vertex.spoke = true
    voice.nextLine = nextLine
    // a piece of output may end in mid-line
    voice.splitter ??= lineSplitter((raw) => {
      for (const text of visibleLines(raw)) scene.emit(text, voice.nextLine(), placeOf(vertex), vertex)
    })
    voice.splitter.feed(data)
    if (vertex.status !== 'unfinished') endOutput(voice)
  }

  function tellProgress(vertex: Vertex, id: string, nextLine: () => number): void {
    if (/^(?:sha256:|extracting sha256:)/.test(id)) {
      vertex.pulled = true
      return
    }
    if (id.startsWith('preparing layers for inline cache')) vertex.inlineCache = true
    const { said } = voiceOf(vertex)
    if (said.has(id) || said.size >= progressTold) return
    said.add(id)
    say(vertex, id, nextLine)
  }

  return {
    tell(build, status, nextLine) {
      for (const told of status.vertexes) tellVertex(build, told, nextLine)
      for (const { vertex: digest, id } of status.statuses) {
        const vertex = build.vertices.get(digest)
        if (vertex) tellProgress(vertex, id, nextLine)
      }
      for (const { vertex: digest, text, line } of status.warnings) {
        const vertex = build.vertices.get(digest)
        if (vertex) say(vertex, `WARN: ${text}${line === null ? '' : ` (line ${line})`}`, nextLine)
      }
      for (const { vertex: digest, data } of status.logs) {
        const vertex = build.vertices.get(digest)
        if (vertex) tellOutput(vertex, data, nextLine)
      }
    },
  }
}

/** What the teller remembers of a vertex. */
type Voice = {
  /** start → end, in milliseconds */
  intervals: Map<number, number>
  /** progress that was told: each kind once, however often it moves on */
  said: Set<string>
  splitter: LineSplitter | null
  nextLine: () => number
}

const progressTold = 200
const intervalsKept = 200
const inputsKept = 1000

/** Without colours, and with each state of a progress bar as a line. */
function visibleLines(raw: string): string[] {
  return withoutEscapes(raw)
    .split('\r')
    .filter((text) => text !== '')
}

function endOutput(voice: Voice): void {
  voice.splitter?.end()
  voice.splitter = null
}

function newVertex(build: Build, told: ToldVertex, line: number): Vertex {
  const vertex = addVertex(build, told.digest, told.name, line)
  vertex.digest = told.digest
  vertex.inputs = told.inputs.slice(0, inputsKept)
  return vertex
}

function tellTimes(vertex: Vertex, { started, completed }: ToldVertex): void {
  if (started !== null) vertex.startedAt = Math.min(started, vertex.startedAt ?? started)
  if (completed !== null) vertex.endedAt = Math.max(completed, vertex.endedAt ?? completed)
}

/** The time in which it worked: a vertex may start more than once, and intervals may overlap (`display.go`). */
function secondsIn(intervals: Map<number, number>): number | null {
  if (intervals.size === 0) return null
  let sum = 0
  let until = Number.NEGATIVE_INFINITY
  for (const [start, end] of [...intervals].sort(([a], [b]) => a - b)) {
    sum += Math.max(0, end - Math.max(start, until))
    until = Math.max(until, end)
  }
  return Math.round(sum) / 1000
}

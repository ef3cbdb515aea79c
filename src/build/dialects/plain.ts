import { addVertex, type Build, failVertex, finishVertex, type Vertex } from '../build.ts'
import type { VertexKind } from '../vertex-name.ts'

/**
 * One `#N …` line of BuildKit's plain progress (`util/progress/progressui/printer.go`, read at v0.32), told apart by
 * what is known of vertex N so far.
 */
export type PlainLine =
  | { kind: 'builder'; driver: string }
  | { kind: 'header'; vertex: Vertex }
  | { kind: 'status'; vertex: Vertex; text: string }
  | { kind: 'output'; vertex: Vertex; text: string }
  | { kind: 'error'; vertex: Vertex; text: string }
  | { kind: 'state'; vertex: Vertex }

/** `#12 …` → 12 and where the rest begins; null when the line is no vertex line. */
export function vertexNumber(text: string): { number: number; rest: number } | null {
  let at = 1
  let number = 0
  for (; at < 7; at++) {
    const digit = text.charCodeAt(at) - 48
    if (digit < 0 || digit > 9) break
    number = number * 10 + digit
  }
  if (at === 1 || text.charCodeAt(at) !== 32) return null
  return { number, rest: at + 1 }
}

/** `text` is what follows `#N `. Returns null for a line that adds nothing. */
export function readPlainLine(build: Build, number: number, text: string, line: number): PlainLine | null {
  if (number === 0) {
    const driver = /^building with .* using (\S+) driver/.exec(text)?.[1]
    if (driver) return { kind: 'builder', driver }
    if (!outputLine.test(text)) return null
  }
  const key = `#${number}`
  // BuildKit v0.11 wrote #0 before the output of whatever vertex it was showing
  const vertex =
    number === 0 ? (build.showing ?? lastFailed(build) ?? build.vertices.get(key)) : build.vertices.get(key)
  if (vertex) {
    build.showing = vertex
    return knownVertexLine(vertex, text, line)
  }
  if (!speaksAlready(text)) {
    build.showing = addVertex(build, key, text.trimEnd(), line)
    return { kind: 'header', vertex: build.showing }
  }
  const nameless = addVertex(build, key, '', line)
  if (outputLine.test(text) || /^ERROR: process "/.test(text)) nameless.name.kind = 'step'
  return knownVertexLine(nameless, text, line)
}

export function isOutput(text: string): boolean {
  return outputLine.test(text)
}

function lastFailed(build: Build): Vertex | undefined {
  return [...build.vertices.values()].findLast((vertex) => vertex.status === 'failed')
}

function knownVertexLine(vertex: Vertex, text: string, line: number): PlainLine | null {
  if (text === vertex.text || text.trimEnd() === vertex.text) return { kind: 'header', vertex }
  if (text === '...') return null
  const state = stateLine.exec(text)
  if (state) {
    if (state[1] === 'CACHED') finishVertex(vertex, 'cached')
    else if (state[1] === 'CANCELED') finishVertex(vertex, 'canceled')
    else finishVertex(vertex, 'done', state[2] === undefined ? null : Number(state[2]))
    return { kind: 'state', vertex }
  }
  if (text.startsWith('ERROR')) {
    const error = text.replace(/^ERROR:? ?/, '')
    failVertex(vertex, error, line)
    return { kind: 'error', vertex, text: error }
  }
  const output = outputLine.exec(text)
  if (output) {
    vertex.spoke = true
    return { kind: 'output', vertex, text: output[1] ?? '' }
  }
  return statusLine(vertex, text)
}

function statusLine(vertex: Vertex, text: string): PlainLine | null {
  if (text.startsWith('sha256:') || text.startsWith('extracting sha256:')) {
    // BuildKit up to v0.8 prints the vertex digest alone under its header: not a fetch
    if (!/^sha256:[0-9a-f]{64}$/.test(text)) vertex.pulled = true
    return null
  }
  // a step that names itself anew (bake: the same vertex under another target's name) is no status
  if (/^\[[^\]]*\d\/\d+\] /.test(text)) return null
  if (text.startsWith('preparing layers for inline cache')) vertex.inlineCache = true
  if (vertex.text === '') vertex.name.kind = kindByStatus(text) ?? vertex.name.kind
  return { kind: 'status', vertex, text }
}

/** What only an exporter says, of a vertex whose header is not in this log. */
function kindByStatus(text: string): VertexKind | null {
  if (/^(?:preparing build cache for export|sending cache export|writing cache )/.test(text)) return 'export'
  return /^(?:exporting (?:layers|manifest|config|attestation)|pushing |naming to |unpacking to |sending tarball)/.test(
    text,
  )
    ? 'image'
    : null
}

/** A vertex whose header is not in this log, because the log was cut before it. */
function speaksAlready(text: string): boolean {
  return (
    stateLine.test(text) ||
    outputLine.test(text) ||
    /^(?:ERROR: |\.\.\.$|sha256:|extracting sha256:|transferring |preparing build cache for export|writing (?:layer|config|manifest) sha256:|exporting layers|pushing (?:layers|manifest) )/.test(
      text,
    )
  )
}

const stateLine = /^(?:(CACHED|CANCELED)|DONE(?: (\d+(?:\.\d+)?)s)?)\s*$/

/** Seconds with up to three decimals; precision falls with magnitude, a skewed clock can make them negative. */
const outputLine = /^-?\d+\.\d{1,3}(?: (.*))?$/s

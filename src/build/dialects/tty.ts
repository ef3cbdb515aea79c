import { addVertex, type Build, finishVertex, type Vertex } from '../build.ts'
import type { Marks } from '../marks.ts'
import { readVertexName } from '../vertex-name.ts'

/**
 * BuildKit's terminal display (`ttyDisplay.print` in `util/progress/progressui/display.go`), captured: a header and
 * rows that are painted again and again. A row's last painting counts; names are cut to the terminal's width.
 */
export const ttyMarks: Marks = { begins: ['[+] ', '=> '], contains: [] }

export type TtyFrame = {
  finished: boolean
  /** vertices that are through, whatever came of them; Infinity when the frame does not say */
  done: number
  /** rows painted so far, from top to bottom */
  rows: Vertex[]
  /** the frame that this one was painted over */
  before: TtyFrame | null
  /** how often each name, as far as the terminal has room for it, has stood in this frame */
  names: Map<string, number>
}

export function readFrameHeader(text: string): TtyFrame | null {
  // compose counts its services under `[+] Building 2/2`: that is no frame of BuildKit's
  const header = /^\[\+\] (?:Building|build) (?:\d+h)?(?:\d+m)?\d+(?:\.\d+)?s(?= |$)(?: \((\d+)\/\d+\))?(.*)$/.exec(
    text,
  )
  if (!header) return null
  const finished = /\bFINISHED\b/.test(header[2] ?? '')
  const done = finished || header[1] === undefined ? Number.POSITIVE_INFINITY : Number(header[1])
  return { finished, done, rows: [], before: null, names: new Map() }
}

export type TtyRow = { kind: 'vertex'; vertex: Vertex } | { kind: 'output'; text: string } | { kind: 'detail' }

/** ` => CACHED [build 2/6] WORKDIR /app   0.0s`, ` => => transferring context: 4kB  0.0s`, ` => => # output`. */
export function readTtyRow(
  build: Build,
  { current, frame }: { current: Vertex | null; frame: TtyFrame | null },
  text: string,
  line: number,
): TtyRow | null {
  const detail = /^ ?=> => (.*)$/.exec(text)?.[1]
  if (detail !== undefined) {
    if (detail.startsWith('# ')) return { kind: 'output', text: detail.slice(2).trimEnd() }
    if (current && /^(?:sha256:|extracting sha256:)/.test(detail)) current.pulled = true
    return { kind: 'detail' }
  }
  const row = /^ ?=> (?:(CACHED|ERROR|CANCELED) )?(.*)$/.exec(text.trimEnd())
  if (!row) return null
  const [, tag, told = ''] = row
  const seconds = /\s(\d{1,9}\.\d)s$/.exec(told)?.[1]
  const name = seconds === undefined ? told : told.slice(0, -seconds.length - 2).trimEnd()
  const key = keyIn(frame, name)
  const vertex = build.vertices.get(key) ?? renamed(build, frame, name) ?? addVertex(build, key, name, line)
  frame?.rows.push(vertex)
  // a frame shows what runs after what is through, and gives a running row no sign
  if (tag === undefined && frame && frame.rows.length > frame.done) finishVertex(vertex, 'unfinished')
  else paint(vertex, tag, seconds === undefined ? null : Number(seconds), line)
  return { kind: 'vertex', vertex }
}

/** Two names can be one when the terminal cuts them off: then they are told apart by their order. */
function keyIn(frame: TtyFrame | null, name: string): string {
  const before = frame?.names.get(name) ?? 0
  frame?.names.set(name, before + 1)
  return before === 0 ? name : `${name} (${before + 1})`
}

/** A vertex that several targets share may be called after another of them from one frame to the next. */
function renamed(build: Build, frame: TtyFrame | null, name: string): Vertex | null {
  const vertex = frame?.before?.rows[frame.rows.length]
  if (!vertex || !isSameButTarget(vertex.text, name) || !build.vertices.delete(vertex.key)) return null
  vertex.key = name
  vertex.text = name
  vertex.name = readVertexName(name)
  build.vertices.set(name, vertex)
  return vertex
}

function isSameButTarget(one: string, other: string): boolean {
  const [a, b] = [one, other].map((name) => /^\[\S+ (.+)$/.exec(name)?.[1])
  if (a === undefined || b === undefined) return false
  const length = Math.min(a.length, b.length)
  return length >= 12 && a.slice(0, length) === b.slice(0, length)
}

function paint(vertex: Vertex, tag: string | undefined, seconds: number | null, line: number): void {
  if (tag === 'CACHED') finishVertex(vertex, 'cached')
  else if (tag === 'CANCELED') finishVertex(vertex, 'canceled')
  else if (tag === 'ERROR') {
    finishVertex(vertex, 'failed', seconds)
    vertex.errorLine = line
  } else if (vertex.status !== 'cached') finishVertex(vertex, 'done', seconds)
}

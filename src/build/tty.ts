import { addVertex, type Build, finishVertex, type Vertex } from './build.ts'
import type { Marks } from './marks.ts'

/**
 * BuildKit's terminal display (`ttyDisplay.print` in `util/progress/progressui/display.go`), captured: a header and
 * rows that are painted again and again. A row's last painting counts; names are cut to the terminal's width.
 */
export const ttyMarks: Marks = { begins: ['[+] ', '=> '], contains: [] }

export type TtyFrame = { finished: boolean }

export function readFrameHeader(text: string): TtyFrame | null {
  // compose counts its services under `[+] Building 2/2`: that is no frame of BuildKit's
  const header = /^\[\+\] (?:Building|build) (?:\d+h)?(?:\d+m)?\d+(?:\.\d+)?s(?= |$)(.*)$/.exec(text)
  if (!header) return null
  return { finished: /\bFINISHED\b/.test(header[1] ?? '') }
}

export type TtyRow = { kind: 'vertex'; vertex: Vertex } | { kind: 'output'; text: string } | { kind: 'detail' }

/** ` => CACHED [build 2/6] WORKDIR /app   0.0s`, ` => => transferring context: 4kB  0.0s`, ` => => # output`. */
export function readTtyRow(build: Build, current: Vertex | null, text: string, line: number): TtyRow | null {
  const detail = /^ ?=> => (.*)$/.exec(text)?.[1]
  if (detail !== undefined) {
    if (detail.startsWith('# ')) return { kind: 'output', text: detail.slice(2) }
    if (current && /^(?:sha256:|extracting sha256:)/.test(detail)) current.pulled = true
    return { kind: 'detail' }
  }
  const row = /^ ?=> (?:(CACHED|ERROR|CANCELED) )?(.*?)(?:\s+(\d+\.\d)s)?\s*$/.exec(text)
  if (!row) return null
  const name = row[2] ?? ''
  const vertex = build.vertices.get(name) ?? addVertex(build, name, name, line)
  paint(vertex, row[1], row[3] === undefined ? null : Number(row[3]), line)
  return { kind: 'vertex', vertex }
}

function paint(vertex: Vertex, tag: string | undefined, seconds: number | null, line: number): void {
  if (tag === 'CACHED') finishVertex(vertex, 'cached')
  else if (tag === 'CANCELED') finishVertex(vertex, 'canceled')
  else if (tag === 'ERROR') {
    finishVertex(vertex, 'failed', seconds)
    vertex.errorLine = line
  } else if (vertex.status !== 'cached') finishVertex(vertex, 'done', seconds)
}

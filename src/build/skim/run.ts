import { afterTimestamp, withoutEscapes } from '../dress.ts'
import type { Steady } from './steady.ts'

/** Lines that were passed over, one after the other; no line feed behind the last. */
export type Run = {
  bytes: Uint8Array
  from: number
  to: number
  /** number of the first line, and how many there are */
  line: number
  lines: number
  steady: Steady
  /** the bytes are its own, and not lent by whoever feeds the reader */
  owned: boolean
}

/** The end of a run, at most so many lines of it. */
export function lastLines(run: Run, wanted: number): Run {
  if (run.lines <= wanted) return run
  let from = run.to
  for (let lines = 0; lines < wanted; lines++) from = run.bytes.lastIndexOf(lineFeed, from - 1)
  return { ...run, from: from + 1, line: run.line + run.lines - wanted, lines: wanted }
}

/** Makes the bytes of these runs their own: one piece of memory for all. */
export function own(runs: Run[]): void {
  const memory = Buffer.allocUnsafeSlow(runs.reduce((size, run) => size + run.to - run.from, 0))
  let at = 0
  for (const run of runs) {
    memory.set(run.bytes.subarray(run.from, run.to), at)
    run.bytes = memory
    run.to += at - run.from
    run.from = at
    run.owned = true
    at = run.to
  }
}

/** The lines as a listener would have got them. */
export function textsOf({ bytes, from, to, line, steady }: Run): { line: number; text: string }[] {
  const lines = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from)
    .toString()
    .split('\n')
  return lines.map((raw, index) => {
    const text = withoutEscapes(raw.slice(afterTimestamp(raw)))
    return { line: line + index, text: steady.prefix === null ? text : text.replace(prefix, '') }
  })
}

const prefix = /^#\d+ \d+\.\d+(?: |$)/
const lineFeed = 10

import { afterTimestamp } from './dress.ts'
import type { Steady } from './skim-steady.ts'

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

/** The end of a run, at most so many lines of it, in memory of its own. */
export function lastLines(run: Run, wanted: number): Run {
  let from = run.to
  let lines = 0
  while (lines < Math.min(wanted, run.lines)) {
    from = run.bytes.lastIndexOf(lineFeed, from - 1)
    lines++
    if (from < run.from) break
  }
  from = Math.max(from + 1, run.from)
  const bytes = Uint8Array.prototype.slice.call(run.bytes, from, run.to)
  return { ...run, bytes, from: 0, to: bytes.length, line: run.line + run.lines - lines, lines, owned: true }
}

/** The lines as a listener would have got them. */
export function textsOf({ bytes, from, to, line, steady }: Run): { line: number; text: string }[] {
  const lines = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from)
    .toString()
    .split('\n')
  return lines.map((raw, index) => {
    const text = raw.slice(afterTimestamp(raw))
    return { line: line + index, text: steady.prefix === null ? text : text.replace(prefix, '') }
  })
}

const prefix = /^#\d+ \d+\.\d+(?: |$)/
const lineFeed = 10

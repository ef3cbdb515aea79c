import { type LiteralFinder, literalFinder } from './literals.ts'
import { type LineSplitter, lineText, longestWhole } from './log-lines.ts'
import type { Marks } from './marks.ts'
import type { Place } from './place.ts'
import type { Scene } from './scene.ts'
import { uncoloured } from './skim/colours.ts'
import { beginningsOf, isPlainOutput, messageStart, vertexOutput } from './skim/line.ts'
import type { Run } from './skim/run.ts'
import { longestScan, note, type ScannedSign, type Scanner, scanner } from './skim/scan.ts'
import type { Steady } from './skim/steady.ts'

/**
 * Passes over lines without decoding them. Most of a large log is output that goes on and on and means nothing: more
 * lines of the vertex that talks, in which no sign stands and nothing that a dialect would react to. Such lines are
 * counted, and where they lie is told (`onRun`). All others are read as ever.
 */
export type Skimmer = { feed(chunk: Uint8Array): void }

/** What is looked for in every line; made once for a catalogue. */
export type SkimIndex = { scanner(longest: number): Scanner; finder: LiteralFinder; readWhole: ReadonlySet<Place> }

type Sought = {
  /** lower-cased ASCII texts without which a line is of no interest to the reader's listener */
  literals: string[]
  marks: Marks[]
  /** places of which every line is of interest */
  readWhole: ReadonlySet<Place>
}

export function skimIndex({ literals, marks, readWhole }: Sought): SkimIndex {
  const contained = [...always, ...marks.flatMap(({ contains }) => contains.map((text) => text.toLowerCase()))]
  const finder = literalFinder([...literals, '://'], ['\u001b'], contained, ['\n'])
  const signs: ScannedSign[] = literals.map((literal, index) => ({
    bytes: Buffer.from(literal),
    end: finder.partEnds[index] ?? 0,
  }))
  signs.push({ bytes: Buffer.from('://'), end: 3, goesOn: isLogin })
  return { scanner: (longest) => scanner(finder.table, signs, longest), finder, readWhole }
}

/** Escapes as some pages print them, bare carriage returns and NULs, and what may be the timestamp behind the names of a job and its step. */
const always = ['^[[', '\r', '\0', '\t\u00ef', ...Array.from('0123456789', (digit) => `\t${digit}`)]

/** `user:password@` behind `://`: from such a line the listener may learn what to mask elsewhere. */
function isLogin(bytes: Uint8Array, from: number): boolean {
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0
    if (byte === 64) return true
    if (byte <= 32 || byte === 47) return false
  }
  return false
}

type Surroundings = {
  index: SkimIndex
  splitter: LineSplitter
  scene: Scene
  marks: Marks[]
  /** reads a line as ever */
  read(text: string, number: number): void
  /** what goes on; null when the next line has to be read */
  steady(): Steady | null
  onRun(run: Run): void
}

/** Longer lines are rare, and are not kept whole. */
const longestLine = 4096

export function skimmer({ index, splitter, scene, marks, read, steady, onRun }: Surroundings): Skimmer {
  const { seen } = splitter
  const scanner = index.scanner(longestScan)
  const plain = uncoloured(index.scanner(longestLine + 1), longestLine)
  const begins = beginningsOf(marks)
  let bytes: Buffer = Buffer.alloc(0)
  let goesOn: Steady | null | undefined
  let run: Run | null = null

  function line(from: number, to: number, noted: number): void {
    if (to - from > longestWhole) {
      hand(from, to + 1)
      return
    }
    const number = ++seen.lines
    if (noted < bearsMark && to - from <= longestLine) {
      if (goesOn === undefined) goesOn = atPlaces(steady())
      if (goesOn !== null && continues(goesOn, from, to, noted, number)) return
    }
    endRun()
    goesOn = undefined
    read(lineText(bytes.toString('utf8', from, to)), number)
  }

  function atPlaces(steady: Steady | null): Steady | null {
    return steady && !index.readWhole.has(steady.place) ? steady : null
  }

  /** Is the line more of what goes on? Then it has been dealt with. */
  function continues(steady: Steady, from: number, to: number, noted: number, number: number): boolean {
    const message = messageStart(bytes, from, to)
    if (message < 0) return false
    if (noted >= bearsEscape) {
      const length = noted === bearsEscape ? plain.strip(bytes, message, to) : -1
      if (length < 0 || textOf(steady, plain.bytes, 0, length) < 0) return false
      passOver(steady, from, to, number)
      return true
    }
    const text = textOf(steady, bytes, message, to)
    if (text < 0) return false
    if (noted === 0) passOver(steady, from, to, number)
    else emit(steady, text, to, number)
    return true
  }

  /** Where the text of a message begins that continues what goes on; -1 when it has to be read. */
  function textOf({ prefix }: Steady, bytes: Uint8Array, from: number, to: number): number {
    if (prefix !== null) return vertexOutput(bytes, from, to, prefix)
    return isPlainOutput(bytes, from, to, begins) ? from : -1
  }

  function passOver(steady: Steady, from: number, to: number, line: number): void {
    run ??= { bytes, from, to, line, lines: 0, steady, owned: false }
    run.to = to
    run.lines++
  }

  /** A line that bears a sign, and is more of the same otherwise. */
  function emit(steady: Steady, at: number, to: number, number: number): void {
    endRun()
    goOn(steady, number)
    scene.emit(bytes.toString('utf8', at, to), number, steady.place, steady.vertex)
  }

  function endRun(): void {
    if (run === null) return
    goOn(run.steady, run.line + run.lines - 1)
    onRun(run)
    run = null
  }

  /** What a line that only continues leaves behind in the scene. */
  function goOn(steady: Steady, number: number): void {
    scene.afterBlank = false
    if (steady.inBuild && steady.build) steady.build.lastLine = number
  }

  /** Whole lines: the last byte before `to` is a line feed. */
  function wholeLines(from: number, to: number): void {
    scanner.scan(bytes, from, to)
    let start = from
    let noted = 0
    for (const { notes, count } of scanner.halves) {
      for (let index = 0; index < count; index++) {
        const entry = notes[index] ?? 0
        const kind = entry & 3
        if (kind === note.lineEnd) {
          const end = from + (entry >> 2)
          line(start, end, noted)
          start = end + 1
          noted = 0
        } else noted |= 1 << kind
      }
    }
  }

  /** For pieces of a line, lines that are too long to keep, and encodings other than UTF-8. */
  function hand(from: number, to: number): void {
    endRun()
    goesOn = undefined
    splitter.feed(bytes.subarray(from, to))
  }

  return {
    feed(chunk) {
      bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
      const total = seen.bytes + chunk.length
      let at = 0
      while (at < bytes.length) {
        if (!splitter.betweenLines()) {
          const end = bytes.indexOf(lineFeed, at) + 1 || bytes.length
          hand(at, end)
          at = end
          continue
        }
        const room = Math.min(bytes.length, at + longestScan)
        const end = bytes.lastIndexOf(lineFeed, room - 1) + 1
        if (end > at) {
          wholeLines(at, end)
          endRun()
          at = end
        } else {
          hand(at, room)
          at = room
        }
      }
      seen.bytes = total
    },
  }
}

const [bearsEscape, bearsMark] = [1 << note.escape, 1 << note.mark] as const
const lineFeed = 10

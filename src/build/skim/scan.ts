import type { Automaton } from '../literals.ts'

/**
 * Notes where in a piece of log lines end and marks stand. Two halves of the piece are walked at once: the processor
 * waits for a table's answer most of the time, and can as well wait for two.
 */
export type Scanner = {
  /** `bytes` from `from` up to `to`, of which the last is a line feed; not longer than the scanner is made for */
  scan(bytes: Uint8Array, from: number, to: number): void
  /** what was noted of each half, in order: the distance from `from` times four, and what it is */
  readonly halves: readonly { notes: Int32Array; count: number }[]
}

export const longestScan = 1 << 17
export const note = { sign: 0, escape: 1, mark: 2, lineEnd: 3 } as const

/** A sign, lower-cased, and where in it the part ends that the automaton knows. */
export type ScannedSign = {
  bytes: Uint8Array
  end: number
  /** what must hold besides of what follows it */
  goesOn?: (bytes: Uint8Array, from: number) => boolean
}

/** The kinds of the automaton's parts: signs, in the order of `signs`, the escape, marks, the line feed. */
export function scanner({ classes, next, kinds, found }: Automaton, signs: ScannedSign[], longest: number): Scanner {
  const [first, second] = [emptyHalf(longest), emptyHalf(longest)]
  const [ofSigns = 0, ofEscapes = 0, ofMarks = 0, ofLineEnds = 0] = kinds

  function add(half: Half, bytes: Uint8Array, at: number, from: number, state: number): void {
    if (state >= ofLineEnds) half.notes[half.count++] = ((at - from) << 2) | note.lineEnd
    else if (state >= ofMarks) half.notes[half.count++] = ((at - from) << 2) | note.mark
    else if (state >= ofEscapes) half.notes[half.count++] = ((at - from) << 2) | note.escape
    else if (found(state).some((sign) => stands(bytes, at + 1, signs[sign])))
      half.notes[half.count++] = ((at - from) << 2) | note.sign
  }

  /** Goes on alone where the other half has come to its end. */
  function finish(bytes: Uint8Array, at: number, to: number, from: number, start: number, half: Half): void {
    let state = start
    for (; at < to; at++) {
      state = next[state + (classes[bytes[at] ?? 0] ?? 0)] ?? 0
      if (state >= ofSigns) add(half, bytes, at, from, state)
    }
  }

  return {
    halves: [first, second],
    scan(bytes, from, to) {
      const middle = bytes.indexOf(lineFeed, from + ((to - from) >> 1)) + 1
      const steps = Math.min(middle - from, to - middle)
      let one = 0
      let two = 0
      first.count = 0
      second.count = 0
      for (let step = 0; step < steps; step++) {
        one = next[one + (classes[bytes[from + step] ?? 0] ?? 0)] ?? 0
        two = next[two + (classes[bytes[middle + step] ?? 0] ?? 0)] ?? 0
        if (one >= ofSigns) add(first, bytes, from + step, from, one)
        if (two >= ofSigns) add(second, bytes, middle + step, from, two)
      }
      finish(bytes, from + steps, middle, from, one, first)
      finish(bytes, middle + steps, to, from, two, second)
    },
  }
}

function stands(bytes: Uint8Array, partEnd: number, sign: ScannedSign | undefined): boolean {
  if (!sign) return false
  const from = partEnd - sign.end
  for (let at = 0; at < sign.bytes.length; at++) {
    const byte = bytes[from + at] ?? 0
    if ((byte >= 65 && byte <= 90 ? byte + 32 : byte) !== sign.bytes[at]) return false
  }
  return sign.goesOn?.(bytes, from + sign.bytes.length) ?? true
}

type Half = { notes: Int32Array; count: number }

function emptyHalf(longest: number): Half {
  return { notes: new Int32Array(longest), count: 0 }
}

const lineFeed = 10

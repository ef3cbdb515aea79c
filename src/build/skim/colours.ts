import type { Scanner } from './scan.ts'

/** Lines without their colours, one at a time, in memory that is used again. */
export type Uncoloured = {
  readonly bytes: Uint8Array
  /**
   * Strips the message from `from` up to `to`; returns how long it is then. -1 when it has other escapes than those of
   * colours and cursors (CSI, see `dress.ts`), or when a sign or a mark comes to light.
   */
  strip(line: Uint8Array, from: number, to: number): number
}

/** For lines of at most `longest` bytes; the scanner's own longest is one more. */
export function uncoloured(scanner: Scanner, longest: number): Uncoloured {
  const bytes = new Uint8Array(longest + 1)
  return {
    bytes,
    strip(line, from, to) {
      const length = copyWithoutColours(line, from, to, bytes)
      if (length < 0) return -1
      bytes[length] = lineFeed
      scanner.scan(bytes, 0, length + 1)
      // nothing but the end of the line
      const noted = scanner.halves.reduce((sum, { count }) => sum + count, 0)
      return noted === 1 ? length : -1
    },
  }
}

function copyWithoutColours(line: Uint8Array, from: number, to: number, copy: Uint8Array): number {
  let length = 0
  for (let at = from; at < to; at++) {
    const byte = line[at] ?? 0
    if (byte !== escapeByte) {
      copy[length++] = byte
      continue
    }
    if (line[++at] !== bracket) return -1
    do at++
    while (isParameter(line[at] ?? 0))
    while (isBetween(line[at] ?? 0, 0x20, 0x2f)) at++
    if (at >= to || !isBetween(line[at] ?? 0, 0x40, 0x7e)) return -1
  }
  return length
}

/** Digits, `;` and `?`. */
function isParameter(byte: number): boolean {
  return isBetween(byte, 48, 57) || byte === 59 || byte === 63
}

function isBetween(byte: number, low: number, high: number): boolean {
  return byte >= low && byte <= high
}

const [lineFeed, escapeByte, bracket] = [10, 27, 91] as const

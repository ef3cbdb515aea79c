import type { Marks } from '../marks.ts'

/**
 * What a line's bytes tell without being decoded. A line is `bytes` from `from` up to `to`, its line feed. These
 * functions may say no to a line that could be passed over, never yes to one that could not.
 */

/** Where the message begins behind the runner's timestamp (see `afterTimestamp`): `from` when there is none, -1 when unsure. */
export function messageStart(bytes: Uint8Array, from: number, to: number): number {
  if (bytes[from + 4] !== dash || bytes[from + 10] !== letterT) return from
  let at = from
  for (let index = 0; index < clockShape.length; index++) {
    const byte = bytes[at++] ?? 0
    if (clockShape[index] === 48 ? !isDigit(byte) : byte !== clockShape[index]) return -1
  }
  if (bytes[at] === dot) {
    const decimals = ++at
    while (isDigit(bytes[at] ?? 0)) at++
    if (at === decimals || at > decimals + 9) return -1
  }
  if (bytes[at] !== letterZ) return -1
  if (at + 1 === to) return to
  return at + 1 < to && bytes[at + 1] === blank ? at + 2 : -1
}

/** 0 is any digit. */
const clockShape = Buffer.from('0000-00-00T00:00:00')

/** `#7 12.345 text`: where the text begins when this is more output of the vertex whose `#7 ` is `prefix`, else -1. */
export function vertexOutput(bytes: Uint8Array, from: number, to: number, prefix: Uint8Array): number {
  let at = from
  for (let index = 0; index < prefix.length; index++) if (bytes[at++] !== prefix[index]) return -1
  const seconds = at
  while (isDigit(bytes[at] ?? 0)) at++
  if (at === seconds || bytes[at++] !== dot) return -1
  const decimals = at
  while (isDigit(bytes[at] ?? 0)) at++
  if (at === decimals || at > decimals + 3) return -1
  if (at === to) return to
  return bytes[at] === blank ? at + 1 : -1
}

/** A line without a prefix that begins like none that means anything to a dialect. */
export function isPlainOutput(bytes: Uint8Array, from: number, to: number, begins: Beginnings): boolean {
  let at = from
  while (at < to && (bytes[at] === blank || bytes[at] === tab)) at++
  const first = bytes[at] ?? 0
  if (at >= to || first === hash || first <= blank || isOddCharacter(first, bytes[at + 1] ?? 0)) return false
  if (looksLikeClock(bytes, at) || isDigest(bytes, from, to) || endsWithLineNumber(bytes, at, to)) return false
  return !begins[first]?.some((beginning) => startsWith(bytes, at, beginning))
}

/** Marks with which a line begins, by their first byte. */
export type Beginnings = (Uint8Array[] | undefined)[]

export function beginningsOf(marks: Marks[]): Beginnings {
  const byFirst: Beginnings = new Array(256).fill(undefined)
  for (const text of marks.flatMap(({ begins }) => begins)) {
    const beginning = Buffer.from(text)
    const first = beginning[0] ?? 0
    byFirst[first] = [...(byFirst[first] ?? []), beginning]
  }
  return byFirst
}

function startsWith(bytes: Uint8Array, from: number, beginning: Uint8Array): boolean {
  for (let at = 1; at < beginning.length; at++) if (bytes[from + at] !== beginning[at]) return false
  return true
}

/** `12:00:00`, `[12:00`, `2026-`, and GitLab's `01O`. */
function looksLikeClock(bytes: Uint8Array, at: number): boolean {
  const from = bytes[at] === bracket ? at + 1 : at
  if (!isDigit(bytes[from] ?? 0)) return false
  const third = bytes[from + 2]
  return third === colon || bytes[from + 4] === dash || third === letterO || third === letterE
}

/** What may be a blank beyond ASCII, a byte-order mark or the bar that some tools draw before the builder's lines. */
function isOddCharacter(first: number, second: number): boolean {
  if (first < 127) return false
  if (first === 0xe2) return second <= 0x81 || second === 0x94
  return first === 127 || first === 0xc2 || first === 0xe1 || first === 0xe3 || first === 0xef
}

/** An image's id alone on its line is all that some builders say of their success. */
function isDigest(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from !== 64) return false
  for (let at = from; at < to; at++) {
    const byte = bytes[at] ?? 0
    if (!isDigit(byte) && (byte < 97 || byte > 102)) return false
  }
  return true
}

/** `Dockerfile:12` is the title of an excerpt. */
function endsWithLineNumber(bytes: Uint8Array, from: number, to: number): boolean {
  let at = to - 1
  while (at > from && isDigit(bytes[at] ?? 0)) at--
  return at < to - 1 && bytes[at] === colon
}

function isDigit(byte: number): boolean {
  return byte >= 48 && byte <= 57
}

const [tab, blank, hash, dash, dot, colon, bracket] = [9, 32, 35, 45, 46, 58, 91] as const
const [letterE, letterO, letterT, letterZ] = [69, 79, 84, 90] as const

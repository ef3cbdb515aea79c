/**
 * Bytes → physical lines, wherever the chunks fall. Memory is bounded: of a line longer than `longest` characters its
 * head and its tail are kept, with a mark between them. Invalid UTF-8 becomes U+FFFD, a UTF-16 log (a redirected
 * PowerShell) is recognised by its byte-order mark, NULs are dropped.
 */
export type LineSplitter = {
  feed(chunk: Uint8Array): void
  end(): void
  /** what has been fed so far; `clipped` counts lines that were too long to keep whole */
  readonly seen: { bytes: number; lines: number; clipped: number }
  /** the log is UTF-8, and the next byte begins a line: whole lines may be read past the splitter */
  betweenLines(): boolean
}

export type OnLine = (text: string, number: number) => void

const longest = { head: 48 * 1024, tail: 16 * 1024 }
/** Lines of so many bytes are never clipped. */
export const longestWhole = longest.head
const gap = ' […] '

export function lineSplitter(onLine: OnLine): LineSplitter {
  const seen = { bytes: 0, lines: 0, clipped: 0 }
  let decoder: InstanceType<typeof TextDecoder> | null = null
  let opening = new Uint8Array(0)
  let rest = ''
  let tail = ''
  let overlong = false
  let lastByte = 0

  function keep(piece: string): void {
    if (!overlong && rest.length + piece.length <= longest.head + longest.tail) {
      rest += piece
      return
    }
    if (!overlong) {
      overlong = true
      tail = rest.slice(longest.head)
      rest = rest.slice(0, longest.head)
      if (rest.length < longest.head) {
        const missing = longest.head - rest.length
        rest += piece.slice(0, missing)
        piece = piece.slice(missing)
      }
    }
    tail = (tail + piece.slice(-longest.tail)).slice(-longest.tail)
  }

  function finishLine(): void {
    seen.lines++
    if (overlong) seen.clipped++
    const text = overlong ? rest + gap + tail : rest
    rest = ''
    tail = ''
    overlong = false
    onLine(lineText(text), seen.lines)
  }

  function split(text: string): void {
    let from = 0
    for (;;) {
      const at = text.indexOf('\n', from)
      if (at < 0) break
      if (rest === '' && !overlong && at - from <= longest.head) {
        seen.lines++
        onLine(lineText(text.slice(from, at)), seen.lines)
      } else {
        keep(text.slice(from, at))
        finishLine()
      }
      from = at + 1
    }
    if (from < text.length) keep(text.slice(from))
  }

  function decode(chunk: Uint8Array, last: boolean): void {
    decoder ??= new TextDecoder(encodingOf(chunk), { ignoreBOM: false })
    split(decoder.decode(chunk, { stream: !last }))
  }

  return {
    seen,
    betweenLines: () => decoder?.encoding === 'utf-8' && lastByte === lineFeed,
    feed(chunk) {
      seen.bytes += chunk.length
      lastByte = chunk.at(-1) ?? lastByte
      if (decoder) return decode(chunk, false)
      // the byte-order mark decides the encoding, so the first two bytes are waited for
      opening = joined(opening, chunk)
      if (opening.length >= 2) decode(opening, false)
    },
    end() {
      decode(decoder ? new Uint8Array(0) : opening, true)
      if (rest !== '' || overlong) finishLine()
    },
  }
}

/** A decoded line as it is handed on. */
export function lineText(decoded: string): string {
  return decoded.includes('\0') ? decoded.replaceAll('\0', '') : decoded
}

/**
 * The text in memory of its own. A line is a slice of the piece of log that it came in, and keeps all of that alive: who
 * keeps a line beyond its turn keeps a copy.
 */
export function ownCopy(text: string): string {
  return Buffer.from(text).toString()
}

const lineFeed = 10

function encodingOf(start: Uint8Array): string {
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le'
  if (start[0] === 0xfe && start[1] === 0xff) return 'utf-16be'
  return 'utf-8'
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}

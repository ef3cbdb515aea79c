import { linePrefix } from './line-prefix.ts'

/**
 * What others wrap around a line: the runner's timestamp and byte-order marks, the terminal's colours and cursor
 * movements, the bare carriage returns of progress bars. All of it comes off before the line is understood.
 */

/** One physical line → the lines a reader of the page would see, without timestamp, escapes and carriage returns. */
export type Undress = {
  (raw: string, onText: (text: string) => void): void
  /** every line of the log stands indented or behind a prefix, as it was pasted or as a CI system writes it */
  indented(): boolean
}

/** Remembers, for one log, what another CI than GitHub's, or whoever pasted it, put before each line. */
export function undresser(): Undress {
  const prefix = linePrefix()
  let indent = ''
  function undress(raw: string, onText: (text: string) => void): void {
    const start = afterTimestamp(raw)
    let text = start === 0 ? raw : raw.slice(start)
    if (text.charCodeAt(0) === byteOrderMark) text = text.slice(1)
    text = withoutEscapes(text)
    if (start > 0 && gitlabFlags.test(text)) text = text.slice(4)
    if (framed.test(text)) text = text.replace(frame, '')
    indent ||= indentOfBuilder.exec(text)?.[1] ?? ''
    if (indent !== '' && text.startsWith(indent)) text = text.slice(indent.length)
    text = prefix.strip(text)
    const pieces = text.includes('\r') ? text.split('\r').filter((piece) => piece !== '') : [text]
    if (pieces.length === 0) onText('')
    for (const piece of pieces) onText(piece)
  }
  return Object.assign(undress, { indented: () => indent !== '' || prefix.known() })
}

/** Without colours, cursor movements and hyperlinks. */
export function withoutEscapes(text: string): string {
  return text.includes(escapeCharacter) || text.includes('^[[') ? text.replace(escapes, '') : text
}

/** GitLab writes stream and kind after the time: `2024-05-01T12:00:00.123456Z 01O `. */
const gitlabFlags = /^\d\d[OE](?:[+ ]|$)/

/** Tools that run the builder draw a bar before its lines. */
const frame = /^\s{0,16}[│┃] /
const framed = /^\s{0,16}[│┃] (?:#\d+ |ERROR: |------$| > \[|=> )/

/** A log that was pasted with an indent. The builder's lines that begin with a blank of their own are not among these. */
const indentOfBuilder =
  /^( {2,16})(?:#\d+ (?:\[|DONE|CACHED|ERROR)|Step \d+\/\d+ : |(?:\[\d+\/\d+\] )?STEP \d+(?:\/\d+)?: |\[\+\] Building |INFO\[\d{4}\]|##\[group\]Run )/

const byteOrderMark = 0xfeff
const escapeCharacter = '\u001b'

/** CSI, OSC (also hyperlinks), APC (Buildkite's times) and the two-character escapes; `^[[` is how some pages print an escape. */
const escapes =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal escapes are control characters
  /\u001b\[[0-9;?]*[ -/]*[@-~]|\u001b[\]_][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b[@-_]|\^\[\[[0-9;?]*[A-Za-z]/g

/**
 * Where the message begins after the runner's timestamp (`2024-10-14T16:27:10.9337273Z `, actions/runner
 * `src/Runner.Common/Logging.cs`), also behind the `job<TAB>step<TAB>` that `gh run view --log` puts before it.
 * 0 when there is none.
 */
export function afterTimestamp(raw: string): number {
  const from = raw.charCodeAt(0) === byteOrderMark ? 1 : 0
  const plain = timestampEnd(raw, from)
  if (plain > 0) return plain
  const tab = raw.indexOf('\t')
  if (tab < 0 || tab > 200) return from
  const second = raw.indexOf('\t', tab + 1)
  if (second < 0 || second > 400) return from
  const message = raw.charCodeAt(second + 1) === byteOrderMark ? second + 2 : second + 1
  return timestampEnd(raw, message) || from
}

/** What the runner's timestamp says, in milliseconds since 1970; null without one. */
export function timeOf(raw: string): number | null {
  const told = raw.slice(0, afterTimestamp(raw)).match(/(?<!\S)\S+Z(?= ?$)/)?.[0]
  const at = told === undefined ? Number.NaN : Date.parse(told.replace('\ufeff', ''))
  return Number.isFinite(at) ? at : null
}

/** Cheap positional look before the pattern: nearly every line of a job log passes here. */
function timestampEnd(raw: string, from: number): number {
  if (raw.charCodeAt(from + 4) !== 45 || raw.charCodeAt(from + 10) !== 84) return 0
  timestamp.lastIndex = from
  return timestamp.test(raw) ? timestamp.lastIndex : 0
}

const timestamp = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z(?: |$)/y

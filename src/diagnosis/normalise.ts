/**
 * Text without what differs between two runs that did the same: numbers, times, durations, sizes, digests, ids, folders
 * of the machine, the position of a step. Codes that tell errors apart stay (`E404`, `TS2345`, `exit code: 137`), and so
 * does a lone 0, which tells "0 failed" from "3 failed". Normalised twice it is the same as once.
 */
export function normalise(text: string): string {
  return text.replace(position, '$1]').replace(varying, replaced).replace(/\s+/g, ' ').trim()
}

/** 32 bits of the normalised line (FNV-1a): enough to know a line again among some ten thousand. */
export function signatureOf(text: string): number {
  const normal = normalise(text)
  let hash = 0x811c9dc5
  for (let at = 0; at < normal.length; at++) hash = Math.imul(hash ^ normal.charCodeAt(at), 0x01000193)
  return hash >>> 0
}

/** `[deps 4/7]` → `[deps]`: a step added above moves all that follow. */
const position = /(\[[^\][\n]{0,120}?)\s*\b\d+\/\d+\]/g

const kinds = {
  kept: String.raw`[A-Z]{1,6}-?\d{2,5}(?![\w#])|(?:exit (?:code|status)|code|status|error)[:= ]{1,3}\d{1,3}(?![\w#.])|(?<![.,:/-])0(?= (?:failed|failures?|errors?|warnings?|problems?|passed|skipped)(?![\w#]))`,
  // the machine's own folders: all of a temporary path, of a workspace only what leads to it
  temporary: String.raw`/(?:private/)?(?:tmp|var/tmp|var/folders|dev/shm)/[^\s"'\`:;,()<>]+|[A-Z]:\\Users\\[^\\\s]+\\AppData\\Local\\Temp\\[^\s"'\`:;,()<>]+`,
  workspace: String.raw`/(?:home/runner/work|builds|__w)/[^\s/]+/[^\s/"'\`:;,()<>]+|/(?:github/workspace|(?:home|Users)/[^\s/"'\`:;,()<>]+)`,
  duration: String.raw`(?<!\.)(?:\d+h ?)?(?:\d+m(?:in)? ?)?\d+(?:[.,]\d+)? ?(?:ms|µs|us|ns|s|sec|secs|seconds?|m|min|mins|minutes?|h)(?![\w#])`,
  size: String.raw`(?<!\.)\d+(?:[.,]\d+)? ?(?:[kKMGT]i?)?[Bb](?:ytes?)?(?:/s)?(?![\w#])`,
  uuid: String.raw`[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\w*`,
  hash: String.raw`(?:sha\d{1,3}:)?[0-9a-fA-F]{7,128}(?![\w#])`,
  address: String.raw`0x[0-9a-fA-F]{1,32}(?![\w#])`,
  // ids in base 36, as BuildKit's, and those of nanoid's kind
  id: String.raw`(?=[a-zA-Z]*\d[a-zA-Z]*\d[a-zA-Z]*\d)[a-zA-Z0-9]{18,64}(?![\w#])`,
  runner: String.raw`runner-[\w-]+`,
  number: String.raw`\d+(?:[.,:]\d+)*`,
}
const { number, ...words } = kinds

/** All but plain numbers begin where a word begins: that is asked once for all of them, and takes most of the time. */
const varying = new RegExp(
  `(?<![\\w#])(?:${Object.values(words)
    .map((source) => `(${source})`)
    .join('|')})|${number}`,
  'g',
)

/** The groups in the order of `kinds`: named ones would cost an object for each match. */
function replaced(match: string, ...[kept, temporary, workspace, duration, size, , , , , runner]: unknown[]): string {
  if (kept !== undefined) return match
  if (temporary !== undefined) return '/tmp/#'
  if (workspace !== undefined) return '/#'
  if (duration !== undefined) return '#s'
  if (size !== undefined) return '#B'
  return runner === undefined ? '#' : 'runner-#'
}

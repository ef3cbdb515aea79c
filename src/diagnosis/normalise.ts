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
  kept: String.raw`(?<![\w#])[A-Z]{1,6}-?\d{2,5}(?![\w#])|(?<![\w#])(?:exit (?:code|status)|code|status|error)[:= ]{1,3}\d{1,3}(?![\w#.])|(?<![\w.,:/#-])0(?= (?:failed|failures?|errors?|warnings?|problems?|passed|skipped)(?![\w#]))`,
  // the machine's own folders: all of a temporary path, of a workspace only what leads to it
  temporary: String.raw`(?<![\w#])/(?:private/)?(?:tmp|var/tmp|var/folders|dev/shm)/[^\s"'\`:;,()<>]+|[A-Z]:\\Users\\[^\\\s]+\\AppData\\Local\\Temp\\[^\s"'\`:;,()<>]+`,
  workspace: String.raw`(?<![\w#])/(?:home/runner/work|builds|__w)/[^\s/]+/[^\s/"'\`:;,()<>]+|(?<![\w#])/(?:github/workspace|(?:home|Users)/[^\s/"'\`:;,()<>]+)`,
  duration: String.raw`(?<![\w#.])(?:\d+h ?)?(?:\d+m(?:in)? ?)?\d+(?:[.,]\d+)? ?(?:ms|µs|us|ns|s|sec|secs|seconds?|m|min|mins|minutes?|h)(?![\w#])`,
  size: String.raw`(?<![\w#.])\d+(?:[.,]\d+)? ?(?:[kKMGT]i?)?[Bb](?:ytes?)?(?:/s)?(?![\w#])`,
  uuid: String.raw`(?<![\w#])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\w*`,
  hash: String.raw`(?<![\w#])(?:sha\d{1,3}:)?[0-9a-fA-F]{7,128}(?![\w#])`,
  address: String.raw`(?<![\w#])0x[0-9a-fA-F]{1,32}(?![\w#])`,
  // ids in base 36, as BuildKit's, and those of nanoid's kind
  id: String.raw`(?<![\w#])(?=[a-zA-Z]*\d[a-zA-Z]*\d[a-zA-Z]*\d)[a-zA-Z0-9]{18,64}(?![\w#])`,
  runner: String.raw`(?<![\w#])runner-[\w-]+`,
  number: String.raw`\d+(?:[.,:]\d+)*`,
}
const varying = new RegExp(
  Object.entries(kinds)
    .map(([kind, source]) => `(?<${kind}>${source})`)
    .join('|'),
  'g',
)

function replaced(match: string, ...rest: unknown[]): string {
  const groups = rest.at(-1) as Record<keyof typeof kinds, string | undefined>
  if (groups.kept !== undefined) return match
  if (groups.temporary !== undefined) return '/tmp/#'
  if (groups.workspace !== undefined) return '/#'
  if (groups.duration !== undefined) return '#s'
  if (groups.size !== undefined) return '#B'
  return groups.runner === undefined ? '#' : 'runner-#'
}

import type { Marks } from './marks.ts'

/**
 * What some CI systems, and people who paste a log, write before every line. Programs write such things as well: a shape
 * is taken for the log's own when a builder's line stands behind it, and comes off every line from then on.
 */
export type LinePrefix = {
  /** the line without the log's prefix; as it is while none is known */
  strip(text: string): string
  known(): boolean
}

/** Behind a clock, a digit or a hash no line is passed over unread, see below. */
export const prefixMarks: Marks = {
  begins: ['Step #', '> ', '`', '**', '|', ...Array.from('0123456789', String), ...Array.from('0123456789', lineMark)],
  contains: [
    ...[
      '] #',
      '] step ',
      '] info[',
      '] => ',
      '] [+] ',
      ' | ',
      ' - info[',
      ' - warn[',
      ' - #',
      ' - => ',
      ' [internal] ',
      ' [+] building ',
    ],
    ...Array.from('123456789', (digit) => ` step ${digit}`),
    ...['failed to solve: ', 'error building image: ', 'copy failed: ', 'add failed: ', ' returned a non-zero code: '],
    ...['&#x27;', '&#39;', '&quot;', '&#x2f;', '&gt;', '&lt;', '&amp;'],
  ],
}

function lineMark(digit: string): string {
  return `L${digit}`
}

type Shape = { before: RegExp; after?: RegExp }

export function linePrefix(): LinePrefix {
  /** what the page on which the log was pasted writes, and below it what the CI does */
  let dress: Shape | null = null
  let shape: Shape | null = null
  return {
    known: () => shape !== null || dress !== null,
    strip(raw) {
      const text = withoutEntities(raw)
      if ((shape === null || dress === null) && mayBear.test(text) && text.charCodeAt(0) !== hash) {
        dress ??= markdown.find(({ before }) => isBuilderBehind(text, before, shapes)) ?? null
        shape ??= shapeOf(dress ? without(text, dress) : text)
      }
      const bare = dress ? without(text, dress) : text
      return shape ? without(bare, shape) : bare
    },
  }
}

/** A page's source that was pasted as text. */
function withoutEntities(text: string): string {
  if (!text.includes('&') || !mayBear.test(text)) return text
  return text.replace(/&(?:#x27|#39|quot|#x2F|gt|lt|amp);/g, (entity) => entities[entity] ?? entity)
}

const entities: Record<string, string> = {
  ...{ '&#x27;': "'", '&#39;': "'", '&quot;': '"', '&#x2F;': '/' },
  ...{ '&gt;': '>', '&lt;': '<', '&amp;': '&' },
}

function shapeOf(text: string): Shape | null {
  return shapes.find(({ before }) => isBuilderBehind(text, before)) ?? learned(text)
}

function without(text: string, { before, after }: Shape): string {
  const bare = text.replace(before, '')
  return after ? bare.replace(after, '') : bare
}

/** What a builder's line holds: nearly all others end here. */
const mayBear =
  /Step \d|STEP \d|#\d|=> |\[\+\] |(?:INFO|WARN)\[\d|"vertexes"|failed to solve|error building image|returned a non-zero|(?:COPY|ADD) failed/

function isBuilderBehind(text: string, before: RegExp, inner: Shape[] = []): boolean {
  const prefix = before.exec(text)?.[0]
  if (prefix === undefined || prefix === '') return false
  const rest = text.slice(prefix.length)
  return builderLine.test(rest) || inner.some((shape) => isBuilderBehind(rest, shape.before))
}

const time = String.raw`(?:\d{4}[-/]\d\d[-/]\d\d[T ])?\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?`

/** Quoted, emphasised, as code. */
const markdown: Shape[] = [
  { before: /^> >(?: {1,4}(?=[A-Z#])| )?/ },
  { before: /^>(?: {1,4}(?=[A-Z#])| )?/ },
  { before: /^\*\*/, after: /\*\* {0,2}$/ },
  { before: /^`/, after: /`$/ },
]

/** The first that fits is the log's. Blanks count: the builder's own lines may begin with one. */
const shapes: Shape[] = [
  { before: /^Step #\d+(?: - "[^"]*")?:(?: |$)/ }, // Google Cloud Build
  { before: /^\[[^\]\s:]{1,100}:L?\d+(?::\d+s)?\](?: |$)/ }, // `drone exec`, `woodpecker-cli exec`
  { before: new RegExp(String.raw`^\[${time}\] (?:info|warn|error|fatal|debug) {1,2}\w{1,60} +- `) }, // SAP Piper
  { before: /^(?:info|warn|error|fatal|debug) {1,2}\w{1,60} +- / },
  { before: new RegExp(String.raw`^\[${time}\][WEFi ]?:?\t ?(?:\[[^\]\t]{1,100}\] )?`) }, // TeamCity
  { before: new RegExp(String.raw`^\[${time}\][WEFi ]?:? ?\[(?!\d+\/\d+\])[^\]\t]{1,100}\](?: |$)`) }, // … pasted
  { before: new RegExp(String.raw`^\[${time}\](?: |$)`) }, // Jenkins: pipelines
  { before: new RegExp(`^${time}(?:  |$)`) }, // Jenkins: Timestamper
  { before: new RegExp(`^${time}(?: |$)`) }, // clocks of one's own
  { before: /^\[(?!\d+\/\d+\])[\w .:/+-]{1,100}\](?: |$)/ }, // Jenkins: branches of `parallel`; Maven
  { before: /^ {0,16}[│┃](?: |$)/ }, // bars that a platform draws
  { before: /^ {0,8}(?:[\w.-]{1,60} +)?\|(?: |$)/ }, // `service  | `, tables
  { before: /^ {0,8}L?\d{1,6}(?![\d.,/:]\d)(?:[:|)]?[ \t]|[:|)])?/ }, // numbers of lines, on pages of logs
]

/** Any other prefix of a line that nobody but a builder writes: the same words again, with other figures. */
function learned(text: string): Shape | null {
  const at = unmistakable.exec(text)?.index ?? 0
  if (at < 1 || at > longestPrefix) return null
  const prefix = text.slice(0, at)
  if (!endsPrefix.test(prefix) || ofCommand.test(prefix)) return null
  const words = prefix
    .trimEnd()
    .split(/(\d+| +|\b(?:INFO|WARN|WARNING|ERROR|DEBUG)\b)/i)
    .map((piece) => (/^\d/.test(piece) ? '\\d+' : /^ /.test(piece) ? ' +' : levelOr(piece)))
    .join('')
  const blanks = prefix.length - prefix.trimEnd().length
  return { before: new RegExp(`^${words}(?: {${blanks}}|$)`) }
}

function levelOr(piece: string): string {
  return /^(?:INFO|WARN|WARNING|ERROR|DEBUG)$/i.test(piece)
    ? '[A-Za-z]+'
    : piece.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
}

const unmistakable =
  /(?<= )(?:Step \d+\/\d+ : (?:FROM|ARG|RUN|COPY|ADD|ENV|WORKDIR|LABEL|MAINTAINER|USER|EXPOSE|CMD|ENTRYPOINT|VOLUME|SHELL|ONBUILD)\b|#\d+ \[internal\] load |\[\+\] Building \d+\.\d+s )/
const endsPrefix = /[:|>\])-] +$/
const ofCommand = /["'`$]|\b(?:echo|printf|grep|sed|awk)\b/
const longestPrefix = 120
const hash = 35

const builderLine =
  /^(?:#\d+ (?:\[|DONE|CACHED|ERROR|building with |importing |exporting |resolve |\d+\.\d)|Step \d+\/\d+ : |(?:\[\d+\/\d+\] )?STEP \d+(?:\/\d+)?: |\[\+\] Building \d| ?=> (?:=> |(?:CACHED |ERROR |CANCELED )?\[|exporting |resolve )|(?:INFO|WARN)\[\d{4}[\]-]|\{"vertexes":|(?:(?:ERROR|Error|error): )?failed to solve: |error building image: |(?:COPY|ADD) failed: |The command ['[].{1,4000}['\]] returned a non-zero code: )/

import { redact } from '../build/redact.ts'

/**
 * Text that is safe to send as Slack's mrkdwn. Only this file makes it: the template tag `md` escapes what is put into
 * it, so that log text, branch names and the like can never become a mention, a link or a broken block.
 */
export type Mrkdwn = { readonly mrkdwn: string }

/** A mrkdwn sentence: what stands in the template is ours, what is interpolated is data and gets escaped. */
export function md(template: TemplateStringsArray, ...values: (string | number | Mrkdwn)[]): Mrkdwn {
  const parts = template.map((ours, index) => {
    const value = values[index]
    if (value === undefined) return ours
    return ours + (typeof value === 'object' ? value.mrkdwn : inline(String(value)))
  })
  return { mrkdwn: parts.join('') }
}

/** Several pieces as one, empty ones left out. */
export function join(pieces: (Mrkdwn | null)[], separator: string): Mrkdwn {
  const kept = pieces.filter((piece) => piece !== null && piece.mrkdwn !== '')
  return { mrkdwn: kept.map((piece) => piece?.mrkdwn).join(separator) }
}

/** `text` in a code span; back-ticks inside would end it and become apostrophes. */
export function code(text: string): Mrkdwn {
  return { mrkdwn: `\`${inline(text).replaceAll('`', "'")}\`` }
}

/** Lines in a code block. Three back-ticks inside would close it early. */
export function codeBlock(lines: string[]): Mrkdwn {
  const body = lines.map((line) => escapeMarkup(clean(line)).replaceAll('```', "'''"))
  return { mrkdwn: `\`\`\`\n${body.join('\n')}\n\`\`\`` }
}

/** A link, or just its label when the address is not a plain http address of bearable length and free of secrets. */
export function link(address: string, label: string): Mrkdwn {
  const url = URL.parse(address)
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.href.length > 400) return md`${label}`
  if (inline(label) === '' || clean(decoded(url)) !== decoded(url)) return md`${label}`
  const target = escapeMarkup(url.href.replaceAll('|', '%7C').replaceAll('>', '%3E').replaceAll('<', '%3C'))
  return { mrkdwn: `<${target}|${inline(label).replaceAll('|', '/')}>` }
}

/** A moment in the reader's own time zone; clients that can't do that show UTC. */
export function moment(iso: string): Mrkdwn {
  const date = new Date(iso)
  const seconds = Math.floor(date.getTime() / 1000)
  return { mrkdwn: `<!date^${seconds}^{date_short_pretty} {time}|${utc(date)}>` }
}

/** The same moment where no mark-up is read: notifications. */
export function utc(date: Date): string {
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

/** A person, by Slack's id; anything that is not an id is shown as text. */
export function person(userId: string): Mrkdwn {
  return /^[UW][A-Z0-9]{2,20}$/.test(userId) ? { mrkdwn: `<@${userId}>` } : md`${userId}`
}

/**
 * A line for notifications and for clients without blocks. There is no code block to hide an address in, so addresses
 * lose their scheme: Slack makes links of those that have one.
 */
export function plainLine(text: string): string {
  return inline(clean(text).replace(/[a-z0-9+.-]{0,40}:\/{2,}/gi, ''))
}

/**
 * What may be shown of a text: no escape sequences, control, bidirectional or invisible characters, and secrets masked
 * (again: what is quoted here was redacted when the log was read, and this is the last edge before other people see it).
 */
export function clean(text: string): string {
  const visible = text
    .toWellFormed()
    .replace(escapeSequences, '')
    .replace(/\t/g, ' ')
    .replace(/\r\n?|[\u2028\u2029\u0085]/g, '\n')
    .replace(invisible, '')
  return visible.split('\n').map(redact).join('\n')
}

/**
 * At most `max` characters as they will be counted: escaped for mrkdwn and quoted for JSON. Cut out of the middle, for
 * the ends of a log line say most. Cleans first, so that a cut never saves half a secret.
 */
export function cut(text: string, max: number): string {
  const characters = [...clean(text)]
  const costs = characters.map(cost)
  if (sum(costs) <= max) return characters.join('')
  const tail = take(costs.toReversed(), Math.floor((max - ellipsis.length) / 3))
  const head = take(costs, max - ellipsis.length - tail.spent)
  return characters.slice(0, head.count).join('') + ellipsis + characters.slice(characters.length - tail.count).join('')
}

/** How much of Slack's budget a text uses. */
export function weight(text: string): number {
  return sum([...text].map(cost))
}

const ellipsis = ' … '

// OSC, CSI, then two-character escape sequences; also those that a cut log left unfinished.
const escapeSequences =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must go
  /\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]?|\u001b[ -/]*[0-~]?/g

// Controls but newline, format characters (zero-width, bidirectional), and whatever else is meant to show as nothing.
const invisible = /(?!\n)[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu

function inline(text: string): string {
  return escapeMarkup(oneLine(clean(text))).replaceAll('```', "'''")
}

// What a reader would see of it; an address that can't be decoded is left as it is.
function decoded({ href }: URL): string {
  try {
    return decodeURIComponent(href)
  } catch {
    return href
  }
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function cost(character: string): number {
  if (character === '&') return 5
  if (character === '<' || character === '>') return 4
  if (character === '"' || character === '\\' || character === '\n') return 2
  return character.length
}

function take(costs: number[], budget: number): { count: number; spent: number } {
  let spent = 0
  let count = 0
  for (const each of costs) {
    if (spent + each > budget) break
    spent += each
    count++
  }
  return { count, spent }
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}

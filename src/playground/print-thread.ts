/**
 * A Slack message with its thread as plain text, the way a person would read it: for `npm start`, and for tests that
 * show what a message looks like.
 */
export type PostedMessage = {
  ts: string
  text: string
  blocks?: unknown[]
  thread_ts?: string
  reply_broadcast?: boolean
  user?: string
  metadata?: unknown
}

/** The parent, then its replies, indented under a bar. */
export function printThread(parent: PostedMessage, replies: PostedMessage[]): string {
  const under = replies.map((reply) => {
    const body = printMessage(reply)
    const sent = reply.reply_broadcast ? `(also sent to the channel)\n${body}` : body
    return sent
      .split('\n')
      .map((line) => `  │ ${line}`.trimEnd())
      .join('\n')
  })
  return [printMessage(parent), ...under].join('\n\n')
}

/** One message as text; a message without blocks is its fallback line. */
export function printMessage({ text, blocks = [] }: PostedMessage): string {
  if (blocks.length === 0) return plain(text)
  return blocks.map(printBlock).join('\n\n')
}

function printBlock(block: unknown): string {
  if (!isRecord(block)) return ''
  if (block.type === 'divider') return '─'.repeat(40)
  if (block.type === 'context' && Array.isArray(block.elements)) return `(${block.elements.map(textOf).join(' ')})`
  if (block.type === 'actions' || block.type === 'context_actions') return printButtons(block.elements)
  if (block.type === 'image') return `🖼 ${typeof block.alt_text === 'string' ? block.alt_text : ''}`
  return textOf(block.text)
}

/** `[Re-run failed jobs] [Rebuild without cache] [… Prune caches | Prune tags]` */
function printButtons(elements: unknown): string {
  const labels = (Array.isArray(elements) ? elements : []).flatMap((element: unknown) => {
    if (!isRecord(element)) return []
    const { text, options, positive_button: yes, negative_button: no } = element
    if (Array.isArray(options)) return [`… ${options.map((option) => textOf(option?.text)).join(' | ')}`]
    return [{ text }, yes, no].map((button) => (isRecord(button) ? textOf(button.text) : '')).filter(Boolean)
  })
  return labels.map((label) => `[${label}]`).join(' ')
}

function textOf(object: unknown): string {
  return isRecord(object) && typeof object.text === 'string' ? plain(object.text) : ''
}

/** mrkdwn → text: emoji as characters, links with their address, dates as their fallback, code blocks indented. */
function plain(mrkdwn: string): string {
  const [outside = '', ...rest] = mrkdwn.split('```')
  return [
    plainOutside(outside),
    ...rest.map((part, index) => (index % 2 === 0 ? codeLines(part) : plainOutside(part))),
  ].join('')
}

function plainOutside(mrkdwn: string): string {
  const text = mrkdwn
    .replace(/<!date\^[^|>]*\|([^>]*)>/g, '$1')
    .replace(/<(https?:[^|>]*)\|([^>]*)>/g, (_, address: string, label: string) => `${label} <${address}>`)
    .replace(/:([a-z_]+):/g, (whole, name: string) => emoji[name] ?? whole)
    .replace(/(^|[\s(:])\*([^*\n]+)\*/g, '$1$2')
  return readable(text)
}

function codeLines(part: string): string {
  const lines = readable(part)
    .replace(/^\n|\n$/g, '')
    .split('\n')
  return lines.map((line) => `    ${line}`).join('\n')
}

function readable(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}

const emoji: Record<string, string> = {
  red_circle: '🔴',
  large_green_circle: '🟢',
  white_check_mark: '✅',
  heavy_minus_sign: '➖',
  no_entry: '⛔',
  warning: '⚠️',
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

import { code, cut, join, type Mrkdwn, md } from './escape.ts'

/**
 * A line of a runbook's Markdown as Slack's: code and bold stay, a link is its label, all else is text. Emphasis that
 * is not closed is text too.
 */
export function runbookText(markdown: string, most: number): Mrkdwn {
  const line = cut(markdown.replace(/\[([^\][]*)\]\([^()\s]*\)/g, '$1'), most)
  return join(line.split(/(`[^`]+`|\*\*[^*`]+\*\*)/).map(part), '')
}

function part(text: string): Mrkdwn {
  if (/^`[^`]+`$/.test(text)) return code(text.slice(1, -1))
  if (/^\*\*[^*`]+\*\*$/.test(text)) return md`*${text.slice(2, -2).trim()}*`
  return spaced(text)
}

/** `md` trims what it is given; what stands between two words of code may be one space. */
function spaced(text: string): Mrkdwn {
  const before = /^\s/.test(text) ? ' ' : ''
  const after = /\s$/.test(text) && text.trim() !== '' ? ' ' : ''
  return { mrkdwn: `${before}${md`${text.replaceAll('`', "'")}`.mrkdwn}${after}` }
}

import { redact } from '../build/redact.ts'

/**
 * GitHub's Markdown with text of a repository in it. Such text is masked, and can be no link, image, mention, HTML or
 * further column of a table.
 */

/** In a code span, where nobody is mentioned and nothing is a link. */
export function code(text: string): string {
  const line = cut(visible(redact(text)).replace(/\s+/g, ' ').trim(), 200)
  if (line === '') return ''
  const ticks = '`'.repeat(1 + Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length)))
  const space = /^`|`$/.test(line) ? ' ' : ''
  return `${ticks}${space}${line}${space}${ticks}`
}

/** A row of a table. A bar ends a column even in code, unless a backslash stands before it. */
export function row(cells: string[]): string {
  return `| ${cells.map((cell) => cell.replace(/(?<!\\)\|/g, '\\|')).join(' | ')} |`
}

/** A sentence of ours that may quote others; what it has in back-ticks stays code. */
export function prose(text: string): string {
  const line = cut(visible(redact(text)).replace(/\s+/g, ' ').trim(), 1_000)
  return line
    .split(/(`[^`]+`)/)
    .map((part, at) => (at % 2 === 1 ? code(part.slice(1, -1)) : escaped(part)))
    .join('')
}

/** A block of code; a line of back-ticks inside does not end it. */
export function fenced(language: string, text: string): string {
  const body = text
    .split('\n')
    .map((line) => visible(redact(line)))
    .join('\n')
    .trimEnd()
  const fence = '`'.repeat(Math.max(3, 1 + Math.max(0, ...[...body.matchAll(/`+/g)].map(([run]) => run.length))))
  return `${fence}${language}\n${body}\n${fence}`
}

function escaped(text: string): string {
  return (
    text
      .replace(/[\\`*_[\]<>|~&]/g, '\\$&')
      // a mention or an address, which no backslash undoes
      .replace(/@(?=\w)|(?<=\w)(?=:\/\/)|(?<=\bwww)(?=\.)/g, (at) => `${at}\u200B`)
  )
}

/** Without control, bidirectional and other characters that show as nothing. */
function visible(text: string): string {
  return text.toWellFormed().replace(/(?![\n\t])[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, '')
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most).toWellFormed()}…`
}

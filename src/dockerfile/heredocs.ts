import { unquoted, wordsOf } from './words.ts'

/** `<<EOF`, `<<-"EOF"` in an instruction, in order (`heredocsFromLine` in BuildKit's `parser/parser.go`). */
export function heredocsOf(line: string): HeredocStart[] {
  return wordsOf(line, '\\').flatMap((word) => heredocStart(word) ?? [])
}

export type HeredocStart = { name: string; chomp: boolean }

/** A word is a heredoc only when it begins as one: `cat<<EOF` is a matter of the shell. */
export function heredocStart(word: string): HeredocStart | null {
  const found = /^\d*<<(-?)([^<]+)$/.exec(word)
  if (!found || wordsOf(found[2] ?? '', '\\').length !== 1) return null
  const name = unquoted((found[2] ?? '').trim())
  return name === '' ? null : { name, chomp: found[1] === '-' }
}

export function isHeredocKeyword(keyword: string): boolean {
  return keyword === 'RUN' || keyword === 'COPY' || keyword === 'ADD'
}

/** What BuildKit shows of a RUN that is nothing but a heredoc (`summarizeHeredoc` in `dockerfile2llb/convert.go`). */
export function heredocSummary(body: string): string {
  const [first = '', ...more] = body.trim().split('\n')
  return `${first.trimEnd()}${more.length > 0 ? '...' : ''}`
}

import { heredocsOf, isHeredocKeyword } from './heredocs.ts'
import { isJsonForm, splitCommand } from './words.ts'

/**
 * A Dockerfile's instructions as lines, the way BuildKit joins them (`Parse` in `frontend/dockerfile/parser/parser.go`):
 * the escape character at a line's end continues it, comments and empty lines in between vanish, heredocs follow.
 */
export function readLines(text: string): Lines {
  const reader: Reader = { source: splitLines(text), at: 0, escape: '\\', faults: [] }
  const syntax = readDirectives(reader)
  const lines: LogicalLine[] = []
  while (reader.at < reader.source.length) {
    const line = readLine(reader)
    if (line) lines.push(line)
  }
  return { syntax, escape: reader.escape, lines, faults: reader.faults }
}

export type Lines = {
  syntax: string | null
  escape: '\\' | '`'
  lines: LogicalLine[]
  faults: Fault[]
}

/** `line` and `endLine` count from 1; `endLine` is that of the last heredoc's end. */
export type LogicalLine = { text: string; line: number; endLine: number; heredocs: string[] }

export type Fault = { line: number; message: string }

type Reader = { source: string[]; at: number; escape: '\\' | '`'; faults: Fault[] }

function splitLines(text: string): string[] {
  const lines = text.replace(/^\uFEFF/, '').split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines.map((line) => (line.endsWith('\r') ? line.slice(0, line.endsWith('\r\r') ? -2 : -1) : line))
}

/** `# syntax=`, `# escape=` and `# check=` count only before anything else (`parser/directives.go`). */
function readDirectives(reader: Reader): string | null {
  const seen = new Map<string, string>()
  if (reader.source[0]?.startsWith('#!')) reader.at++
  for (; reader.at < reader.source.length; reader.at++) {
    const found = /^\s*#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=(.+)$/.exec(reader.source[reader.at] ?? '')
    const name = found?.[1]?.toLowerCase()
    if (!found || (name !== 'syntax' && name !== 'escape' && name !== 'check')) break
    const value = found[2]?.trim() ?? ''
    if (seen.has(name)) fault(reader, reader.at + 1, `only one ${name} parser directive can be used`)
    else seen.set(name, value)
    if (name !== 'escape') continue
    if (value === '`' || value === '\\') reader.escape = value
    else fault(reader, reader.at + 1, `invalid escape token '${value}' does not match \` or \\`)
  }
  return seen.get('syntax') ?? null
}

function readLine(reader: Reader): LogicalLine | null {
  const first = reader.source[reader.at++] ?? ''
  const line = reader.at
  if (isComment(first) || first.trim() === '') return null
  const parts = [withoutContinuation(first.trimStart(), reader.escape)]
  while (parts.at(-1)?.continues && reader.at < reader.source.length) {
    const next = reader.source[reader.at++] ?? ''
    // A comment or an empty line neither adds anything nor ends the instruction.
    if (!isComment(next) && next.trim() !== '') parts.push(withoutContinuation(next, reader.escape))
  }
  const text = parts.map((part) => part.text).join('')
  const heredocs = readHeredocs(reader, text, line)
  return { text: text.trim(), line, endLine: reader.at, heredocs }
}

function isComment(line: string): boolean {
  return /^\s*#/.test(line)
}

/** The escape character last on a line, unless a second one stands before it (`lineContinuationRegex`). */
function withoutContinuation(line: string, escapeWith: string): { text: string; continues: boolean } {
  const end = line.trimEnd()
  const continues = end.endsWith(escapeWith) && end.at(-2) !== escapeWith
  return { text: continues ? end.slice(0, -1) : line, continues }
}

function readHeredocs(reader: Reader, text: string, line: number): string[] {
  if (!text.includes('<<')) return []
  const { keyword, rest } = heredocCommand(text, reader.escape)
  if (!isHeredocKeyword(keyword) || isJsonForm(rest)) return []
  return heredocsOf(text).map(({ name, chomp }) => {
    const body: string[] = []
    while (reader.at < reader.source.length) {
      const next = reader.source[reader.at++] ?? ''
      if ((chomp ? next.replace(/^\t+/, '') : next) === name) return lines(body)
      body.push(chomp ? next.replace(/^\t+/, '') : next)
    }
    fault(reader, line, `unterminated heredoc: ${name} is missing`)
    return lines(body)
  })
}

/** What may carry a heredoc behind ONBUILD is the instruction that it announces. */
function heredocCommand(text: string, escapeWith: string): { keyword: string; rest: string } {
  const outer = splitCommand(text, escapeWith)
  return outer.keyword === 'ONBUILD' ? splitCommand(outer.rest, escapeWith) : outer
}

function lines(body: string[]): string {
  return body.map((line) => `${line}\n`).join('')
}

function fault(reader: Reader, line: number, message: string) {
  reader.faults.push({ line, message })
}

import { type Document, isNode, LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'
import type { Code } from './runbook-markdown.ts'
import type { Report } from './runbook-problem.ts'

/** Reading the YAML parts of a page: every mistake with its own line, and with a line that would have been right. */
/** What each key should hold, for the error messages. */
export type Expectations = Record<string, { expected: string; example: string }>
type Path = (string | number)[]
type Read<Value> = { value: Value | null; lineOf: (path: Path) => number }

export function readYaml<Value>(
  code: Code,
  schema: z.ZodType<Value>,
  expectations: Expectations,
  report: Report,
): Read<Value> {
  const counter = new LineCounter()
  const document = parseDocument(code.text, { lineCounter: counter })
  const lineAt = (offset: number | undefined) =>
    code.line + (offset === undefined ? 0 : counter.linePos(offset).line - 1)
  const lineOf = (path: Path): number => {
    // A key that is missing has no line: then the one above it in the tree.
    const node = document.getIn(path, true)
    if (isNode(node) && node.range) return lineAt(node.range[0])
    return path.length === 0 ? code.line : lineOf(path.slice(0, -1))
  }
  for (const error of document.errors) {
    report(
      lineAt(error.pos[0]),
      `this is not YAML: ${firstLine(error.message)}, expected \`key: value\` lines, e.g. id: disk-full-builder`,
    )
  }
  const found = document.errors.length > 0 ? null : plainValueOf(document)
  if (found === null) {
    if (document.errors.length === 0)
      report(code.line, 'its aliases stand for too much, expected each value written out')
    return { value: null, lineOf }
  }
  const parsed = schema.safeParse(found)
  for (const issue of parsed.error?.issues ?? []) {
    const path = issue.path.filter((part) => typeof part !== 'symbol')
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) report(lineOf([...path, key]), unknownKey([...path, key], expectations))
    } else if (issue.code === 'custom') report(lineOf(path), `\`${path[0]}\`: ${issue.message}`)
    else report(lineOf(path), wrongValue(path, at(found, path), expectations))
  }
  return { value: parsed.success ? parsed.data : null, lineOf }
}

/** What the document says; null when its aliases (`*name`) make too much or endless values of it. */
function plainValueOf(document: Document.Parsed): unknown {
  try {
    const value: unknown = document.toJS({ maxAliasCount: 20 }) ?? {}
    JSON.stringify(value)
    return value
  } catch {
    return null
  }
}

function unknownKey(path: Path, expectations: Expectations): string {
  return `unknown key \`${path.join('.')}\`, expected one of ${Object.keys(expectations).join(', ')}`
}

function wrongValue(path: Path, value: unknown, expectations: Expectations): string {
  const known = expectations[String(path[0])]
  const name = path.join('.')
  if (!known) return `expected a block of \`key: value\` lines, found ${describe(value)}, e.g. id: disk-full-builder`
  if (value === undefined) return `\`${name}\` is missing, expected ${known.expected}, e.g. ${known.example}`
  return `\`${name}\` should be ${known.expected}, found ${describe(value)}, e.g. ${known.example}`
}

function describe(value: unknown): string {
  if (Array.isArray(value) && value.length === 0) return 'an empty list'
  if (value === null || value === undefined) return 'nothing'
  const written = JSON.stringify(value)
  return written.length <= 300 ? written : `${written.slice(0, 300)}…`
}

function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, key) => (inner as Record<string | number, unknown> | null | undefined)?.[key],
    value,
  )
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? text).replace(/ at line \d+, column \d+:?$/, '')
}

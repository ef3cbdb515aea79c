import { RE2JS } from 're2js'
import { requiredLiterals } from './required-literals.ts'

/**
 * What gives a cause away. A literal is looked for without case; a pattern is RE2 exactly as its author wrote it
 * ((?i) when case should not matter). A pattern's `literals` are lower-cased texts of which every match
 * contains one, so that a matcher can pass over most lines without trying the pattern.
 */
export type Sign = (TextSign | { kind: 'observed'; name: Observable }) & {
  /** how basic this sign alone is, where it says less than its row's others */
  rank?: number
}
export type TextSign =
  | { kind: 'literal'; text: string }
  | { kind: 'pattern'; source: string; literals: string[] | null; also: string[][] }

/** What no single line says and the log as a whole shows; the manual of runbooks says what each means and captures. */
export const observable = [
  'builder-on-runner',
  'cache-never-used',
  'cache-switched-off',
  'cache-written-never-read',
  'cook-in-build',
  'from-image-built-here',
  'gha-cache-without-effect',
  'gha-import-without-hits',
  'same-gha-scope-twice',
  'unknown-cache-attribute',
] as const
export type Observable = (typeof observable)[number]

const shortestLiteral = 4

/** A sign as written in a page (`text` or `/pattern/`), or what is wrong with it. */
export function readSign(written: string, shortest = shortestLiteral): TextSign | { wrong: string } {
  const pattern = /^\/(.*)\/$/s.exec(written)?.[1]
  if (pattern === undefined) {
    if (written.trim().length >= shortest) return { kind: 'literal', text: written.toLowerCase() }
    return { wrong: `is too short to mean anything, expected at least ${shortest} characters, e.g. "ENOSPC"` }
  }
  try {
    RE2JS.compile(pattern)
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error)
    return { wrong: `is no RE2 pattern (${because}), expected one, e.g. /E: Unable to locate package (?P<name>\\S+)/` }
  }
  const { literals, also } = requiredLiterals(pattern) ?? { literals: null, also: [] }
  return { kind: 'pattern', source: pattern, literals, also }
}

const observedCaptures: Partial<Record<Observable, string[]>> = {
  'from-image-built-here': ['image'],
  'gha-cache-without-effect': ['entry'],
  'same-gha-scope-twice': ['scope'],
  'unknown-cache-attribute': ['attribute', 'entry'],
}

export function captureNames(sign: Sign): string[] {
  if (sign.kind === 'literal') return []
  if (sign.kind === 'observed') return observedCaptures[sign.name] ?? []
  return [...sign.source.matchAll(/\(\?P?<(\w+)>/g)].map((found) => found[1] ?? '')
}

const quote = /\{([a-z][a-z0-9_]*)(?:\|([^{}]*))?\}/g

/** Names quoted in a text as `{name}` or `{name|words for when it was not captured}`. */
export function quotedCaptures(text: string): { name: string; hasWords: boolean }[] {
  return [...text.matchAll(quote)].map(([, name, words]) => ({ name: name ?? '', hasWords: words !== undefined }))
}

/** What was captured may end a sentence where it stood; before a full stop of ours it does not. */
export function fillCaptures(text: string, captures: Record<string, string | undefined>): string {
  return text.replace(quote, (whole, name: string, words: string | undefined, at: number) => {
    const value = captures[name] ?? words ?? whole
    return text[at + whole.length] === '.' ? value.replace(/\.$/, '') : value
  })
}

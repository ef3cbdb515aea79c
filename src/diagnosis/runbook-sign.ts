import { RE2JS } from 're2js'

/**
 * What gives a cause away. A literal is looked for without case; a pattern is RE2 exactly as its author wrote it
 * ((?i) when case should not matter). A pattern's `literal` is lower-cased text that every match must contain, so that a
 * matcher can pass over most lines without trying the pattern.
 */
export type Sign = TextSign | { kind: 'observed'; name: Observable }
export type TextSign = { kind: 'literal'; text: string } | { kind: 'pattern'; source: string; literal: string | null }

/** What no single line says and the log as a whole shows; `observe.ts` has what each means and captures. */
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
  return { kind: 'pattern', source: pattern, literal: requiredLiteral(pattern) }
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

/**
 * The longest plain run that must occur in every match. Classes end a run, a group counts by itself when it cannot be
 * absent, and a `|` means there is no such text. Rather null than a wrong answer.
 */
export function requiredLiteral(pattern: string): string | null {
  const runs: string[] = []
  let run = ''
  const end = () => {
    runs.push(run)
    run = ''
  }
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at] ?? ''
    if (char === '|') return null
    if (char === '\\') {
      at++
      const escaped = pattern[at] ?? ''
      // \d \s \b \pN \x41 \Q…\E: not text we want to interpret. \. \( \/ are the character itself.
      if (/[QpPx0-9]/.test(escaped)) return null
      if (/[A-Za-z]/.test(escaped)) end()
      else run += escaped
    } else if (char === '[') {
      end()
      at = endOfClass(pattern, at)
    } else if (char === '(') {
      end()
      const start = at
      at = endOfGroup(pattern, at)
      if (!'*?{'.includes(pattern[at + 1] ?? '+')) runs.push(requiredLiteral(insideOfGroup(pattern, start, at)) ?? '')
    } else if (char === '*' || char === '?' || char === '{') {
      // The character before may be absent.
      run = run.slice(0, -1)
      end()
      if (char === '{') at = Math.max(at, pattern.indexOf('}', at))
    } else if ('.+^$)]}'.includes(char)) end()
    else run += char
  }
  end()
  const longest = runs.reduce((best, other) => (other.length > best.length ? other : best))
  return longest.trim().length >= shortestLiteral ? longest.toLowerCase() : null
}

function endOfClass(pattern: string, start: number): number {
  let at = start + (pattern[start + 1] === '^' ? 2 : 1)
  // A ] in first place is itself a member.
  if (pattern[at] === ']') at++
  for (; at < pattern.length && pattern[at] !== ']'; at++) {
    if (pattern[at] === '\\') at++
    else if (pattern.startsWith('[:', at)) at = pattern.indexOf(':]', at) + 1
  }
  return at
}

/** What stands in a capturing or plain group; nothing for one that sets flags or is something rarer. */
function insideOfGroup(pattern: string, start: number, end: number): string {
  return pattern.slice(start + 1, end).replace(/^\?(?:P?<\w+>|:)|^\?.*$/s, '')
}

function endOfGroup(pattern: string, start: number): number {
  let depth = 0
  for (let at = start; at < pattern.length; at++) {
    const char = pattern[at]
    if (char === '\\') at++
    else if (char === '[') at = endOfClass(pattern, at)
    else if (char === '(') depth++
    else if (char === ')' && --depth === 0) return at
  }
  return pattern.length
}

const quote = /\{([a-z][a-z0-9_]*)(?:\|([^{}]*))?\}/g

/** Names quoted in a text as `{name}` or `{name|words for when it was not captured}`. */
export function quotedCaptures(text: string): { name: string; hasWords: boolean }[] {
  return [...text.matchAll(quote)].map(([, name, words]) => ({ name: name ?? '', hasWords: words !== undefined }))
}

export function fillCaptures(text: string, captures: Record<string, string | undefined>): string {
  return text.replace(quote, (whole, name: string, words: string | undefined) => captures[name] ?? words ?? whole)
}

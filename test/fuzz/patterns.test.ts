import { globSync, readFileSync } from 'node:fs'
import { parseSync } from '@swc/core'
import { RE2JS } from 're2js'
import { analyse } from 'scslre'
import { describe, expect, test } from 'vitest'
import { loadRunbooks, ownRunbooks } from '../../src/diagnosis/runbooks.ts'

/**
 * A line of 60,000 characters that somebody else wrote must not take seconds: a pattern that goes back over its steps
 * takes 60,000 times as long as one that does not. scslre proves it for texts that repeat one character; for other texts
 * see hostile-lines.test.ts.
 */
describe('every pattern of ours takes time in proportion to its text', () => {
  const patterns = globSync('{src,commands}/**/*.ts').flatMap((file) =>
    literalsIn(readFileSync(file, 'utf8')).map((literal) => ({ file, ...literal })),
  )

  test('patterns are found', () => {
    expect(patterns.length).toBeGreaterThan(300)
    expect(patterns.some(({ file, pattern }) => file.endsWith('plain.ts') && pattern.startsWith('^(?:(CACHED'))).toBe(
      true,
    )
    expect(slowParts({ pattern: '^(a+)+$', flags: '' })).not.toEqual([])
  })

  test('none goes back over its steps', () => {
    const slow = patterns.flatMap((literal) =>
      slowParts(literal).map((part) => `${literal.file}: /${literal.pattern}/ at ${part}`),
    )
    expect(slow).toEqual([])
  })
})

test('every pattern of our runbooks runs on RE2', async () => {
  const { rows } = await loadRunbooks([ownRunbooks])
  const signs = [...rows.values()].flatMap((row) => [
    ...row.signs,
    ...row.all.map(({ sign }) => sign),
    ...row.unless.map(({ sign }) => sign),
    ...[row.step, row.stepUnless].filter((sign) => sign !== null),
  ])
  const patterns = signs.flatMap((sign) => (sign.kind === 'pattern' ? sign.source : []))
  expect(patterns.length).toBeGreaterThan(100)
  for (const pattern of patterns) expect(() => RE2JS.compile(pattern)).not.toThrow()
})

type Literal = { pattern: string; flags: string }

/** The regular expressions that stand in a source text. */
function literalsIn(source: string): Literal[] {
  const found: Literal[] = []
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    if ('type' in node && node.type === 'RegExpLiteral' && 'pattern' in node && 'flags' in node)
      found.push({ pattern: String(node.pattern), flags: String(node.flags) })
    for (const child of Object.values(node)) walk(child)
  }
  walk(parseSync(source, { syntax: 'typescript', target: 'esnext' }))
  return found
}

/** Where the pattern may try the same text again and again. */
function slowParts({ pattern, flags }: Literal): string[] {
  return analyse({ source: pattern, flags }).reports.map(({ character }) => `repeated ${character.pick}`)
}

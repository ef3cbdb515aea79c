import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { requiredLiterals } from '../../src/diagnosis/required-literals.ts'
import { loadRunbooks, ownRunbooks } from '../../src/diagnosis/runbooks.ts'

describe('texts of which every match of a pattern contains one', () => {
  const patterns: [string, string[] | null][] = [
    ['E: Unable to locate package (?P<name>\\S+)', ['e: unable to locate package ']],
    ['(?i)failed to FETCH', ['failed to fetch']],
    ['^\\S+: not found$', [': not found']],
    ['not found|denied', ['not found', 'denied']],
    ['(?P<why>not found|denied)', ['not found', 'denied']],
    ['(not found|no)', null],
    ['colou?r of it', ['colour of it', 'color of it']],
    ['lines{0,2} there', [' there']],
    ['(exit|status) code', ['exit code', 'status code']],
    ['code (40[13]|50\\d)', ['code ']],
    ['[Rr]eading blob', ['reading blob']],
    ['[a-f]eading', ['eading']],
    ['[^r]eading', ['eading']],
    ['to (some|any).*(TIMEOUT_FAR|RESET_NEAR)', ['timeout_far', 'reset_near']],
    ['\\d\\.\\d\\.\\d', null],
    ['registry\\.npmjs\\.org', ['registry.npmjs.org']],
    ['[^\\]abcdef]x', null],
    ['[]abcdef]x', null],
    ['[[:alpha:]wxyz]more', ['more']],
    ['(a(b|c[)])long text inside)', ['ablong text inside', 'ac)long text inside']],
    ['\\x41bcdef', null],
    ['(?:never absent)+', ['never absent']],
    ['(maybe absent)?', null],
    ['(maybe absent){0,2}', null],
    ['(?i:never absent)', ['never absent']],
    ['naïve text', ['ve text']],
    ['unclosed (group', null],
  ]
  test.each(patterns)('%s', (pattern, literals) =>
    expect(requiredLiterals(pattern)?.literals ?? null).toEqual(literals),
  )
})

const { rows } = await loadRunbooks([ownRunbooks])
const sources = [...rows.values()].flatMap((row) =>
  [...row.signs, ...[...row.all, ...row.unless].map(({ sign }) => sign)].flatMap((sign) =>
    sign.kind === 'pattern' ? sign.source : [],
  ),
)

test('the text that is rarer is looked for, the others are asked for', () => {
  expect(requiredLiterals('(http|status) (code|line) .*(TIMEOUT_FAR|RESET_NEAR)')).toEqual({
    literals: ['timeout_far', 'reset_near'],
    also: [['http code ', 'http line ', 'status code ', 'status line ']],
  })
  expect(requiredLiterals('ERROR: \\S*BUILD\\S*:\\d+')?.literals).toEqual(['error: '])
})

test('whatever our own patterns match contains one of their texts', () => {
  for (const source of new Set(sources)) {
    const found = requiredLiterals(source)
    const texts = found && generated(source)
    if (!texts) continue
    fc.assert(
      fc.property(texts, (text) => {
        const lower = text.toLowerCase()
        for (const list of [found.literals, ...found.also])
          expect(
            list.some((literal) => lower.includes(literal)),
            `${source} in ${text}`,
          ).toBe(true)
      }),
      { numRuns: 15 },
    )
  }
}, 60_000)

/** Texts that the pattern matches; null where RE2 says something in words that the generator does not know. */
function generated(source: string): fc.Arbitrary<string> | null {
  try {
    const plain = source
      .replaceAll('(?P<', '(?<')
      .replace(/\(\?i:?/g, '(?:')
      .replaceAll('(?:)', '')
      .replaceAll('\\b', '')
    return fc.stringMatching(new RegExp(plain))
  } catch {
    return null
  }
}

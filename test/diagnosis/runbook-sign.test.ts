import { describe, expect, test } from 'vitest'
import { fillCaptures, readSign, requiredLiteral } from '../../src/diagnosis/runbook-sign.ts'

describe('the text that every match of a pattern contains', () => {
  const patterns: [string, string | null][] = [
    ['E: Unable to locate package (?P<name>\\S+)', 'e: unable to locate package '],
    ['(?i)failed to FETCH', 'failed to fetch'],
    ['^\\S+: not found$', ': not found'],
    ['not found|denied', null],
    ['(not found|denied)', null],
    ['colou?r of it', 'r of it'],
    ['lines{0,2} there', ' there'],
    ['abcd+efg', 'abcd'],
    ['\\d\\.\\d\\.\\d', null],
    ['registry\\.npmjs\\.org', 'registry.npmjs.org'],
    ['[^\\]abcdef]x', null],
    ['[]abcdef]x', null],
    ['[[:alpha:]wxyz]more', 'more'],
    ['(a(b|c[)])long text inside)', 'long text inside'],
    ['\\x41bcdef', null],
    ['(?P<why>unknown instruction: \\S+)', 'unknown instruction: '],
    ['(?:never absent)+', 'never absent'],
    ['(maybe absent)?', null],
    ['(maybe absent){0,2}', null],
    ['(?i:never absent)', null],
    ['a(?:optional)?tail of it', 'tail of it'],
  ]
  test.each(patterns)('%s', (pattern, literal) => expect(requiredLiteral(pattern)).toBe(literal))
})

test('a sign is a text without case, or a pattern as written', () => {
  expect(readSign('No Space')).toEqual({ kind: 'literal', text: 'no space' })
  expect(readSign('/Exit (\\d+)/')).toEqual({ kind: 'pattern', source: 'Exit (\\d+)', literal: 'exit ' })
  expect(readSign('/(?=x)look/')).toMatchObject({ wrong: expect.stringContaining('is no RE2 pattern') })
})

test('captures are quoted by name, with other words where they may be missing', () => {
  expect(fillCaptures('{file} and {file|a file}', { file: 'x.c' })).toBe('x.c and x.c')
  expect(fillCaptures('{file|A file} of ${{ github.sha }}', {})).toBe('A file of ${{ github.sha }}')
})

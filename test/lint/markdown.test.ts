import { describe, expect, test } from 'vitest'
import { code, fenced, prose, row } from '../../src/lint/markdown.ts'

describe('text of a repository in Markdown', () => {
  test.each([
    ['RUN npm ci', '`RUN npm ci`'],
    ['RUN echo `date`', '`` RUN echo `date` ``'],
    ['a\n\n| b', '`a | b`'],
    ['pass\u202Eword\u0007', '`password`'],
    ['', ''],
  ])('%j is code', (text, expected) => {
    expect(code(text)).toBe(expected)
  })

  test.each([
    ['copies `a*b` to *b*', 'copies `a*b` to \\*b\\*'],
    ['ask @robin at https://x.test', 'ask @\u200Brobin at https\u200B://x.test'],
    ['<b>[x](y)</b>', '\\<b\\>\\[x\\](y)\\</b\\>'],
    ['ENV TOKEN=ghp_0123456789abcdefABCDEF0123456789abcd', 'ENV TOKEN=\\*\\*\\*'],
  ])('%j is a sentence', (text, expected) => {
    expect(prose(text)).toBe(expected)
  })

  test('a bar does not end a column, and a fence does not end a block', () => {
    expect(row(['a | b', 'c \\| d'])).toBe('| a \\| b | c \\| d |')
    expect(fenced('diff', '+a\n```\n+b\n')).toBe('````diff\n+a\n```\n+b\n````')
  })
})

import { expect, test } from 'vitest'
import { listed, passed, quoted, timeShown } from '../../src/verdict/evidence.ts'

test.each([
  [0, '0 s'],
  [0.4, '0 s'],
  [47.6, '48 s'],
  [59.7, '1 min'],
  [182, '3 min 2 s'],
  [3_600, '1 h'],
  [3_725, '1 h 2 min'],
])('%s seconds are told as %s', (seconds, told) => {
  expect(timeShown(seconds)).toBe(told)
})

test('what is quoted stays on its line, between its own quotes, and short', () => {
  expect(quoted('RUN `date`\n  && x')).toBe("`RUN 'date' && x`")
  expect(quoted('x'.repeat(100), 10)).toBe(`\`${'x'.repeat(9)}…\``)
  expect([...passed('👩‍💻'.repeat(500)).evidence].length).toBeLessThanOrEqual(400)
})

test('a token is masked before it is cut, so that no half of it shows', () => {
  const token = `ghp_${'a1B2'.repeat(9)}`
  expect(quoted(`RUN curl ${token}`, 30)).not.toContain('a1B2')
})

test('long lists are counted', () => {
  expect(listed(['a', 'b', 'c'])).toBe('a, b, c')
  expect(listed(['a', 'b', 'c', 'd', 'e'])).toBe('a, b, c and 2 more')
})

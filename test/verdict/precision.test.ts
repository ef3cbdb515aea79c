import { expect, test } from 'vitest'
import { precisionOf, tellPrecision } from '../../src/verdict/precision.ts'

test.each([
  [{ thumbsUp: 0, thumbsDown: 0, fixed: 0, sameFailure: 0 }, null, 'too few'],
  [{ thumbsUp: 4, thumbsDown: 0, fixed: 0, sameFailure: 0 }, 1, 'too few'],
  [{ thumbsUp: 3, thumbsDown: 0, fixed: 1, sameFailure: 1 }, 0.8, '80 %'],
  [{ thumbsUp: 0, thumbsDown: 3, fixed: 0, sameFailure: 2 }, 0, '0 %'],
  [{ thumbsUp: 10, thumbsDown: 1, fixed: 3, sameFailure: 0 }, 13 / 14, '93 %'],
])('%j is a precision of %s, told as %s', (counts, precision, told) => {
  expect(precisionOf(counts)).toBe(precision)
  expect(tellPrecision(counts)).toBe(told)
})

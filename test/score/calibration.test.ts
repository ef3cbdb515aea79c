import { expect, test } from 'vitest'
import { calibration } from './calibration.ts'
import type { Judged } from './scoreboard.ts'

const judged = (verdict: Judged['verdict'], confidence: number, said = 'a'): Judged => ({
  id: 'x',
  family: 'run',
  cause: 'a',
  verdict,
  said,
  confidence,
  outcome: 'right',
  steps: 'not counted',
  stepsSaid: '',
})

test('what was stated stands beside what was observed, bin by bin', () => {
  const table = calibration([
    ...Array.from({ length: 19 }, () => judged('right', 0.95)),
    judged('wrong', 0.95),
    judged('right', 0.8),
    judged('vague', 0.5),
    judged('right', 0.5),
    judged('missed', 0, 'nothing'),
    judged('vague', 0, 'unknown-failure'),
  ]).split('\n')
  expect(table).toContain('| 0.95 and more | 20 | 19 | 0 | 1 | 0.95 | 0.95 |')
  expect(table).toContain('| 0.80 to 0.90 | 1 | 1 | 0 | 0 | 0.80 | 1.00 |')
  // a vague answer is neither right nor wrong
  expect(table).toContain('| 0.50 to 0.70 | 2 | 1 | 1 | 0 | 0.50 | 1.00 |')
  expect(table).toContain('| 0.00 to 0.50 | 0 | 0 | 0 | 0 | – | – |')
  expect(table).toContain('25 logs; of 2 nothing was said, or that the cause is not known.')
})

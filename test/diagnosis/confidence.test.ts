import { expect, test } from 'vitest'
import type { Candidate } from '../../src/diagnosis/candidates.ts'
import { confidenceOf } from '../../src/diagnosis/confidence.ts'
import { row } from './catalogue.ts'

const candidate = (over: Partial<Candidate> = {}): Candidate => ({
  row: row('a', { signs: ['boom'] }),
  hits: [],
  rank: over.row?.rank ?? 50,
  fatal: true,
  nearness: 3,
  ...over,
})
const rival = (over: Partial<Candidate> = {}, family: 'disk' | 'run' = 'disk') =>
  candidate({ row: row('b', { signs: ['bang'], family }), ...over })

test('the nearer the sign to what failed, the surer', () => {
  const sure = ([3, 2, 1] as const).map((nearness) => confidenceOf(candidate({ nearness }), [], true))
  expect(sure).toEqual([0.95, 0.9, 0.8])
})

test('a fallback rule is unsure wherever it stands', () => {
  const fallback = candidate({ row: row('a', { signs: ['exit code'], rank: 10 }) })
  expect(confidenceOf(fallback, [], true)).toBe(0.5)
  expect(confidenceOf({ ...fallback, rank: 11 }, [], true)).toBe(0.95)
})

test('a log without its end makes unsure', () => {
  expect(confidenceOf(candidate(), [], false)).toBe(0.85)
})

test('a rival as basic and as near makes unsure, once', () => {
  const one = candidate()
  expect(confidenceOf(one, [one, rival()], true)).toBe(0.8)
  expect(confidenceOf(one, [one, rival(), rival()], true)).toBe(0.8)
})

test.each([
  ['itself', (one: Candidate) => one],
  ['a cause of the same family', () => rival({}, 'run')],
  ['a less basic one', () => rival({ row: row('b', { signs: ['x'], family: 'disk', rank: 49 }) })],
  ['one further away', () => rival({ nearness: 2 })],
  ['one that explains nothing', () => rival({ fatal: false })],
])('no rival is %s', (_, other) => {
  const one = candidate()
  expect(confidenceOf(one, [one, other(one)], true)).toBe(0.95)
})

test('what only evidence outside the log confirms is no more than likely', () => {
  const hint = candidate({ row: row('a', { signs: ['boom'], confirmedBy: ['caches'] }) })
  expect(confidenceOf(hint, [], true)).toBe(0.6)
  expect(confidenceOf({ ...hint, nearness: 1 }, [], true)).toBe(0.45)
})

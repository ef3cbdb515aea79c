import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { loadRunbooks } from '../src/diagnosis/runbooks.ts'
import { readAccept, readLabelledLogs } from './score/scoreboard.ts'
import { greenLines, inLongJob, type Shown, show, shownBoard, unknownCases } from './score/unknown.ts'

/** What people are shown of a failure that no rule knows: the corpus explained without any rule. */
const read = (name: string) => readFileSync(new URL(`fixtures/corpus/${name}`, import.meta.url), 'utf8')
const catalogue = await loadRunbooks([fileURLToPath(new URL('../runbooks', import.meta.url))])
const logs = readLabelledLogs(read('real-logs.jsonl'), 'real-logs.jsonl')
const cases = unknownCases(logs, readAccept(read('accept.json')), catalogue)
const longer = cases.map((one) => inLongJob(one, 1))

const share = (shown: Shown[], holds: (one: Shown) => boolean) => shown.filter(holds).length / shown.length
const missed = (shown: Shown[]) =>
  [shownBoard(shown), ...shown.filter(({ found }) => !found).map(({ id }) => id)].join('\n')

test('the corpus has enough failures whose true lines are known', () => {
  expect(cases.length).toBeGreaterThanOrEqual(30)
})

describe('a true line stands in the excerpt', () => {
  test('of 95 % of the real logs', () => {
    const shown = cases.map((one) => show(one))
    expect(
      share(shown, ({ found }) => found),
      missed(shown),
    ).toBeGreaterThanOrEqual(0.95)
  })

  test('of 95 % of them with hundreds of lines of other output around it, in at most 5 % of the bytes', () => {
    const shown = longer.map((one) => show(one))
    expect(
      share(shown, ({ found }) => found),
      missed(shown),
    ).toBeGreaterThanOrEqual(0.95)
    expect(share(shown, ({ bytes, quoted }) => quoted <= bytes / 20)).toBe(1)
  })

  test('of all of them when it is known what the job writes when all is well', () => {
    const green = greenLines(2)
    const shown = longer.map((one) => show(one, green))
    expect(
      share(shown, ({ found }) => found),
      missed(shown),
    ).toBe(1)
    expect(share(shown, ({ bytes, quoted }) => quoted <= bytes / 20)).toBe(1)
  })
})

test('an excerpt is never longer than twelve lines, nor than 1,500 bytes and the error of a short log', () => {
  for (const one of cases) {
    const { lines, quoted } = show(one)
    expect(lines).toBeLessThanOrEqual(12)
    expect(quoted).toBeLessThanOrEqual(1_500 + 2 * 400)
  }
})

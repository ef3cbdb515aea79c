import { describe, expect, test } from 'vitest'
import { explainer } from '../../src/diagnosis/explain.ts'
import { indexSigns } from '../../src/diagnosis/match.ts'
import { greenReader, type KnownLines, knownLines, tellingLines, weightOf } from '../../src/diagnosis/novelty.ts'

const none = indexSigns({ runbooks: [], rows: new Map() })
const step = '#7 [build 4/7] RUN make\n'
const failed = '#7 ERROR: process "/bin/sh -c make" did not complete successfully: exit code: 2\n'
const output = (lines: string[]) => lines.map((text) => `#7 1.5 ${text}\n`).join('')
const failing = (lines: string[]) => `${step}${output(lines)}${failed}ERROR: failed to solve: exit code: 2\n`

function green(lines: string[]): KnownLines {
  const reader = greenReader()
  reader.feed(new TextEncoder().encode(`${step}${output(lines)}#7 DONE 3.0s\n`))
  return knownLines(reader.end().signatures)
}

function quoted(log: string, known: KnownLines | null, late = false): string[] {
  const explaining = explainer(none, { novelty: { green: late ? null : known } })
  explaining.feed(new TextEncoder().encode(log))
  if (late) explaining.end({ kind: 'file', name: 'x' })
  const { diagnosis } = explaining.end({ kind: 'file', name: 'x' }, late ? { green: known } : {})
  return (diagnosis?.evidence ?? []).map(({ text }) => text)
}

describe('a failure that no rule knows', () => {
  const usual = ['warning: error handling is old', 'could not find a cache, going on (took 12 s)', 'linking app 3']
  const now = [
    'warning: error handling is old',
    'could not find a cache, going on (took 7 s)',
    'the gizmo bent',
    'linking app 4',
  ]

  test.each([false, true])('shows what the job does not write when all is well (learnt late: %s)', (late) => {
    const lines = quoted(failing(now), green(usual), late)
    expect(lines).toContain('the gizmo bent')
    expect(lines).not.toContain('could not find a cache, going on (took 7 s)')
  })

  test('shows the lines that read like errors when there is no green log', () => {
    const lines = quoted(
      failing([...Array(300).fill('working'), 'app.c:3:1: error: no gizmo', ...Array(99).fill('ok')]),
      null,
    )
    expect(lines).toContain('app.c:3:1: error: no gizmo')
    expect(lines.length).toBeLessThanOrEqual(12)
  })

  test('shows its last lines when all of them are known', () => {
    expect(quoted(failing(usual), green(usual))).toContain('linking app 3')
  })

  test('finds a new line in the midst of a step that writes without end', () => {
    const noise = Array.from({ length: 30_000 }, (_, index) => `compiling ${wordOf(index)}`)
    const log = failing([...noise.slice(0, 15_000), 'fatal: the gizmo bent', ...noise.slice(15_000)])
    expect(quoted(log, null)).toContain('fatal: the gizmo bent')
    expect(quoted(log, green(noise))).toContain('fatal: the gizmo bent')
  })
})

describe('of the lines of a step are chosen', () => {
  const lines = (...texts: string[]) => texts.map((text, index) => ({ line: index + 1, text }))

  test('those that read most like an error, in the order of the log', () => {
    const all = lines('calm', 'it failed somehow', 'error: bent gizmo', 'calm 2', ...Array(20).fill('more'))
    const chosen = tellingLines(all, { bytes: 0, most: 3 })
    expect(chosen.map(({ text }) => text)).toEqual(['it failed somehow', 'error: bent gizmo', 'calm 2'])
  })

  test('of many errors the first ones and the last ones, each once', () => {
    const all = lines(...Array.from({ length: 50 }, (_, index) => `error: bent ${wordOf(index >> 1)}`))
    const chosen = tellingLines(all, { bytes: 0, most: 4 })
    expect(chosen.map(({ line }) => line)).toEqual([1, 3, 47, 49])
  })

  test('no more than a twentieth of a long log, and of a short one no more than 1,500 characters', () => {
    const all = lines(...Array.from({ length: 12 }, (_, index) => `error: ${wordOf(index)} ${'x'.repeat(390)}`))
    expect(tellingLines(all, { bytes: 100, most: 12 })).toHaveLength(3)
    expect(tellingLines(all, { bytes: 60_000, most: 12 })).toHaveLength(7)
  })
})

test.each([
  ['src/app.ts(3,1): error TS2345: no', 3],
  ['E: Unable to locate package x', 3],
  ['npm error code E404', 3],
  ['TypeError: x is not a function', 3],
  ['error[E0658]: use of unstable library feature', 3],
  ['sh: 1: pnpm: not found', 2],
  ['error Command failed with exit code 1.', 1],
  ['make: *** [Makefile:3: all] Error 2', 1],
  ['tests: 0 failed', 0],
  ['    at run (/app/x.js:3:1)', 0],
  ['npm warn deprecated x: failed', 0],
  ['allow_error = False', 0],
])('%s weighs %i', (text, weight) => {
  expect(weightOf(text)).toBe(weight)
})

/** A word without digits for each number. */
function wordOf(index: number): string {
  return [...index.toString(16)].map((digit) => 'bcdfghjklmnpqrst'[Number.parseInt(digit, 16)]).join('')
}

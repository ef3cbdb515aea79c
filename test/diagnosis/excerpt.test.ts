import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { explainer } from '../../src/diagnosis/explain.ts'
import type { Explanation } from '../../src/diagnosis/explanation.ts'
import { indexSigns } from '../../src/diagnosis/match.ts'
import { loadRunbooks, ownRunbooks } from '../../src/diagnosis/runbooks.ts'
import { readLabelledLogs } from '../score/scoreboard.ts'

const signs = indexSigns(await loadRunbooks([ownRunbooks]))
const fixtures = join(import.meta.dirname, '..', 'fixtures')
const labLogs = readdirSync(join(fixtures, 'lab'))
  .filter((name) => name.endsWith('.log'))
  .map((name) => ({ id: name, log: readFileSync(join(fixtures, 'lab', name), 'utf8') }))
const corpusFile = join(fixtures, 'corpus', 'real-logs.jsonl')
const corpus = readLabelledLogs(readFileSync(corpusFile, 'utf8'), corpusFile)

function explain(log: string): { explanation: Explanation; excerpt: string } {
  const explaining = explainer(signs)
  explaining.feed(new TextEncoder().encode(log))
  const explanation = explaining.end({ kind: 'file', name: 'log' })
  return { explanation, excerpt: explaining.excerpt() }
}

const said = ({ outcome, diagnosis }: Explanation) => ({ outcome, cause: diagnosis?.id, step: diagnosis?.step?.name })

/** What only misses show is decided anew with the whole log; an excerpt keeps what signs were found in. */
const bySigns = new Set(signs.rows.filter(({ decidedBy }) => decidedBy === 'signs').map(({ id }) => id))
const failing = [...labLogs, ...corpus].filter(({ log }) => {
  const { diagnosis } = explain(log).explanation
  return diagnosis !== null && (diagnosis.runbook === null || bySigns.has(diagnosis.id))
})

test('there are failed logs of every builder to tell in short', () => {
  expect(failing.length).toBeGreaterThan(150)
  const builders = new Set(failing.flatMap(({ log }) => explain(log).explanation.builds.map(({ builder }) => builder)))
  expect([...builders]).toEqual(expect.arrayContaining(['buildkit', 'classic', 'kaniko']))
})

describe.each(failing)('$id', ({ log }) => {
  test('is explained by its excerpt as by itself', () => {
    const whole = explain(log)
    const short = explain(whole.excerpt)
    expect(said(short.explanation)).toEqual(said(whole.explanation))
    expect(said(explain(short.excerpt).explanation)).toEqual(said(whole.explanation))
  })
})

test('of a long log little is kept', () => {
  const noise = Array.from({ length: 200_000 }, (_, at) => `#5 ${at}.1 compiled module ${at} of many\n`).join('')
  const log = `#5 [2/3] RUN npm ci\n${noise}#5 300.1 npm error code ERESOLVE\n#5 ERROR: process "/bin/sh -c npm ci" did not complete successfully: exit code: 1\n`
  const { excerpt } = explain(log)
  expect(excerpt).toContain('npm error code ERESOLVE')
  expect(excerpt.length).toBeLessThan(8_000)
})

test('an overlong line is cut in the middle', () => {
  const { excerpt } = explain(`#5 [2/3] RUN make\n#5 0.1 ${'x'.repeat(60_000)} error: boom\n#5 ERROR: exit code: 2\n`)
  expect(excerpt).toContain(' … ')
  expect(excerpt.length).toBeLessThan(3_000)
})

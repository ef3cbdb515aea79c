import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { explainer } from '../src/diagnosis/explain.ts'
import type { Explanation } from '../src/diagnosis/explanation.ts'
import { indexSigns } from '../src/diagnosis/match.ts'
import { loadRunbooks } from '../src/diagnosis/runbooks.ts'
import { judgeLab, readLabLogs, readVocabulary } from './score/lab.ts'
import { figures, type Judged, judge, readAccept, readLabelledLogs, scoreboard } from './score/scoreboard.ts'

/** How often the first diagnosis is right; `npm run score` prints the same for any file of labelled logs. */
const fixtures = new URL('fixtures/', import.meta.url)
const read = (name: string) => readFileSync(new URL(name, fixtures), 'utf8')
const signs = indexSigns(await loadRunbooks([fileURLToPath(new URL('../runbooks', import.meta.url))]))

function explain(log: Uint8Array): Explanation {
  const explaining = explainer(signs)
  explaining.feed(log)
  return explaining.end({ kind: 'file', name: 'log' })
}

/** Says which ones were missed when a bar is not reached. */
const missed = (judged: Judged[]) =>
  judged.filter(({ verdict }) => verdict !== 'right').map(({ id, cause, said }) => `${id}: ${cause}, said ${said}`)

describe('real logs', () => {
  const accept = readAccept(read('corpus/accept.json'))
  const logs = readLabelledLogs(read('corpus/real-logs.jsonl'), 'real-logs.jsonl')
  const judged = logs.map((log) => judge(log, explain(new TextEncoder().encode(log.log)), accept))

  test('are there', () => {
    expect(logs.length).toBeGreaterThanOrEqual(50)
  })

  test('the first diagnosis is right, and seldom wrong with confidence', () => {
    const { precision, recall, confidentlyWrong } = figures(judged)
    const which = scoreboard(judged)
    expect(precision, which).toBeGreaterThanOrEqual(0.95)
    expect(recall, which).toBeGreaterThanOrEqual(0.9)
    expect(confidentlyWrong, which).toBeLessThanOrEqual(0.01)
  })
})

test('the causes of the lab’s builds are found', () => {
  const accept = readVocabulary(read('lab-vocabulary.json'))
  const judged = readLabLogs(new URL('lab/', fixtures)).map((log) => judgeLab(log, explain(log.bytes), accept))
  expect(judged.length).toBeGreaterThanOrEqual(200)
  const right = judged.filter(({ verdict }) => verdict === 'right').length
  expect(right / judged.length, missed(judged).join('\n')).toBeGreaterThanOrEqual(0.95)
})

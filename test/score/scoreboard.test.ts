import { describe, expect, test } from 'vitest'
import { explainText } from '../../src/diagnosis/explain.ts'
import type { Cause, Explanation } from '../../src/diagnosis/explanation.ts'
import {
  figures,
  type Judged,
  judge,
  type LabelledLog,
  readAccept,
  readLabelledLogs,
  scoreboard,
} from './scoreboard.ts'

const base = explainText('', { runbooks: [], rows: new Map() })
const said = (
  id: string | null,
  over: Partial<Cause> = {},
  outcome: Explanation['outcome'] = 'failed',
): Explanation => ({
  ...base,
  outcome,
  diagnosis:
    (id && {
      id,
      family: 'run',
      title: 'a',
      summary: 'b',
      confidence: 0.95,
      severity: 'fatal',
      transient: 'no',
      step: null,
      evidence: [],
      fix: [],
      remedies: [],
      runbook: null,
      ...over,
    }) ||
    null,
})
const labelled = (cause: string, over: Partial<LabelledLog['expect']> = {}): LabelledLog => ({
  id: 'x',
  kind: 'log',
  log: '',
  expect: { failed: true, cause, family: 'run', ...over },
})
const accept = readAccept(
  JSON.stringify({
    'npm-404': { accept: ['npm-e404', 'npm-missing'], vague: ['npm-failed'] },
    none: { accept: ['none'], vague: [] },
  }),
)
const verdict = (cause: string, explanation: Explanation) => judge(labelled(cause), explanation, accept).verdict

describe('one log, one verdict', () => {
  test.each([
    ['an accepted cause', 'npm-404', said('npm-missing'), 'right'],
    ['a vague one', 'npm-404', said('npm-failed'), 'vague'],
    ['"unknown"', 'npm-404', said('unknown-failure', { family: 'unknown' }), 'vague'],
    ['nothing', 'npm-404', said(null), 'missed'],
    ['another cause', 'npm-404', said('disk-full'), 'wrong'],
    ['a cause that the table does not list, by its own name', 'disk-full', said('disk-full'), 'right'],
    ['nothing, where nothing is wrong', 'none', said(null), 'right'],
    ['not Docker, where no build failed', 'none', said('not-docker', { family: 'not-docker' }), 'right'],
    ['a slow cache in a green build', 'none', said('cache-miss', { severity: 'slow' }, 'succeeded'), 'right'],
    ['a slow cache for a failure', 'none', said('cache-miss', { severity: 'slow' }), 'wrong'],
    ['a failure where nothing is wrong', 'none', said('disk-full', {}, 'succeeded'), 'wrong'],
  ])('%s', (_, cause, explanation, wanted) => {
    expect(verdict(cause, explanation)).toBe(wanted)
  })

  test('outcome and step counts are judged where they are labelled', () => {
    const judged = (expected: Partial<LabelledLog['expect']>) => {
      const { outcome, steps } = judge(labelled('none', expected), said(null), accept)
      return [outcome, steps]
    }
    expect(judged({ failed: true, cached_steps: 0, executed_steps: 0 })).toEqual(['right', 'right'])
    expect(judged({ failed: false, cached_steps: 3 })).toEqual(['wrong', 'wrong'])
    expect(judged({ failed: null })).toEqual(['not counted', 'not counted'])
  })
})

describe('the figures', () => {
  const judged = (verdict: Judged['verdict'], confidence = 0.95): Judged => ({
    id: `${verdict} one`,
    family: 'run',
    cause: 'a',
    verdict,
    said: 'b',
    confidence,
    outcome: 'right',
    steps: 'not counted',
    stepsSaid: '',
  })
  const some = [
    ...Array.from({ length: 6 }, () => judged('right')),
    judged('wrong'),
    judged('wrong', 0.5),
    judged('vague'),
    judged('missed'),
  ]

  test('precision is of what was said, recall of all, and only a confident mistake counts as one', () => {
    expect(figures(some)).toEqual({ precision: 6 / 8, recall: 6 / 10, confidentlyWrong: 1 / 10 })
  })

  test('the board lists every log that was not right, and no other', () => {
    const board = scoreboard(some)
    for (const verdict of ['wrong', 'vague', 'missed']) expect(board).toContain(`${verdict} one: wanted a, said b`)
    expect(board).not.toContain('right one')
    expect(board).toContain('precision 0.750   recall 0.600   confidently wrong 0.100')
  })
})

describe('labelled logs', () => {
  test('are one a line, blank lines are none', () => {
    const line = JSON.stringify(labelled('a'))
    expect(readLabelledLogs(`${line}\n\n${line}\n`, 'x.jsonl')).toHaveLength(2)
  })

  test('that are none are named by their line', () => {
    const lines = [JSON.stringify(labelled('a')), '{"id":"x"}']
    expect(() => readLabelledLogs(lines.join('\n'), 'x.jsonl')).toThrow(/^x\.jsonl:2: not a labelled log: /)
  })
})

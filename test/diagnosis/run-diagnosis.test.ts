import { describe, expect, test } from 'vitest'
import { explainText } from '../../src/diagnosis/explain.ts'
import type { Cause, Explanation } from '../../src/diagnosis/explanation.ts'
import { fingerprintOf } from '../../src/diagnosis/fingerprint.ts'
import {
  concernsDocker,
  diagnoseRun,
  type JobDiagnosis,
  runDiagnosisSchema,
} from '../../src/diagnosis/run-diagnosis.ts'

const base = explainText('', { runbooks: [], rows: new Map() })
const cause = (over: Partial<Cause>): Cause => ({
  id: 'npm-e404',
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
})
const explained = (diagnosis: Cause | null): Explanation => ({ ...base, diagnosis })
const job = (id: number, explanation: Explanation | null): JobDiagnosis => ({
  id,
  name: `job ${id}`,
  url: `https://github.com/acme/web/actions/runs/1/job/${id}`,
  conclusion: 'failure',
  explanation,
})

const named = explained(cause({}))
const unsure = explained(cause({ confidence: 0.5 }))
const slow = explained(cause({ severity: 'slow', family: 'cache-backend' }))
const unknown = explained(cause({ id: 'unknown-failure', family: 'unknown', confidence: 0 }))
const elsewhere = explained(cause({ id: 'not-docker', family: 'not-docker' }))
const nothing = explained(null)

describe('the job to speak of', () => {
  // each outweighs those after it
  const byWeight = [named, unsure, slow, unknown, null, elsewhere, nothing]

  test('is the one that says most, wherever it stands', () => {
    for (let from = 0; from < byWeight.length; from++) {
      const jobs = byWeight.slice(from).map((explanation, index) => job(index, explanation))
      expect(diagnoseRun(jobs, []).lead).toBe(0)
      expect(diagnoseRun(jobs.toReversed(), []).lead).toBe(jobs.length - 1)
    }
  })

  test('is the first of equals', () => {
    expect(diagnoseRun([job(1, nothing), job(2, named), job(3, named)], []).lead).toBe(1)
  })

  test('gives the run its fingerprint', () => {
    const { fingerprint } = diagnoseRun([job(1, elsewhere), job(2, named)], [])
    expect(fingerprint).toBe(fingerprintOf(named.diagnosis))
  })

  test('is none when there are no jobs', () => {
    expect(diagnoseRun([], ['x'])).toEqual({
      jobs: [],
      groups: [],
      lead: null,
      leadBecause: 'only-cause',
      fingerprint: 'no-log',
      missing: ['x'],
    })
  })
})

describe('several jobs', () => {
  const of = (id: string, confidence = 0.95, over: Partial<Cause> = {}) => explained(cause({ id, confidence, ...over }))
  const run = (...explanations: (Explanation | null)[]) => {
    const { groups, lead, leadBecause } = diagnoseRun(
      explanations.map((explanation, index) => job(index, explanation)),
      [],
    )
    return { groups: groups.map(({ jobs }) => jobs), lead, leadBecause }
  }

  test('with the same cause are one group', () => {
    expect(run(of('a'), of('a'), of('a'))).toEqual({ groups: [[0, 1, 2]], lead: 0, leadBecause: 'only-cause' })
  })

  test('as they are when they build for different platforms', () => {
    const on = (stage: string) => {
      const step = { vertex: '#7', name: `[${stage} 2/5] RUN make`, stage: 'builder', dockerfileLine: 3 }
      return of('a', 0.95, { step })
    }
    const legs = [on('linux/amd64 builder'), on('linux/arm64 builder'), on('builder'), on('web linux/arm64 builder')]
    expect(run(...legs).groups).toEqual([[0, 1, 2], [3]])
  })

  test('the cause of most of them leads', () => {
    expect(run(of('a'), of('b'), of('b'), of('b'))).toEqual({
      groups: [[1, 2, 3], [0]],
      lead: 1,
      leadBecause: 'most-jobs',
    })
  })

  test('but not an unsure one', () => {
    expect(run(of('a', 0.5), of('a', 0.5), of('b'))).toEqual({ groups: [[2], [0, 1]], lead: 2, leadBecause: 'surer' })
  })

  test('nor one that says less, however many they are', () => {
    expect(run(unknown, unknown, of('a'))).toEqual({ groups: [[2], [0, 1]], lead: 2, leadBecause: 'tells-more' })
    expect(run(null, null, unknown)).toEqual({ groups: [[2], [0, 1]], lead: 2, leadBecause: 'tells-more' })
  })

  test('a leg that was cancelled because another failed comes after it', () => {
    const cancelled = of('job-cancelled-or-timeout', 0.95, { family: 'builder' })
    expect(run(cancelled, cancelled, of('a', 0.8))).toEqual({
      groups: [[2], [0, 1]],
      lead: 2,
      leadBecause: 'tells-more',
    })
  })

  test('of equals the first leads, by its surest job', () => {
    expect(run(of('a'), of('b'))).toEqual({ groups: [[0], [1]], lead: 0, leadBecause: 'first' })
    expect(run(of('a', 0.8), of('a'), of('b', 0.9))).toEqual({
      groups: [[0, 1], [2]],
      lead: 1,
      leadBecause: 'most-jobs',
    })
  })
})

test('of jobs that passed the one that built an image leads, before all where the cache was missed longest', () => {
  const build = (secondsLost: number) =>
    ({ firstMisses: [{ secondsLost }] }) as unknown as Explanation['builds'][number]
  const image = (secondsLost: number): Explanation => ({ ...nothing, docker: true, builds: [build(secondsLost)] })
  expect(diagnoseRun([job(0, nothing), job(1, image(3)), job(2, image(90)), job(3, nothing)], []).lead).toBe(2)
})

test('a run kept before jobs were grouped can still be read', () => {
  const { groups, leadBecause, ...older } = diagnoseRun([job(1, named)], [])
  expect([groups.length, leadBecause]).toEqual([1, 'only-cause'])
  expect(runDiagnosisSchema.parse(older)).toMatchObject({ groups: [], leadBecause: 'only-cause', lead: 0 })
})

describe('the bot speaks of a run', () => {
  test.each([
    ['whose image build failed', [elsewhere, named], [], true],
    ['whose build failed for unknown reasons', [unknown], [], true],
    ['with a log that could not be read', [elsewhere, null], [], true],
    ['of which something is missing', [elsewhere], ['job x: expired'], true],
    ['that failed elsewhere', [elsewhere, elsewhere], [], false],
    ['in which nothing failed', [nothing], [], false],
    ['without jobs', [], [], false],
  ])('%s', (_, explanations, missing, speaks) => {
    const jobs = explanations.map((explanation, index) => job(index, explanation))
    expect(concernsDocker(diagnoseRun(jobs, missing))).toBe(speaks)
  })
})

test('what is known of a run survives JSON', () => {
  const diagnosis = diagnoseRun([job(1, named), job(2, null)], ['job 2: expired'])
  expect(runDiagnosisSchema.parse(JSON.parse(JSON.stringify(diagnosis)))).toEqual(diagnosis)
})

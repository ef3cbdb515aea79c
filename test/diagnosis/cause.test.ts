import { describe, expect, test } from 'vitest'
import { newBuild } from '../../src/build/build.ts'
import type { JobStep } from '../../src/build/job-steps.ts'
import { notDocker, unknownFailure } from '../../src/diagnosis/cause.ts'
import { explainText } from '../../src/diagnosis/explain.ts'
import type { Cause } from '../../src/diagnosis/explanation.ts'
import type { Failure } from '../../src/diagnosis/failure.ts'
import type { Row } from '../../src/diagnosis/runbook.ts'
import { catalogueOf, row } from './catalogue.ts'

const error = 'process "/bin/sh -c npm ci" did not complete successfully: exit code: 1'
const rule = '-'.repeat(20)

function causeIn(output: string[], one: Row): Cause {
  const lines = [
    '#7 [deps 4/5] RUN npm ci',
    ...output.map((text) => `#7 1.0 ${text}`),
    `#7 ERROR: ${error}`,
    'Dockerfile:9',
    rule,
    '   9 | >>> RUN npm ci',
    rule,
    `ERROR: failed to build: failed to solve: ${error}`,
  ]
  const { diagnosis } = explainText(lines.join('\n'), catalogueOf(one))
  if (!diagnosis) throw new Error('no diagnosis')
  return diagnosis
}

describe('a cause in words', () => {
  test('has what was captured filled in, everywhere', () => {
    const cause = causeIn(
      ['cannot find left-pad'],
      row('a', {
        signs: ['/cannot find (?P<name>\\S+)(?: in (?P<folder>\\S+))?/'],
        title: '{name} is missing',
        summary: '{name} is not in {folder|the registry}.',
        fix: ['Add {name}.', 'Wait.'],
      }),
    )
    expect(cause).toMatchObject({
      title: 'left-pad is missing',
      summary: 'left-pad is not in the registry.',
      fix: ['Add left-pad.', 'Wait.'],
    })
  })

  test('shows no secret that a sign captured', () => {
    const cause = causeIn(
      ['GET https://robot:hunter22@acme.dev/x: 401'],
      row('a', { signs: ['/GET (?P<url>\\S+): 401/'], summary: '{url} answered 401' }),
    )
    expect(JSON.stringify(cause)).not.toContain('hunter22')
    expect(cause.summary).toContain('acme.dev')
  })

  test('names the step, its stage and the line of the Dockerfile', () => {
    expect(causeIn(['boom'], row('a', { signs: ['boom'] })).step).toEqual({
      vertex: '#7',
      name: '[deps 4/5] RUN npm ci',
      stage: 'deps',
      dockerfileLine: 9,
    })
  })

  test('quotes its signs and the error of the step, in the order of the log', () => {
    const cause = causeIn(['bang', 'calm', 'boom'], row('a', { signs: ['boom'], all: ['bang'] }))
    expect(cause.evidence).toEqual([
      { line: 2, text: 'bang' },
      { line: 4, text: 'boom' },
      { line: 5, text: `ERROR: ${error}` },
    ])
  })

  test('quotes a long line in part, its end included', () => {
    const [line] = causeIn([`boom ${'x'.repeat(900)} the end`], row('a', { signs: ['boom'] })).evidence
    expect(line?.text.length).toBeLessThanOrEqual(400)
    expect(line?.text).toMatch(/^boom x+ … x+ the end$/)
  })

  test('says slow of a fatal row that did not end the build', () => {
    const log = '#5 importing cache manifest from gha:1\n#5 ERROR: boom\n#6 [1/1] RUN a\n#6 DONE 1.0s\n'
    const { diagnosis } = explainText(log, catalogueOf(row('a', { signs: ['boom'], where: ['import'] })))
    expect(diagnosis).toMatchObject({ id: 'a', severity: 'slow' })
  })
})

const jobStep: JobStep = {
  name: 'npm test',
  line: 1,
  header: [],
  errors: [{ line: 90, text: 'exit 1' }],
  post: false,
  docker: false,
}
const failure: Failure = { jobStep, build: null, vertex: null }
const telling = [33, 37, 41].map((line) => ({ line, text: `error ${line}` }))

describe('an unknown failure', () => {
  test('says so, quotes the lines that it is given and the error, and claims nothing', () => {
    const cause = unknownFailure(failure, telling)
    expect(cause).toMatchObject({
      id: 'unknown-failure',
      family: 'unknown',
      confidence: 0,
      runbook: null,
      remedies: [],
    })
    expect(cause.evidence.map(({ line }) => line)).toEqual([33, 37, 41, 90])
  })

  test('quotes no line twice and none that is blank', () => {
    const cause = unknownFailure(failure, [
      { line: 3, text: 'fatal: x' },
      { line: 4, text: '   ' },
    ])
    expect(cause.evidence.map(({ line }) => line)).toEqual([3, 90])
  })

  test('of a build before any step has no step but the job’s', () => {
    expect(unknownFailure({ jobStep: null, build: newBuild('buildkit', 1), vertex: null }, []).step).toBeNull()
    expect(unknownFailure(failure, []).step).toEqual({
      vertex: null,
      name: 'npm test',
      stage: null,
      dockerfileLine: null,
    })
  })
})

describe('a failure outside Docker', () => {
  test('names the step, and says that neither a rebuild nor pruning helps', () => {
    const cause = notDocker(failure, telling)
    expect(cause).toMatchObject({ id: 'not-docker', family: 'not-docker', confidence: 0.8 })
    expect(cause.summary).toContain('"npm test"')
    expect(cause.remedies.map(({ kind, verdict }) => [kind, verdict])).toEqual([
      ['rebuild', 'useless'],
      ['prune', 'useless'],
    ])
  })

  test('is less sure where the log was cut before the step', () => {
    expect(notDocker({ ...failure, jobStep: { ...jobStep, name: '' } }, []).confidence).toBe(0.6)
  })

  test('masks a secret in the step’s script', () => {
    const cause = notDocker({ ...failure, jobStep: { ...jobStep, name: 'curl https://robot:hunter22@acme.dev' } }, [])
    expect(JSON.stringify(cause)).not.toContain('hunter22')
  })
})

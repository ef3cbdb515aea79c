import { describe, expect, test } from 'vitest'
import type { Cause } from '../../src/diagnosis/explanation.ts'
import { fingerprintOf } from '../../src/diagnosis/fingerprint.ts'

const cause = (over: Partial<Cause> = {}): Cause => ({
  id: 'npm-e404',
  family: 'run',
  title: 'a package is not there',
  summary: 'left-pad is not there',
  confidence: 0.95,
  severity: 'fatal',
  transient: 'no',
  step: { vertex: '#7', name: '[deps 4/5] RUN npm ci', stage: 'deps', dockerfileLine: 9 },
  evidence: [{ line: 12, text: 'npm error code E404' }],
  fix: [],
  remedies: [],
  runbook: null,
  ...over,
})
const step = (name: string, vertex = '#7') => ({ vertex, name, stage: null, dockerfileLine: 9 })

describe('the same failure has the same fingerprint', () => {
  test.each<[string, Partial<Cause>]>([
    ['with other line numbers', { evidence: [{ line: 99, text: 'npm error code E404' }] }],
    ['with other words around it', { title: 'x', summary: 'y', fix: ['z'], confidence: 0.5 }],
    ['under another vertex number', { step: step('[deps 4/5] RUN npm ci', '#12') }],
    ['in a Dockerfile with a step more', { step: step('[deps 5/6] RUN npm ci') }],
    ['in a Dockerfile with ten steps', { step: step('[deps  4/10] RUN npm ci') }],
  ])('%s', (_, over) => {
    expect(fingerprintOf(cause(over))).toBe(fingerprintOf(cause()))
  })

  test('whatever the digests, times, counts and temporary files', () => {
    const [one, two] = [
      'failed to copy sha256:0a1b2c3d4e5f at 12:01:09, 3 of 17, in /tmp/build-x/a, layer 1f0c2d3',
      'failed to copy sha256:ffffeeeeddd0 at 23:59:59, 12 of 170, in /tmp/build-yy/b, layer aa0c2d3f',
    ].map((text) => cause({ id: 'unknown-failure', evidence: [{ line: 1, text }] }))
    expect(fingerprintOf(one ?? null)).toBe(fingerprintOf(two ?? null))
  })
})

describe('another failure has another one', () => {
  test.each<[string, Partial<Cause>]>([
    ['of another cause', { id: 'npm-e403' }],
    ['in another step', { step: step('[deps 4/5] RUN npm test') }],
    ['in another stage', { step: step('[builder 4/5] RUN npm ci') }],
    ['without a step', { step: null }],
  ])('%s', (_, over) => {
    expect(fingerprintOf(cause(over))).not.toBe(fingerprintOf(cause()))
  })

  test.each([
    ['package', 'left-pad@1.3.0', 'right-pad@1.3.0'],
    ['file', '/app/src/a.ts', '/app/src/b.ts'],
    ['host', 'npm.acme.dev', 'pypi.acme.dev'],
    ['image', 'ghcr.io/acme/web:1', 'ghcr.io/acme/api:1'],
  ])('of another %s, while its version does not count', (name, one, other) => {
    const named = (value: string) => fingerprintOf(cause(), { [name]: value })
    expect(named(one)).not.toBe(named(other))
    expect(named(one)).toBe(named(one.replace('1', '27')))
  })

  test('but not of the file at which a disk was full, nor of another reason', () => {
    const full = (path: string) => fingerprintOf(cause({ id: 'disk-full-runner', family: 'disk' }), { path })
    expect(full('/app/a.bin')).toBe(full('/app/b.bin'))
    expect(fingerprintOf(cause(), { package: 'a', why: 'x' })).toBe(fingerprintOf(cause(), { package: 'a', why: 'y' }))
  })

  test('of an unknown failure with other words, while a named cause does not look at them', () => {
    const quoted = (id: string, text: string) => fingerprintOf(cause({ id, evidence: [{ line: 1, text }] }))
    expect(quoted('unknown-failure', 'segfault')).not.toBe(quoted('unknown-failure', 'out of cheese'))
    expect(quoted('npm-e404', 'segfault')).toBe(quoted('npm-e404', 'out of cheese'))
  })
})

test('begins with the cause, so that a person can read it', () => {
  expect(fingerprintOf(cause())).toMatch(/^npm-e404:[0-9a-f]{12}$/)
  expect(fingerprintOf(null)).toBe('no-log')
})

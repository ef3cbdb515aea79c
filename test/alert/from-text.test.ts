import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { type RunLink, runLinks, webUrl } from '../../src/alert/from-text.ts'

const github = 'https://github.com'
const run = (more: Partial<RunLink> = {}): RunLink => ({
  repository: 'acme/web',
  runId: 12,
  attempt: null,
  jobId: null,
  ...more,
})

describe('links people paste', () => {
  const table: [string, RunLink[]][] = [
    ['https://github.com/acme/web/actions/runs/12', [run()]],
    ['look: https://github.com/acme/web/actions/runs/12, please', [run()]],
    ['<https://github.com/acme/web/actions/runs/12>', [run()]],
    ['<https://github.com/acme/web/actions/runs/12|CI #7> is red', [run()]],
    ['[CI](https://github.com/acme/web/actions/runs/12)', [run()]],
    ['https://github.com/acme/web/actions/runs/12/attempts/3', [run({ attempt: 3 })]],
    ['https://github.com/acme/web/actions/runs/12/attempts/3#summary-99', [run({ attempt: 3 })]],
    ['https://github.com/acme/web/actions/runs/12/job/99', [run({ jobId: 99 })]],
    ['https://github.com/acme/web/actions/runs/12/job/99?pr=4#step:7:120', [run({ jobId: 99 })]],
    ['https://github.com/acme/web/actions/runs/12/jobs/99', [run()]],
    ['https://github.com/acme/web/actions/runs/12/workflow', [run()]],
    ['https://github.com/acme/web/actions/runs/12 https://github.com/acme/web/actions/runs/12', [run()]],
    [
      'https://github.com/acme/web/actions/runs/12 https://github.com/acme/api/actions/runs/13',
      [run(), run({ repository: 'acme/api', runId: 13 })],
    ],
    ['https://github.com/acme/web/pull/12', []],
    ['https://github.com/acme/web/runs/99', []],
    ['https://github.com.evil.example/acme/web/actions/runs/12', []],
    ['https://github.com@evil.example/acme/web/actions/runs/12', []],
    ['https://evil.example/?https://github.com/acme/web/actions/runs/', []],
    ['https://github.com/../web/actions/runs/12', []],
    ['https://github.com/acme/web/actions/runs/99999999999999999999', []],
    ['no link at all', []],
  ]
  test.each(table)('%s', (text, expected) => assert.deepEqual(runLinks(text, github), expected))
})

test('an Enterprise Server is known by its page or API address', () => {
  const text = 'https://ghe.example.com/acme/web/actions/runs/12 https://github.com/acme/web/actions/runs/13'
  assert.deepEqual(runLinks(text, 'https://ghe.example.com'), [run()])
  assert.deepEqual(runLinks(text, 'https://ghe.example.com/api/v3'), [run()])
})

test('page addresses follow from API addresses', () => {
  assert.equal(webUrl('https://api.github.com'), 'https://github.com')
  assert.equal(webUrl('https://ghe.example.com/api/v3/'), 'https://ghe.example.com')
  assert.equal(webUrl('https://api.acme.ghe.com'), 'https://acme.ghe.com')
  assert.equal(webUrl('http://127.0.0.1:3000'), 'http://127.0.0.1:3000')
})

test('a wall of links is read only so far', () => {
  const text = Array.from(
    { length: 1_000 },
    (_, index) => `https://github.com/acme/web/actions/runs/${index + 1}`,
  ).join(' ')
  assert.equal(runLinks(text, github).length, 20)
})

test('any text gives links or none, never an error', () => {
  const words = fc.constantFrom(
    'https://',
    'github.com',
    '/acme/web',
    '/actions/runs/',
    '12',
    '%',
    '@',
    '<',
    '|',
    '\u0000',
    '[::',
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(words, fc.string())), (parts) => {
      for (const link of runLinks(parts.join(''), github)) assert.match(link.repository, /^[\w.-]+\/[\w.-]+$/)
    }),
    { numRuns: 500 },
  )
})

import fc from 'fast-check'
import { missReasons } from '../../src/cache/miss.ts'
import {
  type Explanation,
  explanationSchema,
  families,
  remedyKinds,
  remedyVerdicts,
  severities,
  stepStatuses,
  transience,
} from '../../src/diagnosis/explanation.ts'
import type { RunDiagnosis } from '../../src/diagnosis/run-diagnosis.ts'

/** Any explanation that the contract allows, with the strings an attacker would put into a log. */
const nasty = fc.constantFrom(
  '<!channel>',
  '<!here|here>',
  '<@U012AB3CD>',
  '<#C012AB3CD>',
  '<https://evil.example|click>',
  '&lt;!everyone&gt;',
  '@here',
  'https://evil.example/x',
  '```',
  '`',
  '*',
  '\u202e',
  '\u200b',
  '\u001b[31m',
  '\u001b]8;;https://evil.example\u0007',
  '\u0000',
  '\ud800',
  '\n',
  '\r',
  '"',
  '\\',
  '"'.repeat(900),
  '&'.repeat(900),
  '<'.repeat(4000),
  'x'.repeat(3_000),
  '🏗️'.repeat(2000),
  '\u{e0041}',
  ` ghp_${'a'.repeat(36)}`,
  '|',
  '^',
  '<!date^1^{date}|x>',
  ':rotating_light:',
)
export const hostile = fc.oneof(
  fc
    .array(fc.oneof(nasty, fc.string({ unit: 'binary', maxLength: 30 })), { maxLength: 6 })
    .map((parts) => parts.join('')),
  fc.constant(''),
)
const short = fc.string({ maxLength: 12 })
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null })
const seconds = fc.double({ min: 0, max: 1e9, noNaN: true })
const line = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })

const cause = fc.record({
  id: fc.oneof(fc.constant('unknown-failure'), hostile),
  family: fc.constantFrom(...families),
  title: hostile,
  summary: hostile,
  confidence: fc.double({ min: 0, max: 1, noNaN: true }),
  severity: fc.constantFrom(...severities),
  transient: fc.constantFrom(...transience),
  step: maybe(fc.record({ vertex: maybe(short), name: hostile, stage: maybe(hostile), dockerfileLine: maybe(line) })),
  evidence: fc.array(fc.record({ line, text: hostile }), { maxLength: 12 }),
  fix: fc.array(hostile, { maxLength: 15 }),
  remedies: fc.array(
    fc.record({ kind: fc.constantFrom(...remedyKinds), verdict: fc.constantFrom(...remedyVerdicts), why: hostile }),
    { maxLength: 6 },
  ),
  runbook: maybe(fc.record({ file: hostile, anchor: hostile })),
})

const transfer = fc.record({
  type: fc.constantFrom('gha', 'registry', 'other'),
  ref: hostile,
  ok: fc.boolean(),
  error: maybe(hostile),
})

const build = fc.record({
  builder: fc.constantFrom('buildkit', 'classic', 'kaniko', 'buildah'),
  from: fc.constantFrom('log', 'record'),
  target: maybe(hostile),
  steps: fc.array(
    fc.record({
      vertex: maybe(short),
      name: hostile,
      stage: maybe(short),
      platform: maybe(short),
      status: fc.constantFrom(...stepStatuses),
      seconds: maybe(seconds),
    }),
    { maxLength: 60 },
  ),
  cached: fc.nat(),
  executed: fc.nat(),
  hitRate: maybe(fc.double({ min: 0, max: 1, noNaN: true })),
  imports: fc.array(transfer, { maxLength: 8 }),
  exports: fc.array(transfer, { maxLength: 8 }),
  firstMisses: fc.array(
    fc.record({
      stage: maybe(short),
      step: hostile,
      reason: fc.constantFrom(...missReasons),
      files: fc.array(hostile, { maxLength: 5 }),
      detail: hostile,
      expected: maybe(fc.boolean()),
      secondsLost: maybe(seconds),
      certainty: fc.constantFrom('high', 'medium', 'low'),
    }),
    { maxLength: 3 },
  ),
  fixes: fc.array(fc.record({ rule: short, file: hostile, line, why: hostile, diff: hostile }), { maxLength: 4 }),
})

export const anyExplanation = fc
  .record({
    version: fc.constant(1),
    source: fc.record({
      kind: fc.constantFrom('file', 'stdin', 'github'),
      name: hostile,
      bytes: fc.nat(),
      lines: fc.nat(),
      truncated: fc.boolean(),
    }),
    outcome: fc.constantFrom('failed', 'succeeded', 'unknown'),
    docker: fc.boolean(),
    diagnosis: maybe(cause),
    others: fc.array(cause, { maxLength: 8 }),
    builds: fc.array(build, { maxLength: 6 }),
    missing: fc.array(hostile, { maxLength: 5 }),
  })
  .map((value): Explanation => explanationSchema.parse(value))

export const anyDiagnosis: fc.Arbitrary<RunDiagnosis> = fc
  .record({
    jobs: fc.array(
      fc.record({
        id: fc.nat(),
        name: hostile,
        url: hostile,
        conclusion: maybe(short),
        explanation: maybe(anyExplanation),
      }),
      { maxLength: 12 },
    ),
    pick: fc.nat(20),
    fingerprint: hostile,
    missing: fc.array(hostile, { maxLength: 30 }),
  })
  .map(({ jobs, pick, fingerprint, missing }) => ({
    jobs,
    groups: jobs.map((_, index) => ({ fingerprint, jobs: [index] })),
    lead: pick < jobs.length ? pick : null,
    leadBecause: 'first',
    fingerprint,
    missing,
  }))

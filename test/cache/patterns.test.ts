import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { KeptBuild } from '../../src/cache/kept-build.ts'
import { oddsOfAtLeast } from '../../src/cache/patterns/odds.ts'
import { patterns } from '../../src/cache/patterns/patterns.ts'
import { badLayout, healthy, layout, planned } from './plans.ts'
import { planted } from './planted.ts'

const seeds = (count: number) => Array.from({ length: count }, (_, at) => at + 1)
const kindsOf = (builds: KeptBuild[], others: KeptBuild[] = []) => patterns(builds, others).map(({ kind }) => kind)

test('a series that is well shows nothing: no alarm in 500 random histories', () => {
  const alarms = seeds(500).flatMap((seed) => {
    const { builds, others } = healthy(seed)
    return patterns(builds, others).map((pattern) => ({ seed, pattern }))
  })
  expect(alarms).toEqual([])
})

describe.each(planted)('$name', ({ kinds, also = [], step, since, make }) => {
  const told = seeds(50).map(make)
  const found = told.map(({ builds, others }) => patterns(builds, others))

  test('is found, and nothing else is', () => {
    const right = found.filter((one) => kinds.every((kind) => one.some((pattern) => pattern.kind === kind)))
    expect(right.length / told.length).toBeGreaterThanOrEqual(0.85)
    const strange = found.flat().filter(({ kind }) => !kinds.includes(kind) && !also.includes(kind))
    expect(strange).toEqual([])
  })

  test('names its step and its first commit', () => {
    const about = found.map((one) => one.filter(({ kind }) => kinds.includes(kind)))
    if (step !== undefined) expect(new Set(about.flat().map((pattern) => pattern.step))).toEqual(new Set([step]))
    if (since === undefined) return
    const shas = told.map(since)
    const right = about.filter((one, at) => one.every((pattern) => pattern.since.sha === shas[at]))
    expect(right.length / told.length).toBeGreaterThanOrEqual(0.9)
  })
})

describe('the answer', () => {
  const anyHistory = fc
    .tuple(fc.integer({ min: 1, max: 40 }), fc.constantFrom(...planted.map(({ make }) => make), healthy))
    .map(([seed, make]) => make(seed))

  test('does not depend on the order in which builds are handed in', () => {
    fc.assert(
      fc.property(
        anyHistory.chain(({ builds, others }) =>
          fc.record({
            builds: fc.constant(builds),
            others: fc.constant(others),
            mixed: shuffled(builds),
            mixedOthers: shuffled(others),
          }),
        ),
        ({ builds, others, mixed, mixedOthers }) => {
          expect(patterns(mixed, mixedOthers)).toEqual(patterns(builds, others))
        },
      ),
      { numRuns: 60 },
    )
  })

  test('holds together: counts, evidence, JSON', () => {
    fc.assert(
      fc.property(anyHistory, ({ builds, others }) => {
        const found = patterns(builds, others)
        expect(JSON.parse(JSON.stringify(found))).toEqual(found)
        for (const { times, of, evidence, since, secondsLost, detail } of found) {
          expect(times).toBeGreaterThan(0)
          expect(of).toBeGreaterThanOrEqual(times)
          expect(evidence).toHaveLength(Math.min(times, 10))
          expect(secondsLost).toBeGreaterThanOrEqual(0)
          expect(detail).not.toContain('\n')
          expect(builds.map(({ sha, at }) => `${sha} ${at.toISOString()}`)).toContain(`${since.sha} ${since.at}`)
        }
      }),
      { numRuns: 60 },
    )
  })

  test('is given whatever the rows hold', () => {
    const broken = fc.record({
      steps: fc.constantFrom<KeptBuild['steps'][]>([], planned(1, 1, () => ({})).builds[0]?.steps ?? []),
      hitRate: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
      seconds: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true })),
      sha: fc.constantFrom('a', 'b'),
      at: fc.date({ noInvalidDate: true }),
      firstMisses: fc.constant<KeptBuild['firstMisses']>([]),
      exports: fc.constant<KeptBuild['exports']>([]),
    })
    const builds = planned(1, 12, () => ({})).builds
    fc.assert(
      fc.property(fc.array(broken, { minLength: 0, maxLength: 12 }), (changes) => {
        patterns(builds.map((build, at): KeptBuild => ({ ...build, ...(changes[at] ?? {}) })))
      }),
    )
    expect(patterns([])).toEqual([])
  })
})

describe('a miss in every build', () => {
  const bad = (count: number, change: (build: KeptBuild, at: number) => Partial<KeptBuild> = () => ({})) =>
    planned(3, count, () => ({ stages: badLayout(), known: 'all' }), { lock: 0, base: 0 }).builds.map((build, at) => ({
      ...build,
      ...change(build, at),
    }))

  test('needs three commits: one that is run again and again counts once', () => {
    expect(kindsOf(bad(4))).toEqual(['miss-every-build'])
    expect(kindsOf(bad(3))).toEqual([])
    expect(kindsOf(bad(9, (_, at) => ({ sha: `${Math.min(at, 2)}` })))).toEqual([])
  })

  test('is none where the misses are expected', () => {
    const expected = bad(12, ({ firstMisses }) => ({
      firstMisses: firstMisses.map((miss) => ({ ...miss, expected: true })),
    }))
    expect(kindsOf(expected)).toEqual([])
  })

  test('is none of layer order where everything is cold and no cache is configured', () => {
    const cold = bad(12, ({ steps, firstMisses }) => ({
      steps: steps.map((step) => ({ ...step, status: 'executed' })),
      firstMisses: firstMisses.map((miss) => ({ ...miss, reason: 'cache-not-configured', expected: false })),
      imports: [],
      exports: [],
    }))
    expect(kindsOf(cold)).toEqual([])
  })

  test('tells what it costs and where it comes from', () => {
    const [pattern] = patterns(bad(12))
    expect(pattern).toMatchObject({ stage: 'stage-0', step: 'RUN npm ci', times: 11, of: 11, certainty: 'high' })
    expect(pattern?.detail).toBe(
      '“RUN npm ci” of stage stage-0 ran again in 11 of the last 11 commits, because “COPY . .” before it is different each time',
    )
    expect(pattern?.secondsLost).toBeGreaterThan(200)
  })
})

test('an eviction that the comparison proves is told the first time', () => {
  const { builds } = planned(
    2,
    12,
    (at, { evict }) => {
      if (at === 9) evict()
      return { known: 'all' }
    },
    { lock: 0, base: 0 },
  )
  expect(kindsOf(builds)).toEqual([])
  const proven = builds.map((build, at) => ({
    ...build,
    firstMisses: build.firstMisses.map((miss) =>
      at === 9 ? { ...miss, reason: 'evicted' as const, certainty: 'high' as const } : miss,
    ),
  }))
  expect(patterns(proven)).toMatchObject([{ kind: 'evicted-or-expired', times: 1, certainty: 'high' }])
})

test('an import that fails for a blob is an eviction, one that times out is none', () => {
  const failing = (error: string) => {
    const { builds } = planned(2, 12, (at) => (at === 9 ? { import: 'failed' } : {}), { lock: 0, base: 0 })
    return kindsOf(
      builds.map((build) => ({
        ...build,
        imports: build.imports.map((one) => ({ ...one, error: one.ok ? null : error })),
      })),
    )
  }
  expect(failing('blob sha256:0a1b: not found')).toEqual(['evicted-or-expired'])
  expect(failing('i/o timeout')).toEqual([])
})

test('one failed export is told when the next build pays for it, and only then', () => {
  const { builds } = planned(2, 14, (at) => ({ export: at === 9 ? 'failed' : 'ok' }), { lock: 0, base: 0 })
  expect(kindsOf(builds)).toEqual([])
  const paying = builds.map((build, at) => ({
    ...build,
    firstMisses: build.firstMisses.map((miss) =>
      at === 10 ? { ...miss, reason: 'not-exported' as const, certainty: 'high' as const } : miss,
    ),
  }))
  expect(patterns(paying)).toMatchObject([{ kind: 'export-lost', times: 1, certainty: 'high' }])
})

test('a build that was stopped did not lose its export', () => {
  const { builds } = planned(2, 12, () => ({ stages: layout() }), { lock: 0, base: 0 })
  const stopped = builds.map((build, at) => ({
    ...build,
    outcome: at > 8 ? ('failed' as const) : build.outcome,
    exports: build.exports.map((one) => (at > 8 ? { ...one, ok: false, error: 'did not finish' } : one)),
  }))
  expect(kindsOf(stopped)).toEqual([])
})

test('odds are those of Fisher’s exact test', () => {
  expect(oddsOfAtLeast(4, { all: 8, marked: 4, drawn: 4 })).toBeCloseTo(1 / 70)
  expect(oddsOfAtLeast(0, { all: 30, marked: 7, drawn: 4 })).toBeCloseTo(1)
  expect(oddsOfAtLeast(3, { all: 10, marked: 3, drawn: 5 })).toBeCloseTo(10 / 120)
  expect(oddsOfAtLeast(2, { all: 5, marked: 1, drawn: 3 })).toBe(0)
})

function shuffled<T>(values: T[]): fc.Arbitrary<T[]> {
  return fc.shuffledSubarray(values, { minLength: values.length })
}

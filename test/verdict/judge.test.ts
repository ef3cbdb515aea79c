import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Before } from '../../src/verdict/checklist.ts'
import { type After, verdictOf } from '../../src/verdict/judge.ts'
import { verdictKinds, verdictSchema } from '../../src/verdict/verdict.ts'
import { before } from './facts.ts'

const passes: After = {
  runId: 20,
  attempt: 1,
  sha: before.sha,
  conclusion: 'success',
  fingerprint: 'no-log',
  causeId: null,
  seconds: 200,
}
const failsAgain: After = {
  ...passes,
  conclusion: 'failure',
  fingerprint: before.fingerprint,
  causeId: before.causeId,
}
const otherSha = 'b'.repeat(40)

function judge(operation: string | null, after: Partial<After>, over: Partial<Before> = {}) {
  return verdictOf({ before: { ...before, ...over }, operation, after: { ...passes, ...after } })
}

test.each<[string, Partial<After>, string]>([
  ['it passes', {}, 'fixed'],
  ['the same fingerprint', failsAgain, 'same-failure'],
  ['it timed out with the same fingerprint', { ...failsAgain, conclusion: 'timed_out' }, 'same-failure'],
  ['the same cause with another package', { ...failsAgain, fingerprint: 'disk-full-builder:2' }, 'same-failure'],
  ['another cause', { ...failsAgain, fingerprint: 'push-denied:1', causeId: 'push-denied' }, 'another-failure'],
  ['no cause where there was one', { ...failsAgain, fingerprint: 'x', causeId: null }, 'another-failure'],
  ['its log is gone', { ...failsAgain, fingerprint: 'no-log', causeId: null }, 'unclear'],
  ['it was cancelled', { ...failsAgain, conclusion: 'cancelled' }, 'unclear'],
  ['it was skipped', { conclusion: 'skipped' }, 'unclear'],
  ['it could not start', { conclusion: 'startup_failure' }, 'unclear'],
  ['it still runs', { conclusion: null }, 'unclear'],
])('%s', (_what, after, kind) => {
  expect(judge('rebuild', after).kind).toBe(kind)
})

test('a cause that only says that something failed makes no two failures the same', () => {
  const vague = { causeId: 'run-tests-failed', fingerprint: 'run-tests-failed:1' }
  const again = { ...failsAgain, causeId: 'run-tests-failed' }
  expect(judge('rerun-failed', { ...again, fingerprint: 'run-tests-failed:2' }, vague).kind).toBe('another-failure')
  expect(judge('rerun-failed', { ...again, fingerprint: 'run-tests-failed:1' }, vague).kind).toBe('same-failure')
})

test('two failures without a log are not the same one', () => {
  const after = { ...failsAgain, fingerprint: 'no-log', causeId: null }
  expect(judge('rerun-failed', after, { fingerprint: 'no-log', causeId: null }).kind).toBe('unclear')
})

test.each<[string | null, Partial<After>, boolean]>([
  ['rerun-failed', {}, true],
  ['rerun-job', {}, true],
  ['rerun-failed', { sha: otherSha }, false],
  ['rebuild', {}, false],
  ['prune-caches', {}, false],
  [null, {}, false],
  ['rerun-failed', failsAgain, false],
])('after %s with %j flaky is %s', (operation, after, flaky) => {
  expect(judge(operation, after).flaky).toBe(flaky)
})

test.each<[string | null, Partial<After>, Partial<Before>, string]>([
  ['rebuild', {}, {}, 'yes'],
  ['prune-caches', {}, {}, 'yes'],
  ['prune-builder', {}, { transient: undefined }, 'yes'],
  // it may have passed by itself
  ['rebuild', {}, { transient: 'yes' }, 'unknown'],
  ['rebuild', {}, { transient: 'maybe' }, 'unknown'],
  // something else changed too
  ['rebuild', { sha: otherSha }, {}, 'unknown'],
  ['rebuild', failsAgain, {}, 'no'],
  // what was not pruned may still be to blame
  ['prune-caches', failsAgain, {}, 'unknown'],
  ['rebuild', { ...failsAgain, fingerprint: 'x', causeId: 'x' }, {}, 'unknown'],
  ['rerun-failed', {}, {}, 'unknown'],
  ['rerun-failed', failsAgain, {}, 'unknown'],
  [null, {}, {}, 'unknown'],
])('after %s with %j, before %j, the cache is guilty: %s', (operation, after, over, guilty) => {
  expect(judge(operation, after, over).cacheGuilty).toBe(guilty)
})

test('minutes won are against the last green build, and of a build that passed', () => {
  expect(judge('prune-caches', { seconds: 200 }).minutesWon).toBe(2)
  expect(judge('rebuild', { seconds: 443 }).minutesWon).toBe(-2)
  expect(judge('rebuild', { seconds: 322 }).minutesWon).toBe(0)
  expect(judge('rebuild', { seconds: null }).minutesWon).toBeNull()
  expect(judge('rebuild', {}, { greenSeconds: null }).minutesWon).toBeNull()
  expect(judge('rebuild', failsAgain).minutesWon).toBeNull()
  // a part of the run only
  expect(judge('rerun-failed', {}).minutesWon).toBeNull()
})

test('the cause is named only where a failure came', () => {
  expect(judge('rebuild', { ...failsAgain, fingerprint: 'x', causeId: 'push-denied' }).causeId).toBe('push-denied')
  expect(judge('rebuild', { causeId: 'copy-all-too-early' }).causeId).toBeNull()
})

test('where nothing had failed there is nothing to judge', () => {
  expect(verdictOf({ before: null, operation: 'rebuild', after: passes })).toEqual({
    kind: 'unclear',
    flaky: false,
    cacheGuilty: 'unknown',
    minutesWon: null,
    causeId: null,
  })
})

test('every verdict can be stored, and never accuses and calls flaky at once', () => {
  const after = fc.record<After>({
    runId: fc.nat(),
    attempt: fc.integer({ min: 1, max: 9 }),
    sha: fc.constantFrom(before.sha, otherSha),
    conclusion: fc.constantFrom('success', 'failure', 'timed_out', 'cancelled', 'neutral', 'new word', null),
    fingerprint: fc.constantFrom(before.fingerprint, 'no-log', 'other:1'),
    causeId: fc.constantFrom(before.causeId, null, 'other'),
    seconds: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true })),
  })
  const operation = fc.constantFrom('rerun-failed', 'rebuild', 'prune-tags', 'unheard of', null)
  fc.assert(
    fc.property(after, operation, (after, operation) => {
      const verdict = verdictOf({ before, operation, after })
      expect(verdictSchema.parse(JSON.parse(JSON.stringify(verdict)))).toEqual(verdict)
      expect(verdictKinds).toContain(verdict.kind)
      if (verdict.flaky) expect(verdict).toMatchObject({ kind: 'fixed', cacheGuilty: 'unknown' })
      if (verdict.cacheGuilty === 'yes') expect(verdict.kind).toBe('fixed')
      if (verdict.cacheGuilty === 'no') expect(verdict.kind).toBe('same-failure')
    }),
  )
})

import { expect, test } from 'vitest'
import { failAgain, fixStory, openStory, storySchema } from '../../src/thread/story.ts'
import { alert, diskFull, later, runDiagnosis, start, story } from './examples.ts'

test('a story opens with its first failed attempt and survives JSON', () => {
  const opened = story()
  expect(opened).toMatchObject({ state: 'open', failures: 1, attempt: 1, firstAt: start.toISOString(), fixedBy: null })
  expect(storySchema.parse(JSON.parse(JSON.stringify(opened)))).toEqual(opened)
})

test('a second failed attempt is counted and becomes the present state', () => {
  const again = failAgain(
    story(),
    alert({ attempt: 2, sha: 'b'.repeat(40) }),
    runDiagnosis({ ...diskFull, id: 'oom' }),
    later(5),
  )
  expect(again).toMatchObject({
    failures: 2,
    attempt: 2,
    sha: 'b'.repeat(40),
    firstAt: start.toISOString(),
    lastAt: later(5).toISOString(),
  })
  expect(again.history.map(({ attempt, causeId }) => [attempt, causeId])).toEqual([
    [1, 'disk-full-builder'],
    [2, 'oom'],
  ])
})

test('an attempt that is told twice counts once, and the later diagnosis stays', () => {
  const better = runDiagnosis(diskFull, { missing: ['job lint (3): log expired (410)'] })
  const told = failAgain(story(), alert(), better, later(1))
  expect(told).toMatchObject({ failures: 1, lastAt: start.toISOString(), diagnosis: better })
})

test('a failed attempt that arrives after a newer one goes into the history, in order', () => {
  const opened = openStory({ id: 's', channel: 'C' }, alert({ attempt: 2 }), runDiagnosis(), start)
  const late = failAgain(opened, alert({ attempt: 1 }), runDiagnosis(null), later(1))
  expect(late).toMatchObject({ attempt: 2, failures: 2, diagnosis: runDiagnosis() })
  expect(late.history.map(({ attempt }) => attempt)).toEqual([1, 2])
})

test('it remembers the last twenty attempts and counts all', () => {
  const worn = Array.from({ length: 30 }, (_, index) => index + 2).reduce(
    (told, attempt) => failAgain(told, alert({ attempt }), runDiagnosis(), later(attempt)),
    story(),
  )
  expect(worn.failures).toBe(31)
  expect(worn.history.map(({ attempt }) => attempt)).toEqual(Array.from({ length: 20 }, (_, index) => index + 12))
  expect(() => storySchema.parse(worn)).not.toThrow()
})

test('a green attempt fixes it, once', () => {
  const green = alert({ attempt: 2, conclusion: 'success', url: 'https://github.com/acme/web/actions/runs/901' })
  const fixed = fixStory(story(), green, later(9))
  expect(fixed).toMatchObject({ state: 'fixed', fixedAt: later(9).toISOString(), fixedBy: green.url })
  expect(fixStory(fixed, { ...green, attempt: 3 }, later(12))).toBe(fixed)
})

test('a green attempt of an older run fixes nothing', () => {
  const opened = story()
  expect(fixStory(opened, alert({ runId: 900, attempt: 4, conclusion: 'success' }), later(9))).toBe(opened)
})

import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import { alertKey } from '../../src/alert/alert.ts'
import type { Run } from '../../src/alert/from-run.ts'
import {
  alertsFrom,
  cursorSchema,
  doubtful,
  dueDays,
  newCursor,
  type PollCursor,
  tidied,
} from '../../src/github/poll-cursor.ts'

const at = (time: string) => new Date(`2026-11-22T${time}Z`)
const today = '2026-11-22'

describe('the alerts in one day', () => {
  const started = newCursor(at('10:00:00'))
  const later = look(
    started,
    [run({ runId: 1, status: 'in_progress', conclusion: null, updatedAt: at('10:00:30') })],
    '10:01:00',
  )

  const table: [string, PollCursor, Run[], string[]][] = [
    ['a run that ended before the first look is history', started, [run({ updatedAt: at('09:59:59') })], []],
    ['a run that ended in the second of the first look is not', started, [run({ updatedAt: at('10:00:00') })], ['1/1']],
    ['a run that ended since', started, [run({ updatedAt: at('10:00:30') })], ['1/1']],
    ['a green run closes stories', started, [run({ conclusion: 'success', updatedAt: at('10:00:30') })], ['1/1']],
    ['a cancelled run says nothing', started, [run({ conclusion: 'cancelled', updatedAt: at('10:00:30') })], []],
    [
      'a run that goes on says nothing yet',
      started,
      [run({ status: 'in_progress', conclusion: null, updatedAt: at('10:00:30') })],
      [],
    ],
    ['a run seen unfinished, whatever its time says', later.cursor, [run({ updatedAt: at('09:00:00') })], ['1/1']],
    [
      'the second attempt of a run that was history',
      started,
      [run({ attempt: 2, updatedAt: at('10:00:30') })],
      ['1/2'],
    ],
    [
      'two runs',
      started,
      [run({ updatedAt: at('10:00:30') }), run({ runId: 2, updatedAt: at('10:00:20') })],
      ['1/1', '2/1'],
    ],
  ]
  test.each(table)('%s', (_, cursor, runs, expected) => {
    const { found } = alertsFrom(runs, cursor, today, at('10:02:00'))
    assert.deepEqual(
      found.map(({ alert }) => `${alert.runId}/${alert.attempt}`),
      expected,
    )
    assert.ok(found.every(({ alert }) => alert.heardFrom === 'poller' && alert.runFinished))
  })

  test('an attempt is told of once, though the next looks show it again', () => {
    const done = run({ updatedAt: at('10:00:30') })
    const first = look(started, [done], '10:01:00')
    const second = look(first.cursor, [done], '10:02:00')
    const third = look(second.cursor, [done, run({ attempt: 2, updatedAt: at('10:02:30') })], '10:03:00')
    assert.deepEqual(
      [first, second, third].map(({ found }) => found.map(({ alert }) => alertKey(alert))),
      [['acme/web/1/1'], [], ['acme/web/1/2']],
    )
  })

  test('a list that lags behind for minutes hides nothing', () => {
    const first = look(started, [], '11:00:00')
    const second = look(first.cursor, [run({ updatedAt: at('10:50:00') })], '11:01:00')
    assert.equal(second.found.length, 1)
  })

  test('what was dealt with is forgotten once no look can show it as new', () => {
    const first = look(started, [run({ updatedAt: at('10:00:30') })], '10:01:00')
    const second = look(first.cursor, [], '12:00:00')
    assert.deepEqual(second.cursor.days[today]?.seen, {})
    assert.deepEqual(look(second.cursor, [run({ updatedAt: at('10:00:30') })], '12:01:00').found, [])
  })
})

test('only an ended run that began before the last look and was not seen then is doubtful', () => {
  const started = newCursor(at('10:00:00'))
  const open = look(started, [run({ status: 'in_progress', conclusion: null })], '10:01:00').cursor
  const known = look(started, [run({ updatedAt: at('10:00:30') })], '10:01:00').cursor
  const touched = run({ updatedAt: at('10:00:40') })
  assert.deepEqual(doubtful([touched], started, today), [touched])
  assert.deepEqual(doubtful([touched], open, today), [])
  assert.deepEqual(doubtful([touched], known, today), [])
  assert.deepEqual(doubtful([run({ updatedAt: at('09:59:00') })], started, today), [])
  assert.deepEqual(doubtful([{ ...touched, startedAt: '2026-11-22T10:00:10Z' }], started, today), [])
  assert.deepEqual(doubtful([{ ...touched, conclusion: 'cancelled' }], started, today), [])
})

describe('the days to look at', () => {
  test('at first: today, yesterday and one old day', () => {
    const days = dueDays(newCursor(at('10:00:00')), at('10:00:00'), [])
    assert.deepEqual(days, ['2026-11-22', '2026-11-21', '2026-10-19'])
  })

  test('a day on which a run in progress was created is looked at again', () => {
    assert.ok(dueDays(newCursor(at('10:00:00')), at('10:00:00'), ['2026-11-03']).includes('2026-11-03'))
  })

  test('so is a day that had an unfinished run', () => {
    const open = alertsFrom(
      [run({ status: 'waiting', conclusion: null })],
      newCursor(at('10:00:00')),
      '2026-11-03',
      at('10:00:00'),
    )
    assert.ok(dueDays(open.cursor, at('10:01:00'), []).includes('2026-11-03'))
    const closed = alertsFrom([run({})], open.cursor, '2026-11-03', at('10:02:00'))
    assert.ok(!dueDays(closed.cursor, at('10:03:00'), []).includes('2026-11-03'))
  })

  test('every other day has its turn', () => {
    let cursor = newCursor(at('10:00:00'))
    const met = new Set<string>()
    for (let minute = 0; minute < 34; minute++) {
      const now = new Date(at('10:00:00').getTime() + minute * 60_000)
      for (const day of dueDays(cursor, now, [])) {
        met.add(day)
        cursor = alertsFrom([], cursor, day, now).cursor
      }
    }
    assert.equal(met.size, 35)
  })

  test('after four days away, all days since are looked at', () => {
    const before = ['2026-11-18', '2026-11-17'].reduce(
      (cursor, day) => alertsFrom([], cursor, day, new Date('2026-11-18T12:00:00Z')).cursor,
      newCursor(new Date('2026-11-01T00:00:00Z')),
    )
    const days = dueDays(before, at('10:00:00'), [])
    for (const day of ['2026-11-22', '2026-11-21', '2026-11-20', '2026-11-19', '2026-11-18', '2026-11-17'])
      assert.ok(days.includes(day), day)
  })
})

test('old days and their pages are dropped, and what remains can be stored', () => {
  const cursor: PollCursor = {
    version: 1,
    startedAt: '2026-01-01T00:00:00.000Z',
    days: { '2026-09-01': day(), '2026-11-20': day() },
    pages: { '2026-09-01 x 1': page(), '2026-11-20 x 1': page(), 'in_progress 1': page() },
  }
  const tidy = tidied(cursor, at('10:00:00'))
  assert.deepEqual(Object.keys(tidy.days), ['2026-11-20'])
  assert.deepEqual(Object.keys(tidy.pages), ['2026-11-20 x 1', 'in_progress 1'])
  assert.deepEqual(cursorSchema.parse(JSON.parse(JSON.stringify(tidy))), tidy)
})

function look(cursor: PollCursor, runs: Run[], time: string) {
  return alertsFrom(runs, cursor, today, at(time))
}

function run({ updatedAt = at('10:00:00'), ...more }: Partial<Omit<Run, 'updatedAt'>> & { updatedAt?: Date }): Run {
  return {
    repository: 'acme/web',
    runId: 1,
    attempt: 1,
    workflow: 'CI',
    workflowPath: '.github/workflows/ci.yml',
    branch: 'main',
    sha: 'a'.repeat(40),
    status: 'completed',
    conclusion: 'failure',
    url: 'https://github.com/acme/web/actions/runs/1',
    event: 'push',
    createdAt: '2026-11-22T09:00:00Z',
    startedAt: '2026-11-22T09:00:00Z',
    updatedAt: updatedAt.toISOString(),
    ...more,
  }
}

function day() {
  return { lookedAt: '2026-11-20T00:00:00.000Z', open: [], seen: {} }
}

function page() {
  return { etag: 'W/"1"', next: 'none' as const }
}

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isWithin } from '../../src/remedy/hours.ts'

const days = [1, 2, 3, 4, 5]
const office = { days, from: 8 * 60, to: 18 * 60, zone: 'Europe/Berlin' }
const night = { days: [5], from: 22 * 60, to: 6 * 60, zone: 'Europe/Berlin' }

describe('by the clock on the wall there', () => {
  test.each([
    // Berlin is an hour ahead in winter
    ['2026-11-18T06:59:59Z', false],
    ['2026-11-18T07:00:00Z', true],
    ['2026-11-18T16:59:59Z', true],
    ['2026-11-18T17:00:00Z', false],
    // two hours in summer
    ['2026-07-15T05:59:59Z', false],
    ['2026-07-15T06:00:00Z', true],
    ['2026-07-15T16:00:00Z', false],
    // the Fridays before and after summer time begins, the Fridays before and after it ends
    ['2026-03-27T07:00:00Z', true],
    ['2026-03-27T06:00:00Z', false],
    ['2026-04-03T06:00:00Z', true],
    ['2026-10-23T06:00:00Z', true],
    ['2026-10-30T06:00:00Z', false],
    // Saturday and Sunday
    ['2026-11-21T10:00:00Z', false],
    ['2026-11-22T10:00:00Z', false],
  ])('%s: %s', (time, within) => {
    expect(isWithin(office, new Date(time))).toBe(within)
  })

  test('the day is the one there, not in London', () => {
    const monday = { days: [1], from: 0, to: 24 * 60, zone: 'Pacific/Auckland' }
    expect(isWithin(monday, new Date('2026-11-22T12:00:00Z'))).toBe(true)
    expect(isWithin(monday, new Date('2026-11-23T12:00:00Z'))).toBe(false)
  })

  test('midnight is the first minute of a day', () => {
    const early = { days: [1], from: 0, to: 1, zone: 'UTC' }
    expect(isWithin(early, new Date('2026-11-23T00:00:30Z'))).toBe(true)
    expect(isWithin(early, new Date('2026-11-23T00:01:00Z'))).toBe(false)
    expect(isWithin(early, new Date('2026-11-24T00:00:30Z'))).toBe(false)
  })
})

describe('over midnight the hours belong to the day they began on', () => {
  test.each([
    ['2026-11-20T20:59:00Z', false],
    ['2026-11-20T21:00:00Z', true],
    ['2026-11-20T23:30:00Z', true],
    ['2026-11-21T04:59:00Z', true],
    ['2026-11-21T05:00:00Z', false],
    // Friday's own early morning belongs to Thursday
    ['2026-11-20T03:00:00Z', false],
  ])('%s: %s', (time, within) => {
    expect(isWithin(night, new Date(time))).toBe(within)
  })

  test('Sunday’s go on into Monday', () => {
    const hours = { days: [7], from: 23 * 60, to: 60, zone: 'UTC' }
    expect(isWithin(hours, new Date('2026-11-23T00:30:00Z'))).toBe(true)
    expect(isWithin(hours, new Date('2026-11-24T00:30:00Z'))).toBe(false)
  })

  test('the hour that comes twice is within twice, the one that is left out never comes', () => {
    const hours = { days: [7], from: 2 * 60, to: 3 * 60, zone: 'Europe/Berlin' }
    const minutesWithin = (day: string) =>
      Array.from({ length: 24 * 60 }, (_, minute) => new Date(Date.parse(`${day}T00:00:00Z`) + minute * 60_000)).filter(
        (time) => isWithin(hours, time),
      ).length
    expect([minutesWithin('2026-10-25'), minutesWithin('2026-03-29'), minutesWithin('2026-11-22')]).toEqual([
      120, 0, 60,
    ])
  })
})

test('an end that is the start leaves no time at all', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_439 }), fc.date({ noInvalidDate: true }), (from, time) => {
      expect(isWithin({ days: [1, 2, 3, 4, 5, 6, 7], from, to: from, zone: 'UTC' }, time)).toBe(false)
    }),
  )
})

test('without a day there is no hour', () => {
  const any = fc.record({ from: fc.integer({ min: 0, max: 1_439 }), to: fc.integer({ min: 0, max: 1_440 }) })
  fc.assert(
    fc.property(any, fc.date({ noInvalidDate: true }), ({ from, to }, time) => {
      expect(isWithin({ days: [], from, to, zone: 'UTC' }, time)).toBe(false)
    }),
  )
})

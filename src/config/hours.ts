import { z } from 'zod'
import type { Hours } from '../remedy/policy.ts'

const dayNames = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']

/**
 * `mon-fri 08:00-18:00 Europe/Berlin`, `sat,sun 22:00-06:00 UTC`, `daily 00:00-24:00 America/New_York`. An end before the
 * start is that of the next day.
 */
export function readHours(text: string, context: z.core.$RefinementCtx): Hours {
  const [days = '', times = '', zone = '', ...more] = text.trim().split(/\s+/)
  const read = { days: readDays(days.toLowerCase()), times: readTimes(times), zone: isZone(zone) && more.length === 0 }
  if (read.days === null || read.times === null || !read.zone) {
    context.addIssue({ code: 'custom' })
    return z.NEVER
  }
  return { days: read.days, ...read.times, zone }
}

function readDays(text: string): number[] | null {
  if (text === 'daily') return [1, 2, 3, 4, 5, 6, 7]
  const days = new Set<number>()
  for (const part of text.split(',')) {
    const [first, last, ...more] = part.split('-').map((name) => dayNames.indexOf(name))
    if (first === undefined || first < 0 || (last !== undefined && last < 0) || more.length > 0) return null
    // `sat-mon` goes over the end of the week
    for (let day = first; ; day = (day + 1) % 7) {
      days.add(day + 1)
      if (day === (last ?? first)) break
    }
  }
  return [...days].sort((one, other) => one - other)
}

function readTimes(text: string): { from: number; to: number } | null {
  const [, hour, minute, toHour, toMinute] = /^(\d\d):(\d\d)-(\d\d):(\d\d)$/.exec(text) ?? []
  const from = minutesOf(hour, minute)
  const to = minutesOf(toHour, toMinute)
  if (from === null || to === null || from === to || from === fullDay) return null
  return { from, to }
}

const fullDay = 24 * 60

/** After midnight; `24:00` is the end of the day. */
function minutesOf(hour: string | undefined, minute: string | undefined): number | null {
  const minutes = Number(hour) * 60 + Number(minute)
  return Number(minute) < 60 && minutes <= fullDay ? minutes : null
}

/** A name that the machine's calendar knows. An offset (`+02:00`) has no summer time, so it is none. */
function isZone(zone: string): boolean {
  if (!/^[A-Za-z]/.test(zone)) return false
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

import type { Hours } from './policy.ts'

/** Is it such a day and hour there? Hours that go over midnight belong to the day they began on. */
export function isWithin({ days, from, to, zone }: Hours, now: Date): boolean {
  const { day, minute } = localTime(now, zone)
  if (from === to) return false
  if (from < to) return days.includes(day) && minute >= from && minute < to
  const yesterday = day === 1 ? 7 : day - 1
  return (days.includes(day) && minute >= from) || (days.includes(yesterday) && minute < to)
}

const dayNames = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

/** 1 Monday … 7 Sunday, and minutes after midnight, by the clock on the wall there. */
function localTime(now: Date, zone: string): { day: number; minute: number } {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  const parts = new Map(format.formatToParts(now).map(({ type, value }) => [type, value]))
  const day = dayNames.indexOf(parts.get('weekday') ?? '') + 1
  return { day, minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')) }
}

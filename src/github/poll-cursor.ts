import { z } from 'zod'
import { type Alert, alertKey } from '../alert/alert.ts'
import { hearRun, type Run } from '../alert/from-run.ts'

/**
 * How far the poller got in one repository. GitHub lists runs by the day they were created, and a re-run keeps its day,
 * so every day of the last weeks has its own place:
 *
 * - today, yesterday and days with unfinished runs are looked at in every poll;
 * - the other days, one in each poll, the one not looked at for longest: a re-run there is found too, only later.
 *
 * An ETag for each page makes a look at an unchanged day free. Times are GitHub's own (its Date header), ISO 8601.
 */
export const cursorSchema = z.strictObject({
  version: z.literal(1),
  /** GitHub's time at the first poll; what was over by then is history and never an alert */
  startedAt: z.iso.datetime(),
  days: z.record(
    z.iso.date(),
    z.strictObject({
      lookedAt: z.iso.datetime(),
      /** ids of its runs that were not finished */
      open: z.array(z.int()),
      /** `alertKey` of each attempt dealt with lately → when GitHub last touched its run */
      seen: z.record(z.string(), z.string()),
    }),
  ),
  /** by `pageKey`: the ETag of what we have of this page, and whether more pages follow or the range was cut in two */
  pages: z.record(z.string(), z.strictObject({ etag: z.string(), next: z.enum(['none', 'more', 'split']) })),
})

export type PollCursor = z.infer<typeof cursorSchema>
type DayCursor = PollCursor['days'][string]

/** A run can be re-run for 30 days and lasts at most 35. https://docs.github.com/actions/reference/limits */
const daysBack = 35
const dayMs = 86_400_000
/** GitHub's lists lag behind, and its clocks differ a little: what ended shortly before the last look counts again. */
const overlapMs = 15 * 60_000

export function newCursor(githubNow: Date): PollCursor {
  return { version: 1, startedAt: githubNow.toISOString(), days: {}, pages: {} }
}

/** The days (UTC, `2026-11-22`) to look at now, newest first. `alive`: days on which a run in progress was created. */
export function dueDays(cursor: PollCursor, githubNow: Date, alive: string[]): string[] {
  const all = Array.from({ length: daysBack }, (_, back) => dayOf(new Date(githubNow.getTime() - back * dayMs)))
  const due = all.filter((day) => isDue(cursor, day, githubNow) || alive.includes(day))
  const rest = all.filter((day) => !due.includes(day))
  const longestAgo = rest
    .toSorted((a, b) => lookedAt(cursor, a) - lookedAt(cursor, b) || a.localeCompare(b))
    .slice(0, 1)
  return [...due, ...longestAgo].toSorted().toReversed()
}

/** Young, unfinished, or left behind while we were away. */
function isDue(cursor: PollCursor, day: string, githubNow: Date): boolean {
  const settled = Date.parse(day) + 2 * dayMs
  return githubNow.getTime() < settled || (cursor.days[day]?.open.length ?? 0) > 0 || lookedAt(cursor, day) < settled
}

/** An alert and when GitHub last touched its run, to put alerts of several days in order. */
export type FoundAlert = { alert: Alert; at: string }

/**
 * The alerts in what changed in one day's list, and the day's new place. Pure. `runs`: every run on a page of that
 * list that is not as it was at the last look.
 */
export function alertsFrom(
  runs: Run[],
  cursor: PollCursor,
  day: string,
  githubNow: Date,
): { found: FoundAlert[]; cursor: PollCursor } {
  const before = dayCursor(cursor, day)
  const since = sinceOf(cursor, day)
  const open = new Set(before.open)
  const seen = { ...before.seen }
  const found: FoundAlert[] = []
  for (const run of runs) {
    const wasOpen = open.delete(run.runId)
    if (run.status !== 'completed') {
      open.add(run.runId)
      continue
    }
    // One we saw unfinished counts whatever its time says.
    if (!wasOpen && Date.parse(run.updatedAt) < since) continue
    const heard = hearRun(run, 'poller')
    const key = alertKey(run)
    if (heard.kind === 'alert' && !(key in seen)) found.push({ alert: heard.alert, at: run.updatedAt })
    seen[key] = run.updatedAt
  }
  const after: DayCursor = { lookedAt: githubNow.toISOString(), open: [...open], seen: lately(seen, githubNow) }
  return { found, cursor: { ...cursor, days: { ...cursor.days, [day]: after } } }
}

/**
 * Of these runs, the ended ones whose `updatedAt` may not be their end: GitHub touches old runs now and then, and one
 * that began before the last look and was not seen unfinished then is either that or a run that our look missed. Pure.
 */
export function doubtful(runs: Run[], cursor: PollCursor, day: string): Run[] {
  const { open, seen } = dayCursor(cursor, day)
  const since = sinceOf(cursor, day)
  return runs.filter(
    (run) =>
      hearRun(run, 'poller').kind === 'alert' &&
      Date.parse(run.updatedAt) >= since &&
      Date.parse(run.startedAt) < since &&
      !open.includes(run.runId) &&
      !(alertKey(run) in seen),
  )
}

function dayCursor(cursor: PollCursor, day: string): DayCursor {
  return cursor.days[day] ?? { lookedAt: cursor.startedAt, open: [], seen: {} }
}

/** What ended from then on may be news; in ms, but whole seconds, as GitHub's times. */
function sinceOf(cursor: PollCursor, day: string): number {
  const since = Math.max(lookedAt(cursor, day) - overlapMs, Date.parse(cursor.startedAt))
  return Math.floor(since / 1000) * 1000
}

/** Names a page of a day's list (`part`: the day, or a piece of a day with more than 1,000 runs). */
export function pageKey(part: string, page: number): string {
  return `${part} ${page}`
}

/** Without the days, and their pages, that are never looked at again. */
export function tidied(cursor: PollCursor, githubNow: Date): PollCursor {
  const first = dayOf(new Date(githubNow.getTime() - daysBack * dayMs))
  // Page keys begin with their day; `in_progress` sorts behind all of them.
  const young = <T>(entries: Record<string, T>) =>
    Object.fromEntries(Object.entries(entries).filter(([key]) => key >= first))
  return { ...cursor, days: young(cursor.days), pages: young(cursor.pages) }
}

/** The day a run was created, which is where GitHub lists it. */
export function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10)
}

function lookedAt(cursor: PollCursor, day: string): number {
  return Date.parse(cursor.days[day]?.lookedAt ?? cursor.startedAt)
}

/** What the next look's overlap may show again; older entries can go. */
function lately(seen: Record<string, string>, githubNow: Date): Record<string, string> {
  return Object.fromEntries(
    Object.entries(seen).filter(([, at]) => Date.parse(at) >= githubNow.getTime() - overlapMs - 1000),
  )
}

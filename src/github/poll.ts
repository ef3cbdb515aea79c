import { type Octokit, RequestError } from 'octokit'
import { z } from 'zod'
import type { Alert } from '../alert/alert.ts'
import { type Run, readPayload, runSchema } from '../alert/from-run.ts'
import { type GithubClient, ownerAndName } from './client.ts'
import { GithubFault, githubFault } from './fault.ts'
import {
  alertsFrom,
  dayOf,
  doubtful,
  dueDays,
  type FoundAlert,
  newCursor,
  type PollCursor,
  pageKey,
  tidied,
} from './poll-cursor.ts'

export type Poll = {
  /** oldest first; store them before the cursor, so that a crash in between repeats them instead of losing them */
  alerts: Alert[]
  cursor: PollCursor
  /** requests made, and how many of them cost nothing because nothing had changed */
  requests: number
  unchanged: number
  /** runs that GitHub described in a way we cannot read; they are left out */
  odd: number
}

/**
 * Looks once for attempts that ended since the last look. `cursor` is what the last look gave, null for the first,
 * which alerts of nothing that ended before it. Throws a `GithubFault`; then the old cursor still holds.
 */
export async function pollRepository(input: {
  client: GithubClient
  repository: string
  cursor: PollCursor | null
  now: Date
}): Promise<Poll> {
  const { client, repository, now } = input
  try {
    const lists = runLists(await client.forRepository(repository), repository, input.cursor?.pages ?? {}, now)
    const running = await lists.running()
    return await lookAtDays(lists, input.cursor ?? newCursor(lists.githubNow()), running)
  } catch (error) {
    throw githubFault(`Looking for finished runs of ${repository}`, error, { now })
  }
}

async function lookAtDays(lists: RunLists, start: PollCursor, running: Run[]): Promise<Poll> {
  const githubNow = lists.githubNow()
  const alive = running.map((run) => dayOf(new Date(run.createdAt)))
  const found: FoundAlert[] = []
  let cursor = start
  for (const day of dueDays(cursor, githubNow, alive)) {
    const runs = await lists.createdOn(day)
    const doubts = doubtful(runs, cursor, day)
    const ended = await Promise.all(doubts.map(async (run) => ({ ...run, updatedAt: await lists.endOf(run) })))
    const certain = runs.filter((run) => !doubts.includes(run))
    const looked = alertsFrom([...certain, ...ended], cursor, day, githubNow)
    found.push(...looked.found)
    cursor = looked.cursor
  }
  const alerts = found.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at)).map(({ alert }) => alert)
  return { alerts, cursor: tidied({ ...cursor, pages: lists.pages() }, githubNow), ...lists.counts() }
}

type Pages = PollCursor['pages']

type RunLists = {
  /** Runs in progress, on pages that changed: among them a re-run of an old run, which no young day shows. */
  running(): Promise<Run[]>
  /** Runs created on this day (UTC), on pages that changed. */
  createdOn(day: string): Promise<Run[]>
  /** When an attempt really ended, by its jobs; ISO 8601 */
  endOf(run: Run): Promise<string>
  /** GitHub's time at the first answer */
  githubNow(): Date
  pages(): Pages
  counts(): { requests: number; unchanged: number; odd: number }
}

const pageSize = 100
/** GitHub shows no more than this of any filtered list. */
const mostRuns = 1_000

function runLists(octokit: Octokit, repository: string, known: Pages, now: Date): RunLists {
  const pages: Pages = { ...known }
  const counts = { requests: 0, unchanged: 0, odd: 0 }
  let githubNow: Date | null = null

  /** One page, unless it is as we know it. */
  async function look(
    key: string,
    filter: Filter,
    page: number,
  ): Promise<{ runs: Run[]; next: Pages[string]['next'] }> {
    counts.requests++
    const answer = await listRuns(octokit, repository, filter, page, pages[key]?.etag)
    githubNow ??= timeOf(answer.date, now)
    if (answer.kind === 'unchanged') {
      counts.unchanged++
      return { runs: [], next: pages[key]?.next ?? 'none' }
    }
    const { runs, odd, total } = readRuns(answer.data)
    counts.odd += odd
    const next = total > mostRuns && filter.created !== undefined ? 'split' : total > page * pageSize ? 'more' : 'none'
    if (answer.etag !== undefined) pages[key] = { etag: answer.etag, next }
    return { runs, next }
  }

  async function pagesOf(part: string, filter: Filter): Promise<{ runs: Run[]; split: boolean }> {
    const all: Run[] = []
    for (let page = 1; page <= mostRuns / pageSize; page++) {
      const { runs, next } = await look(pageKey(part, page), filter, page)
      if (next === 'split') return { runs: [], split: true }
      all.push(...runs)
      if (next === 'none') break
    }
    return { runs: all, split: false }
  }

  /** A range with more runs than GitHub shows is looked at in halves. */
  async function createdWithin(day: string, from: number, to: number): Promise<Run[]> {
    const created = `${second(from)}..${second(to)}`
    const { runs, split } = await pagesOf(`${day} ${created}`, { created })
    if (!split) return runs
    if (to - from < 1000) throw new GithubFault('malformed', `GitHub lists more than ${mostRuns} runs for one second`)
    const middle = from + Math.ceil((to - from) / 2000) * 1000
    return [...(await createdWithin(day, middle, to)), ...(await createdWithin(day, from, middle - 1000))]
  }

  return {
    running: async () => (await pagesOf('in_progress', { status: 'in_progress' })).runs,
    createdOn: (day) => createdWithin(day, Date.parse(day), Date.parse(`${day}T23:59:59Z`)),
    endOf(run) {
      counts.requests++
      return endOf(octokit, run)
    },
    githubNow: () => githubNow ?? now,
    pages: () => pages,
    counts: () => counts,
  }
}

const jobsSchema = z.object({
  total_count: z.int(),
  jobs: z.array(z.object({ completed_at: z.iso.datetime({ offset: true }).nullish() })),
})

/** The end of its last job; its begin when it has none, as then it failed to start. */
async function endOf(octokit: Octokit, run: Run): Promise<string> {
  const { data } = await octokit.rest.actions.listJobsForWorkflowRunAttempt({
    ...ownerAndName(run.repository),
    run_id: run.runId,
    attempt_number: run.attempt,
    per_page: pageSize,
  })
  const read = readPayload(jobsSchema, data)
  // Rather an alert too many than one too few.
  if (read.kind === 'malformed' || read.value.total_count > pageSize) return run.updatedAt
  const ends = read.value.jobs.flatMap((job) => (job.completed_at ? [Date.parse(job.completed_at)] : []))
  return new Date(Math.max(Date.parse(run.startedAt), ...ends)).toISOString()
}

type Filter = { created?: string; status?: 'in_progress' }
type Answer = { kind: 'unchanged'; date?: string } | { kind: 'page'; data: unknown; etag?: string; date?: string }

async function listRuns(
  octokit: Octokit,
  repository: string,
  filter: Filter,
  page: number,
  etag?: string,
): Promise<Answer> {
  try {
    const { data, headers } = await octokit.rest.actions.listWorkflowRunsForRepo({
      ...ownerAndName(repository),
      ...filter,
      per_page: pageSize,
      page,
      exclude_pull_requests: true,
      headers: etag === undefined ? {} : { 'if-none-match': etag },
    })
    return { kind: 'page', data, etag: headers.etag, date: headers.date }
  } catch (error) {
    if (error instanceof RequestError && error.status === 304)
      return { kind: 'unchanged', date: error.response?.headers.date }
    throw error
  }
}

const listSchema = z.object({ total_count: z.int(), workflow_runs: z.array(z.unknown()) })

/** One run we cannot read must not hide the others. */
function readRuns(data: unknown): { runs: Run[]; odd: number; total: number } {
  const list = readPayload(listSchema, data)
  if (list.kind === 'malformed')
    throw new GithubFault(
      'malformed',
      `GitHub's list of runs is not what its API description promises (${list.because}).`,
    )
  const reads = list.value.workflow_runs.map((run) => readPayload(runSchema, run))
  const runs = reads.flatMap((read) => (read.kind === 'read' ? [read.value] : []))
  return { runs, odd: reads.length - runs.length, total: list.value.total_count }
}

function timeOf(header: string | undefined, now: Date): Date {
  const time = Date.parse(header ?? '')
  return Number.isNaN(time) ? now : new Date(time)
}

function second(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`
}

import { type Kysely, type Selectable, sql } from 'kysely'
import type { Tables } from './tables.ts'

/** A failed job whose log was read, or asked for in vain: one row per job, attempt and run. */
export type Failure = {
  /** `owner/name`, as GitHub spells it; kept in lower case */
  repository: string
  workflow: string
  /** a leg of a matrix has a name of its own */
  jobName: string
  branch: string | null
  sha: string
  runId: number
  attempt: number
  jobId: number
  /** when it was heard of */
  at: Date
  /** see diagnosis/fingerprint.ts */
  fingerprint: string
  /** null when the log could not be read, or shows no cause */
  causeId: string | null
  /** 0 to 1 */
  confidence: number
  /** redacted text of the log that a changed rule can be tried on; null when none was kept */
  excerpt: string | null
}

/** `passedAt`: when a later attempt of the same run, and so of the same commit, was seen to pass this job. */
export type KeptFailure = Failure & { passedAt: Date | null }

/** Where a failure of a name is one and the same: a job of a workflow, on whatever branch. */
export type FailurePlace = Pick<Failure, 'repository' | 'workflow' | 'jobName' | 'fingerprint'>

/** What was seen of a failure before. Counted are failed jobs: each attempt once. */
export type FailureHistory = {
  times: number
  firstAt: Date
  firstSha: string
  lastAt: Date
  /** how many of them passed when the same commit was run again */
  passedOnRerun: number
  /** how many were earlier attempts of this very run */
  sameRun: number
}

/** All parts are optional, and all that are given must hold. */
export type FailureFilter = {
  repository?: string
  workflow?: string
  causeId?: string
  fingerprint?: string
  since?: Date
  /** only failures that an excerpt was kept of */
  withExcerpt?: boolean
}

export type Failures = {
  /**
   * Keeps a failure and returns it as it is kept. Kept again (the task was repeated, the run has ended meanwhile) its
   * findings are replaced; its time stays, and so does an excerpt when none is given.
   */
  keep(failure: Failure): Promise<KeptFailure>
  /** What was seen of it before this time, `runId` being the run that asks; null when it never was. */
  history(place: FailurePlace, now: { before: Date; runId: number }): Promise<FailureHistory | null>
  /** An attempt of this run passed: says so of the failures of its earlier attempts, in these jobs or in all; how many. */
  passedOnRerun(
    run: { repository: string; runId: number; attempt: number; jobNames?: string[] },
    at: Date,
  ): Promise<number>
  /** The latest first; read in pages, so that a long history does not fill the memory. */
  each(filter?: FailureFilter): AsyncIterable<KeptFailure>
  /** Forgets what failed before `date`; says how many failures that were. */
  forgetBefore(date: Date): Promise<number>
}

/** The failures that were seen, for their history and for trying changed rules on. */
export function failuresIn(db: Kysely<Tables>): Failures {
  return {
    keep: (failure) => keep(db, failure),
    history: (place, now) => history(db, place, now),
    async passedOnRerun({ repository, runId, attempt, jobNames }, at) {
      if (jobNames?.length === 0) return 0
      let query = db
        .updateTable('failures')
        .set({ passed_at: at.toISOString() })
        .where('repository', '=', repository.toLowerCase())
        .where('run_id', '=', runId)
        .where('attempt', '<', attempt)
        .where('passed_at', 'is', null)
      if (jobNames) query = query.where('job_name', 'in', jobNames)
      return Number((await query.executeTakeFirst()).numUpdatedRows)
    },
    each: (filter = {}) => each(db, filter),
    async forgetBefore(date) {
      const deleted = await db.deleteFrom('failures').where('at', '<', date.toISOString()).executeTakeFirst()
      return Number(deleted.numDeletedRows)
    },
  }
}

async function keep(db: Kysely<Tables>, failure: Failure): Promise<KeptFailure> {
  const row = rowOf(failure)
  const kept = await db
    .insertInto('failures')
    .values(row)
    .onConflict((conflict) =>
      conflict.column('key').doUpdateSet({
        fingerprint: row.fingerprint,
        cause_id: row.cause_id,
        confidence: row.confidence,
        excerpt: sql<string | null>`coalesce(excluded.excerpt, failures.excerpt)`,
      }),
    )
    .returningAll()
    .executeTakeFirstOrThrow()
  return failureOf(kept)
}

async function history(
  db: Kysely<Tables>,
  place: FailurePlace,
  { before, runId }: { before: Date; runId: number },
): Promise<FailureHistory | null> {
  const earlier = db
    .selectFrom('failures')
    .where('repository', '=', place.repository.toLowerCase())
    .where('workflow', '=', place.workflow)
    .where('job_name', '=', place.jobName)
    .where('fingerprint', '=', place.fingerprint)
    .where('at', '<', before.toISOString())
  const first = await earlier.select(['at', 'sha']).orderBy('at').orderBy('key').limit(1).executeTakeFirst()
  if (!first) return null
  const counted = await earlier
    .select(({ fn }) => [
      fn.countAll().as('times'),
      fn.count('passed_at').as('passed'),
      sql<number>`sum(case when run_id = ${runId} then 1 else 0 end)`.as('same_run'),
      fn.max('at').as('last_at'),
    ])
    .executeTakeFirstOrThrow()
  return {
    times: Number(counted.times),
    firstAt: new Date(first.at),
    firstSha: first.sha,
    lastAt: new Date(counted.last_at),
    passedOnRerun: Number(counted.passed),
    sameRun: Number(counted.same_run),
  }
}

const pageSize = 200

async function* each(db: Kysely<Tables>, filter: FailureFilter): AsyncGenerator<KeptFailure> {
  let after: { at: string; key: string } | null = null
  for (;;) {
    const page: Selectable<Tables['failures']>[] = await pageAfter(db, filter, after)
    for (const row of page) yield failureOf(row)
    after = page.at(-1) ?? null
    if (after === null || page.length < pageSize) return
  }
}

function pageAfter(db: Kysely<Tables>, filter: FailureFilter, after: { at: string; key: string } | null) {
  let query = db.selectFrom('failures').selectAll().orderBy('at', 'desc').orderBy('key', 'desc').limit(pageSize)
  if (filter.repository !== undefined) query = query.where('repository', '=', filter.repository.toLowerCase())
  if (filter.workflow !== undefined) query = query.where('workflow', '=', filter.workflow)
  if (filter.causeId !== undefined) query = query.where('cause_id', '=', filter.causeId)
  if (filter.fingerprint !== undefined) query = query.where('fingerprint', '=', filter.fingerprint)
  if (filter.since !== undefined) query = query.where('at', '>=', filter.since.toISOString())
  if (filter.withExcerpt) query = query.where('excerpt', 'is not', null)
  if (after) query = query.where(sql<boolean>`(at < ${after.at} or (at = ${after.at} and key < ${after.key}))`)
  return query.execute()
}

function rowOf(failure: Failure): Selectable<Tables['failures']> {
  const repository = failure.repository.toLowerCase()
  const { workflow, branch, sha, attempt, fingerprint, confidence } = failure
  return {
    key: [repository, failure.runId, attempt, failure.jobId].join('/'),
    repository,
    workflow,
    job_name: failure.jobName,
    branch,
    sha,
    run_id: failure.runId,
    attempt,
    job_id: failure.jobId,
    at: failure.at.toISOString(),
    fingerprint,
    cause_id: failure.causeId,
    confidence,
    // PostgreSQL's text refuses a NUL, and both engines half a pair
    excerpt: failure.excerpt?.replaceAll('\0', '').toWellFormed() ?? null,
    passed_at: null,
  }
}

function failureOf(row: Selectable<Tables['failures']>): KeptFailure {
  const { repository, workflow, branch, sha, attempt, fingerprint, confidence, excerpt } = row
  return {
    repository,
    workflow,
    jobName: row.job_name,
    branch,
    sha,
    runId: row.run_id,
    attempt,
    jobId: row.job_id,
    at: new Date(row.at),
    fingerprint,
    causeId: row.cause_id,
    confidence,
    excerpt,
    passedAt: row.passed_at === null ? null : new Date(row.passed_at),
  }
}

import { sql, type Transaction } from 'kysely'
import type { Admission, AdmissionRefusal } from '../remedy/execution.ts'
import { planHash } from '../remedy/plan.ts'
import type { Policy } from '../remedy/policy.ts'
import { approvalsOf, type Request, samePerson } from '../remedy/request.ts'
import { appendAudit } from './audit.ts'
import { type ExecutionRow, executionOf, intendedRow, lockExecution } from './execution-row.ts'
import { liveLock, releaseLock, takeLock } from './locks.ts'
import { auditEntry, requestIn } from './requests.ts'
import { lockSwitches } from './switches.ts'
import type { Tables } from './tables.ts'

/** What stands between an approval and the call. Text is compared as it is, so spell names alike. */
export type Limits = {
  /** name of the lock: repository, branch and remedy */
  lock: string
  /** who has it then, in words for people */
  lockHolder: string
  /** when it is free again if nobody gives it back */
  lockUntil: Date
  /** what has to rest: operation, repository and branch */
  cooldownKey: string
  cooldownMinutes: number
  hourly: Policy['hourly']
  /** `owner/name`; its case does not matter */
  repository: string
  /** GitHub's id of whoever asked */
  person: number
  /**
   * Only what it would do is told: no lock, no cooldown, counted nowhere. While the switch says dry run, it is one
   * whatever stands here.
   */
  dryRun: boolean
}

/**
 * Lets a request through, or not; all in one transaction. The row of the switches is held meanwhile, so admissions
 * come one after the other whatever they are about, and none comes after a pause was saved.
 */
export async function admit(db: Transaction<Tables>, requestId: string, limits: Limits, now: Date): Promise<Admission> {
  const switches = await lockSwitches(db)
  const request = await requestIn(db, requestId)
  const row = await db.selectFrom('executions').selectAll().where('request_id', '=', requestId).executeTakeFirst()
  // what may have been called already is not held up: it has to be seen to its end
  if (row && row.state !== 'intended') return { kind: 'admitted', execution: executionOf(row), again: true }
  const dryRun = switches.dryRun || limits.dryRun || row?.dry_run === 1
  const refusal =
    (request && isApproved(request) ? null : ({ because: 'not-approved' } as const)) ??
    (switches.paused ? ({ because: 'paused', ...switches.paused } as const) : null) ??
    (dryRun ? null : await heldUp(db, requestId, { limits, again: row !== undefined }, now))
  if (refusal) {
    await appendAudit(db, skippedEntry(requestId, request, limits, refusal, now))
    return { kind: 'refused', ...refusal }
  }
  const storyId = request?.place.storyId ?? null
  const standing = row
    ? await turned(db, row, dryRun)
    : await db
        .insertInto('executions')
        .values(intendedRow({ ...limits, requestId, storyId, dryRun }, now))
        .returningAll()
        .executeTakeFirstOrThrow()
  return { kind: 'admitted', execution: executionOf(standing), again: row !== undefined }
}

/** The row as it stands, but for a live one that finds dry run switched on since: nothing was called, so nothing will be. */
async function turned(db: Transaction<Tables>, row: ExecutionRow, dryRun: boolean): Promise<ExecutionRow> {
  if (!dryRun || row.dry_run === 1) return row
  const turned = await db
    .updateTable('executions')
    .set({ dry_run: 1 })
    .where('request_id', '=', row.request_id)
    .where('state', '=', 'intended')
    .returningAll()
    .executeTakeFirst()
  if (turned) await releaseLock(db, row.request_id)
  return turned ?? (await lockExecution(db, row.request_id))
}

/** Looked at again here: the plan is the one that people saw, and those who agreed are enough, and others. */
function isApproved(request: Request): boolean {
  const votes = request.ownCounts
    ? request.votes
    : request.votes.filter(({ person }) => !samePerson(person, request.requester))
  const enough = approvalsOf({ votes }) >= request.needed
  return request.state === 'approved' && enough && planHash(request.plan) === request.planHash
}

/** `again`: it counted when it was let in first, but the lock may have run out since. */
async function heldUp(
  db: Transaction<Tables>,
  requestId: string,
  { limits, again }: { limits: Limits; again: boolean },
  now: Date,
): Promise<AdmissionRefusal | null> {
  const { lock: name, lockHolder: holder, lockUntil: until } = limits
  const held = await liveLock(db, name, now)
  if (held && held.request_id !== requestId) return { because: 'locked', holder: held.holder, until: held.until }
  const mustWait = again ? null : ((await cooling(db, limits, now)) ?? (await overCap(db, limits, now)))
  if (mustWait) return mustWait
  const other = await takeLock(db, { name, holder, requestId, until }, now)
  return other && { because: 'locked', ...other }
}

async function cooling(db: Transaction<Tables>, limits: Limits, now: Date): Promise<AdmissionRefusal | null> {
  const { last } = await db
    .selectFrom('executions')
    .select(sql<string | null>`max(coalesce(ended_at, called_at))`.as('last'))
    .where('cooldown_key', '=', limits.cooldownKey)
    .where('dry_run', '=', 0)
    // of an unclear one nobody knows that it did nothing
    .where('state', 'in', ['calling', 'done', 'unclear'])
    .executeTakeFirstOrThrow()
  if (last === null) return null
  const until = Date.parse(last) + limits.cooldownMinutes * 60_000
  return until > now.getTime() ? { because: 'cooldown', until: new Date(until).toISOString() } : null
}

const hour = 3_600_000

async function overCap(db: Transaction<Tables>, limits: Limits, now: Date): Promise<AdmissionRefusal | null> {
  const lately = db
    .selectFrom('executions')
    .select('started_at')
    .where('dry_run', '=', 0)
    // let in and then not carried out: nothing happened
    .where('state', '<>', 'skipped')
    .where('started_at', '>', new Date(now.getTime() - hour).toISOString())
    .orderBy('started_at')
  const asked = [
    { of: 'repository', query: lately.where('repository', '=', limits.repository.toLowerCase()) },
    { of: 'person', query: lately.where('person_id', '=', limits.person) },
    { of: 'installation', query: lately },
  ] as const
  for (const { of, query } of asked) {
    const most = limits.hourly[of]
    const starts = (await query.execute()).map((row) => Date.parse(row.started_at))
    if (starts.length < most) continue
    // when so many have left the hour that one more fits; where none ever fits, in an hour it is as now
    const leaves = starts[starts.length - most] ?? now.getTime()
    return { because: 'cap', of, most, until: new Date(leaves + hour).toISOString() }
  }
  return null
}

function skippedEntry(
  requestId: string,
  request: Request | null,
  limits: Limits,
  refusal: AdmissionRefusal,
  now: Date,
) {
  const reason = reasonOf(refusal)
  if (request) return auditEntry(request, { at: now, kind: 'skipped', person: request.requester, reason })
  return {
    at: now.toISOString(),
    kind: 'skipped' as const,
    slackId: null,
    githubLogin: null,
    repository: limits.repository,
    what: 'a request that is not known',
    requestId,
    planHash: null,
    reason,
    result: null,
    link: null,
  }
}

function reasonOf(refusal: AdmissionRefusal): string {
  switch (refusal.because) {
    case 'paused':
      return `paused by ${refusal.by} at ${refusal.at}`
    case 'locked':
      return `locked by ${refusal.holder} until ${refusal.until}`
    case 'cooldown':
      return `cooldown until ${refusal.until}`
    case 'cap':
      return `cap of ${refusal.most} an hour per ${refusal.of} until ${refusal.until}`
    case 'not-approved':
      return 'not approved, or not for this plan'
  }
}

import type { Transaction } from 'kysely'
import type { AuditEntry, AuditKind } from '../remedy/audit.ts'
import { type Execution, type ExecutionResult, executionResultSchema } from '../remedy/execution.ts'
import type { Request } from '../remedy/request.ts'
import { appendAudit } from './audit.ts'
import { type ExecutionRow, executionOf, intendedRow, lockExecution } from './execution-row.ts'
import { extendLock, releaseLock } from './locks.ts'
import { auditEntry, requestIn } from './requests.ts'
import { lockSwitches } from './switches.ts'
import type { Tables } from './tables.ts'

export type Outcome = 'done' | 'failed' | 'skipped' | 'unclear'

/** `keepLock`: until when the lock is held still; null: it is given back. */
export type End = { outcome: Outcome; result: ExecutionResult; now: Date; keepLock: Date | null }

/** The end of an execution that is open, its audit row and its lock, in one. */
export async function finish(db: Transaction<Tables>, requestId: string, end: End): Promise<Execution> {
  const before = await lockExecution(db, requestId)
  if (before.ended_at !== null) return executionOf(before)
  const request = await knownRequest(db, requestId)
  const execution = await close(db, requestId, end)
  await appendAudit(db, entryOf(request, before, end))
  return execution
}

/** The end of one that never began. Admissions wait meanwhile, so that none slips in. */
export async function skip(
  db: Transaction<Tables>,
  requestId: string,
  { result, now }: { result: ExecutionResult; now: Date },
): Promise<Execution> {
  await lockSwitches(db)
  const request = await knownRequest(db, requestId)
  await db
    .insertInto('executions')
    .values(rowWithoutAdmission(request, now))
    .onConflict((conflict) => conflict.column('request_id').doNothing())
    .execute()
  const before = await lockExecution(db, requestId)
  if (before.state !== 'intended') return executionOf(before)
  const end: End = { outcome: 'skipped', result, now, keepLock: null }
  const execution = await close(db, requestId, end)
  if (!(await isRefused(db, requestId))) await appendAudit(db, entryOf(request, before, end))
  return execution
}

async function close(db: Transaction<Tables>, requestId: string, end: End): Promise<Execution> {
  const { outcome, result, now, keepLock } = end
  const row = await db
    .updateTable('executions')
    .set({
      state: outcome,
      ended_at: now.toISOString(),
      result: JSON.stringify(executionResultSchema.parse(result)),
    })
    .where('request_id', '=', requestId)
    .returningAll()
    .executeTakeFirstOrThrow()
  if (keepLock) await extendLock(db, requestId, keepLock)
  else await releaseLock(db, requestId)
  return executionOf(row)
}

function rowWithoutAdmission({ id, plan, place, requester }: Request, now: Date): ExecutionRow {
  const { repository } = plan
  const asked = { repository, person: requester.githubId, cooldownKey: '', dryRun: false }
  return intendedRow({ requestId: id, storyId: place.storyId, ...asked }, now)
}

async function isRefused(db: Transaction<Tables>, requestId: string): Promise<boolean> {
  const refusal = db.selectFrom('audit').select('seq').where('request_id', '=', requestId).where('kind', '=', 'skipped')
  return (await refusal.limit(1).executeTakeFirst()) !== undefined
}

async function knownRequest(db: Transaction<Tables>, requestId: string): Promise<Request> {
  const request = await requestIn(db, requestId)
  if (!request) throw new Error(`There is no request ${requestId} in the database, so nothing of it can be ended`)
  return request
}

const kindOfOutcome = {
  done: 'ran',
  failed: 'failed',
  unclear: 'failed',
  skipped: 'skipped',
} as const satisfies Record<Outcome, AuditKind>

function entryOf(request: Request, { dry_run }: ExecutionRow, { outcome, result, now }: End): AuditEntry {
  const said = [...(dry_run === 1 ? ['dry run'] : []), ...(outcome === 'unclear' ? ['unclear'] : [])]
  const reason = said.length > 0 ? said.join(', ') : null
  const entry = auditEntry(request, { at: now, kind: kindOfOutcome[outcome], person: request.requester, reason })
  return { ...entry, result: result.words, link: result.url }
}

import type { Kysely, Transaction } from 'kysely'
import type { Admission, Execution, ExecutionResult } from '../remedy/execution.ts'
import { admit, type Limits } from './admission.ts'
import { finish, type Outcome, skip } from './execution-end.ts'
import { executionOf, lockExecution } from './execution-row.ts'
import { extendLock, releaseLock } from './locks.ts'
import type { Tables } from './tables.ts'

export type Executions = {
  /**
   * Lets an approved request through: its row is written, the lock taken. A refusal says until when, and is audited as
   * `skipped`. Asked again it answers with the row as it stands; while nothing was called, pause and lock are looked at
   * again.
   */
  admit(requestId: string, limits: Limits, now: Date): Promise<Admission>
  /**
   * To be said right before the call, and the call made only after `first`, which one caller gets, once for ever.
   * Whoever gets `again` has to look at what came of it. Throws where nothing was admitted, and for a dry run.
   */
  calling(requestId: string, now: Date): Promise<'first' | 'again'>
  /** Remembers what of a long list is done; the same id twice counts once. */
  dealtWith(requestId: string, ids: string[]): Promise<void>
  /**
   * The end of it, with the audit row; words have to be redacted. The lock is given back, or held until `keepLock`. The
   * second of two finishes changes nothing and gets what the first one left.
   */
  finish(
    requestId: string,
    outcome: Outcome,
    result: ExecutionResult,
    now: Date,
    options?: { keepLock?: Date },
  ): Promise<Execution>
  /**
   * A request that will not be carried out after all: ended as `skipped`, whether it was let through or not, unless it
   * has ended or its call was made. Audited, unless a refusal of it was.
   */
  skip(requestId: string, result: ExecutionResult, now: Date): Promise<Execution>
  get(requestId: string): Promise<Execution | null>
  /** Oldest first. */
  ofStory(storyId: string): Promise<Execution[]>
  /** All that were begun and not ended, oldest first: what a process that starts has to look at. */
  open(): Promise<Execution[]>
  /** Holds the lock of this request for longer; false when it has none any more. */
  extendLock(requestId: string, until: Date): Promise<boolean>
  releaseLock(requestId: string): Promise<void>
}

export function executionsIn(db: Kysely<Tables>): Executions {
  return {
    admit: (requestId, limits, now) =>
      db.transaction().execute((transaction) => admit(transaction, requestId, limits, now)),
    calling: (requestId, now) => calling(db, requestId, now),
    dealtWith: (requestId, ids) => db.transaction().execute((transaction) => dealtWith(transaction, requestId, ids)),
    finish: (requestId, outcome, result, now, { keepLock } = {}) =>
      db
        .transaction()
        .execute((transaction) => finish(transaction, requestId, { outcome, result, now, keepLock: keepLock ?? null })),
    skip: (requestId, result, now) =>
      db.transaction().execute((transaction) => skip(transaction, requestId, { result, now })),
    async get(requestId) {
      const row = await db.selectFrom('executions').selectAll().where('request_id', '=', requestId).executeTakeFirst()
      return row ? executionOf(row) : null
    },
    async ofStory(storyId) {
      const wanted = db.selectFrom('executions').selectAll().where('story_id', '=', storyId)
      return (await wanted.orderBy('started_at').orderBy('request_id').execute()).map(executionOf)
    },
    async open() {
      const wanted = db.selectFrom('executions').selectAll().where('state', 'in', ['intended', 'calling'])
      return (await wanted.orderBy('started_at').orderBy('request_id').execute()).map(executionOf)
    },
    extendLock: (requestId, until) => extendLock(db, requestId, until),
    releaseLock: (requestId) => releaseLock(db, requestId),
  }
}

/** One statement, so that of two callers at once one alone finds the row as intended. */
async function calling(db: Kysely<Tables>, requestId: string, now: Date): Promise<'first' | 'again'> {
  const first = await db
    .updateTable('executions')
    .set({ state: 'calling', called_at: now.toISOString() })
    .where('request_id', '=', requestId)
    .where('state', '=', 'intended')
    .where('dry_run', '=', 0)
    .returning('request_id')
    .executeTakeFirst()
  if (first) return 'first'
  const row = await db.selectFrom('executions').select('dry_run').where('request_id', '=', requestId).executeTakeFirst()
  if (!row) throw new Error(`Request ${requestId} was not admitted: nothing may be called for it`)
  if (row.dry_run === 1) throw new Error(`Request ${requestId} is a dry run: nothing may be called for it`)
  return 'again'
}

async function dealtWith(db: Transaction<Tables>, requestId: string, ids: string[]): Promise<void> {
  const before = executionOf(await lockExecution(db, requestId))
  const all = [...new Set([...before.dealtWith, ...ids])]
  if (all.length === before.dealtWith.length) return
  await db
    .updateTable('executions')
    .set({ dealt_with: JSON.stringify(all) })
    .where('request_id', '=', requestId)
    .execute()
}

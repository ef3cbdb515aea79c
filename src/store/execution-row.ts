import type { Selectable, Transaction } from 'kysely'
import { z } from 'zod'
import { type Execution, executionResultSchema, executionSchema } from '../remedy/execution.ts'
import { readJson } from './json-column.ts'
import type { Tables } from './tables.ts'

export type ExecutionRow = Selectable<Tables['executions']>

export function executionOf(row: ExecutionRow): Execution {
  const of = `of request ${row.request_id}`
  return {
    requestId: row.request_id,
    state: executionSchema.shape.state.parse(row.state),
    dryRun: row.dry_run === 1,
    startedAt: row.started_at,
    calledAt: row.called_at,
    endedAt: row.ended_at,
    dealtWith: readJson(idsSchema, row.dealt_with, `executions.dealt_with ${of}`),
    result: row.result === null ? null : readJson(executionResultSchema, row.result, `executions.result ${of}`),
  }
}

const idsSchema = z.array(z.string())

type Intended = {
  requestId: string
  storyId: string | null
  repository: string
  person: number
  cooldownKey: string
  dryRun: boolean
}

export function intendedRow(intended: Intended, now: Date): ExecutionRow {
  return {
    request_id: intended.requestId,
    story_id: intended.storyId,
    repository: intended.repository.toLowerCase(),
    person_id: intended.person,
    cooldown_key: intended.cooldownKey,
    dry_run: intended.dryRun ? 1 : 0,
    state: 'intended',
    started_at: now.toISOString(),
    called_at: null,
    ended_at: null,
    dealt_with: '[]',
    result: null,
  }
}

/** The row, which nobody changes until the transaction ends. */
export async function lockExecution(db: Transaction<Tables>, requestId: string): Promise<ExecutionRow> {
  const row = await db
    .updateTable('executions')
    .set(({ ref }) => ({ state: ref('state') }))
    .where('request_id', '=', requestId)
    .returningAll()
    .executeTakeFirst()
  if (!row) throw new Error(`Request ${requestId} was not admitted: there is no execution of it`)
  return row
}

import type { Kysely, Selectable, Transaction } from 'kysely'
import {
  type AuditEntry,
  type AuditKind,
  type AuditRow,
  auditEntrySchema,
  brokenBecause,
  chained,
} from '../remedy/audit.ts'
import type { Tables } from './tables.ts'
import { plainText } from './text-column.ts'

export type AuditHead = Pick<AuditRow, 'seq' | 'hash'>

export type Audit = {
  /** Adds one row behind all others; also when several processes add at once. */
  append(entry: AuditEntry): Promise<AuditRow>
  /** The same, unless a row of this kind stands for this request. */
  appendOnce(entry: AuditEntry & { requestId: string }): Promise<void>
  /** Reads every row and says what is wrong with the first bad one; `rows` is how many are good up to there. */
  verify(): Promise<{ rows: number; head: AuditHead | null; broken: string | null }>
  /** In order, as they stand; read in pages. */
  each(): AsyncIterable<AuditRow>
  /** The last row's number and hash; null when nothing was written yet. */
  head(): Promise<AuditHead | null>
}

export function auditIn(db: Kysely<Tables>): Audit {
  return {
    append: (entry) => db.transaction().execute((transaction) => appendAudit(transaction, entry)),
    appendOnce: (entry) => db.transaction().execute((transaction) => appendOnce(transaction, entry)),
    verify: () => verify(db),
    each: () => each(db),
    async head() {
      const head = await keptHead(db)
      return head.seq === 0 ? null : head
    },
  }
}

/**
 * Adds a row in the caller's transaction, so that it stands exactly when what it tells of does. Nobody else can add one
 * until that transaction ends: let this be the last thing in it, and take no lock after it.
 */
export async function appendAudit(db: Transaction<Tables>, entry: AuditEntry): Promise<AuditRow> {
  const before = await lockAudit(db)
  const row = chained(auditEntrySchema.parse(cleaned(entry)), before.seq === 0 ? null : before)
  await db.insertInto('audit').values(columnsOf(row)).execute()
  await db.updateTable('audit_head').set({ seq: row.seq, hash: row.hash }).where('id', '=', 1).execute()
  return row
}

async function appendOnce(db: Transaction<Tables>, entry: AuditEntry & { requestId: string }): Promise<void> {
  await lockAudit(db)
  const { kind, requestId } = entry
  const standing = db.selectFrom('audit').select('seq').where('request_id', '=', requestId).where('kind', '=', kind)
  if ((await standing.limit(1).executeTakeFirst()) === undefined) await appendAudit(db, entry)
}

/** Makes all others who add to the audit wait until this transaction ends; on PostgreSQL an update is a row lock. */
export async function lockAudit(db: Transaction<Tables>): Promise<AuditHead> {
  const head = await db
    .updateTable('audit_head')
    .set(({ ref }) => ({ seq: ref('seq') }))
    .where('id', '=', 1)
    .returning(['seq', 'hash'])
    .executeTakeFirst()
  if (!head) throw new Error('The head of the audit is gone from the database: nothing is done that cannot be audited')
  return head
}

async function verify(db: Kysely<Tables>): ReturnType<Audit['verify']> {
  let last: AuditRow | null = null
  for (let rows = 0; ; ) {
    // The head first: rows that are added in between then follow it, and a row before it that is not there is missing.
    const kept = await db.selectFrom('audit_head').select(['seq', 'hash']).where('id', '=', 1).executeTakeFirst()
    const head = kept && kept.seq > 0 ? kept : null
    const found = await pageAfter(db, last?.seq ?? null)
    const wrong = kept ? headIsBehind(kept, last) : 'the head of the chain is gone'
    if (wrong) return { rows, head, broken: wrong }
    for (const row of found) {
      const broken = brokenBecause(row, last)
      if (broken) return { rows, head, broken }
      last = row
      rows++
    }
    const end: AuditHead = last ?? { seq: 0, hash: '' }
    const next = head ?? { seq: 0, hash: '' }
    if (found.length === pageSize || end.seq > next.seq) continue
    return { rows, head, broken: endsElsewhere(end, next) }
  }
}

/** Rows and head are written together, so a head that was read after a row cannot be before it. */
function headIsBehind(head: AuditHead, last: AuditHead | null): string | null {
  return last && head.seq < last.seq ? `the head says that row ${head.seq} is the last, row ${last.seq} follows` : null
}

function endsElsewhere(end: AuditHead, head: AuditHead): string | null {
  if (end.seq < head.seq) return `the end is missing: row ${end.seq + 1} and those after it, up to row ${head.seq}`
  return end.hash === head.hash ? null : `the head does not have the hash of row ${end.seq}, the last`
}

async function keptHead(db: Kysely<Tables>): Promise<AuditHead> {
  const head = await db.selectFrom('audit_head').select(['seq', 'hash']).where('id', '=', 1).executeTakeFirst()
  if (!head) throw new Error('The head of the audit is gone from the database')
  return head
}

const pageSize = 500

async function* each(db: Kysely<Tables>): AsyncGenerator<AuditRow> {
  for (let after: number | null = null; ; ) {
    const page: AuditRow[] = await pageAfter(db, after)
    yield* page
    after = page.at(-1)?.seq ?? null
    if (after === null || page.length < pageSize) return
  }
}

/** `after` null: from the first row there is, whatever its number. */
async function pageAfter(db: Kysely<Tables>, after: number | null): Promise<AuditRow[]> {
  let query = db.selectFrom('audit').selectAll().orderBy('seq').limit(pageSize)
  if (after !== null) query = query.where('seq', '>', after)
  return (await query.execute()).map(auditRowOf)
}

function cleaned(entry: AuditEntry): unknown {
  const parts = Object.entries(entry).map(([name, value]) => [name, value === null ? null : plainText(value)])
  return Object.fromEntries(parts)
}

function columnsOf(row: AuditRow): Selectable<Tables['audit']> {
  const { seq, at, kind, repository, what, reason, result, link, hash } = row
  return {
    seq,
    at,
    kind,
    slack_id: row.slackId,
    github_login: row.githubLogin,
    repository,
    what,
    request_id: row.requestId,
    plan_hash: row.planHash,
    reason,
    result,
    link,
    previous_hash: row.previousHash,
    hash,
  }
}

/** Not checked: of a row that somebody changed, the chain says so. */
function auditRowOf(row: Selectable<Tables['audit']>): AuditRow {
  const { seq, at, kind, repository, what, reason, result, link, hash } = row
  return {
    at,
    kind: kind as AuditKind,
    slackId: row.slack_id,
    githubLogin: row.github_login,
    repository,
    what,
    requestId: row.request_id,
    planHash: row.plan_hash,
    reason,
    result,
    link,
    seq,
    previousHash: row.previous_hash,
    hash,
  }
}

import type { Kysely, Selectable, Transaction } from 'kysely'
import type { AuditEntry, AuditKind } from '../remedy/audit.ts'
import {
  approvalsOf,
  type Click,
  type Decision,
  decide,
  expire,
  type Person,
  type Request,
  requestSchema,
  type VoteKind,
} from '../remedy/request.ts'
import { appendAudit } from './audit.ts'
import { readJson } from './json-column.ts'
import type { Tables } from './tables.ts'

export type Requests = {
  /**
   * Keeps a request and writes `asked` into the audit, with `approved` behind it when it needs nobody. Asked again with
   * the same id: the one that stands, and nothing is written.
   */
  create(request: Request, asked?: AuditEntry): Promise<Request>
  get(id: string): Promise<Request | null>
  /** Oldest first. */
  ofStory(storyId: string): Promise<Request[]>
  /** All that wait for somebody, oldest first. */
  pending(): Promise<Request[]>
  /**
   * What this click does, in one transaction with its audit row: of all callers that would end the request exactly one
   * does. A click after the time is over expires the request as well.
   */
  decide(id: string, click: Click, now: Date): Promise<Decision>
  /** The request after this time; one whose time is over is expired, once. */
  expire(id: string, now: Date): Promise<Request>
  /** Expires all whose time is over; returns those that it expired itself. */
  expireDue(now: Date): Promise<Request[]>
}

export function requestsIn(db: Kysely<Tables>): Requests {
  return {
    create: (request, asked = askedEntry(request)) =>
      db.transaction().execute((transaction) => create(transaction, request, asked)),
    get: (id) => requestIn(db, id),
    async ofStory(storyId) {
      const wanted = db.selectFrom('requests').selectAll().where('story_id', '=', storyId)
      return (await wanted.orderBy('created_at').orderBy('id').execute()).map(requestOf)
    },
    async pending() {
      const wanted = db.selectFrom('requests').selectAll().where('state', '=', 'pending')
      return (await wanted.orderBy('created_at').orderBy('id').execute()).map(requestOf)
    },
    decide: (id, click, now) => db.transaction().execute((transaction) => decideIn(transaction, id, click, now)),
    async expire(id, now) {
      return (await db.transaction().execute((transaction) => expireIn(transaction, id, now))).request
    },
    expireDue: (now) => expireDue(db, now),
  }
}

export async function requestIn(db: Kysely<Tables>, id: string): Promise<Request | null> {
  const row = await db.selectFrom('requests').selectAll().where('id', '=', id).executeTakeFirst()
  return row ? requestOf(row) : null
}

async function create(db: Transaction<Tables>, request: Request, asked: AuditEntry): Promise<Request> {
  const inserted = await db
    .insertInto('requests')
    .values(rowOf(request))
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returning('id')
    .executeTakeFirst()
  if (!inserted) return locked(db, request.id)
  await appendAudit(db, asked)
  if (request.state === 'approved') {
    const nobody = { slackId: null, githubLogin: null, reason: 'needs nobody else' }
    await appendAudit(db, { ...asked, ...nobody, kind: 'approved' })
  }
  return request
}

async function decideIn(db: Transaction<Tables>, id: string, click: Click, now: Date): Promise<Decision> {
  const { request: before } = await expireIn(db, id, now)
  const decision = decide(before, click, now)
  // told again by a task that was cut off
  if (decision.request === before && decision.kind !== 'refused') return decision
  if (decision.kind !== 'refused') await save(db, decision.request)
  await appendAudit(db, entryOf(decision, click, now))
  return decision
}

/** Holds the row until the transaction ends. */
async function expireIn(db: Transaction<Tables>, id: string, now: Date) {
  const before = await locked(db, id)
  const request = expire(before, now)
  const expired = request.state !== before.state
  if (expired) {
    await save(db, request)
    const waited = `${approvalsOf(request)} of ${request.needed}`
    await appendAudit(db, auditEntry(request, { at: now, kind: 'expired', person: null, reason: waited }))
  }
  return { request, expired }
}

async function expireDue(db: Kysely<Tables>, now: Date): Promise<Request[]> {
  const due = await db
    .selectFrom('requests')
    .select('id')
    .where('state', '=', 'pending')
    .where('expires_at', '<=', now.toISOString())
    .orderBy('expires_at')
    .execute()
  const expired: Request[] = []
  for (const { id } of due) {
    const after = await db.transaction().execute((transaction) => expireIn(transaction, id, now))
    if (after.expired) expired.push(after.request)
  }
  return expired
}

/** On PostgreSQL an update is a row lock, and what comes back is what the last holder left; SQLite takes one at a time. */
async function locked(db: Transaction<Tables>, id: string): Promise<Request> {
  const row = await db
    .updateTable('requests')
    .set(({ ref }) => ({ state: ref('state') }))
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst()
  if (!row) throw new Error(`There is no request ${id} in the database`)
  return requestOf(row)
}

async function save(db: Transaction<Tables>, request: Request): Promise<void> {
  const { id, ...columns } = rowOf(request)
  await db.updateTable('requests').set(columns).where('id', '=', id).execute()
}

const kindOfVote = {
  approve: 'approved',
  reject: 'rejected',
  cancel: 'cancelled',
} as const satisfies Record<VoteKind, AuditKind>

/** An approval says how far it got: the one that decides has as many as are needed. */
function entryOf(decision: Decision, { person, vote }: Click, now: Date): AuditEntry {
  const { request } = decision
  if (decision.kind === 'refused')
    return auditEntry(request, { at: now, kind: 'denied', person, reason: `${vote}: ${decision.because}` })
  const reason = vote === 'approve' ? `${approvalsOf(request)} of ${request.needed}` : null
  return auditEntry(request, { at: now, kind: kindOfVote[vote], person, reason })
}

function askedEntry(request: Request): AuditEntry {
  return auditEntry(request, {
    at: new Date(request.createdAt),
    kind: 'asked',
    person: request.requester,
    reason: null,
  })
}

/** A row about this request; `person` null: the clock or the bot. */
export function auditEntry(
  request: Request,
  { at, kind, person, reason }: { at: Date; kind: AuditKind; person: Person | null; reason: string | null },
): AuditEntry {
  return {
    at: at.toISOString(),
    kind,
    slackId: person?.slack ?? null,
    githubLogin: person?.github ?? null,
    repository: request.plan.repository,
    what: request.plan.operation,
    requestId: request.id,
    planHash: request.planHash,
    reason,
    result: null,
    link: null,
  }
}

function rowOf(request: Request): Selectable<Tables['requests']> {
  // What could not be read again is not written.
  requestSchema.parse(request)
  const { id, place, state, createdAt, expiresAt } = request
  return {
    id,
    story_id: place.storyId,
    state,
    created_at: new Date(createdAt).toISOString(),
    // The same instant in the one spelling whose order is that of time
    expires_at: new Date(expiresAt).toISOString(),
    request: JSON.stringify(request),
  }
}

function requestOf(row: Selectable<Tables['requests']>): Request {
  return readJson(requestSchema, row.request, `requests.request of ${row.id}`)
}

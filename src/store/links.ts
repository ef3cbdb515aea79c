import type { Kysely, Selectable, Transaction } from 'kysely'
import type { AuditEntry } from '../remedy/audit.ts'
import { appendAudit, lockAudit } from './audit.ts'
import type { Tables } from './tables.ts'

/** Who somebody in Slack is at GitHub, as GitHub said when they linked; several in Slack may be the same there. */
export type Link = { slackId: string; githubLogin: string; githubId: number; linkedAt: string }

export type Links = {
  /** Replaces the link that there was; audited as `linked` when it is another. */
  set(link: { slackId: string; githubLogin: string; githubId: number; now: Date }): Promise<Link>
  of(slackId: string): Promise<Link | null>
  /** Who in Slack is this account at GitHub, whoever said so first before the others. */
  heldBy(githubId: number): Promise<Link[]>
  /** Audited as `unlinked`. Returns the link that there was; null: none. */
  remove(slackId: string, now: Date): Promise<Link | null>
}

export function linksIn(db: Kysely<Tables>): Links {
  return {
    set: ({ now, ...who }) =>
      db.transaction().execute((transaction) => set(transaction, { ...who, linkedAt: now.toISOString() })),
    of: (slackId) => linkOf(db, slackId),
    async heldBy(githubId) {
      const wanted = db.selectFrom('links').selectAll().where('github_id', '=', githubId)
      return (await wanted.orderBy('linked_at').execute()).map(read)
    },
    remove: (slackId, now) => db.transaction().execute((transaction) => remove(transaction, slackId, now)),
  }
}

async function set(db: Transaction<Tables>, link: Link): Promise<Link> {
  // one change of any link after the other, so that what the audit says came before did
  await lockAudit(db)
  const before = await linkOf(db, link.slackId)
  if (before?.githubId === link.githubId && before.githubLogin === link.githubLogin) return before
  const row = {
    slack_id: link.slackId,
    github_login: link.githubLogin,
    github_id: link.githubId,
    linked_at: link.linkedAt,
  }
  const { slack_id: _stays, ...columns } = row
  await db
    .insertInto('links')
    .values(row)
    .onConflict((conflict) => conflict.column('slack_id').doUpdateSet(columns))
    .execute()
  const reason = before ? `instead of ${before.githubLogin}` : null
  await appendAudit(db, { ...entryOf(link, link.linkedAt), kind: 'linked', reason })
  return link
}

async function remove(db: Transaction<Tables>, slackId: string, now: Date): Promise<Link | null> {
  await lockAudit(db)
  const before = await linkOf(db, slackId)
  if (!before) return null
  await db.deleteFrom('links').where('slack_id', '=', slackId).execute()
  await appendAudit(db, { ...entryOf(before, now.toISOString()), kind: 'unlinked', reason: null })
  return before
}

async function linkOf(db: Kysely<Tables>, slackId: string): Promise<Link | null> {
  const row: Selectable<Tables['links']> | undefined = await db
    .selectFrom('links')
    .selectAll()
    .where('slack_id', '=', slackId)
    .executeTakeFirst()
  return row ? read(row) : null
}

function read(row: Selectable<Tables['links']>): Link {
  return { slackId: row.slack_id, githubLogin: row.github_login, githubId: row.github_id, linkedAt: row.linked_at }
}

function entryOf({ slackId, githubLogin, githubId }: Link, at: string): Omit<AuditEntry, 'kind' | 'reason'> {
  return {
    at,
    slackId,
    githubLogin,
    repository: null,
    what: `GitHub account ${githubId}`,
    requestId: null,
    planHash: null,
    result: null,
    link: null,
  }
}

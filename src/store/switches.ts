import type { Kysely, Selectable, Transaction } from 'kysely'
import type { AuditEntry, AuditKind } from '../remedy/audit.ts'
import { appendAudit } from './audit.ts'
import type { Tables } from './tables.ts'

export type SwitchState = {
  /** `by` Slack's id, `at` ISO 8601 in UTC; null: not paused */
  paused: { by: string; at: string } | null
  dryRun: boolean
}

/** `by` is Slack's id of an admin. Each change is audited with it; what changes nothing is not. */
export type Switches = {
  get(): Promise<SwitchState>
  /** From when this is answered nothing is admitted any more. Paused already: whoever paused first stays. */
  pause(by: string, now: Date): Promise<SwitchState>
  resume(by: string, now: Date): Promise<SwitchState>
  setDryRun(on: boolean, by: string, now: Date): Promise<SwitchState>
}

/** What holds for all remedies. Dry run is on until somebody switches it off. */
export function switchesIn(db: Kysely<Tables>): Switches {
  const change = (flip: Flip, by: string, now: Date) =>
    db.transaction().execute((transaction) => changeSwitches(transaction, flip, by, now))
  return {
    async get() {
      return stateOf(await db.selectFrom('switches').selectAll().where('id', '=', 1).executeTakeFirst())
    },
    pause: (by, now) =>
      change(
        ({ paused }) => (paused ? null : { kind: 'paused', set: { paused_by: by, paused_at: now.toISOString() } }),
        by,
        now,
      ),
    resume: (by, now) =>
      change(({ paused }) => (paused ? { kind: 'resumed', set: { paused_by: null, paused_at: null } } : null), by, now),
    setDryRun: (on, by, now) =>
      change(
        ({ dryRun }) =>
          dryRun === on ? null : { kind: on ? 'dry-run-on' : 'dry-run-off', set: { dry_run: on ? 1 : 0 } },
        by,
        now,
      ),
  }
}

/** The switches, which nobody changes until the transaction ends; whoever else wants to hold them waits. */
export async function lockSwitches(db: Transaction<Tables>): Promise<SwitchState> {
  const row = await db
    .updateTable('switches')
    .set(({ ref }) => ({ dry_run: ref('dry_run') }))
    .where('id', '=', 1)
    .returningAll()
    .executeTakeFirst()
  return stateOf(row)
}

/** What has to be changed; null: nothing, it is so already. */
type Flip = (state: SwitchState) => { kind: AuditKind; set: Partial<Omit<Row, 'id'>> } | null
type Row = Selectable<Tables['switches']>

async function changeSwitches(db: Transaction<Tables>, flip: Flip, by: string, now: Date): Promise<SwitchState> {
  const before = await lockSwitches(db)
  const flipped = flip(before)
  if (!flipped) return before
  const after = await db
    .updateTable('switches')
    .set(flipped.set)
    .where('id', '=', 1)
    .returningAll()
    .executeTakeFirstOrThrow()
  const link = await db.selectFrom('links').select('github_login').where('slack_id', '=', by).executeTakeFirst()
  await appendAudit(db, entryOf(flipped.kind, { by, githubLogin: link?.github_login ?? null }, now))
  return stateOf(after)
}

function stateOf(row: Row | undefined): SwitchState {
  if (!row) throw new Error('The row of the switches is gone from the database: whether to pause is not known')
  const { paused_by: by, paused_at: at } = row
  return { paused: by !== null && at !== null ? { by, at } : null, dryRun: row.dry_run !== 0 }
}

function entryOf(kind: AuditKind, { by, githubLogin }: { by: string; githubLogin: string | null }, now: Date) {
  const entry: AuditEntry = {
    at: now.toISOString(),
    kind,
    slackId: by,
    githubLogin,
    repository: null,
    what: 'all remedies',
    requestId: null,
    planHash: null,
    reason: null,
    result: null,
    link: null,
  }
  return entry
}

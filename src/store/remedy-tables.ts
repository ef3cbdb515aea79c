import { type Kysely, sql } from 'kysely'
import { genesis } from '../remedy/audit.ts'
import type { Tables } from './tables.ts'

/** Migration 0004: what people asked for, what was carried out, what is written down of it for ever. */
export async function createRemedyTables(db: Kysely<Tables>, schema: string | null): Promise<void> {
  await createRequests(db)
  await createExecutions(db)
  await createPeople(db)
  await createAudit(db)
  if (schema) await guardOnPostgres(db, schema)
  else await guardOnSqlite(db)
  await createChecklists(db)
  await createFeedback(db)
}

async function createRequests(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable('requests')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('story_id', 'text')
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('expires_at', 'text', (column) => column.notNull())
    .addColumn('request', 'text', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('requests_story').on('requests').columns(['story_id', 'created_at']).execute()
  await db.schema.createIndex('requests_expiry').on('requests').columns(['state', 'expires_at']).execute()
}

async function createExecutions(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable('executions')
    .addColumn('request_id', 'text', (column) => column.primaryKey())
    .addColumn('story_id', 'text')
    .addColumn('repository', 'text', (column) => column.notNull())
    .addColumn('person_id', 'bigint', (column) => column.notNull())
    .addColumn('cooldown_key', 'text', (column) => column.notNull())
    .addColumn('dry_run', 'integer', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('started_at', 'text', (column) => column.notNull())
    .addColumn('called_at', 'text')
    .addColumn('ended_at', 'text')
    .addColumn('dealt_with', 'text', (column) => column.notNull())
    .addColumn('result', 'text')
    .execute()
  await db.schema.createIndex('executions_story').on('executions').columns(['story_id', 'started_at']).execute()
  await db.schema.createIndex('executions_cooldown').on('executions').column('cooldown_key').execute()
  await db.schema.createIndex('executions_started').on('executions').column('started_at').execute()
  await db.schema.createIndex('executions_state').on('executions').columns(['state', 'started_at']).execute()
  await db.schema
    .createTable('locks')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('holder', 'text', (column) => column.notNull())
    .addColumn('request_id', 'text', (column) => column.notNull())
    .addColumn('until', 'text', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('locks_request').on('locks').column('request_id').execute()
}

async function createPeople(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable('buttons')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('key', 'text', (column) => column.notNull().unique())
    .addColumn('meaning', 'text', (column) => column.notNull())
    .addColumn('at', 'text', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('buttons_at').on('buttons').column('at').execute()
  await db.schema
    .createTable('links')
    .addColumn('slack_id', 'text', (column) => column.primaryKey())
    .addColumn('github_login', 'text', (column) => column.notNull())
    .addColumn('github_id', 'bigint', (column) => column.notNull())
    .addColumn('linked_at', 'text', (column) => column.notNull())
    .execute()
  await db.schema
    .createTable('switches')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('paused_by', 'text')
    .addColumn('paused_at', 'text')
    .addColumn('dry_run', 'integer', (column) => column.notNull())
    .execute()
  await db.insertInto('switches').values({ id: 1, paused_by: null, paused_at: null, dry_run: 1 }).execute()
}

async function createAudit(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable('audit')
    .addColumn('seq', 'bigint', (column) => column.primaryKey())
    .addColumn('at', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('slack_id', 'text')
    .addColumn('github_login', 'text')
    .addColumn('repository', 'text')
    .addColumn('what', 'text', (column) => column.notNull())
    .addColumn('request_id', 'text')
    .addColumn('plan_hash', 'text')
    .addColumn('reason', 'text')
    .addColumn('result', 'text')
    .addColumn('link', 'text')
    .addColumn('previous_hash', 'text', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('audit_request').on('audit').columns(['request_id', 'seq']).execute()
  await db.schema.createIndex('audit_at').on('audit').column('at').execute()
  await db.schema
    .createTable('audit_head')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('seq', 'bigint', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .execute()
  await db.insertInto('audit_head').values({ id: 1, seq: 0, hash: genesis }).execute()
}

/** A guard against mistakes, ours too. Whoever owns the database can take it away; the chain then tells. */
async function guardOnPostgres(db: Kysely<Tables>, schema: string): Promise<void> {
  const statements = [
    `create function ${schema}.audit_is_kept() returns trigger language plpgsql as $$
       begin raise exception 'The audit is only ever added to: % of %.% was refused', tg_op, tg_table_schema, tg_table_name; end $$`,
    `create trigger audit_rows_stay before update or delete on ${schema}.audit
       for each row execute function ${schema}.audit_is_kept()`,
    `create trigger audit_stays before truncate on ${schema}.audit
       for each statement execute function ${schema}.audit_is_kept()`,
    `create trigger audit_head_stays before delete or truncate on ${schema}.audit_head
       for each statement execute function ${schema}.audit_is_kept()`,
    `create trigger audit_head_goes_on before update on ${schema}.audit_head
       for each row when (new.seq < old.seq) execute function ${schema}.audit_is_kept()`,
  ]
  for (const statement of statements) await sql.raw(statement).execute(db)
}

async function guardOnSqlite(db: Kysely<Tables>): Promise<void> {
  const refuse = (what: string) =>
    `begin select raise(abort, 'The audit is only ever added to: ${what} was refused'); end`
  const statements = [
    `create trigger audit_rows_stay before update on audit ${refuse('UPDATE of audit')}`,
    `create trigger audit_stays before delete on audit ${refuse('DELETE of audit')}`,
    // INSERT OR REPLACE deletes without a word to the trigger above
    `create trigger audit_rows_are_new before insert on audit
       when exists (select 1 from audit where seq = new.seq) ${refuse('replacing a row of audit')}`,
    `create trigger audit_head_stays before delete on audit_head ${refuse('DELETE of audit_head')}`,
    `create trigger audit_head_goes_on before update on audit_head
       when new.seq < old.seq ${refuse('UPDATE of audit_head')}`,
  ]
  for (const statement of statements) await sql.raw(statement).execute(db)
}

async function createChecklists(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable('checklists')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('story_id', 'text')
    .addColumn('repository', 'text', (column) => column.notNull())
    .addColumn('workflow', 'text', (column) => column.notNull())
    .addColumn('branch', 'text')
    .addColumn('awaits_run_id', 'bigint')
    .addColumn('awaits_attempt', 'integer')
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('opened_at', 'text', (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('checklist', 'text', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('checklists_story').on('checklists').columns(['story_id', 'opened_at']).execute()
  const place = ['state', 'repository', 'opened_at']
  await db.schema.createIndex('checklists_waiting').on('checklists').columns(place).execute()
}

async function createFeedback(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable('judgements')
    .addColumn('diagnosis', 'text', (column) => column.notNull())
    .addColumn('slack_id', 'text', (column) => column.notNull())
    .addColumn('cause_id', 'text', (column) => column.notNull())
    .addColumn('is_right', 'integer', (column) => column.notNull())
    .addColumn('at', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('judgements_key', ['diagnosis', 'slack_id'])
    .execute()
  await db.schema.createIndex('judgements_cause').on('judgements').column('cause_id').execute()
  await db.schema
    .createTable('verdicts')
    .addColumn('request_id', 'text', (column) => column.primaryKey())
    .addColumn('cause_id', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('at', 'text', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('verdicts_cause').on('verdicts').column('cause_id').execute()
}

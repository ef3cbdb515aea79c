import { type Kysely, sql } from 'kysely'
import { createRemedyTables } from './remedy-tables.ts'
import type { Tables } from './tables.ts'

/**
 * Every change of the tables, oldest first. Append only: a line that was released is never edited, moved or removed,
 * because databases remember its name. Names are never reused.
 */
const migrations: Migration[] = [
  {
    name: '0001-first-tables',
    async apply(db) {
      await createSeen(db)
      await createAlerts(db)
      await createStories(db)
      await createMessages(db)
      await db.schema
        .createTable('cursors')
        .addColumn('name', 'text', (column) => column.primaryKey())
        .addColumn('value', 'text', (column) => column.notNull())
        .execute()
    },
  },
  {
    name: '0002-failures',
    async apply(db) {
      await createFailures(db)
      await createLineSignatures(db)
    },
  },
  { name: '0003-builds', apply: createBuilds },
  { name: '0004-remedies', apply: createRemedyTables },
]

/** `schema`: where the tables are on PostgreSQL; null on SQLite. For SQL that kysely does not write. */
type Migration = { name: string; apply(db: Kysely<Tables>, schema: string | null): Promise<void> }

/**
 * Brings the tables up to date, all pending migrations in one transaction; on PostgreSQL they are in `schema`. The
 * caller sees to it that nobody else does so at the same time. (kysely's own Migrator runs SQLite's outside a
 * transaction, so a crash could leave half of one.)
 */
export async function migrate(db: Kysely<Tables>, schema: string | null): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    if (schema) await transaction.schema.createSchema(schema).ifNotExists().execute()
    await transaction.schema
      .createTable('migrations')
      .ifNotExists()
      .addColumn('name', 'text', (column) => column.primaryKey())
      .addColumn('applied_at', 'text', (column) => column.notNull().defaultTo(sql`current_timestamp`))
      .execute()
    const applied = await transaction.selectFrom('migrations').select('name').orderBy('name').execute()
    const pending = pendingAfter(applied.map((row) => row.name))
    for (const migration of pending) {
      await migration.apply(transaction, schema)
      await transaction.insertInto('migrations').values({ name: migration.name }).execute()
    }
  })
}

function pendingAfter(applied: string[]): Migration[] {
  const unknown = applied.filter((name) => !migrations.some((migration) => migration.name === name))
  if (unknown.length > 0) {
    throw new Error(
      `The database holds migrations that this version of Layerwise does not know (${unknown.join(', ')}): ` +
        'it was last used by a newer version. Run that version, or restore the backup made before the upgrade.',
    )
  }
  return migrations.filter((migration) => !applied.includes(migration.name))
}

async function createSeen(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable('seen')
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('at', 'text', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('seen_at').on('seen').column('at').execute()
}

async function createAlerts(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable('alerts')
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('repository', 'text', (column) => column.notNull())
    .addColumn('run_finished', 'integer', (column) => column.notNull())
    .addColumn('revision', 'integer', (column) => column.notNull())
    .addColumn('alert', 'text', (column) => column.notNull())
    .addColumn('first_heard_at', 'text', (column) => column.notNull())
    .addColumn('last_heard_at', 'text', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('alerts_repository').on('alerts').columns(['repository', 'first_heard_at']).execute()
}

async function createStories(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable('stories')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('channel', 'text', (column) => column.notNull())
    .addColumn('repository', 'text', (column) => column.notNull())
    .addColumn('workflow', 'text', (column) => column.notNull())
    .addColumn('branch', 'text')
    .addColumn('fingerprint', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('first_at', 'text', (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('story', 'text', (column) => column.notNull())
    .execute()
  // GitHub's repository names are the same whatever their case; a run without a branch (a tag, say) is a branch of its own.
  await db.schema
    .createIndex('stories_one_open')
    .unique()
    .on('stories')
    .expression(sql`channel, lower(repository), workflow, coalesce(branch, ''), fingerprint`)
    .where(sql<boolean>`state = 'open'`)
    .execute()
}

async function createMessages(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable('messages')
    .addColumn('tag', 'text', (column) => column.primaryKey())
    .addColumn('client_msg_id', 'text', (column) => column.notNull())
    .addColumn('channel', 'text', (column) => column.notNull())
    .addColumn('ts', 'text')
    .addColumn('hash', 'text')
    .addColumn('claims', 'integer', (column) => column.notNull())
    .addColumn('lease_until', 'text', (column) => column.notNull())
    .addColumn('claimed_at', 'text', (column) => column.notNull())
    .execute()
}

async function createFailures(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable('failures')
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('repository', 'text', (column) => column.notNull())
    .addColumn('workflow', 'text', (column) => column.notNull())
    .addColumn('job_name', 'text', (column) => column.notNull())
    .addColumn('branch', 'text')
    .addColumn('sha', 'text', (column) => column.notNull())
    .addColumn('run_id', 'bigint', (column) => column.notNull())
    .addColumn('attempt', 'integer', (column) => column.notNull())
    .addColumn('job_id', 'bigint', (column) => column.notNull())
    .addColumn('at', 'text', (column) => column.notNull())
    .addColumn('fingerprint', 'text', (column) => column.notNull())
    .addColumn('cause_id', 'text')
    .addColumn('confidence', 'double precision', (column) => column.notNull())
    .addColumn('excerpt', 'text')
    .addColumn('passed_at', 'text')
    .execute()
  const place = ['repository', 'workflow', 'job_name', 'fingerprint', 'at']
  await db.schema.createIndex('failures_place').on('failures').columns(place).execute()
  await db.schema.createIndex('failures_run').on('failures').columns(['repository', 'run_id']).execute()
  await db.schema.createIndex('failures_at').on('failures').columns(['at', 'key']).execute()
}

async function createLineSignatures(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable('line_signatures')
    .addColumn('repository', 'text', (column) => column.notNull())
    .addColumn('workflow', 'text', (column) => column.notNull())
    .addColumn('job_name', 'text', (column) => column.notNull())
    .addColumn('branch', 'text', (column) => column.notNull())
    .addColumn('run_id', 'bigint', (column) => column.notNull())
    .addColumn('read_at', 'text', (column) => column.notNull())
    .addColumn('signatures', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('line_signatures_key', ['repository', 'workflow', 'job_name', 'branch'])
    .execute()
}

async function createBuilds(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable('builds')
    .addColumn('repository', 'text', (column) => column.notNull())
    .addColumn('workflow', 'text', (column) => column.notNull())
    .addColumn('job_name', 'text', (column) => column.notNull())
    .addColumn('series', 'text', (column) => column.notNull())
    .addColumn('branch', 'text')
    .addColumn('event', 'text')
    .addColumn('ref', 'text')
    .addColumn('sha', 'text', (column) => column.notNull())
    .addColumn('run_id', 'bigint', (column) => column.notNull())
    .addColumn('attempt', 'integer', (column) => column.notNull())
    .addColumn('job_id', 'bigint', (column) => column.notNull())
    .addColumn('build_index', 'integer', (column) => column.notNull())
    .addColumn('at', 'text', (column) => column.notNull())
    .addColumn('outcome', 'text', (column) => column.notNull())
    .addColumn('hit_rate', 'double precision')
    .addColumn('seconds', 'double precision')
    .addColumn('cached', 'integer', (column) => column.notNull())
    .addColumn('executed', 'integer', (column) => column.notNull())
    .addColumn('steps', 'text', (column) => column.notNull())
    .addColumn('first_misses', 'text', (column) => column.notNull())
    .addColumn('imports', 'text', (column) => column.notNull())
    .addColumn('exports', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('builds_key', ['job_id', 'attempt', 'build_index'])
    .execute()
  const place = ['repository', 'workflow', 'job_name', 'series', 'at']
  await db.schema.createIndex('builds_series').on('builds').columns(place).execute()
  await db.schema.createIndex('builds_repository').on('builds').columns(['repository', 'at']).execute()
  await db.schema.createIndex('builds_run').on('builds').columns(['run_id', 'attempt']).execute()
  await db.schema.createIndex('builds_at').on('builds').column('at').execute()
}

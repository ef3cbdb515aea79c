import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe } from 'vitest'
import { startPostgres } from './postgres.ts'

export type DatabaseEngine = {
  name: 'SQLite' | 'PostgreSQL'
  /** several processes or connections may share one database */
  shared: boolean
  /** URL of a new, empty database; once the tests run */
  create(): Promise<string>
}

/** A contract that is tested on both engines, each of which runs while its tests do. */
export function describeOnEngines(what: string, tests: (engine: DatabaseEngine) => void): void {
  describe.each(engines)(`${what} on $name`, ({ name, shared, start }) => {
    let running: Running
    beforeAll(async () => {
      running = await start()
    })
    afterAll(() => running.stop())
    tests({ name, shared, create: () => running.create() })
  })
}

type Running = { create(): Promise<string>; stop(): Promise<void> }

const engines = [
  { name: 'SQLite', shared: false, start: startSqlite },
  { name: 'PostgreSQL', shared: true, start: startPostgresEngine },
] as const

async function startSqlite(): Promise<Running> {
  const folder = await mkdtemp(join(tmpdir(), 'layerwise-sqlite-'))
  let databases = 0
  return {
    create: async () => `sqlite:${join(folder, `test-${++databases}.db`)}`,
    stop: () => rm(folder, { recursive: true, force: true }),
  }
}

async function startPostgresEngine(): Promise<Running> {
  const server = await startPostgres()
  return { create: server.createDatabase, stop: server.stop }
}

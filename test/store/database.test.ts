import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { placeOf } from '../../src/store/database.ts'
import { openStore } from '../../src/store/store.ts'
import { startChild } from '../support/child.ts'

test('a second process is refused a SQLite file, told who holds it, and let in once the holder was killed', async () => {
  await using folder = await openFolder()
  const url = `sqlite:${folder.path}/bot.db`
  await using holder = startChild('store/hold.ts', [url])
  await holder.prints('open')
  await expect(openStore(url)).rejects.toThrow(
    new RegExp(`bot\\.db is in use by process ${holder.pid} on .*Stop that process first, or set DATABASE_URL`),
  )
  await holder.kill()
  await using store = await openStore(url)
  expect(await store.seen.firstTime('a', new Date())).toBe(true)
})

test('a SQLite file is refused under another name of it, and a second time in the same process', async () => {
  await using folder = await openFolder()
  await using _store = await openStore(`sqlite:${folder.path}/bot.db`)
  await symlink(`${folder.path}/bot.db`, `${folder.path}/link.db`)
  await expect(openStore(`sqlite:${folder.path}/link.db`)).rejects.toThrow(`in use by process ${process.pid}`)
})

test('a SQLite file can be opened again once it was closed, however often it is closed', async () => {
  await using folder = await openFolder()
  const store = await openStore(`sqlite:${folder.path}/deep/in/bot.db`)
  await store.close()
  await store.close()
  await using again = await openStore(`sqlite:${folder.path}/deep/in/bot.db`)
  expect(again.place).toMatchObject({ engine: 'sqlite', file: expect.stringMatching(/deep\/in\/bot\.db$/) })
})

test('a reader may look into a SQLite file that is in use, say for a backup', async () => {
  await using folder = await openFolder()
  await using store = await openStore(`sqlite:${folder.path}/bot.db`)
  await store.seen.firstTime('a', new Date())
  const reader = new DatabaseSync(`${folder.path}/bot.db`, { readOnly: true })
  expect(reader.prepare('select key from seen').all()).toEqual([{ key: 'a' }])
  reader.close()
})

test('a database that a newer version has used is refused, and free again', async () => {
  await using folder = await openFolder()
  const url = `sqlite:${folder.path}/bot.db`
  await (await openStore(url)).close()
  const newer = new DatabaseSync(`${folder.path}/bot.db`)
  newer.exec("insert into migrations (name) values ('9999-from-the-future')")
  newer.close()
  for (const _ of [1, 2]) await expect(openStore(url)).rejects.toThrow(/9999-from-the-future.*newer version/)
})

test('what is not a database is refused by name', async () => {
  await using folder = await openFolder()
  await mkdir(`${folder.path}/folder`)
  await expect(openStore(`sqlite:${folder.path}/folder`)).rejects.toThrow(
    /Could not open the SQLite database .*folder: /,
  )
})

test('a PostgreSQL that does not answer is named without its password', async () => {
  const error = await openStore('postgres://bot:s3cret@127.0.0.1:1/bot').catch((error: unknown) => error)
  expect(error).toMatchObject({
    message: expect.stringMatching(/postgres database .*\(127\.0\.0\.1:1\/bot\).*ECONNREFUSED/),
  })
  expect(String(error)).not.toContain('s3cret')
})

test('each form of database URL is understood, and any other is refused without being repeated', () => {
  expect(placeOf('sqlite:data/bot.db')).toEqual({ engine: 'sqlite', file: 'data/bot.db' })
  expect(placeOf('sqlite:///var/lib/bot.db')).toEqual({ engine: 'sqlite', file: '/var/lib/bot.db' })
  expect(placeOf('sqlite:/var/lib/bot.db')).toEqual({ engine: 'sqlite', file: '/var/lib/bot.db' })
  expect(placeOf('sqlite::memory:')).toEqual({ engine: 'sqlite', file: null })
  expect(placeOf('postgresql://bot@db/bot')).toEqual({ engine: 'postgres', url: 'postgresql://bot@db/bot' })
  for (const url of ['', 'sqlite:', 'mysql://bot:s3cret@db/bot', '/var/lib/bot.db']) {
    expect(() => placeOf(url)).toThrow(/^The database URL is not understood: expected sqlite:PATH((?!s3cret).)*$/)
  }
})

async function openFolder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'layerwise-database-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}

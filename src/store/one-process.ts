import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { DatabaseSync } from 'node:sqlite'

/**
 * Holds `file` for this process alone until released, or until the process dies, however it dies.
 *
 * The lock is SQLite's own on an empty database beside the file: the kernel drops it with the process, so nothing stale
 * can be left behind. The file itself stays open to readers (`sqlite3`, a backup). Who holds it is written beside it
 * in plain text, for the message only. The lock file must never be opened by other means in this process: closing
 * any descriptor of it would drop the lock (POSIX).
 */
export function holdAlone(file: string): { release(): void } {
  const lock = new DatabaseSync(`${file}-lock`, { timeout: 0 })
  try {
    lock.exec('pragma journal_mode = delete; begin exclusive')
  } catch (error) {
    lock.close()
    throw refusal(file, error)
  }
  const holder = `${file}-pid`
  writeFileSync(holder, `process ${process.pid} on ${hostname()}\n`)
  return {
    release() {
      rmSync(holder, { force: true })
      lock.close()
    },
  }
}

function refusal(file: string, cause: unknown): Error {
  if (!isBusy(cause)) return new Error(`Could not lock ${file}-lock: is its folder writable?`, { cause })
  return new Error(
    `${file} is in use by ${holderOf(file)}: one SQLite file serves one Layerwise process. ` +
      'Stop that process first, or set DATABASE_URL to a PostgreSQL database to run several.',
    { cause },
  )
}

function isBusy(error: unknown): boolean {
  const sqliteBusy = 5
  return error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy
}

function holderOf(file: string): string {
  try {
    return readFileSync(`${file}-pid`, 'utf8').trim() || 'another process'
  } catch {
    return 'another process'
  }
}

import { type Kysely, sql, type Transaction } from 'kysely'
import type { Tables } from './tables.ts'

/** `holder` in words for people; `until` ISO 8601 in UTC. */
export type Lock = { holder: string; until: string }

export type Locks = {
  /** Who holds it at this time; null: nobody, or whoever did has let it run out. */
  holder(name: string, now: Date): Promise<Lock | null>
}

/** One execution at a time per repository, branch and remedy: what `executions.admit` takes and `finish` gives back. */
export function locksIn(db: Kysely<Tables>): Locks {
  return {
    async holder(name, now) {
      const lock = await liveLock(db, name, now)
      return lock && { holder: lock.holder, until: lock.until }
    },
  }
}

export type WantedLock = { name: string; holder: string; requestId: string; until: Date }

/** Null: it is the request's now. Otherwise who else has it. */
export async function takeLock(db: Transaction<Tables>, wanted: WantedLock, now: Date): Promise<Lock | null> {
  const { name, holder, requestId } = wanted
  const taken = await db
    .insertInto('locks')
    .values({ name, holder, request_id: requestId, until: wanted.until.toISOString() })
    .onConflict((conflict) =>
      conflict
        .column('name')
        .doUpdateSet({
          holder: sql<string>`excluded.holder`,
          request_id: sql<string>`excluded.request_id`,
          until: sql<string>`excluded.until`,
        })
        .where(sql<boolean>`(locks.until <= ${now.toISOString()} or locks.request_id = excluded.request_id)`),
    )
    .returning('name')
    .executeTakeFirst()
  if (taken) return null
  const lock = await db.selectFrom('locks').selectAll().where('name', '=', name).executeTakeFirst()
  // given back between the two: try again
  return lock ? { holder: lock.holder, until: lock.until } : takeLock(db, wanted, now)
}

export async function liveLock(db: Kysely<Tables>, name: string, now: Date) {
  const lock = await db
    .selectFrom('locks')
    .selectAll()
    .where('name', '=', name)
    .where('until', '>', now.toISOString())
    .executeTakeFirst()
  return lock ?? null
}

/** False: the request has none any more. */
export async function extendLock(db: Kysely<Tables>, requestId: string, until: Date): Promise<boolean> {
  const held = await db
    .updateTable('locks')
    .set({ until: until.toISOString() })
    .where('request_id', '=', requestId)
    .executeTakeFirst()
  return held.numUpdatedRows > 0n
}

export async function releaseLock(db: Kysely<Tables>, requestId: string): Promise<void> {
  await db.deleteFrom('locks').where('request_id', '=', requestId).execute()
}

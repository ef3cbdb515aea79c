import type { Kysely } from 'kysely'
import type { Tables } from './tables.ts'

export type Seen = {
  /** True for exactly one of all callers with this key, also when they ask at once. */
  firstTime(key: string, now: Date): Promise<boolean>
  /** Has `firstTime` been answered for this key? Changes nothing. */
  has(key: string): Promise<boolean>
  /** Forgets what was seen before `date`; says how many keys that were. */
  forgetBefore(date: Date): Promise<number>
}

/** What was heard already: webhook deliveries, Slack event ids, trigger ids. */
export function seenIn(db: Kysely<Tables>): Seen {
  return {
    async firstTime(key, now) {
      const inserted = await db
        .insertInto('seen')
        .values({ key, at: now.toISOString() })
        .onConflict((conflict) => conflict.column('key').doNothing())
        .returning('key')
        .executeTakeFirst()
      return inserted !== undefined
    },
    async has(key) {
      const row = await db.selectFrom('seen').select('key').where('key', '=', key).executeTakeFirst()
      return row !== undefined
    },
    async forgetBefore(date) {
      const deleted = await db.deleteFrom('seen').where('at', '<', date.toISOString()).executeTakeFirst()
      return Number(deleted.numDeletedRows)
    },
  }
}

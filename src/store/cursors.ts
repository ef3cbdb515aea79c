import type { Kysely } from 'kysely'
import type { z } from 'zod'
import { readJson } from './json-column.ts'
import type { Tables } from './tables.ts'

export type Cursors = {
  /** What was set last under this name, checked against `schema`; null when nothing was. */
  get<T>(name: string, schema: z.ZodType<T>): Promise<T | null>
  /** Remembers any JSON value under this name. */
  set(name: string, value: unknown): Promise<void>
}

/** How far a reader got: the poller's place in each repository. */
export function cursorsIn(db: Kysely<Tables>): Cursors {
  return {
    async get(name, schema) {
      const row = await db.selectFrom('cursors').select('value').where('name', '=', name).executeTakeFirst()
      return row ? readJson(schema, row.value, `cursors.value of ${name}`) : null
    },
    async set(name, value) {
      const text = JSON.stringify(value)
      await db
        .insertInto('cursors')
        .values({ name, value: text })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ value: text }))
        .execute()
    },
  }
}

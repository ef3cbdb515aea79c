import { randomBytes } from 'node:crypto'
import type { Kysely } from 'kysely'
import { type Meaning, meaningSchema } from '../remedy/press.ts'
import { readJson } from './json-column.ts'
import type { Tables } from './tables.ts'
import { plainText } from './text-column.ts'

export type Buttons = {
  /**
   * The id that stands in Slack for this meaning. `key` names the button: asked again it gets the same id, and the
   * meaning that was given first stays. 128 random bits, so that none can be guessed from another.
   */
  idFor(key: string, meaning: Meaning, now: Date): Promise<string>
  /** Null: no id of ours, or one that was forgotten. */
  meaning(id: string): Promise<Meaning | null>
  /** Forgets the buttons that were made before `date`; says how many those were. */
  forgetBefore(date: Date): Promise<number>
}

/** What stands behind the buttons in Slack. */
export function buttonsIn(db: Kysely<Tables>): Buttons {
  return {
    async idFor(key, meaning, now) {
      const row = {
        id: randomBytes(16).toString('base64url'),
        key: plainText(key),
        meaning: JSON.stringify(meaningSchema.parse(meaning)),
        at: now.toISOString(),
      }
      const { id } = await db
        .insertInto('buttons')
        .values(row)
        // changes nothing, but then the row that stands is the one that comes back
        .onConflict((conflict) => conflict.column('key').doUpdateSet({ key: row.key }))
        .returning('id')
        .executeTakeFirstOrThrow()
      return id
    },
    async meaning(id) {
      if (!/^[\w-]{22}$/.test(id)) return null
      const row = await db.selectFrom('buttons').select('meaning').where('id', '=', id).executeTakeFirst()
      return row ? readJson(meaningSchema, row.meaning, `buttons.meaning of ${id}`) : null
    },
    async forgetBefore(date) {
      const deleted = await db.deleteFrom('buttons').where('at', '<', date.toISOString()).executeTakeFirst()
      return Number(deleted.numDeletedRows)
    },
  }
}

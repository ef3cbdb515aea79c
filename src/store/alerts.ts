import { type Kysely, type Selectable, sql } from 'kysely'
import { type Alert, alertKey, alertSchema } from '../alert/alert.ts'
import { readJson } from './json-column.ts'
import type { Tables } from './tables.ts'

export type HeardAlert = { key: string; alert: Alert; firstHeardAt: Date; lastHeardAt: Date }

export type Alerts = {
  /**
   * Remembers the alert, one row per attempt of a run: `new` for exactly one of all callers; `finished` for exactly one
   * when the attempt was known from a job and its whole run is finished now; `known` for everybody else.
   * Durable at once: a door that hears before it adds the task could lose the alert in a crash between the two.
   */
  hear(alert: Alert, now: Date): Promise<'new' | 'finished' | 'known'>
  get(key: string): Promise<HeardAlert | null>
  /** The latest first, of one repository or of all. */
  list(wanted: { repository?: string; limit: number }): Promise<HeardAlert[]>
}

/** The attempts we heard of, through whatever door. */
export function alertsIn(db: Kysely<Tables>): Alerts {
  return {
    async hear(alert, now) {
      const written = await write(db, alert, now.toISOString())
      if (!written) return 'known'
      return written.revision === 1 ? 'new' : 'finished'
    },
    async get(key) {
      const row = await db.selectFrom('alerts').selectAll().where('key', '=', key).executeTakeFirst()
      return row ? heardOf(row) : null
    },
    async list({ repository, limit }) {
      let query = db.selectFrom('alerts').selectAll().orderBy('first_heard_at', 'desc').orderBy('key').limit(limit)
      if (repository !== undefined) query = query.where('repository', '=', repository.toLowerCase())
      return (await query.execute()).map(heardOf)
    },
  }
}

/** One statement, so that of two callers at once each sees a different outcome; no row when nothing changed. */
function write(db: Kysely<Tables>, alert: Alert, at: string): Promise<{ revision: number } | undefined> {
  return db
    .insertInto('alerts')
    .values({
      key: alertKey(alert),
      repository: alert.repository.toLowerCase(),
      run_finished: alert.runFinished ? 1 : 0,
      revision: 1,
      alert: JSON.stringify(alert),
      first_heard_at: at,
      last_heard_at: at,
    })
    .onConflict((conflict) =>
      conflict
        .column('key')
        .doUpdateSet({
          run_finished: 1,
          revision: 2,
          alert: sql<string>`excluded.alert`,
          last_heard_at: sql<string>`excluded.last_heard_at`,
        })
        .where(sql<boolean>`alerts.run_finished = 0 and excluded.run_finished = 1`),
    )
    .returning('revision')
    .executeTakeFirst()
}

function heardOf(row: Selectable<Tables['alerts']>): HeardAlert {
  return {
    key: row.key,
    alert: readJson(alertSchema, row.alert, `alerts.alert of ${row.key}`),
    firstHeardAt: new Date(row.first_heard_at),
    lastHeardAt: new Date(row.last_heard_at),
  }
}

import { type Kysely, sql } from 'kysely'
import type { CauseStats } from '../thread/stats.ts'
import { precisionOf } from '../verdict/precision.ts'
import type { Verdict } from '../verdict/verdict.ts'
import type { Tables } from './tables.ts'
import { plainText } from './text-column.ts'

export type Feedback = {
  /** Was the diagnosis right? One word per person and diagnosis: the last. */
  judge(said: { causeId: string; diagnosis: string; slackId: string; right: boolean; at: Date }): Promise<void>
  /** Did the remedy help? One verdict per request: the last. */
  verdict(said: { causeId: string; requestId: string; kind: Verdict['kind']; at: Date }): Promise<void>
  /** By cause id. */
  stats(): Promise<CauseStats[]>
}

export function feedbackIn(db: Kysely<Tables>): Feedback {
  return {
    judge: ({ causeId, diagnosis, slackId, right, at }) =>
      judge(db, {
        diagnosis: plainText(diagnosis),
        slack_id: slackId,
        cause_id: causeId,
        is_right: right ? 1 : 0,
        at: at.toISOString(),
      }),
    async verdict({ causeId, requestId, kind, at }) {
      const said = { cause_id: causeId, kind, at: at.toISOString() }
      await db
        .insertInto('verdicts')
        .values({ request_id: requestId, ...said })
        .onConflict((conflict) =>
          conflict.column('request_id').doUpdateSet(said).where(sql<boolean>`verdicts.at <= excluded.at`),
        )
        .execute()
    },
    stats: () => stats(db),
  }
}

/** Clicks may be read in another order than they were made: the later one counts. */
async function judge(db: Kysely<Tables>, row: Tables['judgements']): Promise<void> {
  const { cause_id, is_right, at } = row
  await db
    .insertInto('judgements')
    .values(row)
    .onConflict((conflict) =>
      conflict
        .columns(['diagnosis', 'slack_id'])
        .doUpdateSet({ cause_id, is_right, at })
        .where(sql<boolean>`judgements.at <= excluded.at`),
    )
    .execute()
}

async function stats(db: Kysely<Tables>): Promise<CauseStats[]> {
  const thumbs = await db
    .selectFrom('judgements')
    .select(({ fn }) => ['cause_id', 'is_right', fn.countAll().as('times')])
    .groupBy(['cause_id', 'is_right'])
    .execute()
  const verdicts = await db
    .selectFrom('verdicts')
    .select(({ fn }) => ['cause_id', 'kind', fn.countAll().as('times')])
    .groupBy(['cause_id', 'kind'])
    .execute()
  const all = new Set([...thumbs, ...verdicts].map((row) => row.cause_id))
  return [...all].sort().map((causeId) => {
    const thumbsOf = (right: number) => timesOf(thumbs, (row) => row.cause_id === causeId && row.is_right === right)
    const verdictsOf = (kind: Verdict['kind']) =>
      timesOf(verdicts, (row) => row.cause_id === causeId && row.kind === kind)
    const counts = {
      thumbsUp: thumbsOf(1),
      thumbsDown: thumbsOf(0),
      fixed: verdictsOf('fixed'),
      sameFailure: verdictsOf('same-failure'),
      anotherFailure: verdictsOf('another-failure'),
      unclear: verdictsOf('unclear'),
    }
    return { causeId, ...counts, precision: precisionOf(counts) }
  })
}

function timesOf<Row extends { times: number | string | bigint }>(rows: Row[], wanted: (row: Row) => boolean): number {
  return Number(rows.find(wanted)?.times ?? 0)
}

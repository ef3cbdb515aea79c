import { print } from './cli-words.ts'
import { readFeedback } from './store/store.ts'
import { statsTable } from './thread/stats.ts'

export type StatsOptions = { database: string | undefined; json?: boolean }

/** How right the diagnoses of each cause were, by thumbs and verdicts. Throws words when the database cannot be read. */
export async function showRunbookStats({ database, json }: StatsOptions): Promise<void> {
  if (database === undefined || database === '')
    throw new Error('which database? Name it with --database or DATABASE_URL')
  const feedback = readFeedback(database)
  try {
    const stats = await feedback.stats()
    if (json) await print(stats.map((cause) => `${JSON.stringify(cause)}\n`).join(''))
    else if (stats.length === 0) await print('Nobody has judged a diagnosis yet, and no remedy has a verdict.\n')
    else await print(`${statsTable(stats).join('\n')}\n\nprecision: of what was judged, how much was right\n`)
  } finally {
    await feedback.close()
  }
}

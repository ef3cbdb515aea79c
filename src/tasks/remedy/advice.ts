import type { RemedyKind } from '../../remedy/remedy.ts'
import type { Advice } from '../../thread/remedy-wording.ts'
import type { RemedyWorld } from './world.ts'

/** What the runbook says against a remedy for the latest failure there; null when it says nothing against it. */
export async function adviceOn(
  { store, signs, now }: RemedyWorld,
  kind: RemedyKind,
  { repository, branch }: { repository: string; branch: string | null },
): Promise<Advice | null> {
  const since = new Date(now().getTime() - recentMs)
  for await (const failure of store.failures.each({ repository, since })) {
    if (branch !== null && failure.branch !== branch) continue
    const row = signs.rows.find(({ id }) => id === failure.causeId)
    const said = row?.remedies.find((remedy) => remedy.kind === kind)
    if (!row || !said || said.verdict === 'helps') return null
    return { verdict: said.verdict, why: said.why, title: row.title }
  }
  return null
}

/** A failure of last week tells nothing about the build of today. */
const recentMs = 24 * 3_600_000

import type { KeptBuild } from '../kept-build.ts'

export const patternKinds = [
  'miss-every-build',
  'scope-overwritten',
  'evicted-or-expired',
  'export-lost',
  'hit-rate-fell',
] as const

/** What a series of builds shows and a single one cannot. */
export type Pattern = {
  kind: (typeof patternKinds)[number]
  /** the first build that shows it; `at` is ISO 8601 */
  since: { sha: string; runId: number; at: string }
  /** the step that pays for it, without its position; null when it is no single one */
  step: string | null
  stage: string | null
  /** in how many of how many builds that could have shown it */
  times: number
  of: number
  /** in all these builds together, as far as is known */
  secondsLost: number
  /** one sentence for people */
  detail: string
  certainty: 'high' | 'medium' | 'low'
  /** builds that show it, oldest first, the latest of them */
  evidence: { runId: number; sha: string }[]
}

/** As many builds as a message can name. */
const evidenceKept = 10

/** The parts of a pattern that follow from the builds that show it, oldest first; null when there are none. */
export function shownBy(builds: KeptBuild[]): Pick<Pattern, 'since' | 'times' | 'evidence'> | null {
  const first = builds[0]
  if (!first) return null
  return {
    since: { sha: first.sha, runId: first.runId, at: first.at.toISOString() },
    times: builds.length,
    evidence: builds.slice(-evidenceKept).map(({ runId, sha }) => ({ runId, sha })),
  }
}

import type { KeptBuild, KeptStep } from '../cache/kept-build.ts'
import type { Dockerfile, Instruction } from '../dockerfile/dockerfile.ts'
import { locate } from '../dockerfile/locate.ts'
import type { Cost } from './finding.ts'

/**
 * What the steps of these instructions took in the builds that ran them, on average; null when no build did. Other
 * platforms are built side by side, so of them the slowest counts.
 */
export function costOf(dockerfile: Dockerfile, reruns: Instruction[], history: KeptBuild[]): Cost | null {
  if (reruns.length === 0) return null
  const lines = new Set(reruns.map(({ line }) => line))
  const spent = history.map((build) => secondsIn(dockerfile, lines, build)).filter((seconds) => seconds > 0)
  if (spent.length === 0) return null
  const sum = spent.reduce((total, seconds) => total + seconds, 0)
  return { secondsPerBuild: Math.round((sum / spent.length) * 10) / 10, builds: spent.length }
}

function secondsIn(dockerfile: Dockerfile, lines: Set<number>, { steps }: KeptBuild): number {
  const ran = steps.filter((step) => step.status === 'executed' && isOneOf(dockerfile, lines, step))
  const perPlatform = Map.groupBy(ran, ({ platform }) => platform)
  return Math.max(
    0,
    ...[...perPlatform.values()].map((some) => some.reduce((sum, { seconds }) => sum + (seconds ?? 0), 0)),
  )
}

/** `[deps 4/5] RUN npm ci`, `STEP 4/5: RUN npm ci` and `Step 4/5 : RUN npm ci`; the words have to be the same. */
function isOneOf(dockerfile: Dockerfile, lines: Set<number>, { name, stage }: KeptStep): boolean {
  const text = name.replace(/^(?:\[[^\]]*\]|step \d+\/\d+ ?:)\s*/i, '')
  const found = locate(dockerfile, { stage, ordinal: null, instruction: text })
  return found !== null && lines.has(found.line)
}

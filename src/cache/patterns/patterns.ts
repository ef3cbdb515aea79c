import type { KeptBuild } from '../kept-build.ts'
import { evictedOrExpired } from './evicted.ts'
import { exportLost } from './export-lost.ts'
import { byTime, isCold, isTelling } from './history.ts'
import { hitRateFell } from './hit-rate.ts'
import { missEveryBuild } from './miss-every-build.ts'
import type { Pattern } from './pattern.ts'
import { scopeOverwritten } from './scope.ts'

/**
 * What the stored builds of one series show over time, the costliest first. `others` are builds of the repository's other
 * series that write caches. The order of either list does not matter. What has stopped is not told: each pattern asks that
 * one of the latest builds shows it still (each file says how).
 *
 * Left out are builds of an event that is never warm while others are: a nightly build may be cold on purpose, and the log does
 * not always tell.
 *
 * A cold build is explained once: by a rival that overwrote its scope, else by an export that was lost, else by eviction.
 */
export function patterns(builds: KeptBuild[], others: KeptBuild[] = []): Pattern[] {
  const history = ordinary(byTime(builds))
  const overwritten = scopeOverwritten(history, byTime(others))
  const lost = exportLost(history)
  const explained = new Set([...overwritten, ...lost].flatMap(({ builds }) => builds))
  const found = [
    ...[...overwritten, ...lost, ...evictedOrExpired(history, explained)].map(({ pattern }) => pattern),
    ...missEveryBuild(history),
    ...hitRateFell(history),
  ]
  return found.sort((a, b) => b.secondsLost - a.secondsLost)
}

function ordinary(history: KeptBuild[]): KeptBuild[] {
  const warm = new Set(history.filter((build) => isTelling(build) && !isCold(build)).map(({ event }) => event))
  return warm.size === 0 ? history : history.filter(({ event }) => warm.has(event))
}

import type { KeptBuild } from '../kept-build.ts'
import { excessSeconds, firstOfEachCommit, isCold, lostItsCache, pairs } from './history.ts'
import { type Pattern, shownBy } from './pattern.ts'

/**
 * A cache that was written and found before is gone. Of the commits whose predecessor on the same ref wrote a cache or was
 * warm itself, after the series was warm once, those are counted that
 * - tell it: a miss `evicted`, not with low certainty, or an import that failed for a blob;
 * - lost their cache (`lostItsCache`) after the series rested for a week or longer, GitHub's limit: told from one on at
 *   GitHub, from two on elsewhere, if at least 60 % of such rests ended so;
 * - lost it without such a rest: told from two incidents on, for one may have reasons that the log does not show (another
 *   frontend, another runner). Several refs may meet one loss, each at its own time.
 *
 * Builds that another pattern explains are left out. Told only if one of the last 10 commits shows it.
 */
export function evictedOrExpired(
  history: KeptBuild[],
  explained: ReadonlySet<KeptBuild>,
): { pattern: Pattern; builds: KeptBuild[] }[] {
  const seen = comparable(history).filter(({ build }) => !explained.has(build))
  const told = seen.filter(({ build }) => tells(build))
  const silent = seen.filter(({ build, before }) => !tells(build) && lostItsCache(build, before))
  const rests = seen.filter(({ rested }) => rested >= weekMs)
  const expired = silent.filter(({ rested }) => rested >= weekMs)
  const evicted = silent.filter(({ rested }) => rested < weekMs)
  const leastExpired = expired.some(({ build }) => build.imports.some(({ type, ok }) => ok && type === 'gha')) ? 1 : 2
  const counted = new Set([
    ...told,
    ...(expired.length >= leastExpired && expired.length >= 0.6 * rests.length ? expired : []),
    ...(incidents(evicted) + told.length >= 2 ? evicted : []),
  ])
  const shown = seen.filter((pair) => counted.has(pair))
  const builds = shown.map(({ build }) => build)
  const common = shownBy(builds)
  if (common === null || !seen.slice(-10).some((pair) => counted.has(pair))) return []
  const pattern: Pattern = {
    kind: 'evicted-or-expired',
    ...common,
    ...{ step: null, stage: null, of: seen.length },
    secondsLost: excessSeconds(builds, history),
    detail: detailOf(shown, seen.length),
    certainty: told.length > 0 ? 'high' : shown.every(({ rested }) => rested >= weekMs) ? 'medium' : 'low',
  }
  return [{ pattern, builds }]
}

const dayMs = 86_400_000
const weekMs = 7 * dayMs

/** `rested`: since the series was built last, on whatever ref; main's cache is read, and kept alive, by all of them. */
type Pair = { before: KeptBuild; build: KeptBuild; rested: number }

function comparable(history: KeptBuild[]): Pair[] {
  const commits = new Set(firstOfEachCommit(history))
  const firstWarm = history.find((build) => build.steps.length > 0 && !isCold(build))
  return pairs(history)
    .filter(({ build, before }) => commits.has(build) && firstWarm && firstWarm.at < build.at && hadCache(before))
    .map(({ build, before }) => {
      const last = history.findLast((other) => other.at < build.at) ?? before
      return { build, before, rested: build.at.getTime() - last.at.getTime() }
    })
}

/**
 * At how many moments, at least, caches must have been lost: each was, some time between a build and the one before it on its
 * ref. (The fewest points that all these intervals contain: the earliest end, again and again.)
 */
function incidents(lost: Pair[]): number {
  let count = 0
  let latest = Number.NEGATIVE_INFINITY
  for (const { before, build } of lost.toSorted((a, b) => a.build.at.getTime() - b.build.at.getTime())) {
    if (before.at.getTime() < latest) continue
    count++
    latest = build.at.getTime()
  }
  return count
}

function hadCache(before: KeptBuild): boolean {
  if (before.exports.some(({ ok }) => ok)) return true
  return before.exports.length === 0 && !isCold(before)
}

function tells({ firstMisses, imports }: KeptBuild): boolean {
  const missed = firstMisses.some(({ reason, certainty }) => reason === 'evicted' && certainty !== 'low')
  return missed || imports.some(({ ok, error }) => !ok && blobGone.test(error ?? ''))
}

const blobGone = /\bblob\b.*(?:not found|unknown|missing|does not exist|404)|not found.*\bblob\b|BlobNotFound/i

function detailOf(shown: Pair[], of: number): string {
  const rests = shown.filter(({ rested }) => rested >= weekMs)
  const days = Math.floor(Math.min(...rests.map(({ rested }) => rested)) / dayMs)
  const found = `${shown.length} of ${of} commits found their cache gone`
  if (rests.length === shown.length) return `${found}, each after it had not been used for ${days} days or longer`
  const some = rests.length === 0 ? '' : `, ${rests.length} of them after ${days} days without use or longer`
  return `${found} though it had been written and read before${some}`
}

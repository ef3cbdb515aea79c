import type { KeptBuild } from '../kept-build.ts'
import { excessSeconds, isDecisive, isTelling, keyOf, lostItsCache, pairs, ran, rounded } from './history.ts'
import { type Pattern, shownBy } from './pattern.ts'

/**
 * What a build made did not reach the cache, and the next one pays. A build's export failed when one did and none succeeded;
 * it is missing when a build that succeeded read a cache and wrote none, though other builds of its ref do, or none of the
 * series does (pull requests that only read main's cache are meant to).
 *
 * The next build of the ref pays when it lost its cache (`lostItsCache`), or is stale: it ran a step again that the build
 * before had run, and either the comparison says `not-exported`, or, after a failed export, the step is one that
 * the series mostly finds in the cache (at least half of the builds that have it) and nothing else can explain it.
 * Told when that happened once after a failed export, or in 2 commits after a missing one (3 where none of the series
 * writes), or when the exports of at least 2 commits among the last 10 builds failed; and only if one of the last 10 builds
 * is concerned.
 */
export function exportLost(history: KeptBuild[]): { pattern: Pattern; builds: KeptBuild[] }[] {
  const builds = history.filter(isTelling)
  const paid = pairs(history).filter((pair) => paysFor(pair, builds))
  const failed = paid.filter(({ before }) => exportFailed(before))
  const missing = paid.filter(({ before }) => !exportFailed(before))
  const failing = builds.filter(exportFailed)
  const lately = failing.filter((build) => builds.slice(-10).includes(build))
  const repeats = new Set(lately.map(({ sha }) => sha)).size >= 2
  const counted = [...(enough(missing, builds) ? missing : []), ...failed]
  const shown = builds.filter(
    (build) => counted.some(({ before }) => before === build) || (repeats && failing.includes(build)),
  )
  const cold = builds.filter((build) => counted.some((pair) => pair.build === build))
  const common = shownBy(shown)
  if (common === null || !builds.slice(-10).some((build) => shown.includes(build) || cold.includes(build))) return []
  const pattern: Pattern = {
    kind: 'export-lost',
    ...common,
    ...stepOf(cold),
    of: builds.length,
    secondsLost: rounded(excessSeconds(cold, builds)),
    detail: detailOf(shown, cold),
    certainty: shown.some(exportFailed) ? 'high' : 'medium',
  }
  return [{ pattern, builds: cold }]
}

/** Counted are commits. Where nobody is seen to write, there may be a writer that has not come to it yet. */
function enough(missing: { before: KeptBuild; build: KeptBuild }[], builds: KeptBuild[]): boolean {
  const paying = new Set(missing.filter(({ before, build }) => before.sha !== build.sha).map(({ build }) => build.sha))
  return paying.size >= (builds.some(({ exports }) => exports.length > 0) ? 2 : 3)
}

/** A build that was stopped did not lose an export; a failed one may have failed by it. */
function exportFailed({ exports, outcome }: KeptBuild): boolean {
  const broken = exports.filter(
    ({ ok, error }) => !ok && (outcome === 'succeeded' || !/^did not finish$|context canceled/.test(error ?? '')),
  )
  return broken.length > 0 && !exports.some(({ ok }) => ok)
}

function exportMissing(build: KeptBuild, builds: KeptBuild[]): boolean {
  if (build.exports.length > 0 || build.imports.length === 0 || build.outcome !== 'succeeded') return false
  const writers = builds.filter(({ exports }) => exports.length > 0)
  return (
    writers.length === 0 ||
    writers.some((other) => other.ref === build.ref && other.event === build.event && other.branch === build.branch)
  )
}

function paysFor({ before, build }: { before: KeptBuild; build: KeptBuild }, builds: KeptBuild[]): boolean {
  const failed = exportFailed(before)
  if (!failed && !exportMissing(before, builds)) return false
  const made = new Set(before.steps.filter(ran).map(({ stage, name }) => keyOf(stage, name)))
  const again = build.firstMisses.filter(({ stage, step }) => made.has(keyOf(stage, step)))
  if (lostItsCache(build, before) && (failed || again.length > 0)) return true
  return again.some(
    (miss) =>
      (miss.reason === 'not-exported' && miss.certainty !== 'low') ||
      (failed && isDecisive(miss) && isMostlyCached(keyOf(miss.stage, miss.step), builds)),
  )
}

function isMostlyCached(key: string, builds: KeptBuild[]): boolean {
  const having = builds.flatMap(({ steps }) => steps.find(({ stage, name }) => keyOf(stage, name) === key) ?? [])
  return having.filter(({ status }) => status === 'cached').length >= having.length / 2
}

/** The step, if all that paid paid for the same. */
function stepOf(cold: KeptBuild[]): Pick<Pattern, 'step' | 'stage'> {
  const keys = new Set(cold.flatMap(({ firstMisses }) => firstMisses.map(({ stage, step }) => keyOf(stage, step))))
  const [key] = keys
  if (key === undefined || keys.size > 1) return { step: null, stage: null }
  const [stage = '', step = ''] = key.split('\n')
  return { step, stage: stage === '' ? null : stage }
}

function detailOf(shown: KeptBuild[], cold: KeptBuild[]): string {
  const error = shown.flatMap(({ exports }) => exports.map(({ error }) => error)).findLast((said) => said !== null)
  const lost = shown.some(exportFailed) ? 'failed to write' : 'wrote none of'
  const why = error === undefined ? '' : ` (${error})`
  const after = cold.length === 0 ? '' : `; ${cold.length} after them had to build again what was built before`
  return `${shown.length} builds ${lost} the cache they read${why}${after}`
}

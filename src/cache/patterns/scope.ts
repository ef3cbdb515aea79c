import type { KeptBuild, KeptTransfer } from '../kept-build.ts'
import { excessSeconds, isTelling, lostItsCache, scopeOf } from './history.ts'
import { oddsOfAtLeast } from './odds.ts'
import { type Pattern, shownBy } from './pattern.ts'

/**
 * Another image writes its cache to the same place, and who writes last wins. Of each build that read a cache which the
 * series wrote before, it is asked who wrote there last before it began: the series or a rival; and whether the build then
 * was cold for no other reason (`lostItsCache`; builds that are cold for a known reason are left out). A place is a tag in a
 * registry, told by what the builds import, or GitHub's cache of one ref: there the log hides the scope, and time must tell.
 *
 * A series is a rival when at least 80 % of the builds after its writes are cold. Told when at least 2 are (3 at GitHub),
 * at most 20 % of the builds after an own write are, and at least 2 of those were not (3 at GitHub). At GitHub, chance must
 * also be less than 2 % likely to do this (hypergeometric, times the number of series tried). Or the comparison said
 * `scope-overwritten`, not with low certainty. Told only if one of the last 10 builds that read a cache shows it.
 */
export function scopeOverwritten(
  history: KeptBuild[],
  others: KeptBuild[],
): { pattern: Pattern; builds: KeptBuild[] }[] {
  const reads = readsOf(history, others)
  const tried = new Set(others.map(nameOf))
  const rivals = [...tried].filter((name) => overwrites(reads.filter(({ writer }) => writer === name)))
  const said = reads.filter(({ build }) => saysSo(build)).map(({ build }) => build)
  const proven = provenReads(reads, rivals, tried.size)
  const shown = history.filter((build) => said.includes(build) || proven.includes(build))
  const common = shownBy(shown)
  const recent = reads.slice(-10)
  if (common === null || !recent.some(({ build }) => shown.includes(build))) return []
  const by = rivals.length === 0 || proven.length === 0 ? 'another image' : rivals.map(shortName).join(', ')
  const pattern: Pattern = {
    kind: 'scope-overwritten',
    ...common,
    ...{ step: null, stage: null, of: reads.length },
    secondsLost: excessSeconds(shown, history),
    detail: `${shown.length} of ${reads.length} builds found their cache overwritten by ${by}, which writes to the same place`,
    certainty:
      said.length > 0 || reads.some(({ build, place }) => shown.includes(build) && place.ref !== null)
        ? 'high'
        : 'medium',
  }
  return [{ pattern, builds: shown }]
}

type Place = { type: 'gha' | 'registry'; ref: string | null; scope: string | null }
/** `writer`: the rival that wrote there last, null for the series itself. */
type Read = { build: KeptBuild; place: Place; writer: string | null; cold: boolean }

function readsOf(history: KeptBuild[], others: KeptBuild[]): Read[] {
  return history.filter(isTelling).flatMap((build) => {
    const place = placeRead(build)
    const before = place && history.findLast((own) => own.at < build.at && writesTo(place, own))
    if (!place || !before) return []
    const began = build.at.getTime() - (build.seconds ?? 0) * 1000
    const rival = others.findLast((other) => other.at.getTime() <= began && writesTo(place, other))
    const cold = lostItsCache(build, before)
    // cold for a reason of its own: tells nothing about the cache
    if (!cold && build.hitRate === 0) return []
    return [{ build, place, writer: rival && rival.at > before.at ? nameOf(rival) : null, cold }]
  })
}

/** Where a build reads; null when it is several places, and one could stand in for another. */
function placeRead(build: KeptBuild): Place | null {
  const reads = build.imports.filter(({ ok, type }) => ok && (type === 'gha' || type === 'registry'))
  const [first] = reads
  if (!first || reads.length > 1) return null
  if (first.type === 'gha') return { type: 'gha', ref: null, scope: scopeOf(build) }
  return first.ref === '' ? null : { type: 'registry', ref: first.ref, scope: null }
}

function writesTo({ type, ref, scope }: Place, build: KeptBuild): boolean {
  if (!build.exports.some((transfer) => transfer.ok && transfer.type === type)) return false
  if (type === 'gha') return scopeOf(build) === scope
  // the log seldom names where a cache is written: it is where it is read
  const named = (transfers: KeptTransfer[]) =>
    transfers.some((transfer) => transfer.type === type && transfer.ref === ref)
  return named(build.exports) || named(build.imports)
}

function overwrites(after: Read[]): boolean {
  const cold = after.filter(({ cold }) => cold).length
  return cold >= 2 && cold >= 0.8 * after.length
}

/** The cold builds after a rival's write, if they stand out against those after an own one. */
function provenReads(reads: Read[], rivals: string[], tried: number): KeptBuild[] {
  const own = reads.filter(({ writer }) => writer === null)
  const after = reads.filter(({ writer }) => writer !== null && rivals.includes(writer))
  const cold = after.filter(({ cold }) => cold)
  const ownCold = own.filter(({ cold }) => cold).length
  const least = after.some(({ place }) => place.type === 'gha') ? 3 : 2
  const marked = cold.length + ownCold
  if (cold.length < least || own.length - ownCold < Math.min(least, 2) || ownCold > 0.2 * own.length) return []
  const odds = oddsOfAtLeast(cold.length, { all: own.length + after.length, marked, drawn: after.length })
  if (least === 3 && (own.length - ownCold < 3 || odds * tried > 0.02)) return []
  return cold.map(({ build }) => build)
}

function saysSo({ firstMisses }: KeptBuild): boolean {
  return firstMisses.some(({ reason, certainty }) => reason === 'scope-overwritten' && certainty !== 'low')
}

function nameOf({ workflow, jobName, series }: KeptBuild): string {
  return [workflow, jobName, series].join('\n')
}

function shortName(name: string): string {
  const [workflow = '', job = '', series = ''] = name.split('\n')
  return `${workflow} / ${job}${series === '' ? '' : ` (${series})`}`
}

import type { KeptBuild, KeptStep } from '../kept-build.ts'
import type { MissReason } from '../miss.ts'
import { firstOfEachCommit, isLayer, keyOf, leftCache, median, ran, rounded, sameBases, stepText } from './history.ts'
import { bringsOnlyManifests } from './install.ts'
import { oddsOfAtLeast } from './odds.ts'
import { type Pattern, shownBy } from './pattern.ts'

/**
 * The commit at which the hit rate fell and stayed down. Looked at are the last 40 commits of the branch that has most of them
 * (of all branches when none has 8), each by its first build if that ran to its end; but not those that had to build anew:
 * for other manifests, another base, --no-cache, or as the first.
 *
 * Each split with at least 4 commits on both sides is weighed: drop = median(before) − median(after); a build is low when
 * its rate is below the middle of the two medians; misplaced are low ones before and others after the split. The fall is
 * the split with the fewest misplaced, then the largest drop, then the earliest, among those where drop ≥ 0.2, at least
 * 80 % on either side are in place, the last 2 builds are low, and
 *
 *     P(that many of the low ones after the split by chance) × number of splits ≤ 0.02     (hypergeometric)
 *
 * so one cold build, or many here and there, are no fall. And there has to be a step to blame, one that missed unexpectedly
 * in 80 % of the builds after and in at most 20 % of those before that have it, or is new (was in at most 20 %). `since` is
 * the first commit after the split in which that step missed.
 */
export function hitRateFell(history: KeptBuild[]): Pattern[] {
  const all = mainline(firstOfEachCommit(history))
  const commits = all
    .filter((build, at) => isWhole(build) && !hadTo(build, all.slice(0, at).findLast(leftCache) ?? all[at - 1]))
    .slice(-40)
  const fall = bestSplit(commits.map(({ hitRate }) => hitRate ?? 0))
  if (fall === null) return []
  const before = commits.slice(0, fall.at)
  const after = commits.slice(fall.at)
  const blamed = stepToBlame(before, after)
  const low = after.filter(({ hitRate }) => (hitRate ?? 0) < fall.middle)
  const common = shownBy(low)
  const began = all.slice(all.findLastIndex((build) => before.includes(build)) + 1)
  const first = blamed && began.find((build) => missesUnexpectedly(build, keyOfStep(blamed.step)))
  if (!blamed || !first || common === null) return []
  const usual = median(before.map(({ seconds }) => seconds ?? 0))
  return [
    {
      kind: 'hit-rate-fell',
      ...common,
      since: { sha: first.sha, runId: first.runId, at: first.at.toISOString() },
      ...{ step: stepText(blamed.step.name), stage: blamed.step.stage, of: after.length },
      secondsLost: rounded(low.reduce((sum, { seconds }) => sum + Math.max(0, (seconds ?? 0) - usual), 0)),
      detail: detailOf(fall, blamed, first),
      certainty: blamed.isNew ? 'low' : fall.odds <= 0.001 ? 'high' : 'medium',
    },
  ]
}

type Split = { at: number; from: number; to: number; middle: number; misplaced: number; odds: number }

const side = 4
const inPlace = 0.8

/** A build cut off by a failure has not shown all its steps. */
function isWhole({ hitRate, steps }: KeptBuild): boolean {
  return hitRate !== null && steps.every(({ status }) => status === 'cached' || status === 'executed')
}

function hadTo(build: KeptBuild, before: KeptBuild | undefined): boolean {
  if (before && !sameBases(build, before)) return true
  return build.firstMisses.some(
    (miss) => cold.has(miss.reason) || (miss.expected !== false && bringsOnlyManifests(miss)),
  )
}

const cold: ReadonlySet<MissReason> = new Set(['first-build', 'no-cache-requested', 'base-image-moved'])

function mainline(commits: KeptBuild[]): KeptBuild[] {
  const branches = [...Map.groupBy(commits, ({ branch }) => branch).values()]
  const most = branches.sort((a, b) => b.length - a.length)[0] ?? []
  return most.length >= 2 * side ? most : commits
}

function bestSplit(rates: number[]): Split | null {
  const splits = rates.flatMap((_, at) => splitAt(rates, at) ?? [])
  return splits.sort((a, b) => a.misplaced - b.misplaced || b.from - b.to - (a.from - a.to) || a.at - b.at)[0] ?? null
}

function splitAt(rates: number[], at: number): Split | null {
  const [before, after] = [rates.slice(0, at), rates.slice(at)]
  if (before.length < side || after.length < side) return null
  const [from, to] = [median(before), median(after)]
  if (from - to < 0.2) return null
  const middle = (from + to) / 2
  const low = (some: number[]) => some.filter((rate) => rate < middle).length
  const misplaced = low(before) + after.length - low(after)
  if (low(before) > (1 - inPlace) * before.length || low(after) < inPlace * after.length) return null
  if (low(rates.slice(-2)) < 2) return null
  const odds = oddsOfAtLeast(low(after), { all: rates.length, marked: low(rates), drawn: after.length })
  return odds * (rates.length - 2 * side + 1) > 0.02 ? null : { at, from, to, middle, misplaced, odds }
}

type Blamed = { step: KeptStep; isNew: boolean }

/** Rather one that was there before, rather where a stage begins to miss, rather a slow one. */
function stepToBlame(before: KeptBuild[], after: KeptBuild[]): Blamed | null {
  const steps = new Map(after.flatMap(({ steps }) => steps.filter(isLayer).map((step) => [keyOfStep(step), step])))
  const blamed = [...steps].flatMap(([key, step]) => {
    const was = before.flatMap(({ steps }) => steps.find((one) => keyOfStep(one) === key) ?? [])
    const missed = after.filter((build) => missesUnexpectedly(build, key))
    if (missed.length < inPlace * after.length) return []
    const isNew = was.length <= (1 - inPlace) * before.length
    const missedBefore = before.filter((build) => missesUnexpectedly(build, key)).length
    if (!isNew && missedBefore > (1 - inPlace) * was.length) return []
    const leads = missed.filter((build) =>
      build.firstMisses.some((miss) => keyOf(miss.stage, miss.step) === key),
    ).length
    return [{ step, isNew, leads: leads / missed.length > 0.5, seconds: step.seconds ?? 0 }]
  })
  return (
    blamed.sort(
      (a, b) => Number(a.isNew) - Number(b.isNew) || Number(b.leads) - Number(a.leads) || b.seconds - a.seconds,
    )[0] ?? null
  )
}

function missesUnexpectedly({ steps, firstMisses }: KeptBuild, key: string): boolean {
  const step = steps.find((one) => keyOfStep(one) === key && ran(one))
  if (step === undefined) return false
  return !firstMisses.some(({ stage, expected }) => stage === step.stage && expected === true)
}

function keyOfStep({ stage, name }: KeptStep): string {
  return keyOf(stage, name)
}

function detailOf({ from, to }: Split, { step, isNew }: Blamed, first: KeptBuild): string {
  const percent = (rate: number) => `${Math.round(rate * 100)} %`
  const where = step.stage === null ? '' : ` of stage ${step.stage}`
  const what = isNew ? 'which brought' : 'since which the cache is missed by'
  return `The hit rate fell from ${percent(from)} to ${percent(to)} at commit ${first.sha.slice(0, 7)}, ${what} “${stepText(step.name)}”${where}`
}

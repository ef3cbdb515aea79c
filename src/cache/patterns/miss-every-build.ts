import type { KeptBuild } from '../kept-build.ts'
import type { Miss, MissReason } from '../miss.ts'
import { firstOfEachCommit, isCold, isTelling, keyOf, leftCache, ran, rounded, scopeOf, stepText } from './history.ts'
import { bringsOnlyManifests, installBehind } from './install.ts'
import { type Pattern, shownBy } from './pattern.ts'

/**
 * Layer order: a step runs again in commit after commit though it need not. Counted is each commit once, by its first
 * build; it shows the pattern for a step when
 * - the step is where its stage first missed and that was unexpected, or it is the dependency install behind such a miss
 *   (where nothing tells whether a miss was expected, only an install counts, and not behind its own manifests);
 * - the reason lies in the layers (`layerReasons`), not in the cache;
 * - there was something to hit: the build before it had the step and left a cache, and either some step was taken from it, or the reason is
 *   known and both import and the export before succeeded. (Cold for no known reason is the cache's fault.)
 *
 * Told when at least 3 and at least 60 % of the last 10 commits with that step show it, and 2 of the last 3. `since` is the
 * earliest commit from which on the share is 60 %; `times` and `of` count from there.
 */
export function missEveryBuild(history: KeptBuild[]): Pattern[] {
  const commits = firstOfEachCommit(history)
  const before = builtBefore(history)
  const shown = new Map<string, Map<KeptBuild, Rerun>>()
  for (const build of commits) {
    for (const rerun of rerunsOf(build, before.get(build) ?? null)) {
      const reruns = shown.get(rerun.key) ?? new Map<KeptBuild, Rerun>()
      if (!reruns.has(build)) reruns.set(build, rerun)
      shown.set(rerun.key, reruns)
    }
  }
  return [...shown].flatMap(([key, reruns]) => patternOf(commits.filter(has(key)), reruns) ?? [])
}

const layerReasons: ReadonlySet<MissReason> = new Set([
  'file-changed',
  'file-metadata-changed',
  'remote-file-changed',
  'build-arg-changed',
  'env-changed',
  'upstream-stage-changed',
  'parent-step-changed',
  'unknown',
])

type Rerun = { key: string; stage: string | null; step: string; seconds: number | null; miss: Miss }

/** The build that this one could take from: the latest of its scope, else the latest of all. */
function builtBefore(history: KeptBuild[]): Map<KeptBuild, KeptBuild> {
  const found = new Map<KeptBuild, KeptBuild>()
  const latest = new Map<string, KeptBuild>()
  let any: KeptBuild | null = null
  for (const build of history.filter(isTelling)) {
    const before = latest.get(scopeOf(build)) ?? any
    if (before) found.set(build, before)
    latest.set(scopeOf(build), build)
    any = build
  }
  return found
}

function rerunsOf(build: KeptBuild, before: KeptBuild | null): Rerun[] {
  if (before === null || !leftCache(before)) return []
  return build.firstMisses
    .filter((miss) => layerReasons.has(miss.reason) && miss.expected !== true && couldHit(miss, build, before))
    .flatMap((miss) => rerunOf(build, miss) ?? [])
    .filter(({ key }) => has(key)(before))
}

function couldHit({ reason, certainty }: Miss, build: KeptBuild, before: KeptBuild): boolean {
  if (!isCold(build)) return true
  const works = build.imports.some(({ ok }) => ok) && before.exports.some(({ ok }) => ok)
  return works && reason !== 'unknown' && certainty !== 'low'
}

function rerunOf(build: KeptBuild, miss: Miss): Rerun | null {
  const unexpected = miss.expected === false
  if (!unexpected && bringsOnlyManifests(miss)) return null
  const install = installBehind(build, miss)
  if (install === null && !unexpected) return null
  const name = install?.name ?? miss.step
  const key = keyOf(miss.stage, name)
  const seconds = install ? longest(build, key) : miss.secondsLost
  return { key, stage: miss.stage, step: stepText(name), seconds, miss }
}

/** Platforms are built side by side: the slowest one is waited for. */
function longest({ steps }: KeptBuild, key: string): number {
  const all = steps.filter((step) => ran(step) && keyOf(step.stage, step.name) === key)
  return Math.max(0, ...all.map(({ seconds }) => seconds ?? 0))
}

function has(key: string) {
  return ({ steps }: KeptBuild) => steps.some((step) => keyOf(step.stage, step.name) === key)
}

const looked = 10
const share = 0.6
const least = 3

function patternOf(commits: KeptBuild[], reruns: Map<KeptBuild, Rerun>): Pattern | null {
  const count = (builds: KeptBuild[]) => builds.filter((build) => reruns.has(build)).length
  const recent = commits.slice(-looked)
  if (count(recent) < least || count(recent) < share * recent.length || count(commits.slice(-3)) < 2) return null
  const start = commits.findIndex((build, at) => {
    const rest = commits.slice(at)
    return reruns.has(build) && count(rest) >= least && count(rest) >= share * rest.length
  })
  const since = commits.slice(start)
  const shown = since.filter((build) => reruns.has(build))
  const told = shown.flatMap((build) => reruns.get(build) ?? [])
  const common = shownBy(shown)
  const [first] = told
  if (start < 0 || common === null || first === undefined) return null
  return {
    kind: 'miss-every-build',
    ...common,
    ...{ step: first.step, stage: first.stage, of: since.length },
    secondsLost: rounded(told.reduce((sum, { seconds }) => sum + (seconds ?? 0), 0)),
    detail: detailOf(told, since.length),
    certainty: certaintyOf(told),
  }
}

function detailOf(told: Rerun[], of: number): string {
  const latest = told.at(-1)
  if (latest === undefined) return ''
  const where = latest.stage === null ? '' : ` of stage ${latest.stage}`
  return `“${latest.step}”${where} ran again in ${told.length} of the last ${of} commits${causeOf(latest)}`
}

function causeOf({ step, miss }: Rerun): string {
  if (miss.reason === 'build-arg-changed' || miss.reason === 'env-changed')
    return ', because a build argument or variable before it is different each time'
  const missed = stepText(miss.step)
  if (missed !== step) return `, because “${missed}” before it is different each time`
  return miss.reason === 'unknown' ? '' : `: ${miss.detail}`
}

function certaintyOf(told: Rerun[]): Pattern['certainty'] {
  const part = (is: (miss: Miss) => boolean) => told.filter(({ miss }) => is(miss)).length / told.length
  if (part(({ reason }) => reason === 'unknown') > 0.5) return 'low'
  return part(({ certainty, expected }) => certainty === 'high' && expected === false) >= share ? 'high' : 'medium'
}

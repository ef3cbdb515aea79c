import type { MissReason } from '../cache/miss.ts'
import type { BuildSummary } from '../diagnosis/explanation.ts'
import { stepRows } from './step-rows.ts'
import { took } from './took.ts'

type Miss = BuildSummary['firstMisses'][number]

/** Why a step was not taken from the cache, for people who never read about caches. */
export const reasonSentences: Record<MissReason, string> = {
  'file-changed': 'a file that this step copies has changed',
  'file-metadata-changed': 'a file that this step copies has other permissions; its content is the same',
  'remote-file-changed': 'the file that this step downloads has changed',
  'instruction-changed': 'this step was edited in the Dockerfile, or is new in it',
  'build-arg-changed': 'a build argument has another value than in the build before',
  'env-changed': 'an environment variable that the Dockerfile sets has another value',
  'base-image-moved': 'the base image is another one than in the build before',
  'upstream-stage-changed': 'the stage that this step takes from was built anew',
  'parent-step-changed': 'the step before it was built anew',
  'first-build': 'it was built for the first time, so nothing could be in the cache yet',
  'no-cache-requested': 'the build was told not to use the cache',
  pruned: 'the builder had this step in its cache and has thrown it away since',
  'cache-not-configured': 'no cache was given to the build, and its builder kept none',
  'cache-import-not-found': 'there was no cache where the build looked for one',
  'cache-import-failed': 'the cache could not be loaded',
  'not-exported': 'the build before did not save this step in the cache',
  evicted: 'the cache had this step and has deleted it since',
  'scope-overwritten': 'another build saves to the same place in the cache, and the last one wins',
  'scope-unreachable': 'the cache was saved on a branch that this run may not read',
  unknown: 'not known yet; compare it with the build before',
}

/** Misses of one cause: a cold build has one in each stage. `files` and `detail` say what no group before it says. */
export type MissGroup = { first: Miss; misses: Miss[]; seconds: number | null; files: string[]; detail: string }

/** What can be mended first: causes before what follows from them, the costly before the cheap. */
export function missGroups(build: BuildSummary): MissGroup[] {
  const groups = Map.groupBy(inTableOrder(build), ({ reason, detail, expected, certainty }) =>
    [reason, detail, expected, certainty].join('\n'),
  )
  const ranked = [...groups.values()]
    .flatMap((misses): MissGroup[] => {
      const first = misses[0]
      return first ? [{ first, misses, seconds: sumOf(misses), files: first.files, detail: first.detail }] : []
    })
    .sort((one, other) => follows(one) - follows(other) || (other.seconds ?? 0) - (one.seconds ?? 0))
  return ranked.map((group, index) => withoutSaid(group, ranked.slice(0, index)))
}

function inTableOrder(build: BuildSummary): Miss[] {
  const places = new Map(stepRows(build).map(({ step }, index) => [`${step.stage}\n${step.name}`, index]))
  const placeOf = ({ stage, step }: Miss) => places.get(`${stage}\n${step}`) ?? 0
  return build.firstMisses.toSorted((one, other) => placeOf(one) - placeOf(other))
}

/** What follows from another miss quotes its detail at the end, and names its files again; a detail counts files. */
function withoutSaid(group: MissGroup, before: MissGroup[]): MissGroup {
  const { files, detail } = group
  const quoted = before.find((other) => other.detail !== '' && detail.endsWith(`: ${other.detail}`))
  const named = new Set(before.flatMap((other) => other.files))
  const own = quoted ? detail.slice(0, -quoted.detail.length - 2) : detail
  const counted = `${files[0]} and ${files.length - 1} more`
  if (own.startsWith(counted)) return { ...group, files: [], detail: listed(files) + own.slice(counted.length) }
  return { ...group, files: files.filter((file) => !named.has(file) && !own.includes(file)), detail: own }
}

/** `deps, builder and 2 more`; null for a build that has but one stage without a name. */
export function stagesOf({ misses }: MissGroup): string | null {
  const stages = [...new Set(misses.flatMap(({ stage }) => stage ?? []))]
  return stages.length === 0 ? null : listed(stages, 4)
}

/** `web/src/app.ts and 41 more` */
export function listed(names: string[], most = 3): string {
  if (names.length <= most) return names.join(', ')
  const shown = names.slice(0, Math.max(1, most - 2))
  return `${shown.join(', ')} and ${names.length - shown.length} more`
}

/** What it cost, whether it had to be, and how sure that is. */
export function judgement({ first, seconds }: MissGroup): string {
  const cost = seconds === null ? 'cost not measured' : `cost ${took(seconds)}`
  const had = first.expected === null ? null : first.expected ? 'expected' : 'not expected'
  const sure = first.reason === 'unknown' ? null : `certainty ${first.certainty}`
  return [cost, had, sure].filter((part) => part !== null).join(', ')
}

/** `lost 1 min 12 s of 3 min 40 s, 40 s of it unexpectedly`; of all steps, whether they ran side by side or not. */
export function lostOf({ steps, firstMisses }: BuildSummary): string {
  const lost = sumOf(firstMisses)
  if (lost === null) return 'what they cost was not measured'
  if (lost < 0.05) return `they cost next to nothing${expectedPart(firstMisses)}`
  const all = Math.max(
    lost,
    steps.reduce((sum, { seconds }) => sum + (seconds ?? 0), 0),
  )
  return `lost ${took(lost)} of ${took(all)}${expectedPart(firstMisses)}`
}

/** How the cache fared in builds that did not fail. */
export function cacheVerdict(builds: BuildSummary[]): string {
  if (builds.some((build) => [...build.imports, ...build.exports].some(({ ok }) => !ok)))
    return 'but a cache could not be loaded or saved'
  const misses = builds.flatMap(({ firstMisses }) => firstMisses)
  const unexpected = misses.filter(({ expected }) => expected === false).length
  if (unexpected > 0)
    return `but its cache was missed ${unexpected === 1 ? 'once' : `${unexpected} times`} without need`
  return misses.some(({ expected }) => expected === null)
    ? 'though not all of it came from the cache'
    : 'and nothing is wrong with its cache'
}

function expectedPart(misses: Miss[]): string {
  if (misses.every(({ expected }) => expected === true)) return ', all of it expected'
  const unexpected = misses.filter(({ expected }) => expected === false)
  if (unexpected.length === 0) return ''
  if (unexpected.length === misses.length) return ', none of it expected'
  return `, ${took(sumOf(unexpected) ?? 0)} of it not expected`
}

function sumOf(misses: Miss[]): number | null {
  const known = misses.flatMap(({ secondsLost }) => secondsLost ?? [])
  return known.length === 0 ? null : known.reduce((sum, seconds) => sum + seconds, 0)
}

function follows({ first }: MissGroup): number {
  return first.reason === 'upstream-stage-changed' || first.reason === 'parent-step-changed' ? 1 : 0
}

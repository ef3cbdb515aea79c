import type { CacheEntry, Plan } from '../../remedy/plan.ts'
import { rebuildInput } from '../../remedy/rebuild-input.ts'
import { coldAfterBuilder, selectBuilder } from '../../remedy/select-builder.ts'
import { coldAfterCaches, selectCaches } from '../../remedy/select-caches.ts'
import { coldAfterTags, selectTags } from '../../remedy/select-tags.ts'
import type { Wanted, WantedOf } from './wanted.ts'
import type { RemedyWorld } from './world.ts'

/** Exactly what would be done; or why nothing can be, in words, with the edit that would make it possible. */
export type Made = { kind: 'plan'; plan: Plan } | { kind: 'none'; because: string; diff: string | null }

/** Looks up what somebody's wish means now. Changes nothing anywhere. */
export async function makePlan(world: RemedyWorld, wanted: Wanted): Promise<Made> {
  switch (wanted.operation) {
    case 'rerun-failed':
    case 'rerun-job':
      return planRerun(world, wanted)
    case 'rebuild':
      return planRebuild(world, wanted)
    case 'prune-caches':
      return planCaches(world, wanted)
    case 'prune-tags':
      return planTags(world, wanted)
    case 'prune-builder':
      return planBuilder(world, wanted)
    default:
      return wanted satisfies never
  }
}

function none(because: string, diff: string | null = null): Made {
  return { kind: 'none', because, diff }
}

async function planRerun(
  { runs }: RemedyWorld,
  wanted: WantedOf<'rerun-failed'> | WantedOf<'rerun-job'>,
): Promise<Made> {
  const run = await runs.run(wanted.repository, wanted.runId)
  if (run.attempt > wanted.attempt)
    return none(`Run ${run.runId} has been run again meanwhile: attempt ${run.attempt} is there.`)
  if (run.status !== 'completed') return none(`Run ${run.runId} is still running; GitHub re-runs finished runs only.`)
  if (run.conclusion === 'success') return none(`Run ${run.runId} has passed; there is no failed job in it.`)
  return { kind: 'plan', plan: wanted }
}

async function planRebuild(world: RemedyWorld, wanted: WantedOf<'rebuild'>): Promise<Made> {
  const { repository, branch } = wanted
  const run = wanted.runId === null ? await latestRun(world, wanted) : await world.runs.run(repository, wanted.runId)
  const workflow = wanted.workflow ?? run?.workflowPath ?? null
  const ref = branch ?? run?.branch ?? null
  if (workflow === null) return none('GitHub does not say which workflow file the run came from. Name it yourself.')
  if (ref === null) return none('GitHub does not say which branch the run was on. Name a branch yourself.')
  if (ref.includes(':'))
    return none('The run is of a fork, and GitHub starts workflows on branches of the repository only.')
  const read = await world.github.readText(repository, workflow, ref)
  if (read.kind === 'missing') return none(`${workflow} at ${ref} cannot be read: ${read.because}`)
  const configured = world.policy.rebuildInputs.find(
    (each) =>
      each.repository.toLowerCase() === repository.toLowerCase() &&
      (each.workflow === null || workflow.endsWith(each.workflow)),
  )
  const found = rebuildInput({ text: read.text, file: workflow, configured: configured?.input ?? null })
  if (found.kind === 'none') return none(`${found.because} ${otherWay}`, found.add?.diff ?? null)
  return { kind: 'plan', plan: { operation: 'rebuild', repository, branch: ref, workflow, ref, input: found.input } }
}

const otherWay = 'The other way: prune the cache index of the branch, then re-run; a re-run itself cannot carry inputs.'

/** Only asked where the workflow is not named. */
async function latestRun({ runs }: RemedyWorld, { repository, branch, workflow }: WantedOf<'rebuild'>) {
  if (workflow !== null || branch === null) return null
  const [latest] = await runs.latestRuns(repository, { branch })
  return latest ?? null
}

async function planCaches(world: RemedyWorld, wanted: WantedOf<'prune-caches'>): Promise<Made> {
  const { repository, selection } = wanted
  const { caches, complete } = await world.github.listCaches(repository)
  const closedPulls = selection.closedPulls
    ? await world.github.closedPulls({ repository, numbers: pullsOf(caches) })
    : new Set<number>()
  const entries = selectCaches(caches, selection, { closedPulls, now: world.now() })
  if (entries.length === 0)
    return none(`None of the ${caches.length} cache entries of ${repository} fits; there is nothing to prune.`)
  const cold = coldAfterCaches(entries, caches)
  return { kind: 'plan', plan: { ...wanted, entries, complete, cold } }
}

function pullsOf(caches: CacheEntry[]): number[] {
  const numbers = caches.flatMap(({ ref }) => /^refs\/pull\/(\d{1,10})\/merge$/.exec(ref)?.[1] ?? [])
  return [...new Set(numbers.map(Number))]
}

async function planTags({ packages }: RemedyWorld, wanted: WantedOf<'prune-tags'>): Promise<Made> {
  if (packages === null)
    return none(
      'No token for GitHub Packages is set (GITHUB_PACKAGES_TOKEN, a classic token with read:packages and delete:packages), and no other kind of token can delete them.',
    )
  const home = await packages.home(wanted.image)
  if (home.kind === 'refused') return none(home.because)
  const stranger = notOf(wanted, home.linked)
  if (stranger !== null) return none(stranger)
  const listed = await packages.list(wanted.image)
  if (listed.kind === 'refused') return none(listed.because)
  const entries = selectTags(listed.entries, wanted.tags)
  if (entries.length === 0)
    return none(`None of the ${listed.entries.length} versions of ${wanted.image} bears such tags alone.`)
  return { kind: 'plan', plan: { ...wanted, entries, cold: coldAfterTags(wanted.image, entries) } }
}

/** Rights were asked of one repository; what belongs to another is none of its people's business. */
function notOf({ image, repository }: WantedOf<'prune-tags'>, linked: string | null): string | null {
  if (linked === null)
    return `${image} is linked to no repository, so nobody can be asked who may prune it. Link it in the settings of the package.`
  if (linked.toLowerCase() === repository.toLowerCase()) return null
  return `${image} belongs to ${linked}, not to ${repository}. Ask for it there.`
}

async function planBuilder(world: RemedyWorld, wanted: WantedOf<'prune-builder'>): Promise<Made> {
  const known = world.policy.builders.find(({ name }) => name === wanted.builder)
  if (known?.repository.toLowerCase() !== wanted.repository.toLowerCase())
    return none(`There is no builder ${wanted.builder} of ${wanted.repository} in my configuration.`)
  const { records, inUse } = await world.builder(wanted.builder).usage()
  const entries = selectBuilder(records, wanted.selection, { now: world.now() })
  if (entries.length === 0)
    return none(`Builder ${wanted.builder} holds ${records.length} records, and none of them fits or is free to go.`)
  return { kind: 'plan', plan: { ...wanted, entries, inUse, cold: coldAfterBuilder(entries) } }
}

import type { Run } from '../alert/from-run.ts'
import { type Target, targetName } from '../alert/target.ts'
import { GithubFault } from '../github/fault.ts'
import type { PullRequest } from '../github/pulls.ts'
import type { Runs } from '../github/runs.ts'

/** What finding a run needs of the world. */
export type Finding = {
  runs: Pick<Runs, 'latestRuns' | 'runsOfCommit' | 'jobs'>
  pullRequest(repository: string, number: number): Promise<PullRequest>
  /** whether the configuration wants to hear of such runs; where it names none it wants all */
  isWatched(run: Run): boolean
}

/** `notes`: what else of the target is worth knowing. `because`: in words, and what could be done. */
export type TargetFound = { kind: 'run'; run: Run; notes: string[] } | { kind: 'nothing'; because: string }

/** The run to explain when somebody names a repository, branch, commit or pull request. An outage is thrown. */
export async function findTarget(world: Finding, target: Target): Promise<TargetFound> {
  try {
    if (target.kind === 'repository') return await ofRepository(world, target)
    const sha = target.kind === 'commit' ? target.sha : await headOf(world, target)
    return await ofCommit(world, target, sha)
  } catch (error) {
    if (error instanceof GithubFault && refusals.has(error.code)) return { kind: 'nothing', because: error.message }
    throw error
  }
}

/** Asking again would bring the same answer. */
const refusals = new Set<GithubFault['code']>(['not-found', 'forbidden', 'unauthorized'])

async function headOf({ pullRequest }: Finding, target: Target & { kind: 'pull' }): Promise<string> {
  return (await pullRequest(target.repository, target.number)).headSha
}

/** The newest finished run that built images: of the workflows that are watched, if some are. */
async function ofRepository(world: Finding, target: Target & { kind: 'repository' }): Promise<TargetFound> {
  const { repository, branch } = target
  const all = await world.runs.latestRuns(repository, branch === null ? {} : { branch })
  const watched = all.filter((run) => world.isWatched(run))
  const run = await withImages(world, watched.length > 0 ? watched : all)
  if (run) return { kind: 'run', run, notes: [] }
  return { kind: 'nothing', because: `No workflow has come to an end yet in ${targetName(target)}.` }
}

/** Of the runs of one commit a failed one, else the newest that is done. */
async function ofCommit(world: Finding, target: Target, sha: string): Promise<TargetFound> {
  const all = await world.runs.runsOfCommit(target.repository, sha)
  const running = all.filter(({ status }) => status !== 'completed')
  const failed = all.filter(({ conclusion }) => conclusion === 'failure' || conclusion === 'timed_out')
  const passed = all.filter(({ conclusion }) => conclusion === 'success')
  const run = await withImages(world, failed.length > 0 ? failed : passed)
  if (run) return { kind: 'run', run, notes: running.slice(0, 3).map((each) => `${nameOf(each)} still runs`) }
  const commit = `commit ${sha.slice(0, 7)}${target.kind === 'pull' ? ` of ${targetName(target)}` : ''}`
  const [still] = running
  if (still) return { kind: 'nothing', because: `At ${commit} ${nameOf(still)} still runs. Ask again when it is done.` }
  return { kind: 'nothing', because: `No workflow has run to its end at ${commit}.` }
}

function nameOf({ workflow, runId }: Run): string {
  return `${workflow} (run ${runId})`
}

/** The newest run of a workflow each: a repository has more workflows than those that build images. */
const workflowsTried = 3

async function withImages({ runs }: Finding, found: Run[]): Promise<Run | null> {
  const newest = [...Map.groupBy(found, ({ workflow }) => workflow).values()].flatMap(([first]) => first ?? [])
  let likely: Run | null = null
  if (newest.length > 1)
    for (const run of newest.slice(0, workflowsTried)) {
      const names = (await runs.jobs(run.repository, run.runId, run.attempt)).flatMap(({ name, steps }) => [
        name,
        ...steps.map((step) => step.name),
      ])
      if (names.some((name) => /docker|bake|buildx|buildkit/i.test(name))) return run
      if (names.some((name) => /\bbuild\b|image/i.test(name))) likely ??= run
    }
  return likely ?? newest[0] ?? null
}

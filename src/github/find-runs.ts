import { z } from 'zod'
import { type Run, runSchema } from '../alert/from-run.ts'
import { ask } from './ask.ts'
import type { GithubClient } from './client.ts'
import { defaultBranch } from './default-branch.ts'

/** The run that wants something to be compared with. */
export type ComparableWith = Pick<Run, 'workflow' | 'branch' | 'runId' | 'event'> & {
  /** of its pull request; null: the repository's default branch will do */
  baseBranch: string | null
}

export type Comparable = { run: Run; of: 'own-branch' | 'base-branch' | 'default-branch' }

/** Finds runs in GitHub's lists. Of each list one page is read: what stands further back is too old to be of use. */
export type FindRuns = {
  /** The newest run of this workflow before `runId` that passed: of the branch, else of any that was pushed to. */
  lastGreen(repository: string, before: Before): Promise<Run | null>
  /** The newest earlier run whose builds can be compared with those of this one: one that passed, else one that failed. */
  comparable(repository: string, wanted: ComparableWith): Promise<Comparable | null>
  /** The runs that came to an end, passed or failed, newest first; of one branch when it is named. */
  latestRuns(repository: string, wanted?: { branch?: string }): Promise<Run[]>
  /** The runs of a commit in whatever state, newest first. */
  runsOfCommit(repository: string, sha: string): Promise<Run[]>
}

type Before = Pick<Run, 'workflow' | 'branch' | 'runId'>

export function findRuns(client: GithubClient): FindRuns {
  return {
    lastGreen: (repository, before) => findGreen(client, repository, before),
    comparable: (repository, wanted) => findComparable(client, repository, wanted),
    async latestRuns(repository, { branch } = {}) {
      const where = { status: 'completed' as const, ...(branch !== undefined && { branch }) }
      return (await listRuns(client, repository, where)).filter(cameToAnEnd)
    },
    runsOfCommit: (repository, sha) => listRuns(client, repository, { head_sha: sha }),
  }
}

async function findGreen(client: GithubClient, repository: string, before: Before): Promise<Run | null> {
  const own = before.branch === null || before.branch.includes(':') ? null : { branch: before.branch }
  for (const where of [...(own ? [own] : []), { event: 'push' }]) {
    const runs = await listRuns(client, repository, { ...where, status: 'success' })
    const found = runs.find(
      (run) =>
        run.workflow === before.workflow &&
        run.runId < before.runId &&
        (!('branch' in where) || run.branch === where.branch),
    )
    if (found) return found
  }
  return null
}

/** At most four calls: the own branch, the base, and the default branch's name and runs. */
async function findComparable(
  client: GithubClient,
  repository: string,
  wanted: ComparableWith,
): Promise<Comparable | null> {
  const tried = new Set<string>()
  const find = async (of: Comparable['of'], branch: string | null, ofPull: boolean): Promise<Comparable | null> => {
    const list = `${ofPull} ${branch}`
    if (branch === null || tried.has(list)) return null
    tried.add(list)
    // A fork's branch is listed under its bare name, with everybody else's of that name.
    const runs = await listRuns(client, repository, { branch: branch.split(':').at(-1), status: 'completed' })
    const mates = runs
      .filter((run) => run.workflow === wanted.workflow && run.runId < wanted.runId)
      .filter((run) => run.branch === branch && isOfPull(run.event) === ofPull)
    const run = mates.find(({ conclusion }) => conclusion === 'success') ?? mates.find(cameToAnEnd)
    return run ? { run, of } : null
  }
  return (
    (await find('own-branch', wanted.branch, isOfPull(wanted.event))) ??
    (await find('base-branch', wanted.baseBranch, false)) ??
    (await find('default-branch', await defaultBranch(client)(repository), false))
  )
}

/**
 * Runs of these events see the pull request's merge ref and its caches; all others see a branch and those of the branch.
 * https://docs.github.com/actions/reference/workflows-and-actions/dependency-caching#restrictions-for-accessing-a-cache
 */
function isOfPull(event: string): boolean {
  return ['pull_request', 'pull_request_review', 'pull_request_review_comment'].includes(event)
}

/** Had jobs, and nobody stopped them: a `startup_failure` has none, a cancelled build tells half. */
function cameToAnEnd({ conclusion }: Run): boolean {
  return conclusion === 'success' || conclusion === 'failure' || conclusion === 'timed_out'
}

type Where = { branch?: string | undefined; event?: string; head_sha?: string; status?: 'success' | 'completed' }

function listRuns(client: GithubClient, repository: string, where: Where): Promise<Run[]> {
  const doing = `Looking for runs of ${repository}`
  return ask(client, { repository, doing, schema: z.array(runSchema) }, async ({ rest }, place) => {
    const wanted = { ...place, ...where, exclude_pull_requests: true, per_page: 100 }
    return (await rest.actions.listWorkflowRunsForRepo(wanted)).data.workflow_runs
  })
}

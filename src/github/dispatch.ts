import { RequestError } from 'octokit'
import { z } from 'zod'
import { githubId, pageUrl } from '../alert/from-run.ts'
import { ask } from './ask.ts'
import { callOnce, type NotDone, once } from './call-once.ts'
import type { GithubClient } from './client.ts'

export type Dispatch = {
  repository: string
  /** its file: `.github/workflows/ci.yml`, or `ci.yml`; GitHub's number of it does as well */
  workflow: string
  /** branch or tag */
  ref: string
  /** values as text; GitHub takes `true` for a boolean */
  inputs: Record<string, string>
}

/** `runId` is null where GitHub does not tell which run it made: older Enterprise Servers. */
export type Dispatched = { kind: 'started'; runId: number | null; url: string | null } | NotDone

/** Starts a workflow that listens to `workflow_dispatch`. Needs *Actions: write*. */
export function dispatchWorkflow(client: GithubClient): (wanted: Dispatch) => Promise<Dispatched> {
  return async ({ repository, workflow, ref, inputs }) => {
    const what = `workflow ${fileOf(workflow)} on its default branch`
    const called = await callOnce(client, { repository, what, needs: 'Actions: write' }, async ({ rest }, place) => {
      const wanted = { ...place, workflow_id: fileOf(workflow), ref, inputs, ...once }
      try {
        return await rest.actions.createWorkflowDispatch({ ...wanted, return_run_details: true })
      } catch (error) {
        // Refused before anything was done, so that asking once more begins nothing twice.
        if (!isUnknownField(error)) throw error
        return await rest.actions.createWorkflowDispatch(wanted)
      }
    })
    if (called.kind !== 'answered') return called
    const read = detailsSchema.safeParse(called.answer.data)
    return { kind: 'started', ...(read.success ? read.data : { runId: null, url: null }) }
  }
}

const detailsSchema = z
  .object({ workflow_run_id: githubId, html_url: pageUrl })
  .transform((run) => ({ runId: run.workflow_run_id, url: run.html_url }))

/** Enterprise Server up to 3.19 at least: `"return_run_details" is not a permitted key.` */
function isUnknownField(error: unknown): boolean {
  return error instanceof RequestError && error.status === 422 && error.message.includes('return_run_details')
}

function fileOf(workflow: string): string {
  return workflow.split('/').at(-1) ?? workflow
}

export type DispatchedRun = {
  runId: number
  attempt: number
  url: string
  /** ISO 8601 */
  createdAt: string
  /** login of who started it; null when the account is gone */
  actor: string | null
}

type Looked = Pick<Dispatch, 'repository' | 'workflow' | 'ref'> & { since: Date }

/**
 * The runs that somebody dispatched of this workflow at this branch since then, oldest first: where a run is that GitHub
 * did not name. Looks at the newest hundred. Needs *Actions: read*.
 */
export function findDispatched(client: GithubClient): (wanted: Looked) => Promise<DispatchedRun[]> {
  return async ({ repository, workflow, ref, since }) => {
    const doing = `Looking for runs of ${fileOf(workflow)} at ${ref} in ${repository}`
    const runs = await ask(client, { repository, doing, schema: z.array(runSchema) }, async ({ rest }, place) => {
      const branch = ref.replace(/^refs\/(?:heads|tags)\//, '')
      const where = { ...place, workflow_id: fileOf(workflow), branch, event: 'workflow_dispatch' }
      const wanted = { ...where, exclude_pull_requests: true, per_page: 100 }
      return (await rest.actions.listWorkflowRuns(wanted)).data.workflow_runs
    })
    // GitHub's times have whole seconds.
    const from = Math.floor(since.getTime() / 1000) * 1000
    return runs.filter(({ createdAt }) => Date.parse(createdAt) >= from).toSorted(byAge)
  }
}

function byAge(one: DispatchedRun, other: DispatchedRun): number {
  return Date.parse(one.createdAt) - Date.parse(other.createdAt) || one.runId - other.runId
}

const runSchema = z
  .object({
    id: githubId,
    run_attempt: githubId.optional(),
    html_url: pageUrl,
    created_at: z.iso.datetime({ offset: true }),
    actor: z.object({ login: z.string().max(200) }).nullish(),
  })
  .transform(
    (run): DispatchedRun => ({
      runId: run.id,
      attempt: run.run_attempt ?? 1,
      url: run.html_url,
      createdAt: run.created_at,
      actor: run.actor?.login ?? null,
    }),
  )

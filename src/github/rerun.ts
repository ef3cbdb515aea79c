import { callOnce, type NotDone, once } from './call-once.ts'
import type { GithubClient } from './client.ts'

/** Whether a re-run began. GitHub takes it for the next attempt of the same run. */
export type Rerun = { kind: 'started' } | NotDone

const needs = 'Actions: write'

/**
 * Runs the failed jobs of a run again, and the jobs that depend on them: same commit, same workflow file, same inputs.
 * `debug` switches on the logging of steps and runner. Needs *Actions: write*.
 */
export function rerunFailedJobs(
  client: GithubClient,
): (wanted: { repository: string; runId: number; debug: boolean }) => Promise<Rerun> {
  return async ({ repository, runId, debug }) => {
    const called = await callOnce(client, { repository, what: `run ${runId}`, needs }, ({ rest }, place) =>
      rest.actions.reRunWorkflowFailedJobs({ ...place, run_id: runId, enable_debug_logging: debug, ...once }),
    )
    return rerunOf(called)
  }
}

/** The same for one job, failed or not. */
export function rerunJob(
  client: GithubClient,
): (wanted: { repository: string; jobId: number; debug: boolean }) => Promise<Rerun> {
  return async ({ repository, jobId, debug }) => {
    const called = await callOnce(client, { repository, what: `job ${jobId}`, needs }, ({ rest }, place) =>
      rest.actions.reRunJobForWorkflowRun({ ...place, job_id: jobId, enable_debug_logging: debug, ...once }),
    )
    return rerunOf(called)
  }
}

function rerunOf(called: { kind: 'answered' } | NotDone): Rerun {
  if (called.kind === 'answered') return { kind: 'started' }
  // GitHub's words for a run that is too old, was re-run too often or never had jobs say no more than this.
  if (called.kind === 'refused' && /cannot be (?:retried|rerun|re-run)/i.test(called.because))
    return { kind: 'refused', because: `${called.because} ${limits}` }
  return called
}

/** https://docs.github.com/actions/how-tos/manage-workflow-runs/re-run-workflows-and-jobs */
const limits = 'GitHub re-runs what has ended, within 30 days of its first start, and at most 50 times.'

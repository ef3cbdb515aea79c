import { z } from 'zod'
import type { Alert, Heard } from './alert.ts'
import {
  commitSha,
  githubId,
  hearRun,
  isAlertConclusion,
  pageUrl,
  quietConclusion,
  readPayload,
  refName,
  repositoryName,
  runSchema,
  shortText,
} from './from-run.ts'

/** As `Heard`, but a payload that GitHub would not send is told apart, so that the door can refuse it. */
export type HeardWebhook = Heard | { kind: 'malformed'; because: string }

/** GitHub's webhook event `name` with its parsed JSON body → the alert it is, why it is ignored, or what is wrong with it. */
export function hearWebhook(name: string, payload: unknown): HeardWebhook {
  if (name !== 'workflow_run' && name !== 'workflow_job')
    return { kind: 'ignored', because: 'not an event we listen to' }
  const read = readPayload(actionSchema, payload)
  if (read.kind === 'malformed') return read
  if (read.value.action !== 'completed') return { kind: 'ignored', because: `the ${name} is not completed` }
  return name === 'workflow_run' ? hearCompletedRun(payload) : hearCompletedJob(payload)
}

const actionSchema = z.object({ action: z.string().max(100) })
const runEventSchema = z.object({ workflow_run: runSchema, workflow: z.object({ name: shortText }).nullish() })

/** A job's payload names its run but not the run's outcome, and not the fork that a pull request came from. */
const jobEventSchema = z.object({
  workflow_job: z.object({
    run_id: githubId,
    // Absent on old Enterprise Servers; then we cannot tell which attempt failed.
    run_attempt: githubId.optional(),
    workflow_name: shortText.nullish(),
    head_branch: refName.optional(),
    head_sha: commitSha,
    status: z.string().max(50),
    conclusion: z.string().max(50).nullable(),
  }),
  repository: z.object({ full_name: repositoryName, html_url: pageUrl }),
})

function hearCompletedRun(payload: unknown): HeardWebhook {
  const read = readPayload(runEventSchema, payload)
  if (read.kind === 'malformed') return read
  const { workflow_run: run, workflow } = read.value
  return hearRun({ ...run, workflow: workflow?.name || run.workflow }, 'webhook')
}

function hearCompletedJob(payload: unknown): HeardWebhook {
  const read = readPayload(jobEventSchema, payload)
  if (read.kind === 'malformed') return read
  const { workflow_job: job, repository } = read.value
  if (job.conclusion === 'success') return { kind: 'ignored', because: 'a job passed; its run will tell' }
  if (!isAlertConclusion(job.conclusion)) return { kind: 'ignored', because: quietConclusion('job', job.conclusion) }
  if (job.run_attempt === undefined || !job.workflow_name)
    return { kind: 'ignored', because: 'the job does not name its attempt and workflow; its run will tell' }
  const alert: Alert = {
    repository: repository.full_name,
    runId: job.run_id,
    attempt: job.run_attempt,
    workflow: job.workflow_name,
    branch: job.head_branch ?? null,
    sha: job.head_sha,
    conclusion: job.conclusion,
    // The job's own link has changed its form twice; the run's has not.
    url: `${repository.html_url}/actions/runs/${job.run_id}`,
    runFinished: false,
    heardFrom: 'webhook',
  }
  return { kind: 'alert', alert }
}

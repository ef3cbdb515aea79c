import { z } from 'zod'

/**
 * One finished attempt of a workflow run, heard of through any door. A failed one asks for a diagnosis, a passed one
 * may close a failure story.
 */
export const alertSchema = z.strictObject({
  /** `owner/name` */
  repository: z.string(),
  runId: z.int(),
  /** GitHub's `run_attempt`, from 1 */
  attempt: z.int().positive(),
  /** the workflow's name, as GitHub shows it */
  workflow: z.string(),
  branch: z.string().nullable(),
  sha: z.string(),
  conclusion: z.enum(['failure', 'timed_out', 'startup_failure', 'success']),
  /** page of the run at GitHub */
  url: z.string(),
  /** false when a job of the run failed while others still run */
  runFinished: z.boolean(),
  heardFrom: z.enum(['webhook', 'poller', 'link']),
})
export type Alert = z.infer<typeof alertSchema>

/** What a door made of what it was told. `because` is fit for a log line: no payload content. */
export type Heard = { kind: 'alert'; alert: Alert } | { kind: 'ignored'; because: string }

/** One alert per attempt of a run, whatever the door. */
export function alertKey(alert: Pick<Alert, 'repository' | 'runId' | 'attempt'>): string {
  return `${alert.repository.toLowerCase()}/${alert.runId}/${alert.attempt}`
}

export function hasFailed(alert: Alert): boolean {
  return alert.conclusion !== 'success'
}

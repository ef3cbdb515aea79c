/**
 * One finished attempt of a workflow run, heard of through any door. A failed one asks for a diagnosis, a passed one
 * may close a failure story.
 */
export type Alert = {
  /** `owner/name` */
  repository: string
  runId: number
  /** GitHub's `run_attempt`, from 1 */
  attempt: number
  /** the workflow's name, as GitHub shows it */
  workflow: string
  branch: string | null
  sha: string
  conclusion: 'failure' | 'timed_out' | 'startup_failure' | 'success'
  /** page of the run at GitHub */
  url: string
  /** false when a job of the run failed while others still run */
  runFinished: boolean
  heardFrom: 'webhook' | 'poller' | 'link'
}

/** What a door made of what it was told. `because` is fit for a log line: no payload content. */
export type Heard = { kind: 'alert'; alert: Alert } | { kind: 'ignored'; because: string }

/** One alert per attempt of a run, whatever the door. */
export function alertKey(alert: Pick<Alert, 'repository' | 'runId' | 'attempt'>): string {
  return `${alert.repository.toLowerCase()}/${alert.runId}/${alert.attempt}`
}

export function hasFailed(alert: Alert): boolean {
  return alert.conclusion !== 'success'
}

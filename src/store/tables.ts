import type { Generated } from 'kysely'

/**
 * The tables as the latest migration leaves them, the same on both engines: times are ISO 8601 text in UTC with
 * milliseconds (so text order is time order), JSON is text (PostgreSQL's jsonb refuses a NUL that a log may hold),
 * truth is 0 or 1.
 */
export type Tables = {
  seen: { key: string; at: string }
  alerts: {
    key: string
    repository: string
    run_finished: number
    /** 1 as first heard, 2 once the finished run was heard after one of its jobs */
    revision: number
    alert: string
    first_heard_at: string
    last_heard_at: string
  }
  stories: {
    id: string
    channel: string
    repository: string
    workflow: string
    branch: string | null
    fingerprint: string
    state: string
    first_at: string
    version: number
    /** all of it, these columns included */
    story: string
  }
  messages: {
    tag: string
    client_msg_id: string
    channel: string
    /** Slack's name of the message; null until it was posted */
    ts: string | null
    hash: string | null
    /** how often it was claimed; names the holder of the lease */
    claims: number
    lease_until: string
    claimed_at: string
  }
  failures: {
    /** repository/run/attempt/job */
    key: string
    repository: string
    workflow: string
    job_name: string
    branch: string | null
    sha: string
    run_id: number
    attempt: number
    job_id: number
    at: string
    fingerprint: string
    cause_id: string | null
    confidence: number
    excerpt: string | null
    /** when a later attempt of the same run was seen to pass it */
    passed_at: string | null
  }
  line_signatures: {
    repository: string
    workflow: string
    job_name: string
    /** '' for a run without a branch */
    branch: string
    run_id: number
    read_at: string
    /** base64 of 32-bit numbers */
    signatures: string
  }
  /** one row per image build of an attempt of a job; see cache/kept-build.ts */
  builds: {
    repository: string
    workflow: string
    job_name: string
    series: string
    branch: string | null
    event: string | null
    ref: string | null
    sha: string
    run_id: number
    attempt: number
    job_id: number
    build_index: number
    at: string
    outcome: string
    hit_rate: number | null
    seconds: number | null
    cached: number
    executed: number
    /** JSON, without nulls */
    steps: string
    first_misses: string
    imports: string
    exports: string
  }
  /** see remedy/request.ts */
  requests: {
    id: string
    story_id: string | null
    state: string
    created_at: string
    expires_at: string
    /** all of it, these columns included */
    request: string
  }
  /** one row per request that was admitted; see remedy/execution.ts */
  executions: {
    request_id: string
    story_id: string | null
    /** in lower case */
    repository: string
    /** GitHub's id of the requester */
    person_id: number
    cooldown_key: string
    dry_run: number
    state: string
    started_at: string
    called_at: string | null
    ended_at: string | null
    /** JSON list of strings */
    dealt_with: string
    /** JSON; null until it ended */
    result: string | null
  }
  locks: { name: string; holder: string; request_id: string; until: string }
  buttons: { id: string; key: string; meaning: string; at: string }
  links: { slack_id: string; github_login: string; github_id: number; linked_at: string }
  /** one row, with id 1; whoever admits an execution holds it */
  switches: { id: number; paused_by: string | null; paused_at: string | null; dry_run: number }
  /** see remedy/audit.ts; rows are only ever added */
  audit: {
    seq: number
    at: string
    kind: string
    slack_id: string | null
    github_login: string | null
    repository: string | null
    what: string
    request_id: string | null
    plan_hash: string | null
    reason: string | null
    result: string | null
    link: string | null
    previous_hash: string
    hash: string
  }
  /** one row, with id 1: the last row of the audit, or 0 and the hash that the first one follows */
  audit_head: { id: number; seq: number; hash: string }
  checklists: {
    id: string
    story_id: string | null
    /** in lower case */
    repository: string
    workflow: string
    branch: string | null
    awaits_run_id: number | null
    awaits_attempt: number | null
    state: string
    opened_at: string
    version: number
    /** all of it, these columns included */
    checklist: string
  }
  /** what people said of a diagnosis */
  judgements: { diagnosis: string; slack_id: string; cause_id: string; is_right: number; at: string }
  /** what came of a remedy */
  verdicts: { request_id: string; cause_id: string; kind: string; at: string }
  /** which migrations were applied */
  migrations: { name: string; applied_at: Generated<string> }
  cursors: { name: string; value: string }
}

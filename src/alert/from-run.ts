import { z } from 'zod'
import type { Alert, Heard } from './alert.ts'

/** One attempt of a workflow run as GitHub describes it, over the API and in a webhook alike. */
export type Run = {
  /** `owner/name` */
  repository: string
  runId: number
  attempt: number
  workflow: string
  /** `.github/workflows/ci.yml`; null when GitHub doesn't say */
  workflowPath: string | null
  /** `owner:branch` when the commit comes from a fork; null for a tag or when GitHub doesn't say */
  branch: string | null
  sha: string
  /** queued, in_progress, completed, waiting, requested, pending */
  status: string | null
  /** null until the run is completed */
  conclusion: string | null
  /** page of the run at GitHub */
  url: string
  /** what started it: push, pull_request, schedule… */
  event: string
  /** ISO 8601. A re-run keeps it. */
  createdAt: string
  /** ISO 8601; when this attempt began */
  startedAt: string
  /** ISO 8601. Moves when an attempt begins and ends, and now and then long after (octokit/rest.js#518). */
  updatedAt: string
}

export type Read<T> = { kind: 'read'; value: T } | { kind: 'malformed'; because: string }

export const repositoryName = z
  .string()
  .max(200)
  .regex(/^[\w.-]+\/[\w.-]+$/)
export const githubId = z.int().positive()
export const pageUrl = z.url({ protocol: /^https?$/ }).max(2_000)
export const commitSha = z.string().regex(/^[0-9a-f]{40,64}$/)
export const refName = z.string().max(1_000).nullable()
export const shortText = z.string().max(1_000)

/** The part we read of GitHub's `workflow_run` object; it has some 40 fields. */
export const runSchema = z
  .object({
    id: githubId,
    name: shortText.nullish(),
    path: shortText.nullish(),
    run_attempt: githubId.optional(),
    head_branch: refName,
    head_sha: commitSha,
    status: z.string().max(50).nullable(),
    conclusion: z.string().max(50).nullable(),
    html_url: pageUrl,
    event: z.string().max(100),
    created_at: z.iso.datetime({ offset: true }),
    run_started_at: z.iso.datetime({ offset: true }).optional(),
    updated_at: z.iso.datetime({ offset: true }),
    repository: z.object({ full_name: repositoryName }),
    // null once the fork is deleted
    head_repository: z.object({ full_name: repositoryName }).nullish(),
  })
  .transform(
    (run): Run => ({
      repository: run.repository.full_name,
      runId: run.id,
      // Absent on old Enterprise Servers only, which could not re-run single attempts.
      attempt: run.run_attempt ?? 1,
      workflow: run.name || workflowFile(run.path ?? '') || 'unnamed workflow',
      workflowPath: run.path?.split('@')[0] || null,
      branch: branchOf(run.head_branch, run.head_repository?.full_name, run.repository.full_name),
      sha: run.head_sha,
      status: run.status,
      conclusion: run.conclusion,
      url: run.html_url,
      event: run.event,
      createdAt: run.created_at,
      startedAt: run.run_started_at ?? run.created_at,
      updatedAt: run.updated_at,
    }),
  )

/** `payload` read by `schema`; what is wrong is told by place and kind only, never by content. */
export function readPayload<T>(schema: z.ZodType<T>, payload: unknown): Read<T> {
  const result = schema.safeParse(payload)
  if (result.success) return { kind: 'read', value: result.data }
  const problems = result.error.issues.slice(0, 5).map((issue) => `${issue.path.join('.') || 'payload'}: ${issue.code}`)
  return { kind: 'malformed', because: problems.join(', ') }
}

/** The alert a run is worth, or why none. */
export function hearRun(run: Run, heardFrom: Alert['heardFrom']): Heard {
  if (run.status !== 'completed') return { kind: 'ignored', because: 'the run is not finished' }
  if (!isAlertConclusion(run.conclusion)) return { kind: 'ignored', because: quietConclusion('run', run.conclusion) }
  const { repository, runId, attempt, workflow, branch, sha, conclusion, url } = { ...run, conclusion: run.conclusion }
  return {
    kind: 'alert',
    alert: { repository, runId, attempt, workflow, branch, sha, conclusion, url, runFinished: true, heardFrom },
  }
}

const alertConclusions = ['failure', 'timed_out', 'startup_failure', 'success'] as const satisfies Alert['conclusion'][]
const quietConclusions = ['cancelled', 'skipped', 'neutral', 'stale', 'action_required']

/** The conclusions that open or close a failure story. */
export function isAlertConclusion(conclusion: string | null): conclusion is Alert['conclusion'] {
  return alertConclusions.some((known) => known === conclusion)
}

/** Why this conclusion says nothing to us, fit for a log line: a word we don't know is not repeated. */
export function quietConclusion(what: 'run' | 'job', conclusion: string | null): string {
  if (conclusion === null) return `the ${what} has no conclusion yet`
  const known = quietConclusions.includes(conclusion)
  return known ? `the ${what} was concluded ${conclusion}` : `the ${what} has a conclusion we do not know`
}

function branchOf(branch: string | null, headRepository: string | undefined, repository: string): string | null {
  if (branch === null || headRepository === undefined) return branch
  if (headRepository.toLowerCase() === repository.toLowerCase()) return branch
  return `${headRepository.split('/')[0]}:${branch}`
}

/** `.github/workflows/ci.yml@refs/heads/main` → `ci.yml`; GitHub shows the path when a workflow has no name. */
function workflowFile(path: string): string {
  return (path.split('@')[0] ?? '').split('/').at(-1) ?? ''
}

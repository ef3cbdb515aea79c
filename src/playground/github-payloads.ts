import { type Addresses, nodeId, repositoryPayload, surroundings, userPayload } from './github-repository.ts'
import { type LocalArtifact, type LocalAttempt, type LocalJob, type LocalRun, numberFrom } from './github-world.ts'

/**
 * Our runs in GitHub's words. Fields and their meaning: GitHub's OpenAPI description, against which
 * `test/playground/github.test.ts` checks every one of these objects.
 */
/** A run at one of its attempts, as the API and the webhook show it. */
export function runPayload(run: LocalRun, attempt: LocalAttempt, at: Addresses): Record<string, unknown> {
  const url = `${at.api}/repos/${run.repository}/actions/runs/${run.id}`
  const workflowId = numberFrom(`${run.repository} ${run.workflow}`)
  const checkSuite = run.id + 30_000_000_000
  return {
    id: run.id,
    name: run.workflow,
    node_id: nodeId('WFR', run.id),
    head_branch: run.branch,
    head_sha: run.sha,
    path: run.path,
    display_title: 'Tidy the build',
    run_number: run.number,
    event: run.event,
    status: attempt.status,
    conclusion: attempt.conclusion,
    workflow_id: workflowId,
    check_suite_id: checkSuite,
    check_suite_node_id: nodeId('CS', checkSuite),
    url,
    html_url: `${at.pages}/${run.repository}/actions/runs/${run.id}`,
    pull_requests: [],
    created_at: time(run.createdAt),
    updated_at: time(attempt.updatedAt),
    actor: userPayload(run.actor, 'User', at),
    run_attempt: attempt.number,
    referenced_workflows: [],
    run_started_at: time(attempt.startedAt),
    triggering_actor: userPayload(attempt.by, 'User', at),
    jobs_url: `${url}/jobs`,
    logs_url: `${url}/logs`,
    check_suite_url: `${at.api}/repos/${run.repository}/check-suites/${checkSuite}`,
    artifacts_url: `${url}/artifacts`,
    cancel_url: `${url}/cancel`,
    rerun_url: `${url}/rerun`,
    previous_attempt_url: attempt.number > 1 ? `${url}/attempts/${attempt.number - 1}` : null,
    workflow_url: `${at.api}/repos/${run.repository}/actions/workflows/${workflowId}`,
    head_commit: commitPayload(run),
    repository: repositoryPayload(run.repository, at),
    head_repository: repositoryPayload(run.headRepository, at),
  }
}

export function jobPayload(
  job: LocalJob,
  run: LocalRun,
  attempt: LocalAttempt,
  at: Addresses,
): Record<string, unknown> {
  const repository = `${at.api}/repos/${run.repository}`
  const step = (number: number, name: string) => ({
    number,
    name,
    status: job.status,
    conclusion: number === 3 ? job.conclusion : job.status === 'completed' ? 'success' : null,
    started_at: time(job.startedAt),
    completed_at: job.completedAt && time(job.completedAt),
  })
  return {
    id: job.id,
    run_id: run.id,
    workflow_name: run.workflow,
    head_branch: run.branch,
    run_url: `${repository}/actions/runs/${run.id}`,
    run_attempt: attempt.number,
    node_id: nodeId('CR', job.id),
    head_sha: run.sha,
    url: `${repository}/actions/jobs/${job.id}`,
    html_url: `${at.pages}/${run.repository}/actions/runs/${run.id}/job/${job.id}`,
    status: job.status,
    conclusion: job.conclusion,
    created_at: time(attempt.startedAt),
    started_at: time(job.startedAt),
    completed_at: job.completedAt && time(job.completedAt),
    name: job.name,
    steps: [step(1, 'Set up job'), step(2, 'Check out'), step(3, 'Build the image')],
    check_run_url: `${repository}/check-runs/${job.id}`,
    labels: ['ubuntu-24.04'],
    runner_id: 7,
    runner_name: 'GitHub Actions 7',
    runner_group_id: 0,
    runner_group_name: 'GitHub Actions',
  }
}

export function artifactPayload(
  { id, name, content, createdAt }: LocalArtifact,
  run: LocalRun,
  at: Addresses,
): Record<string, unknown> {
  const url = `${at.api}/repos/${run.repository}/actions/artifacts/${id}`
  return {
    id,
    node_id: nodeId('MDg6QXJ0aWZhY3Q', id),
    name,
    size_in_bytes: 'status' in content ? 1000 : content.length,
    url,
    archive_download_url: `${url}/zip`,
    expired: 'status' in content && content.status === 410,
    created_at: time(createdAt),
    expires_at: time(new Date(createdAt.getTime() + 90 * 86_400_000)),
    updated_at: time(createdAt),
    digest: null,
    workflow_run: {
      id: run.id,
      repository_id: numberFrom(run.repository),
      head_repository_id: numberFrom(run.headRepository),
      head_branch: run.branch,
      head_sha: run.sha,
    },
  }
}

export function runEvent(action: string, run: LocalRun, attempt: LocalAttempt, at: Addresses): Record<string, unknown> {
  const { path } = run
  const id = numberFrom(`${run.repository} ${run.workflow}`)
  const created = '2024-03-01T09:00:00.000Z'
  const workflow = {
    id,
    node_id: nodeId('W', id),
    name: run.workflow,
    path,
    state: 'active',
    created_at: created,
    updated_at: created,
    url: `${at.api}/repos/${run.repository}/actions/workflows/${id}`,
    html_url: `${at.pages}/${run.repository}/blob/main/${path}`,
    badge_url: `${at.pages}/${run.repository}/workflows/${encodeURIComponent(run.workflow)}/badge.svg`,
  }
  return { action, workflow_run: runPayload(run, attempt, at), workflow, ...surroundings(run.repository, at) }
}

export function jobEvent(
  action: string,
  job: LocalJob,
  run: LocalRun,
  attempt: LocalAttempt,
  at: Addresses,
): Record<string, unknown> {
  return { action, workflow_job: jobPayload(job, run, attempt, at), ...surroundings(run.repository, at) }
}

/** What GitHub sends when a webhook is set up. */
export function pingEvent(repository: string, webhookUrl: string, at: Addresses): Record<string, unknown> {
  const id = numberFrom(webhookUrl)
  const hook = {
    type: 'Repository',
    id,
    name: 'web',
    active: true,
    events: ['workflow_job', 'workflow_run'],
    config: { content_type: 'json', insecure_ssl: '0', url: webhookUrl },
    created_at: '2024-03-01T09:00:00Z',
    updated_at: '2024-03-01T09:00:00Z',
  }
  return { zen: 'Keep it logically awesome.', hook_id: id, hook, ...surroundings(repository, at) }
}

function commitPayload(run: LocalRun) {
  const person = { name: 'Robin Doe', email: 'robin@acme.example' }
  return {
    id: run.sha,
    tree_id: run.sha.split('').toReversed().join(''),
    message: 'Tidy the build',
    timestamp: time(run.createdAt),
    author: person,
    committer: person,
  }
}

/** GitHub's times have whole seconds. */
function time(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`
}

/** The part we read of a `workflow_run` webhook: a run of acme/platform that failed, but for what is given. */
export function runPayload(run: Record<string, unknown> = {}) {
  return {
    action: 'completed',
    workflow_run: {
      id: 12,
      name: 'CI',
      run_attempt: 1,
      head_branch: 'main',
      head_sha: 'a'.repeat(40),
      status: 'completed',
      conclusion: 'failure',
      html_url: 'https://github.com/acme/platform/actions/runs/12',
      event: 'push',
      created_at: '2026-11-22T10:00:00Z',
      updated_at: '2026-11-22T10:05:00Z',
      repository: { full_name: 'acme/platform' },
      ...run,
    },
  }
}

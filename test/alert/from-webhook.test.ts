import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { hearWebhook } from '../../src/alert/from-webhook.ts'
import { runPayload } from '../support/run-payload.ts'

/** GitHub's own example payloads, of github.com and of Enterprise Servers. */
type Examples = { name: string; examples: Record<string, unknown>[] }[]
const require = createRequire(import.meta.url)
const servers = ['api.github.com', 'ghes-31', 'ghes-32', 'ghes-33', 'ghes-34', 'ghes-35']
const examples = servers.flatMap((server) =>
  (require(`@octokit/webhooks-examples/${server}/index.json`) as Examples).flatMap(({ name, examples }) =>
    examples.map((payload, index) => ({ server, name, index, payload })),
  ),
)
const ofGithub = (name: string) => examples.filter((each) => each.server === 'api.github.com' && each.name === name)

describe("GitHub's example payloads", () => {
  test('none of them is called malformed', () => {
    assert.ok(examples.length > 300)
    const malformed = examples.filter(({ name, payload }) => hearWebhook(name, payload).kind === 'malformed')
    assert.deepEqual(malformed, [])
  })

  test('events about anything but runs and jobs are ignored', () => {
    const others = examples.filter(({ name }) => name !== 'workflow_run' && name !== 'workflow_job')
    for (const { name, payload } of others)
      assert.deepEqual(hearWebhook(name, payload), { kind: 'ignored', because: 'not an event we listen to' }, name)
  })

  test('runs give an alert when they ended green or red', () => {
    const heard = ofGithub('workflow_run').map(({ payload }) => summary('workflow_run', payload))
    assert.deepEqual(heard, [
      // marked completed by the example's author while its run is still queued
      'ignored: the run is not finished',
      'octo-org/octo-repo/289782451/1 success on master',
      'octo-org/octo-repo/289782451/1 success on master',
      'ignored: the workflow_run is not completed',
      'ignored: the workflow_run is not completed',
    ])
  })

  test('jobs give an alert when they failed', () => {
    const heard = ofGithub('workflow_job').map(({ payload }) => summary('workflow_job', payload))
    assert.deepEqual(heard.slice(0, 4), [
      'ignored: the workflow_job is not completed',
      'Codertocat/Hello-World/2202229078/1 failure on main, run goes on',
      'ignored: a job passed; its run will tell',
      'ignored: the workflow_job is not completed',
    ])
    assert.ok(heard.slice(4).every((each) => each === 'ignored: the workflow_job is not completed'))
  })

  test('a failed job points to the page of its run', () => {
    const payload = ofGithub('workflow_job')[1]?.payload
    const heard = hearWebhook('workflow_job', payload)
    assert.ok(heard.kind === 'alert')
    assert.equal(heard.alert.url, `https://github.com/Codertocat/Hello-World/actions/runs/${heard.alert.runId}`)
    assert.equal(heard.alert.workflow, 'CodeQL')
  })
})

describe('conclusions', () => {
  const outcomes: [string | null, string][] = [
    ['failure', 'alert'],
    ['timed_out', 'alert'],
    ['startup_failure', 'alert'],
    ['success', 'alert'],
    ['cancelled', 'ignored: the run was concluded cancelled'],
    ['skipped', 'ignored: the run was concluded skipped'],
    ['neutral', 'ignored: the run was concluded neutral'],
    ['stale', 'ignored: the run was concluded stale'],
    ['action_required', 'ignored: the run was concluded action_required'],
    ['<!channel>', 'ignored: the run has a conclusion we do not know'],
    [null, 'ignored: the run has no conclusion yet'],
  ]
  test.each(outcomes)('a run concluded %s is: %s', (conclusion, expected) => {
    const heard = hearWebhook('workflow_run', runEvent({ conclusion }))
    assert.equal(heard.kind === 'alert' ? 'alert' : `${heard.kind}: ${heard.because}`, expected)
  })
})

describe('branches', () => {
  test("a pull request's run is on its head branch", () => {
    assert.equal(branchOf(runEvent({ head_branch: 'fix', event: 'pull_request' })), 'fix')
  })
  test("a fork's branch is named with its owner, so that its main is not ours", () => {
    assert.equal(
      branchOf(runEvent({ head_branch: 'main', head_repository: { full_name: 'robin/platform' } })),
      'robin:main',
    )
  })
  test('a deleted fork leaves the bare branch', () => {
    assert.equal(branchOf(runEvent({ head_branch: 'main', head_repository: null })), 'main')
  })
  test('a tag has none', () => {
    assert.equal(branchOf(runEvent({ head_branch: null })), null)
  })
})

describe('malformed payloads', () => {
  test('what is wrong is named by place, without content', () => {
    const heard = hearWebhook('workflow_run', runEvent({ id: 'sesame', head_sha: 'open' }))
    assert.deepEqual(heard, {
      kind: 'malformed',
      because: 'workflow_run.id: invalid_type, workflow_run.head_sha: invalid_format',
    })
  })

  test('a repository or address that could not be real is refused', () => {
    for (const wrong of [
      { repository: { full_name: '../../etc' } },
      { repository: { full_name: 'acme/web\n<!channel>' } },
      { html_url: 'javascript:alert(1)' },
      { id: -1 },
      { id: 1.5 },
    ])
      assert.equal(hearWebhook('workflow_run', runEvent(wrong)).kind, 'malformed', JSON.stringify(wrong))
  })

  test('anything at all gets an answer, and no answer repeats what it was given', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('workflow_run', 'workflow_job', 'push', '__proto__'),
        fc.jsonValue(),
        (name, payload) => {
          const heard = hearWebhook(name, payload)
          return heard.kind !== 'alert'
        },
      ),
      { numRuns: 300 },
    )
  })

  test('a payload with one field replaced never throws', () => {
    const fields = Object.keys(runEvent({}).workflow_run)
    fc.assert(
      fc.property(fc.constantFrom(...fields), fc.jsonValue(), (field, value) => {
        hearWebhook('workflow_run', runEvent({ [field]: value }))
      }),
      { numRuns: 300 },
    )
  })
})

function summary(name: string, payload: unknown): string {
  const heard = hearWebhook(name, payload)
  if (heard.kind !== 'alert') return `${heard.kind}: ${heard.because}`
  const { repository, runId, attempt, conclusion, branch, runFinished } = heard.alert
  return `${repository}/${runId}/${attempt} ${conclusion} on ${branch}${runFinished ? '' : ', run goes on'}`
}

function branchOf(payload: unknown): string | null | undefined {
  const heard = hearWebhook('workflow_run', payload)
  return heard.kind === 'alert' ? heard.alert.branch : undefined
}

function runEvent(run: Record<string, unknown>) {
  const payload = runPayload({ head_repository: { full_name: 'acme/platform' }, ...run })
  return { ...payload, workflow: { name: 'CI' } }
}

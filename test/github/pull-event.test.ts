import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hearPullEvent } from '../../src/github/pull-event.ts'

const sha = 'a'.repeat(40)
const event = {
  action: 'opened',
  pull_request: { number: 7, head: { sha }, updated_at: '2026-11-22T10:00:00Z' },
  repository: { full_name: 'acme/web' },
}

describe('the webhook of a pull request', () => {
  test.each(['opened', 'synchronize', 'reopened', 'ready_for_review'])('%s is news', (action) => {
    expect(hearPullEvent({ ...event, action })).toEqual({
      kind: 'pull',
      pull: { repository: 'acme/web', number: 7, headSha: sha, updatedAt: '2026-11-22T10:00:00Z' },
    })
  })

  test.each(['closed', 'edited', 'labeled', 'review_requested'])('%s is none', (action) => {
    expect(hearPullEvent({ ...event, action }).kind).toBe('ignored')
  })

  test.each([
    [{}],
    [{ ...event, repository: { full_name: '../../etc' } }],
    [{ ...event, pull_request: { ...event.pull_request, head: { sha: 'main' } } }],
    [{ ...event, pull_request: { ...event.pull_request, number: -1 } }],
  ])('%j is not what GitHub sends', (payload) => {
    expect(hearPullEvent(payload).kind).toBe('malformed')
  })

  test('nothing that is sent makes it throw', () => {
    fc.assert(fc.property(fc.anything(), (payload) => ['malformed', 'ignored'].includes(hearPullEvent(payload).kind)))
  })
})

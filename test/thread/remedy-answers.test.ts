import { describe, expect, test } from 'vitest'
import type { AdmissionRefusal } from '../../src/remedy/execution.ts'
import { remedies } from '../../src/remedy/remedy.ts'
import { decide } from '../../src/remedy/request.ts'
import { violations } from '../../src/thread/limits.ts'
import * as say from '../../src/thread/remedy-wording.ts'
import { later, start, story } from './examples.ts'
import * as given from './remedy-examples.ts'

const { request, decided, pruneCaches, mona, hubot } = given
const clicked = (person: typeof mona, vote: 'approve' | 'reject' | 'cancel') => ({
  ...{ person, vote },
  planHash: request().planHash,
})
const third = { slack: 'U0THIRD003', github: 'third', githubId: 3 }

describe('every click on a request has its answer', () => {
  test.each([
    [
      'one of two agrees',
      decide(request(pruneCaches, { needed: 2 }), clicked(hubot, 'approve'), later(1)),
      'Counted; one more person has to agree.',
    ],
    [
      'one of three',
      decide(request(pruneCaches, { needed: 3 }), clicked(hubot, 'approve'), later(1)),
      'Counted; 2 more people have to agree.',
    ],
    ['the last one agrees', decide(request(), clicked(hubot, 'approve'), later(1)), 'Agreed. It starts now'],
    ['somebody rejects', decide(request(), clicked(hubot, 'reject'), later(1)), 'Rejected. Nothing is done.'],
    ['who asked takes it back', decide(request(), clicked(mona, 'cancel'), later(1)), 'Taken back. Nothing is done.'],
    [
      'who asked agrees',
      decide(request(), clicked(mona, 'approve'), later(1)),
      'You asked for this, so somebody else has to agree.',
    ],
    [
      'somebody else takes it back',
      decide(request(), clicked(hubot, 'cancel'), later(1)),
      'Only <@U0MONA0001>, who asked, can take it back.',
    ],
    ['too late', decide(request(), clicked(hubot, 'approve'), later(61)), 'Too late'],
    [
      'after it was rejected',
      decide(decided(pruneCaches, 'rejected'), clicked(third, 'approve'), later(9)),
      'Already rejected by <@U0HUBOT002>.',
    ],
    [
      'after it was taken back',
      decide(decided(pruneCaches, 'cancelled'), clicked(third, 'approve'), later(9)),
      'Already taken back by <@U0MONA0001>.',
    ],
    [
      'after it was agreed to',
      decide(decided(pruneCaches, 'approved'), clicked(third, 'reject'), later(9)),
      'Already agreed to by <@U0HUBOT002>.',
    ],
    [
      'twice',
      decide(
        request(pruneCaches, { needed: 2, votes: decided(pruneCaches, 'approved').votes }),
        clicked(hubot, 'approve'),
        later(9),
      ),
      'Your word is counted already; one more person has to agree.',
    ],
    [
      'on an older list',
      decide(request(), { ...clicked(hubot, 'approve'), planHash: 'other' }, later(1)),
      'has changed since this button was shown',
    ],
  ])('%s', (_, decision, words) => {
    expect(say.decisionAnswer(decision).mrkdwn).toContain(words)
  })
})

describe('a stale button', () => {
  const now = story()
  test.each([
    [
      'of an older attempt',
      { ...now, attempt: 2 },
      { runId: 901, attempt: 1 },
      'belongs to attempt 1; attempt 2 has ended since',
    ],
    [
      'of an older run',
      { ...now, runId: 950 },
      { runId: 901, attempt: 1 },
      'belongs to run 901, attempt 1; run 950, attempt 1 has ended since',
    ],
    ['of something older', { ...now, attempt: 2 }, null, 'run 901, attempt 2 has ended since'],
    ['of a failure that is fixed', { ...now, state: 'fixed' as const }, null, 'fixed already'],
    ['of a failure that is forgotten', null, null, 'do not remember this failure'],
  ])('%s', (_, of, pressed, words) => {
    expect(say.staleButton(of, pressed).mrkdwn).toContain(words)
  })
})

describe('what is agreed to and not carried out says until when', () => {
  const until = later(30).toISOString()
  const refusals: [AdmissionRefusal, string, string][] = [
    [
      { because: 'paused', by: mona.slack, at: start.toISOString() },
      'Paused by <@U0MONA0001>',
      'Remedies are paused since 2026-11-22 01:58 UTC.',
    ],
    [
      { because: 'locked', holder: hubot.github, until },
      `${hubot.github} holds the lock until`,
      `${hubot.github} has another one under way here, which holds the lock until 2026-11-22 02:28 UTC`,
    ],
    [{ because: 'cooldown', until }, 'done here shortly before', 'again from 2026-11-22 02:28 UTC'],
    [
      { because: 'cap', of: 'person', most: 5, until },
      '5 remedies an hour for one person is the limit',
      'from 2026-11-22 02:28 UTC',
    ],
    [
      { because: 'cap', of: 'installation', most: 1, until },
      '1 remedy an hour for all repositories together',
      '1 remedy an hour',
    ],
    [{ because: 'not-approved' }, 'Not enough people', 'Not enough people have agreed'],
  ]
  test.each(refusals)('%o', (refusal, words, plain) => {
    expect(say.sayNotAdmitted(refusal).mrkdwn).toContain(words)
    expect(say.plainNotAdmitted(refusal)).toContain(plain)
    expect(say.plainNotAdmitted(refusal)).not.toMatch(/<|U0MONA|U0HUBOT/)
  })
})

test('who asks again is told who asked before', () => {
  expect(say.alreadyAsked(request()).mrkdwn).toMatch(/was asked for by <@U0MONA0001> .* waits for one more person/)
  expect(say.alreadyAsked(decided(pruneCaches, 'approved')).mrkdwn).toContain('see the thread for what came of it')
})

test('what deletes is announced as a list first', () => {
  expect(say.onIt(remedies['prune-caches'], true).mrkdwn).toContain('before anybody agrees')
  expect(say.onIt(remedies['rerun-failed'], false).mrkdwn).not.toContain('agrees')
})

test('an edit that would make it possible is shown as it is', () => {
  const words = say.sayNoPlan({ because: 'No input turns the cache off.', diff: '+  no-cache:\n+    type: boolean\n' })
  expect(words.mrkdwn).toBe(
    ':information_source: No input turns the cache off.\n```\n+  no-cache:\n+    type: boolean\n```',
  )
  const long = say.sayNoPlan({ because: 'x', diff: `${'+ line\n'.repeat(3_000)}` })
  expect(long.mrkdwn).toContain('more lines')
  expect(violations(say.privately(long))).toEqual([])
})

test.each([
  [pruneCaches, 'It would have deleted 12 cache entries (2.50 GB).'],
  [given.rerun, 'It would have run the failed jobs of run 901 again, as attempt 2.'],
  [given.rerunJob, 'It would have run job build (linux/amd64) of run 901 again, as attempt 2.'],
  [given.rebuild, 'It would have started .github/workflows/ci.yml on main with no-cache set to true.'],
])('a dry run of $operation says what would have been', (plan, words) => {
  expect(say.wouldHave(plan)).toBe(words)
})

test('an error is told without what it may carry', () => {
  const error = new Error(`Deleting <!channel> with ghp_${'a1B2c3D4e5F6'.repeat(3)}`)
  expect(say.sayRemedyGaveUp(error).mrkdwn).toContain('Deleting &lt;!channel&gt; with ***')
})

test('an item that is answered says by whom', () => {
  expect(say.answeredBefore({ state: 'passed', by: mona.slack }).mrkdwn).toContain('passed, by <@U0MONA0001>')
  expect(say.answeredBefore({ state: 'failed', by: null }).mrkdwn).toContain('failed, by itself')
})

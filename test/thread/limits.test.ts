import type { KnownBlock } from '@slack/types'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { limits, payloadSize, rungs, violations } from '../../src/thread/limits.ts'
import { failAgain, fixStory, openStory } from '../../src/thread/story.ts'
import { planAnswer, planThread } from '../../src/thread/thread.ts'
import type { WantedMessage } from '../../src/thread/wanted.ts'
import { alert, later, start } from './examples.ts'
import { anyDiagnosis, hostile } from './hostile.ts'
import { expectSafe } from './safe.ts'

const anyAlert = fc
  .record({
    repository: hostile,
    workflow: hostile,
    branch: fc.option(hostile, { nil: null }),
    sha: hostile,
    url: fc.oneof(hostile, fc.constant(alert().url)),
  })
  .map((over) => alert(over))

function everyMessage(given: {
  first: ReturnType<typeof alert>
  diagnosis: Parameters<typeof openStory>[2]
  base: string | null
}): WantedMessage[] {
  const { first, diagnosis, base } = given
  const opened = openStory({ id: 's', channel: 'C' }, first, diagnosis, start)
  const again = failAgain(opened, { ...first, attempt: 2 }, { ...diagnosis, lead: null }, later(3))
  const fixed = fixStory(again, { ...first, attempt: 3, conclusion: 'success' }, later(9))
  const plans = [opened, again, fixed].map((story) => planThread({ story, diagnosis, runbooksUrl: base }))
  return [...plans.flat(), ...planAnswer({ tag: 'a', run: first, state: 'failed', diagnosis, askedBy: 'U012AB3CD' })]
}

const anyMessages = fc
  .record({ first: anyAlert, diagnosis: anyDiagnosis, base: fc.option(hostile, { nil: null }) })
  .map(everyMessage)

describe('whatever a log says', () => {
  test('its messages stay within what Slack accepts, in every rung', () => {
    fc.assert(
      fc.property(anyMessages, (messages) => {
        for (const rung of messages.flatMap(rungs)) expect(violations(rung)).toEqual([])
      }),
      { numRuns: 60 },
    )
  }, 60_000)

  test('it makes no mention, link or date of its own, and shows no invisible character and no token', () => {
    fc.assert(
      fc.property(anyMessages, (messages) => {
        for (const message of messages) expectSafe(message)
      }),
      { numRuns: 60 },
    )
  }, 60_000)
})

describe('the ladder', () => {
  const long = (id: string, size: number): KnownBlock => ({
    type: 'section',
    block_id: id,
    text: { type: 'mrkdwn', text: 'x'.repeat(size) },
  })
  const message = (blocks: KnownBlock[]): WantedMessage => ({ tag: 't', parent: null, text: 'what and where', blocks })

  test('goes from whole to reduced to one line', () => {
    const ladder = rungs(message([long('a', 1500), long('b', 2500), long('c', 1000)]))
    expect(ladder.map(({ blocks }) => blocks.map(({ block_id }) => block_id))).toEqual([
      ['a', 'b', 'c'],
      ['a', 'c'],
      [],
    ])
  })

  test('says as much as Slack takes where the whole would be refused anyway', () => {
    const ladder = rungs(message([long('a', 2900), long('b', 2900), long('c', 2900), long('d', 2900)]))
    expect(payloadSize(message([long('a', 2900), long('b', 2900), long('c', 2900), long('d', 2900)]))).toBeGreaterThan(
      limits.payload,
    )
    expect(ladder.map(({ blocks }) => blocks.length)).toEqual([3, 1, 0])
  })

  test('has one rung for a message without blocks', () => {
    expect(rungs(message([]))).toHaveLength(1)
  })
})

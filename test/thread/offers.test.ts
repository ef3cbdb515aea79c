import { describe, expect, test } from 'vitest'
import { rungs, violations } from '../../src/thread/limits.ts'
import type { RemediesShown } from '../../src/thread/offers.ts'
import type { RequestShown } from '../../src/thread/request-state.ts'
import { failAgain, fixStory, type Story } from '../../src/thread/story.ts'
import { planThread } from '../../src/thread/thread.ts'
import { alert, later, runDiagnosis, story } from './examples.ts'
import { readMessage } from './read.ts'
import * as given from './remedy-examples.ts'

const feedback = { upId: 'up', downId: 'down' }

function parentOf(remedies: RemediesShown | null, of: Story = story()) {
  const [parent] = planThread({ story: of, remedies, feedback })
  if (!parent) throw new Error('no parent message')
  expect(violations(parent)).toEqual([])
  return parent
}

/** What stands below the evidence. */
function tail(remedies: RemediesShown | null, of?: Story): string {
  const shown = readMessage(parentOf(remedies, of))
  const from = shown.indexOf('What to do')
  return from < 0 ? shown : shown.slice(from)
}

function buttons(remedies: RemediesShown, of?: Story): string {
  return /^\[(?!👍).*/m.exec(tail(remedies, of))?.[0] ?? ''
}

describe('remedies under a failure', () => {
  test('three buttons, the rest in a menu, a question before the costly one', () => {
    expect(tail(given.offered())).toMatchSnapshot()
  })

  test('what was asked, what waits, the verdict and the switches', () => {
    const asked = [
      { request: given.request(), execution: null },
      { request: given.request(given.rerun), execution: given.startedRerun },
    ]
    const verdicts = [{ verdict: given.verdict({ flaky: true }), operation: 'rerun-failed', causeTitle: null }]
    const shown = tail(given.offered({ asked, verdicts, paused: { by: given.mona.slack } }))
    expect(shown).toMatchSnapshot()
    // it would be said long after it is over
    expect(shown).not.toContain('dry run')
  })

  test('without remedies the message is what it was', () => {
    expect(planThread({ story: story(), remedies: null })).toEqual(planThread({ story: story() }))
  })
})

describe('a button is gone while a request of its kind stands', () => {
  const { request, decided, execution, rerun, pruneCaches, rebuild, startedRerun } = given
  const all = '[Re-run failed jobs (primary)]'
  test.each<[string, RequestShown, string, boolean]>([
    ['a re-run that runs', { request: request(rerun), execution: execution('calling') }, 'Re-run', false],
    ['a re-run that is done', { request: request(rerun), execution: startedRerun }, 'Re-run', false],
    ['a dry run', { request: request(rerun), execution: execution('done', { dryRun: true }) }, 'Re-run', true],
    ['a re-run that failed', { request: request(rerun), execution: execution('failed') }, 'Re-run', true],
    [
      'a re-run of an older attempt',
      { request: request({ ...rerun, runId: 900 }), execution: startedRerun },
      'Re-run',
      true,
    ],
    ['a prune that waits', { request: request(), execution: null }, 'Prune', false],
    ['a prune that was agreed to', { request: decided(pruneCaches, 'approved'), execution: null }, 'Prune', false],
    ['a prune that was rejected', { request: decided(pruneCaches, 'rejected'), execution: null }, 'Prune', true],
    ['a prune that expired', { request: decided(pruneCaches, 'expired'), execution: null }, 'Prune', true],
    ['a rebuild that is done', { request: request(rebuild), execution: execution('done') }, 'Rebuild', true],
  ])('%s', (_, shown, verb, offeredStill) => {
    const line = buttons(given.offered({ asked: [shown] }))
    expect(line.includes(`[${verb}`)).toBe(offeredStill)
    expect(buttons(given.offered())).toContain(all)
  })
})

test('when it is fixed there is nothing to press, and who did what stays', () => {
  const fixed = fixStory(story(), alert({ attempt: 2, conclusion: 'success' }), later(30))
  const shown = tail(
    given.offered({ asked: [{ request: given.request(given.rerun), execution: given.startedRerun }] }),
    fixed,
  )
  expect(shown).not.toMatch(/^\[(?!👍)/m)
  expect(shown).not.toContain('dry run')
  expect(shown).toContain('asked by <@U0MONA0001>, done')
})

test('of many requests the newest three are told', () => {
  const asked = Array.from({ length: 5 }, () => ({
    request: given.decided(given.pruneCaches, 'rejected'),
    execution: null,
  }))
  expect(tail(given.offered({ asked }))).toContain('and 2 more, all of them in the thread')
})

test('another attempt brings the buttons back', () => {
  const again = failAgain(story(), alert({ attempt: 2 }), runDiagnosis(), later(9))
  const asked = [{ request: given.request(given.rerun), execution: given.startedRerun }]
  expect(buttons(given.offered({ asked }), again)).toContain('[Re-run failed jobs (primary)]')
})

describe('when Slack refuses the message', () => {
  const types = (message: { blocks: { type: string }[] }) => message.blocks.map(({ type }) => type)

  test('thumbs go first, buttons last, and one line says that they are missing', () => {
    const ladder = rungs(parentOf(given.offered()))
    const last = ladder.at(-1)
    expect(ladder.map((rung) => [types(rung).includes('context_actions'), types(rung).includes('actions')])).toEqual([
      [true, true],
      [false, true],
      [false, false],
    ])
    expect(last?.text).toContain('/cache help')
  })

  test('a diagnosis that fills the reduced message leaves room for the buttons', () => {
    const parent = parentOf(given.offered())
    const long = Array.from({ length: 3 }, (_, at) => ({
      type: 'section' as const,
      block_id: `long-${at}`,
      text: { type: 'mrkdwn' as const, text: 'x'.repeat(1_300) },
    }))
    const [, , reduced] = rungs({ ...parent, blocks: [...long, ...parent.blocks] })
    expect(reduced && types(reduced)).toContain('actions')
    expect(reduced?.blocks.length).toBeLessThan(parent.blocks.length)
  })
})

test('nobody is asked whether a diagnosis is right that names no cause', () => {
  const [parent] = planThread({ story: story(runDiagnosis(null)), feedback })
  expect(parent?.blocks.map(({ type }) => type)).not.toContain('context_actions')
})

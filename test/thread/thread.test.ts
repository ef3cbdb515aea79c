import { describe, expect, test } from 'vitest'
import { printMessage, printThread } from '../../src/playground/print-thread.ts'
import { failAgain, fixStory } from '../../src/thread/story.ts'
import { planAnswer, planThread } from '../../src/thread/thread.ts'
import type { WantedMessage } from '../../src/thread/wanted.ts'
import { alert, diskFull, later, runDiagnosis, story } from './examples.ts'

const page = 'https://github.com/acme/layerwise/blob/main'
const again = failAgain(story(), alert({ attempt: 2 }), runDiagnosis(), later(6))

/** The whole plan as a person reads it. */
function read(messages: WantedMessage[]): string {
  const [parent, ...replies] = messages.map(({ text, blocks, broadcast }) => ({
    ts: '1.1',
    text,
    blocks,
    ...(broadcast ? { reply_broadcast: true } : {}),
  }))
  return parent ? `${parent.text}\n${'='.repeat(40)}\n${printThread(parent, replies)}` : ''
}

describe('as people read it', () => {
  test('a first failure', () => {
    expect(read(planThread({ story: story(), runbooksUrl: page }))).toMatchSnapshot()
  })

  test('a second failed attempt', () => {
    expect(read(planThread({ story: again }).filter(({ tag }) => !tag.endsWith(':details')))).toMatchSnapshot()
  })

  test('fixed by running again', () => {
    const fixed = fixStory(again, alert({ attempt: 3, conclusion: 'success' }), later(75))
    expect(read(planThread({ story: fixed }).filter(({ tag }) => !tag.endsWith(':details')))).toMatchSnapshot()
  })

  test('a failure that no rule matches', () => {
    const unknown = {
      ...diskFull,
      id: 'unknown-failure',
      title: 'x',
      summary: '`RUN npm run build` ended with exit code 1.',
      remedies: [],
      fix: [],
      runbook: null,
    }
    expect(read(planThread({ story: story(runDiagnosis(unknown)) }).slice(0, 1))).toMatchSnapshot()
  })

  test('a log that could not be read', () => {
    const unread = runDiagnosis(null, {
      jobs: [{ id: 1, name: 'build', url: '', conclusion: 'failure', explanation: null }],
      lead: null,
      missing: ['job build (1): log expired (410)'],
    })
    expect(read(planThread({ story: story(unread) }))).toMatchSnapshot()
  })

  test('an answer to somebody who asked about a green run', () => {
    const green = runDiagnosis(null, { jobs: [], lead: null })
    expect(
      read(planAnswer({ tag: 'ask', run: alert(), state: 'passed', diagnosis: green, askedBy: 'U012AB3CD' })),
    ).toMatchSnapshot()
  })
})

test('the messages of a story have the same tags whenever it is planned', () => {
  const fixed = fixStory(again, alert({ attempt: 3, conclusion: 'success' }), later(75))
  expect(planThread({ story: story() }).map(({ tag }) => tag)).toEqual(['story:s1', 'story:s1:details'])
  expect(planThread({ story: fixed }).map(({ tag, parent }) => [tag, parent])).toEqual([
    ['story:s1', null],
    ['story:s1:details', 'story:s1'],
    ['story:s1:attempt:901.2', 'story:s1'],
    ['story:s1:fixed', 'story:s1'],
  ])
})

test('only the end of a story is sent to the channel again', () => {
  const fixed = fixStory(again, alert({ attempt: 3, conclusion: 'success' }), later(75))
  expect(
    planThread({ story: fixed })
      .filter(({ broadcast }) => broadcast)
      .map(({ tag }) => tag),
  ).toEqual(['story:s1:fixed'])
})

test('a further attempt with another cause says so', () => {
  const other = failAgain(story(), alert({ attempt: 2 }), runDiagnosis({ ...diskFull, id: 'oom-killed' }), later(6))
  const reply = planThread({ story: other }).find(({ tag }) => tag.includes(':attempt:'))
  expect(reply?.text).toBe('Failed again, another cause this time: oom-killed: acme/web · CI · run 901, attempt 2')
})

test('a run fixed by another commit is not called a failure that comes and goes', () => {
  const green = alert({ runId: 950, conclusion: 'success', url: 'https://github.com/acme/web/actions/runs/950' })
  const [parent] = planThread({ story: fixStory(story(), green, later(60 * 26)) })
  expect(printMessage({ ts: '', text: '', blocks: parent?.blocks ?? [] })).toContain(
    'Passed in this run <https://github.com/acme/web/actions/runs/950> after one failed attempt in 26 h.\n',
  )
})

test('a large matrix is one line', () => {
  const platforms = ['linux/amd64', 'linux/arm64', 'linux/arm/v7', 'linux/s390x', 'linux/ppc64le']
  const [first] = runDiagnosis().jobs
  if (!first) throw new Error('no job')
  const jobs = [
    ...platforms.map((platform, id) => ({ ...first, id, name: `build (${platform})` })),
    { ...first, id: 9, name: 'lint' },
  ]
  const [parent] = planThread({ story: story(runDiagnosis(diskFull, { jobs })) })
  expect(parent?.text).toBe(
    'Failed: acme/web · CI · main · build (5 jobs of its matrix), lint: The runner’s disk is full',
  )
})

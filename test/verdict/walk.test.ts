import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Checklist, checklistSchema } from '../../src/verdict/checklist.ts'
import { type Answer, answerItem, openChecklist, seeRun } from '../../src/verdict/walk.ts'
import { before, check, checklist, factsOf, item, jobOf } from './facts.ts'

const now = new Date('2026-03-01T12:10:00.000Z')
const at = '2026-03-01T12:05:00.000Z'
const fast = jobOf([{ steps: [{ name: '[deps 4/4] RUN npm ci' }] }])
const passing = factsOf({ jobs: [fast] })
const failing = factsOf({
  conclusion: 'failure',
  jobs: [jobOf([], { conclusion: 'failure' })],
  after: { fingerprint: before.fingerprint, causeId: before.causeId },
})
const cancelled = factsOf({ conclusion: 'cancelled' })

function answered(list: Checklist, index: number, over: Partial<Answer> = {}): Checklist {
  const result = answerItem(list, index, { answer: 'passed', by: 'U1', reason: null, at, ...over })
  if (result.kind === 'refused') throw new Error(result.because)
  return result.checklist
}

test('a checklist begins open, with nothing seen', () => {
  const { seenRun, verdict, state, closedAt, version, ...opened } = checklist()
  expect({ seenRun, verdict, state, closedAt, version }).toEqual({
    ...{ seenRun: null, verdict: null, state: 'open', closedAt: null, version: 0 },
  })
  expect(openChecklist(opened)).toEqual(checklist())
  expect(checklistSchema.parse(checklist())).toEqual(checklist())
})

describe('a run ends', () => {
  test('items with a check answer themselves, with evidence and no person; the others wait', () => {
    const seen = seeRun(checklist(), passing, now)
    expect(seen.items).toMatchObject([
      { state: 'passed', by: null, at: now.toISOString(), evidence: 'The run passed in 3 min 20 s.' },
      { state: 'waiting', by: null, at: null, evidence: null },
      { state: 'passed', evidence: 'The steps of the build took 0 s; the limit is 10 min.' },
    ])
    expect(seen.seenRun).toEqual({ runId: 20, attempt: 1, url: 'https://example.com/run/20', sha: before.sha })
    expect(seen.verdict).toEqual({
      ...{ kind: 'fixed', flaky: false, cacheGuilty: 'yes', minutesWon: 2, causeId: null },
    })
    expect(seen.state).toBe('open')
  })

  test('what cannot be told is left to people, with a hint', () => {
    const [first, , third] = seeRun(checklist(), failing, now).items
    expect(first).toMatchObject({ state: 'failed' })
    expect(third).toMatchObject({ state: 'waiting', by: null, at: null })
    expect(third?.evidence).toBe('There is no image build in the logs that were read (`build`).')
  })

  test('the same run again changes nothing', () => {
    const seen = seeRun(checklist(), passing, now)
    expect(seeRun(seen, passing, new Date('2026-03-02T00:00:00Z'))).toBe(seen)
    expect(seeRun(seen, failing, now)).toBe(seen)
  })

  test('a person before it has the last word', () => {
    const own = answered(checklist(), 0, { answer: 'failed', reason: 'it was red for me' })
    expect(seeRun(own, passing, now).items[0]).toEqual(own.items[0])
  })

  test('it closes the list when nothing is left to people', () => {
    const list = answered(checklist(), 1)
    expect(seeRun(list, passing, now)).toMatchObject({ state: 'closed', closedAt: now.toISOString() })
  })

  test('without a remedy and a failure before there is no verdict, and none is waited for', () => {
    const asked = checklist({ requestId: null, before: null, operation: null, items: [item(), item()] })
    expect(seeRun(asked, passing, now).verdict).toBeNull()
    expect(answered(answered(asked, 0), 1)).toMatchObject({ state: 'closed', verdict: null })
  })

  test('after a remedy for nothing that had failed, it is not clear whether it helped', () => {
    expect(seeRun(checklist({ before: null }), passing, now).verdict?.kind).toBe('unclear')
  })
})

describe('which run', () => {
  const ignored = (list: Checklist, run: Parameters<typeof factsOf>[0]) =>
    seeRun(list, factsOf({ jobs: [fast], ...run }), now) === list

  test('the one that is awaited, from its attempt on', () => {
    const list = checklist({ awaits: { runId: 20, attempt: 2 } })
    expect(ignored(list, { attempt: 1 })).toBe(true)
    expect(ignored(list, { attempt: 2 })).toBe(false)
    expect(ignored(list, { attempt: 3 })).toBe(false)
    expect(ignored(list, { runId: 19, attempt: 2 })).toBe(true)
    expect(ignored(list, { runId: 21, attempt: 2 })).toBe(true)
  })

  test('when none is awaited, the next that began since', () => {
    const list = checklist({ awaits: null, openedAt: '2026-03-01T12:00:00.700Z' })
    // GitHub tells whole seconds
    expect(ignored(list, { startedAt: '2026-03-01T12:00:00Z' })).toBe(false)
    expect(ignored(list, { startedAt: '2026-03-01T11:59:59Z' })).toBe(true)
    expect(ignored(list, { runId: before.runId, attempt: before.attempt })).toBe(true)
    expect(ignored(list, { runId: before.runId, attempt: before.attempt + 1 })).toBe(false)
    expect(ignored(list, { runId: before.runId - 1 })).toBe(true)
  })

  test('one that has not ended tells nothing yet', () => {
    expect(ignored(checklist(), { conclusion: null })).toBe(true)
  })

  test('a later one answers what the first could not, and gives the verdict if the first gave none', () => {
    const first = seeRun(checklist(), cancelled, now)
    expect(first.verdict?.kind).toBe('unclear')
    expect(first.items[0]).toMatchObject({ state: 'waiting', evidence: 'The run ended as `cancelled`.' })
    const later = seeRun(first, factsOf({ attempt: 2, jobs: [fast] }), now)
    expect(later.items.map(({ state }) => state)).toEqual(['passed', 'waiting', 'passed'])
    expect(later).toMatchObject({ verdict: { kind: 'fixed' }, seenRun: { attempt: 2 } })
  })

  test('a later one takes nothing back', () => {
    const first = seeRun(checklist(), failing, now)
    const later = seeRun(first, factsOf({ attempt: 2, jobs: [fast] }), now)
    expect(later.verdict).toEqual(first.verdict)
    expect(later.items[0]).toEqual(first.items[0])
    expect(later.items[2]?.state).toBe('passed')
    expect(seeRun(later, factsOf({ attempt: 1 }), now)).toBe(later)
  })
})

describe('a person answers', () => {
  test('with name, time and reason', () => {
    expect(answered(checklist(), 1, { answer: 'skipped', reason: 'no access' }).items[1]).toEqual(
      item({ state: 'skipped', by: 'U1', at, reason: 'no access' }),
    )
  })

  test('over the check, whose evidence stays', () => {
    const seen = seeRun(checklist(), passing, now)
    const evidence = seen.items[0]?.evidence
    expect(answered(seen, 0, { answer: 'failed' }).items[0]).toMatchObject({ state: 'failed', by: 'U1', evidence })
  })

  test('another may change it, and the same answer again changes nothing', () => {
    const first = answered(checklist(), 1)
    expect(answered(first, 1, { at: now.toISOString() })).toBe(first)
    expect(answered(first, 1, { by: 'U2', answer: 'failed' }).items[1]).toMatchObject({ by: 'U2', state: 'failed' })
  })

  test('the last answer does not close a list that waits for its verdict', () => {
    const list = [0, 1, 2].reduce((list, index) => answered(list, index), checklist())
    expect(list).toMatchObject({ state: 'open', closedAt: null })
    expect(seeRun(list, passing, now)).toMatchObject({ state: 'closed', verdict: { kind: 'fixed' } })
  })

  test('what is closed or not there is refused in words', () => {
    const closed = seeRun(answered(checklist(), 1), passing, now)
    expect(answerItem(closed, 1, { answer: 'failed', by: 'U1', reason: null, at })).toEqual({
      kind: 'refused',
      because: 'this checklist is closed',
    })
    for (const index of [3, -1, 0.5, Number.NaN])
      expect(answerItem(checklist(), index, { answer: 'failed', by: 'U1', reason: null, at }).kind).toBe('refused')
  })
})

describe('whatever happens in whatever order', () => {
  type Event = { kind: 'answer'; index: number; answer: Answer } | { kind: 'run'; facts: ReturnType<typeof factsOf> }

  const items = fc.array(
    fc.constantFrom(
      item(),
      item({ check: check('job-passes') }),
      item({ check: check('not-same-failure') }),
      item({ check: check('build-time') }),
      item({ check: check('no-unexpected-miss') }),
    ),
    { maxLength: 5 },
  )
  const answer = fc.record({
    kind: fc.constant('answer' as const),
    index: fc.nat(5),
    answer: fc.record<Answer>({
      answer: fc.constantFrom('passed', 'failed', 'skipped'),
      by: fc.constantFrom('U1', 'U2'),
      reason: fc.constantFrom(null, 'because'),
      at: fc.constant(at),
    }),
  })
  const run = fc.record({
    kind: fc.constant('run' as const),
    facts: fc
      .tuple(
        fc.constantFrom(passing, failing, cancelled),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 19, max: 21 }),
      )
      .map(([facts, attempt, runId]) => ({ ...facts, run: { ...facts.run, attempt, runId } })),
  })
  const begun = fc
    .record({ items, awaits: fc.constantFrom(null, { runId: 20, attempt: 1 }), requestId: fc.constantFrom(null, 'r1') })
    .chain((over) => fc.constantFrom(checklist(over), checklist({ ...over, before: null })))

  const perform = (list: Checklist, event: Event): Checklist => {
    if (event.kind === 'run') return seeRun(list, event.facts, now)
    const result = answerItem(list, event.index, event.answer)
    return result.kind === 'refused' ? list : result.checklist
  }

  test('closed stays closed, no answer is lost, and nothing is closed too early or too late', () => {
    fc.assert(
      fc.property(begun, fc.array(fc.oneof(answer, run), { maxLength: 12 }), (list, events) => {
        const said = new Map<number, Answer>()
        for (const event of events) {
          const next = perform(list, event)
          if (list.state === 'closed') expect(next).toBe(list)
          else if (event.kind === 'answer' && list.items[event.index]) said.set(event.index, event.answer)
          expect(perform(next, event)).toBe(next)
          list = next
          expect(checklistSchema.parse(list)).toEqual(list)
          for (const [index, { answer, by, reason }] of said)
            expect(list.items[index]).toMatchObject({ state: answer, by, reason })
          const waits = list.verdict === null && (list.before !== null || list.requestId !== null)
          const done = list.items.length > 0 && list.items.every(({ state }) => state !== 'waiting') && !waits
          if (list.items.length > 0) expect(list.state).toBe(done ? 'closed' : 'open')
          expect(list.closedAt === null).toBe(list.state === 'open')
        }
      }),
      { numRuns: 500 },
    )
  })

  test('what people answer and when the run ends makes no difference to the other items', () => {
    fc.assert(
      fc.property(begun, fc.array(answer, { maxLength: 6 }), run, fc.nat(6), (list, answers, run, position) => {
        const events: Event[] = answers
        const first = [run, ...events].reduce(perform, list)
        const between = events.toSpliced(position, 0, run).reduce(perform, list)
        const touched = new Set(answers.map(({ index }) => index))
        for (const index of list.items.keys())
          if (!touched.has(index)) expect(between.items[index]).toEqual(first.items[index])
        expect(between.verdict).toEqual(first.verdict)
      }),
      { numRuns: 500 },
    )
  })
})

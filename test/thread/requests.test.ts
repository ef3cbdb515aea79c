import { describe, expect, test } from 'vitest'
import type { Plan } from '../../src/remedy/plan.ts'
import type { Request } from '../../src/remedy/request.ts'
import { violations } from '../../src/thread/limits.ts'
import { fullList, planRequest, type RequestFacts } from '../../src/thread/request.ts'
import { later } from './examples.ts'
import { readMessage } from './read.ts'
import * as given from './remedy-examples.ts'

const github = 'https://github.com'

function show(request: Request, facts: Partial<RequestFacts> = {}): string {
  const message = planRequest(request, { execution: null, ids: given.ids, githubUrl: github, ...facts })
  expect(violations(message)).toEqual([])
  return readMessage(message)
}

const { pruneCaches, pruneTags, pruneBuilder, rebuild, rerun, rerunJob } = given

describe('a request that waits, as people read it', () => {
  test.each<[string, Plan]>([
    ['cache entries', pruneCaches],
    ['image versions', pruneTags],
    ['records of a builder', pruneBuilder],
  ])('prune of %s', (_, plan) => {
    expect(show(given.request(plan))).toMatchSnapshot()
  })

  test('a rebuild for which the team wants another word, while dry run is on', () => {
    expect(
      show(given.request(rebuild, { needed: 1, state: 'pending', decidedAt: null }), { dryRun: true }),
    ).toMatchSnapshot()
  })

  test('one of two has agreed', () => {
    const { votes } = given.decided(pruneCaches, 'approved')
    const shown = show(given.request(pruneCaches, { needed: 2, votes }))
    expect(shown).toContain('Waits for one more person')
    expect(shown).toContain('1 of 2 agreed: <@U0HUBOT002>')
  })

  test('of a list that GitHub did not tell whole, it is said', () => {
    expect(show(given.request({ ...pruneCaches, complete: false }))).toContain('GitHub has more entries than I read')
  })

  test('the only admin is not told that somebody else has to agree', () => {
    expect(show(given.request(pruneCaches, { ownCounts: true }))).not.toContain('who asked cannot agree')
  })
})

describe('a request that is decided', () => {
  test.each(['approved', 'rejected', 'cancelled', 'expired'] as const)('%s', (state) => {
    const shown = show(given.decided(pruneCaches, state))
    expect(shown).not.toContain('[')
    expect(shown).toMatchSnapshot()
  })

  test('a re-run that asks nobody', () => {
    expect(show(given.request(rerun), { execution: given.execution('calling') })).toMatchSnapshot()
  })

  test('a re-run of one job with debug logging, done', () => {
    expect(show(given.request(rerunJob), { execution: given.startedRerun })).toMatchSnapshot()
  })

  test('a prune that is done, with the bytes that it freed', () => {
    const result = given.told('All 12 entries are gone.', { entriesGone: 12, bytesFreed: 2_502_004_210 })
    const shown = show(given.decided(pruneCaches, 'approved'), { execution: given.execution('done', { result }) })
    expect(shown).toContain('2.50 GB freed')
    expect(shown).toMatchSnapshot()
  })

  test('a dry run says that nothing was changed, in both places', () => {
    const result = given.told('It would have deleted 12 cache entries (2.50 GB).', { bytesFreed: 0 })
    const execution = given.execution('done', { dryRun: true, result })
    const message = planRequest(given.decided(pruneCaches, 'approved'), { execution, ids: null })
    expect(message.text).toBe(
      'Prune of 12 cache entries (2.50 GB), acme/web: dry run, nothing was changed. It would have deleted 12 cache entries (2.50 GB).',
    )
    expect(readMessage(message)).toContain(
      'Dry run: nothing was changed. It would have deleted 12 cache entries (2.50 GB).',
    )
    expect(readMessage(message)).not.toContain('freed')
  })

  test.each(['failed', 'skipped', 'unclear'] as const)('carried out: %s', (state) => {
    const result = given.told('3 of 12 entries are gone, 9 are still there.')
    expect(
      show(given.decided(pruneCaches, 'approved'), { execution: given.execution(state, { result }) }),
    ).toMatchSnapshot()
  })

  test('it keeps its place and its tag', () => {
    const waits = planRequest(given.request(), { execution: null, ids: given.ids })
    const ended = planRequest(given.decided(pruneCaches, 'rejected'), { execution: null, ids: null })
    expect([waits.tag, waits.parent]).toEqual(['request:r1', 'story:s1'])
    expect([ended.tag, ended.parent]).toEqual([waits.tag, waits.parent])
  })

  test('one that was asked for by a command stands by itself', () => {
    const place = { channel: 'C1', threadTs: null, storyId: null }
    expect(planRequest(given.request(rerun, { place }), { execution: null, ids: null }).parent).toBeNull()
  })
})

test('buttons carry ids that mean something only to us', () => {
  const { blocks } = planRequest(given.request(), { execution: null, ids: given.ids })
  const [actions] = blocks.filter((block) => block.type === 'actions')
  expect(actions?.elements).toMatchObject([
    { action_id: 'layerwise:0', value: given.ids.approveId, style: 'danger' },
    { action_id: 'layerwise:1', value: given.ids.rejectId },
    { action_id: 'layerwise:2', value: given.ids.cancelId },
  ])
})

test('the same request says the same whenever it is shown', () => {
  const wanted = () => planRequest(given.request(), { execution: null, ids: given.ids })
  expect(wanted()).toEqual(wanted())
})

describe('the whole list', () => {
  test('names every entry with its id, the largest first', () => {
    expect(fullList(pruneCaches)?.text).toMatchSnapshot()
  })

  test.each([pruneTags, pruneBuilder])('of $operation', (plan) => {
    expect(fullList(plan)?.text).toMatchSnapshot()
  })

  test('a re-run has none', () => {
    expect(fullList(rerun)).toBeNull()
  })

  test('hides a secret in a key, and stays in its line', () => {
    const key = `a\nb\u001b[31m ghp_${'a1B2c3D4e5F6'.repeat(3)}`
    const entries = pruneCaches.entries.slice(0, 2).map((entry) => ({ ...entry, key }))
    const text = fullList({ ...pruneCaches, entries })?.text ?? ''
    expect(text).not.toContain('ghp_')
    expect(text.trimEnd().split('\n')).toHaveLength(5)
  })

  test('of ten thousand entries is made in a moment', () => {
    const [first] = pruneCaches.entries
    const entries = Array.from({ length: 10_000 }, (_, id) => ({ ...first, id, key: `${first?.key}-${id}` }))
    const plan = { ...pruneCaches, entries: entries as typeof pruneCaches.entries }
    const before = performance.now()
    expect(fullList(plan)?.text.split('\n').length).toBe(10_004)
    expect(violations(planRequest(given.request(plan), { execution: null, ids: given.ids }))).toEqual([])
    expect(performance.now() - before).toBeLessThan(5_000)
  })
})

test('a moment with an offset is shown in UTC', () => {
  const entries = pruneCaches.entries
    .slice(0, 1)
    .map((entry) => ({ ...entry, lastUsedAt: '2026-11-22T02:58:00+03:00' }))
  expect(fullList({ ...pruneCaches, entries })?.text).toContain('2026-11-21 23:58 UTC')
  const shown = show(given.request({ ...pruneCaches, entries }, { createdAt: later(0).toISOString() }))
  expect(shown).toContain('2 h ago')
})

import { describe, expect, test } from 'vitest'
import { planChecklist } from '../../src/thread/checklist.ts'
import { rungs, violations } from '../../src/thread/limits.ts'
import { runbookText } from '../../src/thread/runbook-text.ts'
import { plainVerdict, sayVerdict } from '../../src/thread/verdict-wording.ts'
import type { Checklist } from '../../src/verdict/checklist.ts'
import { later } from './examples.ts'
import { readMessage } from './read.ts'
import { answersTo, checklist, item, items, mona, verdict } from './remedy-examples.ts'

function show(list: Checklist): string {
  const message = planChecklist(list, answersTo(list))
  expect(violations(message)).toEqual([])
  return readMessage(message)
}

const seenRun = { runId: 950, attempt: 1, url: 'https://github.com/acme/web/actions/runs/950', sha: 'a'.repeat(40) }
const answered = items.map((each) => ({
  ...each,
  state: 'passed' as const,
  at: later(30).toISOString(),
  by: each.check ? null : mona.slack,
  reason: null,
}))

describe('a checklist, as people read it', () => {
  test('open: one checks itself later, one passed, one waits for people, one failed', () => {
    expect(show(checklist())).toMatchSnapshot()
  })

  test('closed, all passed', () => {
    const closed = { state: 'closed', closedAt: later(30).toISOString(), items: answered, seenRun } as const
    const shown = show(checklist({ ...closed, verdict: verdict({ cacheGuilty: 'yes', minutesWon: 3.4 }) }))
    expect(shown).toContain('4 of 4 passed')
    expect(shown).not.toContain('[✓')
    expect(shown).toMatchSnapshot()
  })

  test('closed with items that nobody answered', () => {
    const shown = show(checklist({ state: 'closed', closedAt: later(90).toISOString() }))
    expect(shown).toContain('1 of 4 passed, 1 failed, 2 not answered')
    expect(shown).toContain('nobody answered')
    expect(shown).not.toContain('[✓')
  })

  test('of a run that was started for it, it says which one it waits for', () => {
    expect(show(checklist({ awaits: { runId: 901, attempt: 2 } }))).toContain(
      'checks itself when run 901, attempt 2 ends',
    )
  })

  test('what could not tell is left to people, and says why', () => {
    const [first] = items
    const left = { ...first, evidence: 'The log has no build output.' } as (typeof items)[number]
    const shown = show(checklist({ items: [left] }))
    expect(shown).toContain('The log has no build output.')
    expect(shown).toContain('[✓ Passed] [✗ Failed] [Skip]')
  })
})

describe('a long checklist', () => {
  const long = (number: number, size: number) =>
    checklist({ items: Array.from({ length: number }, (_, at) => item(`${at} ${'x'.repeat(size)}`)) })

  test('has buttons for twelve items at most', () => {
    expect(show(long(14, 10)).split('[✓ Passed]')).toHaveLength(13)
  })

  test('says how many found no room', () => {
    const shown = show(long(60, 400))
    expect(shown).toMatch(/and \d+ more: 0 of \d+ passed, \d+ not answered/)
  })

  test('what waits for people finds room before what is answered', () => {
    const { items: waiting } = long(10, 300)
    const done = Array.from({ length: 30 }, () => item('y'.repeat(300), { state: 'passed', by: mona.slack }))
    const shown = show(checklist({ items: [...done, ...waiting] }))
    expect(shown.split('[✓ Passed]')).toHaveLength(11)
    expect(shown).toMatch(/and \d+ more: (\d+) of \1 passed/)
  })

  test('buttons never stand without their item', () => {
    const [, reduced] = rungs(planChecklist(long(12, 250), answersTo(long(12, 250))))
    const ids = reduced?.blocks.map(({ block_id }) => block_id) ?? []
    const buttons = ids.filter((id) => id?.endsWith(':buttons'))
    expect(buttons.length).toBeGreaterThan(0)
    expect(buttons.length).toBeLessThan(12)
    for (const id of buttons) expect(ids).toContain(id?.replace(':buttons', ''))
  })
})

describe('the Markdown of an item', () => {
  test.each([
    ['a `CACHED` b', 'a `CACHED` b'],
    ['**bold** and `x`', '*bold* and `x`'],
    ['see [the page](https://x.example/y) now', 'see the page now'],
    ['<!channel> & <b>', '&lt;!channel&gt; &amp; &lt;b&gt;'],
    ['`<@U012AB3CD>`', '`&lt;@U012AB3CD&gt;`'],
    ['not ` closed', "not ' closed"],
    ['`a``b`', '`a``b`'],
    ['', ''],
  ])('%s', (markdown, mrkdwn) => {
    expect(runbookText(markdown, 200).mrkdwn).toBe(mrkdwn)
  })
})

describe('a verdict', () => {
  const facts = { operation: 'rebuild', causeTitle: 'The registry’s rate limit is reached' }
  test.each([
    [verdict({ flaky: true }), 'fixed; it passed when run again with no change, so it is flaky'],
    [verdict({ cacheGuilty: 'yes' }), 'fixed; it passed without what was cached, so the cache was to blame'],
    [verdict({ minutesWon: 4 }), 'fixed; 4 min faster than the last green build before'],
    [verdict({ minutesWon: -65 }), 'fixed; 1 h 5 min slower than the last green build before'],
    [verdict({ minutesWon: 0.2 }), 'fixed'],
    [verdict({ kind: 'same-failure', cacheGuilty: 'no' }), 'same failure again; the cache was not to blame'],
    [verdict({ kind: 'another-failure' }), 'another failure this time: The registry’s rate limit is reached'],
    [verdict({ kind: 'unclear' }), 'not clear whether it helped'],
  ])('%o', (given, words) => {
    expect(plainVerdict(given, facts)).toBe(`Verdict: ${words}`)
    expect(sayVerdict(given, facts).mrkdwn).toContain(`*Verdict*: ${words}`)
  })

  test('the same failure after a re-run says that re-running does not help', () => {
    expect(plainVerdict(verdict({ kind: 'same-failure' }), { operation: 'rerun-failed', causeTitle: null })).toBe(
      'Verdict: same failure again, so running it again does not help',
    )
  })
})

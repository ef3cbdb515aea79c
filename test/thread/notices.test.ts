import { describe, expect, test } from 'vitest'
import { planAuditHead } from '../../src/thread/audit-head.ts'
import { limits, violations } from '../../src/thread/limits.ts'
import { linkedAs, notLinked, typeThisCode, unlinked } from '../../src/thread/linked.ts'
import { type Notice, planNotice } from '../../src/thread/notices.ts'
import { printPlan } from '../../src/thread/print-plan.ts'
import { type CauseStats, planStats, statsTable } from '../../src/thread/stats.ts'
import { later, start } from './examples.ts'
import { readMessage } from './read.ts'
import * as given from './remedy-examples.ts'

describe('linking an account', () => {
  const asked = { userCode: 'WDJB-MJHT', expiresAt: later(15).toISOString() }
  const at = (page: string, github = 'https://github.com') =>
    typeThisCode({ ...asked, verificationUri: page }, github).mrkdwn

  test('shows the code and the page to type it in', () => {
    const words = at('https://github.com/login/device')
    expect(words).toContain('<https://github.com/login/device|github.com/login/device>')
    expect(words).toContain('`WDJB-MJHT`')
    expect(words).toContain('2026-11-22 02:13 UTC')
  })

  test.each([
    'https://github.com.evil.example/login/device',
    'https://github.com@evil.example/login/device',
    'https://someone@github.com/login/device',
    'http://github.com/login/device',
    'javascript:alert(1)',
    'not an address',
  ])('sends nobody to %s', (page) => {
    expect(at(page)).toContain('another host')
    expect(at(page)).not.toContain(page)
    expect(at(page)).not.toContain('WDJB')
  })

  test('a company’s own GitHub is the one that is configured', () => {
    expect(at('https://git.acme.example/login/device', 'https://git.acme.example')).toContain(
      '|git.acme.example/login/device>',
    )
    expect(at('https://github.com/login/device', 'https://git.acme.example')).toContain('another host')
  })

  test('a local GitHub has no certificate', () => {
    expect(at('http://127.0.0.1:4001/login/device', 'http://127.0.0.1:4001')).toContain('127.0.0.1:4001/login/device>')
  })

  test('its ends', () => {
    expect(linkedAs('mona').mrkdwn).toBe(':white_check_mark: You are `mona` at GitHub. `/cache unlink` ends that.')
    expect(unlinked('mona').mrkdwn).toContain('`mona` is no longer linked to you')
    expect(unlinked(null).mrkdwn).toContain('No GitHub account was linked')
    expect(['expired', 'denied', 'disabled'].map((each) => notLinked(each as 'denied').mrkdwn)).toMatchSnapshot()
  })
})

describe('switches', () => {
  const by = { by: given.mona.slack, at: start.toISOString() }
  const notices: Notice[] = [
    ...(['paused', 'resumed', 'dry-run-on', 'dry-run-off', 'paused-already'] as const).map((kind) => ({ kind, ...by })),
    ...(['resumed-already', 'dry-run-on-already', 'dry-run-off-already'] as const).map((kind) => ({ kind })),
  ]
  test.each(notices)('$kind', (notice) => {
    const message = planNotice(notice)
    expect(violations(message)).toEqual([])
    expect(readMessage(message)).toMatchSnapshot()
  })
})

describe('the head of the audit', () => {
  const at = start.toISOString()
  const whole = { head: { seq: 42, hash: 'ab'.repeat(32) }, rows: 42, broken: null, at }
  test.each([
    ['whole', whole],
    ['empty', { ...whole, head: null, rows: 0 }],
    ['broken', { ...whole, broken: 'row 7 was changed after it was written' }],
  ])('%s', (_, head) => {
    const message = planAuditHead(head)
    expect(violations(message)).toEqual([])
    expect(message.tag).toBe('audit-head:2026-11-22')
    expect(readMessage(message)).toMatchSnapshot()
  })
})

describe('how right the rules are', () => {
  const none = { thumbsUp: 0, thumbsDown: 0, fixed: 0, sameFailure: 0, anotherFailure: 0, unclear: 0, precision: null }
  const stats: CauseStats[] = [
    { ...none, causeId: 'disk-full-builder', thumbsUp: 9, fixed: 3, thumbsDown: 1, precision: 12 / 13 },
    { ...none, causeId: 'not-judged', unclear: 2 },
    { ...none, causeId: 'oom-killed', thumbsDown: 3, sameFailure: 1, fixed: 1, precision: 0.2 },
  ]

  test('the worst first, what nobody judged last', () => {
    expect(readMessage(planStats(stats))).toMatchSnapshot()
  })

  test('nothing is said too', () => {
    expect(readMessage(planStats([]))).toContain('Nobody has judged a diagnosis yet')
    expect(statsTable([])).toEqual([])
  })

  test('of very many causes some are counted', () => {
    const many = Array.from({ length: 300 }, (_, at) => ({ ...none, causeId: `cause-${at}`, precision: 0.5 }))
    expect(violations(planStats(many))).toEqual([])
    expect(readMessage(planStats(many))).toMatch(/\d+ more not shown here/)
    expect(JSON.stringify(planStats(many)).length).toBeLessThan(limits.payload)
  })
})

describe('a preview at the terminal', () => {
  const { pruneCaches, pruneTags, pruneBuilder, rebuild, rerun } = given
  test.each([pruneCaches, pruneTags, pruneBuilder, rebuild, rerun])('$operation', (plan) => {
    expect(printPlan(plan, start.toISOString())).toMatchSnapshot()
  })

  test('has dates where it is not known what time it is', () => {
    expect(printPlan(pruneCaches)).toContain('2026-11-20')
  })

  test('counts what is left after fifty, and prints no escape sequence', () => {
    const [first] = pruneCaches.entries
    if (!first) throw new Error('no entry')
    const entries = Array.from({ length: 70 }, (_, id) => ({ ...first, id, key: '\u001b[31mred\u001b[0m\nline' }))
    const printed = printPlan({ ...pruneCaches, entries })
    expect(printed).toContain('… and 20 more')
    expect(printed).not.toContain('\u001b')
    expect(printed.split('red line')).toHaveLength(51)
  })

  test('of nothing says so', () => {
    expect(printPlan({ ...pruneCaches, entries: [], cold: [] })).toContain('Nothing fits.')
  })
})

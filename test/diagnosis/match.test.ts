import { describe, expect, test } from 'vitest'
import { newBuild } from '../../src/build/build.ts'
import type { Place, PlacedLine } from '../../src/build/place.ts'
import { type Hit, indexSigns } from '../../src/diagnosis/match.ts'
import type { Row } from '../../src/diagnosis/runbook.ts'
import { catalogueOf, row } from './catalogue.ts'

type Line = string | { text: string; place?: Place; build?: PlacedLine['build'] }

function hitsOf(rows: Row[], lines: Line[]): Hit[] {
  const matcher = indexSigns(catalogueOf(...rows)).matcher()
  lines.forEach((line, index) => {
    const { text, place = 'step', build = null } = typeof line === 'string' ? { text: line } : line
    matcher.read({ number: index + 1, text, place, build, vertex: null, jobStep: null })
  })
  return matcher.hits()
}

const told = (hits: Hit[]) => hits.map(({ row, role, index, line }) => `${row.id} ${role} ${index} @${line}`).sort()

describe('a sign is found', () => {
  test('without regard to case when it is a text, exactly as written when it is a pattern', () => {
    const rows = [row('text', { signs: ['No Space Left'] }), row('pattern', { signs: ['/No Space Left/'] })]
    expect(told(hitsOf(rows, ['NO SPACE LEFT', 'no space left']))).toEqual(['text sign 0 @1', 'text sign 0 @2'])
    expect(told(hitsOf(rows, ['disk: No Space Left!']))).toEqual(['pattern sign 0 @1', 'text sign 0 @1'])
  })

  test('only in the places of its row', () => {
    const rows = [row('pull', { signs: ['denied'], where: ['metadata', 'error'] })]
    const lines: Line[] = (['step', 'metadata', 'push', 'error', 'runner'] as const).map((place) => ({
      text: 'denied',
      place,
    }))
    expect(told(hitsOf(rows, lines))).toEqual(['pull sign 0 @2', 'pull sign 0 @4'])
  })

  test('with its own places where an `unless` names some', () => {
    const rows = [row('a', { signs: ['boom'], unless: ['calm', { where: ['runner'], sign: 'was canceled' }] })]
    const lines: Line[] = ['boom', 'calm', 'was canceled', { text: 'was canceled', place: 'runner' }]
    expect(told(hitsOf(rows, lines))).toEqual(['a sign 0 @1', 'a unless 0 @2', 'a unless 1 @4'])
  })

  test('in each of the lists of a row, with its place in the list', () => {
    const rows = [row('a', { signs: ['one', 'two'], all: ['three'] })]
    expect(told(hitsOf(rows, ['two and three']))).toEqual(['a all 0 @1', 'a sign 1 @1'])
  })

  test('where the same text is a sign of several rows', () => {
    const rows = [row('a', { signs: ['boom'] }), row('b', { signs: ['boom'] }), row('c', { signs: ['/bo+m/'] })]
    expect(told(hitsOf(rows, ['boom']))).toEqual(['a sign 0 @1', 'b sign 0 @1', 'c sign 0 @1'])
  })

  test('when it is not of ASCII, too', () => {
    expect(told(hitsOf([row('a', { signs: ['Zugriff verweigert: ÜBER'] })], ['zugriff verweigert: über']))).toEqual([
      'a sign 0 @1',
    ])
  })

  test('when its pattern has no text to look for first', () => {
    const rows = [row('a', { signs: ['/exit (?:status|code) \\d+|^killed$/'] })]
    expect(told(hitsOf(rows, ['exit status 1', 'nothing', 'killed']))).toEqual(['a sign 0 @1', 'a sign 0 @3'])
  })

  test('once on a line, however often it stands there', () => {
    expect(hitsOf([row('a', { signs: ['boom'] })], ['boom boom boom'])).toHaveLength(1)
  })
})

describe('a pattern', () => {
  test('captures what the page quotes, as far as it was there', () => {
    const pattern = '/cannot find (?P<name>\\S+)(?: in (?P<folder>\\S+))?/'
    const [hit] = hitsOf([row('a', { signs: [pattern] })], ['npm cannot find left-pad'])
    expect(hit?.captures).toEqual({ name: 'left-pad' })
  })

  test('captures at most a line of text', () => {
    const [hit] = hitsOf([row('a', { signs: ['/file (?P<path>.*)/'] })], [`file ${'x'.repeat(5000)}`])
    expect(hit?.captures.path).toHaveLength(200)
  })

  test('sees the head and the tail of an endless line; a text sees all of it', () => {
    const rows = [row('pattern', { signs: ['/needle\\d/'] }), row('text', { signs: ['needle'] })]
    const far = 'x'.repeat(20_000)
    expect(told(hitsOf(rows, [`needle1${far}`, `${far}needle2`]))).toHaveLength(4)
    expect(told(hitsOf(rows, [`${far}needle3${far}`]))).toEqual(['text sign 0 @1'])
  })

  test('does not match across the gap between head and tail', () => {
    const line = `${'x'.repeat(3_999)}a${'y'.repeat(20_000)}b${'x'.repeat(3_999)}`
    expect(hitsOf([row('a', { signs: ['/x+a.?b/'] })], [line])).toEqual([])
  })
})

describe('of many hits', () => {
  test('the first and the last are kept', () => {
    const lines = Array.from({ length: 1000 }, (_, index) => `boom ${index}`)
    const hits = hitsOf([row('a', { signs: ['boom'] })], lines)
    expect(hits.map(({ line, text }) => [line, text])).toEqual([
      [1, 'boom 0'],
      [1000, 'boom 999'],
    ])
  })

  test('those of each build are kept apart', () => {
    const [one, two] = [newBuild('buildkit', 1), newBuild('buildkit', 5)]
    const lines = [one, one, one, two, two, two].map((build) => ({ text: 'boom', build }))
    expect(told(hitsOf([row('a', { signs: ['boom'] })], lines))).toEqual(
      [1, 3, 4, 6].map((line) => `a sign 0 @${line}`),
    )
  })

  test('those of the newest builds are kept, and no more', () => {
    const lines = Array.from({ length: 200 }, (_, index) => ({ text: 'boom', build: newBuild('buildkit', index) }))
    const hits = hitsOf([row('a', { signs: ['boom'] })], lines)
    expect(hits.length).toBeLessThanOrEqual(60)
    expect(hits.at(-1)?.line).toBe(200)
  })

  test('the text is kept in part', () => {
    const [hit] = hitsOf([row('a', { signs: ['boom'] })], [`boom${'x'.repeat(50_000)}`])
    expect(hit?.text).toHaveLength(2_000)
  })
})

test('a matcher knows nothing of the log before', () => {
  const signs = indexSigns(catalogueOf(row('a', { signs: ['boom'] })))
  const line: PlacedLine = { number: 1, text: 'boom', place: 'step', build: null, vertex: null, jobStep: null }
  signs.matcher().read(line)
  expect(signs.matcher().hits()).toEqual([])
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { BuilderRecord } from '../../src/remedy/plan.ts'
import { coldAfterBuilder, selectBuilder } from '../../src/remedy/select-builder.ts'

const now = new Date('2026-11-23T12:00:00Z')
const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000).toISOString()

function record(id: string, over: Partial<BuilderRecord> = {}): BuilderRecord {
  return {
    ...{ id, type: 'regular', description: '', sizeBytes: 1_000, createdAt: daysAgo(40), lastUsedAt: daysAgo(1) },
    ...{ parents: [], shared: false },
    ...over,
  }
}

function selected(records: BuilderRecord[], unusedDays: number | null, all = false): string[] {
  return selectBuilder(records, { unusedDays, all }, { now }).map(({ id }) => id)
}

describe('what fits', () => {
  test('layers, and with all also what is dear to get back', () => {
    const others = ['exec.cachemount', 'source.local', 'source.git.checkout', 'frontend', 'internal']
    const records = [record('layer'), ...others.map((type) => record(type, { type }))]
    expect(selected(records, null)).toEqual(['layer'])
    expect(selected(records, null, true)).toEqual(['layer', ...others])
  })

  test('what nobody has used for so long; what was never used is as old as it is', () => {
    const records = [
      record('fresh'),
      record('old', { lastUsedAt: daysAgo(7) }),
      record('never', { lastUsedAt: null }),
      record('new', { lastUsedAt: null, createdAt: daysAgo(2) }),
    ]
    expect(selected(records, 7)).toEqual(['old', 'never'])
    expect(selected(records, 8)).toEqual(['never'])
  })

  test('nothing that a record which stays stands on, however far below', () => {
    const old = { lastUsedAt: daysAgo(30) }
    const records = [
      record('base', old),
      record('middle', { ...old, parents: ['base'] }),
      record('used', { parents: ['middle'] }),
      record('apart', { ...old, parents: ['base'] }),
      record('alone', old),
    ]
    expect(selected(records, 7)).toEqual(['apart', 'alone'])
  })

  test('a cache mount that stays keeps the layers that it stands on', () => {
    const records = [record('layer'), record('mount', { type: 'exec.cachemount', parents: ['layer'] })]
    expect(selected(records, null)).toEqual([])
    expect(selected(records, null, true)).toEqual(['layer', 'mount'])
  })

  test('records that stand on each other in a circle, or on what is not there, do not hold it up', () => {
    const records = [record('a', { parents: ['b'] }), record('b', { parents: ['a', 'gone'] })]
    expect(selected(records, null)).toEqual(['a', 'b'])
  })
})

test('whatever is there, it is some of it, nothing that stays stands on it, and it is the same when selected again', () => {
  const ids = ['a', 'b', 'c', 'd', 'e', 'f']
  const records = fc.tuple(
    ...ids.map((id) =>
      fc
        .record({
          parents: fc.uniqueArray(fc.constantFrom(...ids, 'x'), { maxLength: 3 }),
          days: fc.constantFrom(1, 5, 9),
          type: fc.constantFrom('regular', 'regular', 'exec.cachemount'),
        })
        .map(({ parents, days, type }) => record(id, { parents, type, lastUsedAt: daysAgo(days) })),
    ),
  )
  const wanted = fc.record({ unusedDays: fc.option(fc.constantFrom(3, 7)), all: fc.boolean() })
  fc.assert(
    fc.property(records, wanted, (list, selection) => {
      const once = selectBuilder(list, selection, { now })
      expect(list.filter((one) => once.includes(one))).toEqual(once)
      expect(selectBuilder(once, selection, { now })).toEqual(once)
      const stay = list.filter((one) => !once.includes(one))
      const needed = new Set(stay.flatMap(({ parents }) => parents))
      expect(once.filter(({ id }) => needed.has(id))).toEqual([])
      for (const { type, lastUsedAt } of once) {
        if (!selection.all) expect(type).toBe('regular')
        if (selection.unusedDays !== null) expect(lastUsedAt && lastUsedAt <= daysAgo(selection.unusedDays)).toBe(true)
      }
      if (selection.all && selection.unusedDays === null) expect(once).toEqual(list)
    }),
  )
})

test('what is cold then is told by what goes', () => {
  const layers = [record('a'), record('b')]
  const mount = record('m', { type: 'exec.cachemount' })
  const source = record('s', { type: 'source.local' })
  expect(coldAfterBuilder(layers.slice(1))).toEqual([
    'One layer goes: every build on this builder that had it runs those steps again.',
  ])
  expect(coldAfterBuilder([...layers, mount, source])).toEqual([
    '2 layers go: every build on this builder that had one of them runs those steps again.',
    'One cache mount goes: package managers download again.',
    'One source or frontend goes: contexts are sent whole and frontends pulled again.',
  ])
  expect(coldAfterBuilder([])).toEqual([])
})

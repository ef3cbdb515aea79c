import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readGhaKey } from '../../src/cache/gha-caches.ts'
import type { CacheEntry, CacheSelection } from '../../src/remedy/plan.ts'
import { coldAfterCaches, pullOf, selectCaches } from '../../src/remedy/select-caches.ts'

const now = new Date('2026-11-23T12:00:00Z')
const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000).toISOString()
const digest = (letter: string) => letter.repeat(64)

let nextId = 1
function entry(key: string, ref = 'refs/heads/main', unusedDays = 1): CacheEntry {
  return { id: nextId++, key, ref, sizeBytes: 1_000, createdAt: daysAgo(30), lastUsedAt: daysAgo(unusedDays) }
}

const all = {
  web: entry('index-web-1-0123abcd#7'),
  webOld: entry('index-web-1-0123abcd#6', 'refs/heads/main', 9),
  webSigned: entry('index-web-1-0123abcd-sig#2'),
  webOfPull: entry('index-web-1-89abcdef#1', 'refs/pull/12/merge', 3),
  api: entry('index-api-1-0123abcd#3'),
  likeWeb: entry('index-web-1-2-1-0123abcd#3'),
  blob: entry(`buildkit-blob-1-sha256:${digest('a')}`),
  oldBlob: entry(`buildkit-blob-1-sha256:${digest('b')}`, 'refs/heads/main', 20),
  pullBlob: entry(`buildkit-blob-1-sha256:${digest('c')}`, 'refs/pull/13/merge', 6),
  npm: entry('node-cache-Linux-npm-5e2a', 'refs/heads/main', 2),
  npmOfPull: entry('node-cache-Linux-npm-77', 'refs/pull/13/merge', 12),
}
type Name = keyof typeof all
const names = Object.keys(all) as Name[]
const anything: CacheSelection = { scope: null, ref: null, closedPulls: false, unusedDays: null, kind: 'any' }

function selected(selection: Partial<CacheSelection>, closed: number[] = []): Name[] {
  const facts = { closedPulls: new Set(closed), now }
  const entries = selectCaches(Object.values(all), { ...anything, ...selection }, facts)
  return names.filter((name) => entries.includes(all[name]))
}

describe('what fits', () => {
  test.each<[string, Partial<CacheSelection>, number[], Name[]]>([
    [
      'a scope: its indexes, of whatever generation and ref',
      { scope: 'web' },
      [],
      ['web', 'webOld', 'webSigned', 'webOfPull'],
    ],
    ['a scope whose name looks like another’s key', { scope: 'web-1-2' }, [], ['likeWeb']],
    ['a scope is no prefix', { scope: 'we' }, [], []],
    ['a scope on a ref', { scope: 'web', ref: 'refs/pull/12/merge' }, [], ['webOfPull']],
    ['a scope has no blobs', { scope: 'web', kind: 'blob' }, [], []],
    ['a ref', { ref: 'refs/pull/13/merge' }, [], ['pullBlob', 'npmOfPull']],
    ['no ref that only begins so', { ref: 'refs/pull/1' }, [], []],
    ['closed pull requests', { closedPulls: true }, [13], ['pullBlob', 'npmOfPull']],
    ['none while all are open', { closedPulls: true }, [], []],
    [
      'BuildKit’s of closed pull requests',
      { closedPulls: true, kind: 'buildkit' },
      [12, 13],
      ['webOfPull', 'pullBlob'],
    ],
    ['what nobody has used for ten days', { unusedDays: 10 }, [], ['oldBlob', 'npmOfPull']],
    ['what nobody has used for exactly so long', { unusedDays: 12, kind: 'other' }, [], ['npmOfPull']],
    ['parts of days', { unusedDays: 0.5, kind: 'other' }, [], ['npm', 'npmOfPull']],
    ['blobs', { kind: 'blob' }, [], ['blob', 'oldBlob', 'pullBlob']],
    ['old blobs', { kind: 'blob', unusedDays: 5 }, [], ['oldBlob', 'pullBlob']],
    ['indexes', { kind: 'index' }, [], ['web', 'webOld', 'webSigned', 'webOfPull', 'api', 'likeWeb']],
    ['what other tools keep', { kind: 'other' }, [], ['npm', 'npmOfPull']],
    ['anything', {}, [], names],
  ])('%s', (_what, selection, closed, expected) => {
    expect(selected(selection, closed)).toEqual(expected)
  })
})

describe('whatever is there and asked for', () => {
  const keys = fc.oneof(
    fc
      .tuple(fc.constantFrom('web', 'api', 'web-1'), fc.nat({ max: 3 }))
      .map(([scope, n]) => `index-${scope}-1-0123abcd#${n}`),
    fc.constantFrom('a', 'b').map((letter) => `buildkit-blob-1-sha256:${digest(letter)}`),
    fc.constantFrom('npm-1', 'index-web', 'buildkit-blob-1-'),
  )
  const refs = fc.constantFrom(
    'refs/heads/main',
    'refs/pull/12/merge',
    'refs/pull/13/merge',
    'refs/heads/pull/12/merge',
  )
  const entries = fc.array(
    fc.tuple(keys, refs, fc.nat({ max: 20 })).map(([key, ref, days]) => entry(key, ref, days)),
    { maxLength: 12 },
  )
  const selections: fc.Arbitrary<CacheSelection> = fc.record({
    scope: fc.option(fc.constantFrom('web', 'web-1')),
    ref: fc.option(refs),
    closedPulls: fc.boolean(),
    unusedDays: fc.option(fc.integer({ min: 1, max: 15 })),
    kind: fc.constantFrom('any', 'buildkit', 'blob', 'index', 'other'),
  })
  const closed = fc.uniqueArray(fc.constantFrom(12, 13)).map((numbers) => new Set<number>(numbers))

  test('it is some of what is there, in its order, and the same when it is selected again', () => {
    fc.assert(
      fc.property(entries, selections, closed, (list, selection, closedPulls) => {
        const once = selectCaches(list, selection, { closedPulls, now })
        expect(list.filter((one) => once.includes(one))).toEqual(once)
        expect(selectCaches(once, selection, { closedPulls, now })).toEqual(once)
      }),
    )
  })

  test('each fits all that was asked for, and what was left out does not', () => {
    fc.assert(
      fc.property(entries, selections, closed, (list, selection, closedPulls) => {
        const chosen = selectCaches(list, selection, { closedPulls, now })
        for (const one of list) {
          const key = readGhaKey(one.key)
          const pull = pullOf(one.ref)
          const fits = [
            selection.scope === null || (key.kind === 'index' && key.scope === selection.scope),
            selection.ref === null || selection.ref === one.ref,
            !selection.closedPulls || (pull !== null && closedPulls.has(pull)),
            selection.unusedDays === null || daysAgo(selection.unusedDays) >= one.lastUsedAt,
            ['any', key.kind, ...(key.kind === 'other' ? [] : ['buildkit'])].includes(selection.kind),
          ]
          expect(chosen.includes(one)).toBe(!fits.includes(false))
        }
      }),
    )
  })

  test('to ask for more selects less', () => {
    fc.assert(
      fc.property(entries, selections, closed, (list, selection, closedPulls) => {
        const narrow = selectCaches(list, selection, { closedPulls, now })
        const wide = selectCaches(list, { ...selection, scope: null, unusedDays: null }, { closedPulls, now })
        expect(narrow.filter((one) => !wide.includes(one))).toEqual([])
      }),
    )
  })

  test('the words about it are few and fit what goes', () => {
    fc.assert(
      fc.property(entries, selections, (list, selection) => {
        const going = selectCaches(list, selection, { closedPulls: new Set([12]), now })
        const words = coldAfterCaches(going, list)
        expect(words.length === 0).toBe(going.length === 0)
        expect(words.length).toBeLessThan(25)
      }),
    )
  })
})

test('of a closed pull request is what its own runs wrote, not a branch that is called like it', () => {
  expect(
    ['refs/pull/12/merge', 'refs/pull/12/head', 'refs/heads/pull/12/merge', 'refs/pull/12/merge2'].map(pullOf),
  ).toEqual([12, 12, null, null])
})

describe('what is cold then', () => {
  const cold = (...going: Name[]) =>
    coldAfterCaches(
      going.map((name) => all[name]),
      Object.values(all),
    )

  test('a scope whose index goes; its layers stay', () => {
    expect(cold('api')).toEqual([
      'Scope api on main: the next build begins without its cache, and so do new branches and pull requests.',
      'The layers stay, as other scopes may read them; GitHub drops those that nobody reads. So little space is freed.',
    ])
  })

  test('of a pull request only that', () => {
    expect(cold('webOfPull')[0]).toBe('Scope web on pull request 12: the next build begins without its cache.')
  })

  test('nothing where another index of the scope stays on that ref', () => {
    expect(cold('webOld')[0]).toBe('Scope web on main: an index goes, another one stays and is read.')
    expect(cold('web', 'webOld', 'webSigned')[0]).toContain('begins without its cache')
  })

  test('layers that an index still names', () => {
    expect(cold('blob')).toEqual(['One layer goes: builds whose index still names it build it again.'])
    expect(cold('blob', 'oldBlob')).toEqual(['2 layers go: builds whose index still names them build them again.'])
  })

  test('what other tools keep', () => {
    expect(cold('npm', 'npmOfPull')).toEqual([
      '2 entries of other tools go (package caches and the like): those jobs download or build again.',
    ])
  })

  test('of many scopes some are named and the rest is counted', () => {
    const many = Array.from({ length: 14 }, (_, at) => entry(`index-s${at}-1-0123abcd#1`))
    const words = coldAfterCaches(many, many)
    expect(words).toHaveLength(12)
    expect(words[10]).toBe('4 more scopes and branches begin without their cache.')
  })

  test('ten thousand entries are told of in a moment', () => {
    const many = Array.from({ length: 10_000 }, (_, at) => entry(`index-s${at}-1-0123abcd#1`))
    expect(coldAfterCaches(many.slice(0, 5_000), many)).toHaveLength(12)
  })
})

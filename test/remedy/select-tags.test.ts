import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { TagEntry } from '../../src/remedy/plan.ts'
import { coldAfterTags, selectTags } from '../../src/remedy/select-tags.ts'

let nextId = 1
function version(...tags: string[]): TagEntry {
  const id = nextId++
  return {
    id,
    tags,
    digest: `sha256:${String(id).padStart(64, '0')}`,
    updatedAt: '2026-11-01T00:00:00Z',
    sizeBytes: null,
  }
}

function selected(versions: TagEntry[], patterns: string[]): string[] {
  return selectTags(versions, patterns).map(({ tags }) => tags.join(' '))
}

describe('what fits', () => {
  test.each<[string, string[][], string[], string[]]>([
    ['a tag that is written out', [['buildcache'], ['buildcache-2']], ['buildcache'], ['buildcache']],
    ['tags by pattern', [['cache-main'], ['cache-pr-12'], ['main']], ['cache-*'], ['cache-main', 'cache-pr-12']],
    [
      'versions all of whose tags are meant',
      [
        ['cache-main', 'cache-old'],
        ['cache-x', 'prod'],
      ],
      ['cache-*'],
      ['cache-main cache-old'],
    ],
    ['nothing without a tag, which may be part of another', [[]], ['*'], []],
    ['nothing that only begins so', [['cached']], ['cache'], []],
    ['tags as they are written', [['Cache-main']], ['cache-*'], []],
    ['no patterns, nothing', [['cache']], [], []],
  ])('%s', (_what, versions, patterns, expected) => {
    expect(
      selected(
        versions.map((tags) => version(...tags)),
        patterns,
      ),
    ).toEqual(expected)
  })
})

describe('what people run', () => {
  const releases = [
    'latest',
    'Latest',
    'stable',
    'edge',
    '1',
    'v2',
    '1.2.3',
    'v1.2.3-rc.1',
    '3.12-alpine',
    '2026.11.23',
    '1.2.3+a',
  ]

  test.each(releases)('%s goes by no pattern, only written out', (tag) => {
    expect(selected([version(tag)], ['*', `${tag.slice(0, 1)}*`, `*${tag}`, `${tag}*`])).toEqual([])
    expect(selected([version(tag)], [tag])).toEqual([tag])
  })

  test('a version that bears a release as well stays', () => {
    expect(selected([version('cache-main', '1.2.3')], ['cache-*', '*'])).toEqual([])
  })

  test.each(['cache-1.2.3', 'buildcache', 'pr-12', '1a2b3c4d'])('%s is none', (tag) => {
    expect(selected([version(tag)], ['*'])).toEqual([tag])
  })
})

test('whatever is there, it is some of it, each tag is meant, and the same when it is selected again', () => {
  const tag = fc.constantFrom('cache', 'cache-main', 'cache-pr-1', 'main', 'latest', '1.2', 'x*y')
  const versions = fc.array(
    fc.uniqueArray(tag, { maxLength: 3 }).map((tags) => version(...tags)),
    { maxLength: 8 },
  )
  const patterns = fc.uniqueArray(fc.oneof(tag, fc.constantFrom('*', 'cache-*', '*main', 'c*-*')), { maxLength: 3 })
  fc.assert(
    fc.property(versions, patterns, (all, wanted) => {
      const once = selectTags(all, wanted)
      expect(all.filter((one) => once.includes(one))).toEqual(once)
      expect(selectTags(once, wanted)).toEqual(once)
      for (const { tags } of once) {
        expect(tags.length).toBeGreaterThan(0)
        for (const each of tags) expect(wanted.some((pattern) => pattern.includes('*') || pattern === each)).toBe(true)
        if (tags.includes('latest')) expect(wanted).toContain('latest')
      }
      expect(coldAfterTags('ghcr.io/acme/web', once)).toHaveLength(once.length === 0 ? 0 : 1)
    }),
  )
})

test('what is cold then names the image and its tags, and counts those that are too many', () => {
  const one = [version('cache-main')]
  expect(coldAfterTags('ghcr.io/acme/web', one)).toEqual([
    'Builds with cache-from ghcr.io/acme/web:cache-main begin without that cache, until one has written it again.',
  ])
  const many = Array.from({ length: 14 }, (_, at) => version(`c${at}`))
  expect(coldAfterTags('i', many)[0]).toContain('c9 and 4 more begin')
})

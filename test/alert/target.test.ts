import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readTarget, targetName } from '../../src/alert/target.ts'

const github = 'https://github.com'
const sha = '4f2c9d1e0b7a6c5d4e3f2a1b0c9d8e7f6a5b4c3d'
const repository = 'acme/web'
const ofBranch = (branch: string | null) => ({ kind: 'repository', repository, branch })
const pull = (number: number, of: string | null = repository) => ({ kind: 'pull', repository: of, number })

describe('what people name', () => {
  test.each([
    ['acme/web', ofBranch(null)],
    [' `acme/web` ', ofBranch(null)],
    ['acme/web@main', ofBranch('main')],
    ['acme/web@release/1.2', ofBranch('release/1.2')],
    ['acme/web@a&amp;b', ofBranch('a&b')],
    ['acme/web#12', pull(12)],
    ['#12', pull(12, null)],
    ['acme_corp/web.io', { kind: 'repository', repository: 'acme_corp/web.io', branch: null }],
    ['https://github.com/acme/web', ofBranch(null)],
    ['<https://github.com/acme/web|acme/web>', ofBranch(null)],
    ['https://github.com/acme/web.git', ofBranch(null)],
    ['https://github.com/acme/web/actions', ofBranch(null)],
    ['https://github.com/acme/web/tree/release/1.2', ofBranch('release/1.2')],
    ['https://github.com/acme/web/tree/caf%C3%A9', ofBranch('café')],
    ['https://github.com/acme/web/pull/12', pull(12)],
    ['<https://github.com/acme/web/pull/12/files#diff-1>', pull(12)],
    [`https://github.com/acme/web/commit/${sha}`, { kind: 'commit', repository, sha }],
  ])('%s', (typed, target) => expect(readTarget(typed, github)).toEqual(target))

  test.each([
    ...['', 'acme', 'acme/', '/web', 'acme/web/src', 'acme/..', './web', '../web', 'acme/web@', 'acme/web#', '#', '#0'],
    ...['#12a', 'acme#12', 'acme/web#99999999999', 'acme/web@a b', 'acme/web@-x', 'acme/web@a..b', 'acme/web@a\u202eb'],
    ...['acme/we b', 'acme/web acme/api', '-acme/web', 'acme/<!channel>', 'https://evil.example/acme/web'],
    ...[
      'https://github.com@evil.example/acme/web',
      'https://github.com.evil.example/acme/web',
      'https://github.com/acme',
    ],
    ...['https://github.com/acme/web/issues/12', 'https://github.com/acme/web/pull/x', 'https://github.com/../web'],
    ...[
      'https://github.com/acme/web/commit/4f2c9d1',
      'https://github.com/acme/web/tree/',
      'javascript://github.com/a/b',
    ],
  ])('not %s', (typed) => expect(readTarget(typed, github)).toBeNull())

  test('pages of an Enterprise Server are known by its address', () => {
    const page = 'https://ghe.example.com/acme/web/pull/12'
    expect(readTarget(page, 'https://ghe.example.com/api/v3')).toEqual(pull(12))
    expect(readTarget(page, github)).toBeNull()
  })
})

test('a target is read back from its name', () => {
  for (const typed of ['acme/web', 'acme/web@main', 'acme/web#12']) {
    const target = readTarget(typed, github)
    if (!target || target.repository === null) throw new Error(typed)
    expect(targetName(target)).toBe(typed)
  }
})

test('whatever is typed, no name leads out of its place in an address', () => {
  const typed = fc.oneof(
    fc.string(),
    fc
      .tuple(fc.string(), fc.string(), fc.constantFrom('', '@', '#'), fc.string())
      .map(([a, b, c, d]) => `${a}/${b}${c}${d}`),
    fc.webPath().map((path) => `${github}${path}`),
  )
  fc.assert(
    fc.property(typed, (text) => {
      const target = readTarget(text, github)
      if (target?.repository == null) return
      expect(target.repository).toMatch(/^[\w-]+\/(?!\.{1,2}$)[\w.-]+$/)
      if (target.kind === 'repository') expect(target.branch ?? '').not.toMatch(/\s|\.\.|[\p{C}~^:?*[\\]/u)
    }),
  )
})

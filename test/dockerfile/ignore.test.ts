import dockerignore from '@balena/dockerignore'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ignoreFileOf, readIgnore } from '../../src/dockerfile/ignore.ts'

test.each([
  ['node_modules', ['node_modules', 'node_modules/a'], ['web/node_modules/a', 'node_modules2']],
  ['**/node_modules', ['node_modules/a', 'web/node_modules/a/b'], ['web/x']],
  ['/dist/', ['dist', 'dist/a'], ['web/dist']],
  ['*.md\n!README.md', ['a.md'], ['README.md', 'docs/a.md']],
  ['*\n!src', ['package.json', 'web/a'], ['src', 'src/a']],
  ['docs\n!docs/keep.md', ['docs/a'], ['docs/keep.md']],
  ['\uFEFFfoo\r\n# c\r\nbar  \r\n', ['foo', 'bar'], ['# c']],
  ['..\n../x\n.\nweb/../dist', ['dist'], ['x', 'a']],
  ['web/**', ['web/a', 'web/a/b'], ['web']],
  ['a?c\n[x-z]', ['abc', 'x', 'y/1'], ['a/c', 'w']],
  ['app/(group)\n+page\n\\[slug\\]', ['app/(group)/a', '+page', '[slug]'], ['constructor']],
  ['Foo', ['Foo'], ['foo']],
])('%j ignores %j and not %j', (text, ignored, kept) => {
  const { ignores } = readIgnore(text)
  expect(ignored.filter((path) => !ignores(path))).toEqual([])
  expect(kept.filter(ignores)).toEqual([])
})

test.each([
  ['.git', '.git/', true],
  ['web/**', 'web/', true],
  ['docs\n!docs/keep.md', 'docs/', false],
  ['*\n!src\n!**/x', 'docs', false],
  ['*\n!src', 'docs', true],
  ['*.md', 'docs', false],
])('%j ignores all of %s: %s', (text, folder, all) => {
  expect(readIgnore(text).ignoresAll(folder)).toBe(all)
})

test('what Docker would refuse is a problem with its line, and the other lines count', () => {
  const { problems, ignores } = readIgnore('a\n!\n[b\n', 'x.dockerignore')
  expect(problems.map(({ file, line }) => [file, line])).toEqual([
    ['x.dockerignore', 2],
    ['x.dockerignore', 3],
  ])
  expect(ignores('a')).toBe(true)
})

test('a file of its own stands before that of the context', () => {
  expect(ignoreFileOf('docker/Dockerfile.web')).toEqual(['docker/Dockerfile.web.dockerignore', '.dockerignore'])
})

test('another reader of ignore files thinks the same of ordinary patterns', () => {
  const segment = fc.constantFrom('a', 'b', 'c', '*', 'a*', '*b', '?', '**')
  const line = fc.tuple(fc.constantFrom('', '!'), fc.array(segment, { minLength: 1, maxLength: 3 }))
  const path = fc.array(fc.constantFrom('a', 'b', 'ab', 'c'), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(fc.array(line, { maxLength: 4 }), path, (lines, segments) => {
      const text = lines.map(([sign, pattern]) => `${sign}${pattern.join('/')}`).join('\n')
      const other = dockerignore.default({ ignorecase: false }).add(text)
      const file = segments.join('/')
      expect([text, file, readIgnore(text).ignores(file)]).toEqual([text, file, other.ignores(file)])
    }),
  )
})

test('no text and no path makes it fail, and a line made of wildcards takes no time', () => {
  fc.assert(fc.property(fc.string(), fc.string(), (text, path) => void readIgnore(text).ignores(path)))
  const slow = readIgnore(`${'**/a*'.repeat(40)}b\n${'*a'.repeat(40)}b`)
  const started = performance.now()
  slow.ignores(`${'a/'.repeat(300)}a`)
  slow.ignores('a'.repeat(2000))
  expect(performance.now() - started).toBeLessThan(1500)
})

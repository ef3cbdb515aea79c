import { expect, test } from 'vitest'
import { referenceFinder } from '../../src/build/build-references.ts'

const reference = (letter: string) => letter.repeat(25)
const group = (title: string, ...lines: string[]) =>
  [`##[group]${title}`, ...lines, '##[endgroup]'].map((line) => `2026-11-22T15:52:52.8909580Z ${line}\n`).join('')

function find(text: string, slice = text.length): string[] {
  const finder = referenceFinder()
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += slice) finder.feed(bytes.subarray(at, at + slice))
  return finder.end()
}

const log = [
  'x'.repeat(40_000),
  group('Reference', `default/default/${reference('a')}`),
  `#9 0.1 default/default/${reference('c')}\n`,
  'y\n'.repeat(30_000),
  group('Build references', ...['b', 'd'].map((letter) => `builder-1/builder-10/${reference(letter)}`)),
].join('\n')

test('the references of build-push-action and of bake-action, wherever the slices fall', () => {
  const wanted = ['a', 'b', 'd'].map(reference)
  for (const slice of [log.length, 65_536, 1000, 77]) expect(find(log, slice)).toEqual(wanted)
})

test('as a page shows them, and with the line ends of Windows', () => {
  expect(find(`##[group]Reference\r\na/a0/${reference('e')}\r\n##[endgroup]\r\n`)).toEqual([reference('e')])
})

test('nothing else', () => {
  expect(find(group('Reference', 'No build reference found'))).toEqual([])
  expect(find(group('Reference', `a/b/c/${reference('a')}`, `a/b/${reference('A')}`, 'a/b/abc'))).toEqual([])
  expect(find(`##[group]Digest\na/b/${reference('a')}\n##[endgroup]\n`)).toEqual([])
})

import { expect, test } from 'vitest'
import { undress } from '../../src/build/dress.ts'

function texts(raw: string): string[] {
  const found: string[] = []
  undress(raw, (text) => found.push(text))
  return found
}

test.each([
  ['the timestamp of a job log', '2024-10-14T16:27:10.9337273Z #0 building', ['#0 building']],
  ['a timestamp before an empty message', '2024-10-14T16:27:10.9338608Z ', ['']],
  ['a byte-order mark in the middle of a log', '\ufeff2024-10-14T16:27:10.9338608Z text', ['text']],
  ['job and step names before the timestamp', 'build (a)\tRun x\t\ufeff2024-10-14T16:27:10.9338608Z text', ['text']],
  ['colours', '\u001b[36;1mnpm ci\u001b[0m', ['npm ci']],
  ['colours as a page prints them', '^[[31mFAILED^[[0m', ['FAILED']],
  ['links of a terminal', '\u001b]8;;http://x\u001b\\here\u001b]8;;\u001b\\', ['here']],
  ['the end of a Windows line', 'text\r', ['text']],
  ['a progress bar', '10%\r20%\r100%', ['10%', '20%', '100%']],
])('takes off %s', (_, raw, wanted) => {
  expect(texts(raw)).toEqual(wanted)
})

test('leaves a date in the text of a line alone', () => {
  expect(texts('at 2024-10-14T16:27:10.9Z it broke')).toEqual(['at 2024-10-14T16:27:10.9Z it broke'])
})

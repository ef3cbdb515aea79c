import { expect, test } from 'vitest'
import { undresser } from '../../src/build/dress.ts'

function texts(raw: string): string[] {
  const found: string[] = []
  const undress = undresser()
  for (const line of raw.split('\n')) undress(line, (text) => found.push(text))
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
  ['the clock of Jenkins', '21:53:25  #18 130.8 hello\n21:53:25  ------', ['#18 130.8 hello', '------']],
  [
    'the clock of GitLab',
    '2024-05-01T12:00:00.123456Z 01O #8 [1/2] FROM a\n2024-05-01T12:00:00.123456Z 01O+x',
    ['#8 [1/2] FROM a', 'x'],
  ],
  ['the indent of a quotation', '  #7 [2/2] RUN a\n  #7 0.1 b\n    c', ['#7 [2/2] RUN a', '#7 0.1 b', '  c']],
  ['a progress bar', '10%\r20%\r100%', ['10%', '20%', '100%']],
])('takes off %s', (_, raw, wanted) => {
  expect(texts(raw)).toEqual(wanted)
})

test('leaves the time alone that a program prints', () => {
  expect(texts('[17:03:51] Finished ncc in 780ms')).toEqual(['[17:03:51] Finished ncc in 780ms'])
})

test('leaves a date in the text of a line alone', () => {
  expect(texts('at 2024-10-14T16:27:10.9Z it broke')).toEqual(['at 2024-10-14T16:27:10.9Z it broke'])
})

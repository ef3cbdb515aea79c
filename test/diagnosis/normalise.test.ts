import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { normalise, signatureOf } from '../../src/diagnosis/normalise.ts'

const same: [string, string, string][] = [
  ['numbers', 'downloaded 3 of 17 files', 'downloaded 12 of 170 files'],
  ['times of day', 'at 12:01:09', 'at 23:59:59.123'],
  ['dates', '2024-10-14T16:27:10.933Z start', '2026-01-02T03:04:05.1Z start'],
  ['durations', 'done in 1m 3.2s', 'done in 45ms'],
  ['sizes', 'got 12.3 MB', 'got 890 kB'],
  ['digests', 'layer sha256:0a1b2c3d4e5f', 'layer sha256:ffffeeeeddd0'],
  ['commits', 'HEAD is now at 0a1b2c3 x', 'HEAD is now at f00dcaf x'],
  ['UUIDs', 'ref 3f71efc0-eddb-44f4-9e7c-7d0dbe37e813', 'ref 1c2d3e4f-1111-4222-8333-abcdefabcdef'],
  ['ids of BuildKit', 'ref x::fif4m6t1e6opjjelr8qsk6k01', 'ref x::t7u3kq0m9wz1x5r2bd8c4vhny'],
  ['ports', 'dial tcp 10.0.0.1:41233', 'dial tcp 10.12.0.7:9'],
  ['temporary folders', 'open /tmp/build-x/a: no', 'open /tmp/yy: no'],
  ['workspaces', '/home/runner/work/app/app/src/a.ts', '/home/runner/work/copy/copy/src/a.ts'],
  ['homes', '/home/ci/app/main.go', '/Users/jo/app/main.go'],
  ['positions of a step', '[deps 4/5] RUN npm ci', '[deps  10/12] RUN npm ci'],
  ['runners', 'on runner-abc12-project-7', 'on runner-zz9-project-1234'],
  ['blanks', 'a   b ', 'a b'],
]
const different: [string, string, string][] = [
  ['codes of npm', 'npm error code E404', 'npm error code E403'],
  ['codes of a compiler', 'error TS2345: x', 'error TS2304: x'],
  ['exit codes', 'exit code: 1', 'exit code: 137'],
  ['none and some', 'Tests: 0 failed', 'Tests: 3 failed'],
  ['files', '/home/runner/work/a/a/src/a.ts', '/home/runner/work/a/a/src/b.ts'],
  ['packages', 'cannot find left-pad@1.2', 'cannot find right-pad@1.2'],
  ['stages', '[deps 4/5] RUN x', '[build 4/5] RUN x'],
  ['architectures', 'linux/amd64', 'linux/arm64'],
]

describe('two lines are the same but for', () => {
  test.each(same)('%s', (_, one, other) => {
    expect(normalise(one)).toBe(normalise(other))
    expect(signatureOf(one)).toBe(signatureOf(other))
  })
})

describe('two lines are told apart by their', () => {
  test.each(different)('%s', (_, one, other) => {
    expect(normalise(one)).not.toBe(normalise(other))
    expect(signatureOf(one)).not.toBe(signatureOf(other))
  })
})

test('what is normalised once stays so', () => {
  const words = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom(
      ...[...same, ...different].flat(),
      'zz12abcdefa9',
      '1m',
      '0 a',
      'E12',
      '3 s',
      ':',
      '/',
      '.',
      '-',
      '#',
      ' ',
    ),
  )
  const text = fc.array(words, { maxLength: 8 }).map((parts) => parts.join(''))
  fc.assert(
    fc.property(text, (text) => void expect(normalise(normalise(text))).toBe(normalise(text))),
    { numRuns: 2_000 },
  )
})

test('a hostile line takes no longer than its length', () => {
  for (const piece of ['[', '[a ', '0a', '1m ', 'aB1', '/tmp/', '0.', 'E-', '# ', '12 ', 'runner-', 'a1-'])
    expect(normalise(piece.repeat(200_000)).length).toBeGreaterThan(0)
}, 10_000)

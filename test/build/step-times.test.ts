import { describe, expect, test } from 'vitest'
import { timeOf } from '../../src/build/dress.ts'
import { logReader } from '../../src/build/read-log.ts'
import { stepTimes } from '../../src/diagnosis/summarise.ts'

/** Start and end of each step, by the first word of its instruction. */
function timesOf(log: string) {
  const reader = logReader(() => {})
  reader.feed(new TextEncoder().encode(log))
  return reader.end().builds.flatMap(stepTimes)
}

const at = (second: string, text: string) => `2026-01-01T00:00:${second}0000Z ${text}\n`

describe('when steps began', () => {
  test('is told by the runner’s timestamps, in seconds since the first', () => {
    const log = [
      at('01.000', '#5 [1/3] FROM docker.io/library/alpine'),
      at('01.500', '#5 CACHED'),
      at('02.000', '#6 [2/3] RUN make'),
      at('05.000', '#6 DONE 3.0s'),
      at('05.000', '#7 [3/3] RUN false'),
      at('06.250', '#7 ERROR: process "/bin/sh -c false" did not complete successfully: exit code: 1'),
    ].join('')
    expect(timesOf(log)).toEqual([
      [
        [0, 0.5],
        [1, 4],
        [4, 5.25],
      ],
    ])
  })

  test('is moved back where a step was shown only when it was done', () => {
    const log = [
      at('01.000', '#5 [a 1/1] RUN one'),
      at('11.000', '#5 DONE 10.0s'),
      at('11.000', '#6 [b 1/1] RUN two'),
      at('11.000', '#6 DONE 9.0s'),
    ].join('')
    expect(timesOf(log)).toEqual([
      [
        [0, 10],
        [1, 10],
      ],
    ])
  })

  test('is told by raw progress itself', () => {
    const vertex = (digest: string, name: string, started: string, completed: string) =>
      `{"vertexes":[{"digest":"sha256:${digest}","name":"${name}","started":"2026-01-01T00:00:${started}Z","completed":"2026-01-01T00:00:${completed}Z"}]}\n`
    const log = vertex('a', '[1/2] RUN one', '01.5', '03.0') + vertex('b', '[2/2] RUN two', '03.0', '04.0')
    expect(timesOf(log)).toEqual([
      [
        [0, 1.5],
        [1.5, 2.5],
      ],
    ])
  })

  test('is not known where no clock tells', () => {
    expect(timesOf('#5 [1/2] RUN one\n#5 DONE 1.0s\n#6 [2/2] RUN two\n#6 DONE 2.0s\n')).toEqual([[]])
  })
})

test.each([
  ['2026-01-01T00:00:00.5000000Z text', Date.UTC(2026, 0, 1) + 500],
  ['\ufeff2026-01-01T00:00:00Z text', Date.UTC(2026, 0, 1)],
  ['build\tRun make\t2026-01-01T00:00:00Z text', Date.UTC(2026, 0, 1)],
  ['build\t2026-13-45T00:00:00Z text', null],
  ['text', null],
])('the time of %j', (raw, time) => {
  expect(timeOf(raw)).toBe(time)
})

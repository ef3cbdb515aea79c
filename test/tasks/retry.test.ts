import { expect, test } from 'vitest'
import { bell } from '../../src/tasks/bell.ts'
import { delayAfter, patient, readError, writeError } from '../../src/tasks/retry.ts'

test('delays double from a second to five minutes and sit out an outage of an hour', () => {
  const delays = Array.from({ length: patient.tries - 1 }, (_, index) =>
    delayAfter(index + 1, new Error('away'), patient),
  )
  expect(delays.slice(0, 11)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300].map((seconds) => seconds * 1000))
  expect(delays.reduce((sum, delay) => sum + delay, 0)).toBeGreaterThan(60 * 60 * 1000)
})

test('a delay that an error asks for, or its cause, is honoured when it is the longer one', () => {
  const asking = (retryAfterMs: unknown) =>
    new Error('no', { cause: Object.assign(new Error('429'), { retryAfterMs }) })
  expect(delayAfter(1, asking(30_000.2), patient)).toBe(30_001)
  expect(delayAfter(9, asking(30_000), patient)).toBe(256_000)
  expect(delayAfter(1, asking('soon'), patient)).toBe(1000)
  expect(delayAfter(1, asking(Infinity), patient)).toBe(1000)
  expect(delayAfter(1, 'not even an error', patient)).toBe(1000)
})

test('a ring of errors that cause each other does not hang the delay', () => {
  const one = new Error('one')
  one.cause = new Error('two', { cause: one })
  expect(delayAfter(1, one, patient)).toBe(1000)
})

test('an error keeps its name, message and code when it is written and read', () => {
  const error = Object.assign(new TypeError('nul \0 and half a pair \ud800'), { code: 'away' })
  const read = readError(writeError(error))
  expect(read).toBeInstanceOf(Error)
  expect(read).toMatchObject({ name: 'TypeError', message: error.message, code: 'away' })
  expect(readError(writeError('just text')).message).toBe('just text')
})

test('a bell rung while nobody waits wakes the next one at once, and only that one', async () => {
  const { ring, wait } = bell()
  ring()
  ring()
  await wait(600_000)
  const second = wait(600_000)
  let woken = false
  void second.then(() => (woken = true))
  await new Promise((later) => setImmediate(later))
  expect(woken).toBe(false)
  ring()
  await second
})

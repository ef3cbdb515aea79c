import { expect, test } from 'vitest'
import { settlesWithin, steady } from '../../src/tasks/steady.ts'

test('a call that is never answered fails, and later calls go to a client opened anew', async () => {
  const closed: number[] = []
  let opened = 0
  const client = await steady(
    async () => clientOf(++opened),
    (old) => void closed.push(old.number),
    20,
  )
  expect(await client.ask('one')).toBe('1 answers one')
  const unanswered = [client.ask('for ever'), client.ask('for ever')]
  for (const call of unanswered) await expect(call).rejects.toThrow(/No answer to ask within 20 ms; connected anew/)
  expect(await client.ask('two')).toBe('2 answers two')
  expect({ opened, closed }).toEqual({ opened: 2, closed: [1] })
})

test('a call that fails by itself does not open another client', async () => {
  let opened = 0
  const client = await steady(
    async () => clientOf(++opened),
    () => {},
    20,
  )
  await expect(client.ask('fail')).rejects.toThrow('1 refuses')
  expect(opened).toBe(1)
})

test('a promise settles within its time or it does not, whatever its outcome', async () => {
  expect(await settlesWithin(10, Promise.reject(new Error('no')))).toBe(true)
  expect(await settlesWithin(10, new Promise(() => {}))).toBe(false)
})

function clientOf(number: number) {
  return {
    number,
    async ask(question: string): Promise<string> {
      if (question === 'for ever') return new Promise(() => {})
      if (question === 'fail') throw new Error(`${number} refuses`)
      return `${number} answers ${question}`
    },
  }
}

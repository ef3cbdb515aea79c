/**
 * Stands for what `open` opens, for clients of a service that can lose an answer for ever: a call that is not answered
 * within `answerMs` fails, all later calls go to one opened anew, and the old one is handed to `close`.
 */
export async function steady<T extends object>(
  open: () => Promise<T>,
  close: (old: T) => void,
  answerMs: number,
): Promise<T> {
  const first = await open()
  let current: { opened: T | Promise<T> } = { opened: first }
  const left = new WeakSet<T>()
  const renew = (unanswering: T) => {
    // Several calls may run out of time together; the first of them renews it for all.
    if (left.has(unanswering)) return
    left.add(unanswering)
    current = { opened: open() }
    close(unanswering)
  }
  return new Proxy(first, {
    get(_first, name) {
      if (typeof Reflect.get(first, name) !== 'function') return Reflect.get(first, name)
      return async (...parameters: unknown[]) => {
        const asked: T = await current.opened
        const member = Reflect.get(asked, name) as (...parameters: unknown[]) => unknown
        const answer = Promise.resolve(member.apply(asked, parameters))
        if (await settlesWithin(answerMs, answer)) return answer
        renew(asked)
        throw new Error(`No answer to ${String(name)} within ${answerMs} ms; connected anew`)
      }
    },
  })
}

/** Whether `promise` ends, well or not, within so many milliseconds; never fails. */
export async function settlesWithin(ms: number, promise: Promise<unknown>): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(resolve, ms, false)
  const settled = promise.then(
    () => true,
    () => true,
  )
  try {
    return await Promise.race([settled, late])
  } finally {
    clearTimeout(timer)
  }
}

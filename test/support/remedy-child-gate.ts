import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/**
 * Stands between a process and a server, and holds what passes at a moment that a test names: so that "GitHub has done
 * it and the answer is still under way" is a state one can wait for, and kill in.
 */
export type Gate = AsyncDisposable & {
  /** the server's address, as the process has to know it */
  url: string
  /** The `nth` request from now on that fits is held, on its way there (`before`) or with its answer (`after`). */
  hold(match: RegExp, when: 'before' | 'after', nth?: number): Held
}

/** `reached` comes true with the request; what is held goes on with `release`, and is dropped with the process. */
export type Held = { reached: Promise<void>; release(): void }

type Hold = { match: RegExp; when: 'before' | 'after'; left: number; reach(): void; released: Promise<void> }

export async function openGate(target: string): Promise<Gate> {
  const holds: Hold[] = []
  const pass = async (request: string, when: Hold['when']) => {
    for (const hold of holds) {
      if (hold.when !== when || !hold.match.test(request) || --hold.left !== 0) continue
      hold.reach()
      await hold.released
    }
  }
  const server = createServer((request, response) => {
    // a connection that ends at either side ends at the other
    carry(target, request, response, pass).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hold(match, when, nth = 1) {
      const reached = Promise.withResolvers<void>()
      const released = Promise.withResolvers<void>()
      holds.push({ match, when, left: nth, reach: reached.resolve, released: released.promise })
      return { reached: reached.promise, release: released.resolve }
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

type Pass = (request: string, when: Hold['when']) => Promise<void>

async function carry(target: string, request: IncomingMessage, response: ServerResponse, pass: Pass): Promise<void> {
  const body = await buffer(request)
  const name = `${request.method} ${request.url}`
  await pass(name, 'before')
  const answer = await fetch(`${target}${request.url}`, {
    method: request.method ?? 'GET',
    headers: Object.entries(request.headers).flatMap(([key, value]) =>
      ofTheHop.has(key) || value === undefined ? [] : [[key, String(value)] as [string, string]],
    ),
    redirect: 'manual',
    ...(body.length > 0 && { body }),
  })
  const whole = Buffer.from(await answer.arrayBuffer())
  await pass(name, 'after')
  response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(whole)
}

/** These are about one connection, and the next one has its own. */
const ofTheHop = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'keep-alive'])

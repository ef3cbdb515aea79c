import { setTimeout as wait } from 'node:timers/promises'
import { RegistryFault } from './fault.ts'
import type { Reach } from './reach.ts'
import type { Question, Reply, Transport } from './transport.ts'

/** How patient we are with a registry; a person waits for the answer. */
export type Patience = {
  /** for one request and its answer */
  requestMs: number
  /** for all of a question together */
  wholeMs: number
  /** pauses before a request is made again that met a 5xx, no answer or a short rate limit */
  pausesMs: number[]
  /** a rate limit that asks for more is told and not waited for */
  longestWaitMs: number
}

export const patience: Patience = { requestMs: 15_000, wholeMs: 60_000, pausesMs: [300, 1_500], longestWaitMs: 8_000 }

export type Request = Omit<Question, 'signal'>
/** An answer, and the address that gave it in the end. */
export type Arrived = Reply & { url: URL }
export type Journey = (request: Request) => Promise<Arrived>

/** Makes a request until it is answered: along its redirects, and again when the other side is busy or out of order. */
export function journeys(send: Transport, reach: Pick<Reach, 'plainHttp'>, patience: Patience): Journey {
  const end = AbortSignal.timeout(patience.wholeMs)
  const patient: Transport = (question) => sendPatiently(send, question, patience)
  return async (request) => {
    let { url, headers } = request
    for (let hops = 0; hops <= mostRedirects; hops++) {
      const reply = await patient({ ...request, url, headers, signal: end })
      const { location } = reply.headers
      // what a POST carries is a secret, and goes to that one address
      if (!redirects.has(reply.status) || location === undefined || request.method === 'POST') return { ...reply, url }
      const next = followed(url, location, reach)
      if (next.origin !== url.origin) headers = withoutLogin(headers)
      url = next
    }
    throw new RegistryFault('malformed', `${request.url.host} redirects more than ${mostRedirects} times`)
  }
}

const redirects = new Set([301, 302, 303, 307, 308])
const mostRedirects = 5

function followed(from: URL, location: string, reach: Pick<Reach, 'plainHttp'>): URL {
  const to = URL.parse(location, from.href)
  const safe = to?.protocol === 'https:' || (to?.protocol === 'http:' && reach.plainHttp(to.host))
  if (to && safe && to.username === '') return to
  throw new RegistryFault('not-allowed', `${from.host} redirects to an address that is not https`)
}

function withoutLogin(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'authorization'))
}

async function sendPatiently(send: Transport, question: Question, patience: Patience): Promise<Reply> {
  for (const pause of [...patience.pausesMs, null]) {
    const signal = AbortSignal.any([question.signal, AbortSignal.timeout(patience.requestMs)])
    const busy = await send({ ...question, signal }).then(
      (reply) => busyFault(question.url, reply) ?? reply,
      (error: unknown) => {
        if (error instanceof RegistryFault && error.code === 'unavailable') return error
        throw error
      },
    )
    if (!(busy instanceof RegistryFault)) return busy
    const asked = Math.max(pause ?? 0, busy.retryAfterMs ?? 0)
    if (pause === null || asked > patience.longestWaitMs || question.signal.aborted) throw busy
    await wait(asked)
  }
  throw new Error('a request was neither answered nor given up')
}

function busyFault(url: URL, { status, headers }: Reply): RegistryFault | null {
  const retryAfterMs = waitIn(headers['retry-after'])
  if (status === 429) {
    const when = retryAfterMs === null ? 'later' : `in ${Math.ceil(retryAfterMs / 1000)} s`
    return new RegistryFault('rate-limited', `${url.host} limits how often it is asked (429); try again ${when}`, {
      retryAfterMs,
    })
  }
  if (status < 500) return null
  return new RegistryFault('unavailable', `${url.host} answered ${status}; it may be having an outage`, {
    retryAfterMs,
  })
}

/** Seconds, or a date. */
function waitIn(header: string | undefined): number | null {
  if (header === undefined) return null
  const seconds = Number(header)
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - Date.now()
  return Number.isFinite(ms) ? Math.max(0, ms) : null
}

import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Alert } from '../alert/alert.ts'
import { hearWebhook } from '../alert/from-webhook.ts'
import { hearPullEvent, type PullNews } from './pull-event.ts'

/** Where GitHub is told to send its webhooks. */
export const webhookPath = '/github/webhooks'

export type Log = { info(facts: object, message: string): void; warn(facts: object, message: string): void }

export type WebhookOptions = {
  /** any of these may have signed; several while a secret is being changed. Never empty. */
  secrets: string[]
  /** delivery ids met before */
  seen: { has(key: string): Promise<boolean>; firstTime(key: string, now: Date): Promise<boolean> }
  /** adds the task; does nothing the second time for the same `alertKey` */
  hear(alert: Alert): Promise<unknown>
  /** the same for a pull request; absent: nobody wants to know of those */
  hearPull?: (pull: PullNews) => Promise<unknown>
  log: Log
  now?: () => Date
  /** GitHub sends at most 25 MB; what we listen to is far smaller */
  mostBytes?: number
  /** longest wait for a body to arrive */
  bodyMs?: number
}

type Answer = { status: number; message: string; headers?: Record<string, string> }

/**
 * Answers GitHub's webhooks: checks the signature over the raw body, hears the alert, answers at once. 202 taken on,
 * 200 nothing to do, 400 malformed, 401 not signed by us, 405, 408, 413, 415, 503 could not be stored. Never throws,
 * logs no content. Throws at construction when a secret is empty.
 */
export function webhookHandler(
  options: WebhookOptions,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const { secrets, log } = options
  if (secrets.length === 0 || secrets.some((secret) => secret.trim() === ''))
    throw new Error(
      'The GitHub webhook needs a secret that is not empty; set the same one at GitHub, under Settings, Webhooks.',
    )
  return async (request, response) => {
    const delivery = headerOf(request, 'x-github-delivery', /^[\w-]{1,100}$/)
    const event = headerOf(request, 'x-github-event', /^\w{1,100}$/)
    let answer: Answer
    try {
      answer = await answerTo(request, { delivery, event }, options)
    } catch (error) {
      // The store or the queue is down. The delivery is not marked, so GitHub's "Redeliver" heals it, and so does the poller.
      answer = { status: 503, message: 'could not be stored; deliver it again' }
      log.warn({ delivery, event, error: nameOf(error) }, 'GitHub webhook: could not be stored')
    }
    const level = answer.status < 300 ? 'info' : 'warn'
    log[level]({ delivery, event, status: answer.status }, `GitHub webhook: ${answer.message}`)
    send(request, response, answer)
  }
}

type Names = { delivery: string | null; event: string | null }

async function answerTo(
  request: IncomingMessage,
  { delivery, event }: Names,
  options: WebhookOptions,
): Promise<Answer> {
  const refused = refuseEarly(request)
  if (refused !== null) return refused
  const body = await readBody(request, options.mostBytes ?? 5 * 1024 * 1024, options.bodyMs ?? 10_000)
  if (!Buffer.isBuffer(body)) return body
  if (!isSigned(body, request.headers['x-hub-signature-256'], options.secrets))
    return { status: 401, message: 'the signature is missing or not made with our secret' }
  if (delivery === null || event === null)
    return { status: 400, message: 'X-GitHub-Delivery or X-GitHub-Event is missing or malformed' }
  if (event === 'ping') return { status: 200, message: 'pong' }
  const payload = parseJson(body)
  if (payload === undefined) return { status: 400, message: 'the body is not JSON' }
  return hearDelivery(`github:${delivery}`, event, payload, options)
}

function refuseEarly({ method, headers }: IncomingMessage): Answer | null {
  if (method !== 'POST') return { status: 405, message: 'only POST is answered here', headers: { allow: 'POST' } }
  if (!/^application\/json\s*(;|$)/i.test(headers['content-type'] ?? ''))
    return { status: 415, message: "the content type must be application/json; choose it in the webhook's settings" }
  if ((headers['content-encoding'] ?? 'identity') !== 'identity')
    return { status: 415, message: 'the body must not be compressed' }
  return null
}

async function hearDelivery(key: string, event: string, payload: unknown, options: WebhookOptions): Promise<Answer> {
  const { seen, hear, hearPull, now = () => new Date() } = options
  if (await seen.has(key)) return { status: 200, message: 'already heard' }
  const heard = event === 'pull_request' && hearPull ? hearPullEvent(payload) : hearWebhook(event, payload)
  if (heard.kind === 'malformed') return { status: 400, message: `not what GitHub sends: ${heard.because}` }
  if (heard.kind === 'ignored') {
    await seen.firstTime(key, now())
    return { status: 200, message: `ignored: ${heard.because}` }
  }
  // The task first, the mark second: a crash in between repeats the task, which its key makes harmless.
  if (heard.kind === 'pull') await hearPull?.(heard.pull)
  else await hear(heard.alert)
  const first = await seen.firstTime(key, now())
  return first ? { status: 202, message: 'taken on' } : { status: 200, message: 'already heard' }
}

/** The raw body, or why not. */
async function readBody(request: IncomingMessage, mostBytes: number, bodyMs: number): Promise<Buffer | Answer> {
  const tooLarge = { status: 413, message: `the body is larger than ${mostBytes} bytes` }
  if (Number(request.headers['content-length'] ?? 0) > mostBytes) return tooLarge
  const chunks: Buffer[] = []
  let bytes = 0
  const timer = setTimeout(() => request.destroy(), bodyMs)
  try {
    // destroyOnReturn: an answer must still go out over this connection
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      bytes += chunk.length
      if (bytes > mostBytes) return tooLarge
      chunks.push(chunk)
    }
    return Buffer.concat(chunks)
  } catch {
    return { status: 408, message: 'the body broke off or took too long' }
  } finally {
    clearTimeout(timer)
  }
}

function isSigned(body: Buffer, header: string | string[] | undefined, secrets: string[]): boolean {
  const given = Buffer.from(typeof header === 'string' ? header : '')
  // Every secret is tried whatever the first says, so that time tells nothing.
  const matches = secrets.map((secret) => {
    const wanted = Buffer.from(`sha256=${createHmac('sha256', secret).update(body).digest('hex')}`)
    return given.length === wanted.length && timingSafeEqual(given, wanted)
  })
  return matches.includes(true)
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}

/** Headers are not signed, so one goes into a log line only in the form GitHub gives it. */
function headerOf(request: IncomingMessage, name: string, form: RegExp): string | null {
  const value = request.headers[name]
  return typeof value === 'string' && form.test(value) ? value : null
}

/** Not its message: a database likes to quote what it was given. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  return 'code' in error ? `${error.name} ${String(error.code)}` : error.name
}

function send(request: IncomingMessage, response: ServerResponse, { status, message, headers }: Answer): void {
  if (response.destroyed) return
  const unread = !request.readableEnded
  response.writeHead(status, {
    'content-type': 'application/json',
    ...headers,
    ...(unread ? { connection: 'close' } : {}),
  })
  response.end(JSON.stringify({ message }))
  // What is left of a refused body is let through unread, so that the sender sees the answer and not a reset.
  if (unread) request.resume()
}

import { createHmac, randomUUID } from 'node:crypto'
import type { Envelope, Sockets } from './slack-socket.ts'

/** How Slack knocks at the bot: a signed request, or an envelope over a socket. */
export type Door = { kind: 'http'; url: string; signingSecret: string } | { kind: 'socket'; sockets: Sockets }

/** A request as it went out, to be sent once more as it was. */
export type Sent =
  | { kind: 'http'; url: URL; headers: Record<string, string>; body: string }
  | { kind: 'socket'; sockets: Sockets; envelope: Envelope & { envelope_id: string } }

/** What came back: an HTTP status (200 for an acknowledged envelope, 0 for none) and what the bot said with it. */
export type Knocked = { status: number; said: unknown; sent: Sent }

/** Details a test may get wrong on purpose. */
export type Forgery = {
  /** seconds since 1970 */
  timestamp?: number
  secret?: string
  body?: string
  /** without a signature and the time it was made */
  unsigned?: boolean
}

/** Slack's payload to the bot, in the dress of its kind. */
export async function knock(door: Door, envelope: Envelope, forgery: Forgery = {}): Promise<Knocked> {
  if (door.kind === 'socket')
    return await send({ kind: 'socket', sockets: door.sockets, envelope: { envelope_id: randomUUID(), ...envelope } })
  const { body, type } = dress(envelope)
  return await send(signed(door, forgery.body ?? body, type, forgery))
}

/** The same again: a replay by whoever overheard it, or a delivery that Slack repeats. */
export async function send(sent: Sent): Promise<Knocked> {
  if (sent.kind === 'socket') {
    const acknowledged = await sent.sockets.send(sent.envelope)
    return acknowledged ? { status: 200, said: acknowledged.payload, sent } : { status: 0, said: null, sent }
  }
  const { url, headers, body } = sent
  const response = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(10_000) })
  const text = await response.text()
  const json = response.headers.get('content-type')?.startsWith('application/json')
  return { status: response.status, said: json ? JSON.parse(text) : text, sent }
}

/** Events are sent again when the bot does not take them, three times in all (Slack waits longer in between). */
export async function knockAgain(door: Door, envelope: Envelope): Promise<Knocked> {
  for (let attempt = 0; ; attempt++) {
    const last = await knock(door, attempt === 0 ? envelope : { ...envelope, retry_attempt: attempt })
    if (last.status === 200 || attempt === 2) return last
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Something to call a thing that Slack gives an id. */
export function slackId(prefix: string): string {
  return `${prefix}${randomUUID().replaceAll('-', '').slice(0, 10).toUpperCase()}`
}

/** A moment as Slack writes it, later than any before. */
export function slackTs(): string {
  lastTs = Math.max(lastTs + 1, Date.now() * 1_000)
  return `${Math.floor(lastTs / 1_000_000)}.${String(lastTs % 1_000_000).padStart(6, '0')}`
}

let lastTs = 0

function dress({ type, payload }: Envelope): { body: string; type: string } {
  if (type === 'events_api') return { body: JSON.stringify(payload), type: 'application/json' }
  const form = type === 'interactive' ? { payload: JSON.stringify(payload) } : (payload as Record<string, string>)
  return { body: new URLSearchParams(form).toString(), type: 'application/x-www-form-urlencoded' }
}

function signed(door: { url: string; signingSecret: string }, body: string, type: string, forgery: Forgery): Sent {
  const timestamp = forgery.timestamp ?? Math.floor(Date.now() / 1000)
  const signature = createHmac('sha256', forgery.secret ?? door.signingSecret)
    .update(`v0:${timestamp}:${body}`)
    .digest('hex')
  const signing = { 'x-slack-request-timestamp': String(timestamp), 'x-slack-signature': `v0=${signature}` }
  const headers = { 'content-type': type, ...(forgery.unsigned ? {} : signing) }
  return { kind: 'http', url: new URL('/slack/events', door.url), headers, body }
}

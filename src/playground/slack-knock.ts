import { createHmac, randomUUID } from 'node:crypto'
import type { Envelope, Sockets } from './slack-socket.ts'

/** How Slack knocks at the bot: a signed request, or an envelope over a socket. */
export type Door = { kind: 'http'; url: string; signingSecret: string } | { kind: 'socket'; sockets: Sockets }

/** What came back: an HTTP status (200 for an acknowledged envelope, 0 for none) and what the bot said with it. */
export type Knocked = { status: number; said: unknown }

/** Details a test may get wrong on purpose. */
export type Forgery = { timestamp?: number; secret?: string; body?: string }

/** Slack's payload to the bot, in the dress of its kind. */
export async function knock(door: Door, envelope: Envelope, forgery: Forgery = {}): Promise<Knocked> {
  if (door.kind === 'socket') {
    const acknowledged = await door.sockets.send(envelope)
    return acknowledged ? { status: 200, said: acknowledged.payload } : { status: 0, said: null }
  }
  const { body, type } = dress(envelope)
  return await post(door, forgery.body ?? body, type, forgery)
}

/** Events are sent again when the bot does not take them, three times in all (Slack waits longer in between). */
export async function knockAgain(door: Door, envelope: Envelope): Promise<Knocked> {
  let last: Knocked = { status: 0, said: null }
  for (let attempt = 0; attempt < 3; attempt++) {
    last = await knock(door, attempt === 0 ? envelope : { ...envelope, retry_attempt: attempt })
    if (last.status === 200) return last
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return last
}

/** Something to call a thing that Slack gives an id. */
export function slackId(prefix: string): string {
  return `${prefix}${randomUUID().replaceAll('-', '').slice(0, 10).toUpperCase()}`
}

function dress({ type, payload }: Envelope): { body: string; type: string } {
  if (type === 'events_api') return { body: JSON.stringify(payload), type: 'application/json' }
  const form = type === 'interactive' ? { payload: JSON.stringify(payload) } : (payload as Record<string, string>)
  return { body: new URLSearchParams(form).toString(), type: 'application/x-www-form-urlencoded' }
}

async function post(
  door: { url: string; signingSecret: string },
  body: string,
  type: string,
  forgery: Forgery,
): Promise<Knocked> {
  const timestamp = forgery.timestamp ?? Math.floor(Date.now() / 1000)
  const signature = createHmac('sha256', forgery.secret ?? door.signingSecret)
    .update(`v0:${timestamp}:${body}`)
    .digest('hex')
  const response = await fetch(new URL('/slack/events', door.url), {
    method: 'POST',
    headers: {
      'content-type': type,
      'x-slack-request-timestamp': String(timestamp),
      'x-slack-signature': `v0=${signature}`,
    },
    body,
    signal: AbortSignal.timeout(10_000),
  })
  const text = await response.text()
  const json = response.headers.get('content-type')?.startsWith('application/json')
  return { status: response.status, said: json ? JSON.parse(text) : text }
}

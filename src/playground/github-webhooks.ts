import { createHmac, randomUUID } from 'node:crypto'

/** One webhook as it was sent, and what the bot answered. */
export type Delivery = {
  id: string
  event: string
  action: string | null
  body: string
  /** null when nobody answered */
  status: number | null
}

export type Sender = {
  /** Signs and sends, as GitHub does: once, without a retry. */
  send(event: string, payload: Record<string, unknown>): Promise<Delivery>
  /** GitHub's "Redeliver": the same body under the same id. */
  again(delivery: Delivery): Promise<Delivery>
}

/** Sends webhooks to `url()`; while that is null they go nowhere. https://docs.github.com/webhooks/webhook-events-and-payloads#delivery-headers */
export function webhookSender(url: () => string | null, secret: string): Sender {
  const post = async (delivery: Omit<Delivery, 'status'>): Promise<Delivery> => {
    const to = url()
    return { ...delivery, status: to === null ? null : await postTo(to, delivery, secret) }
  }
  return {
    send: (event, payload) =>
      post({
        id: randomUUID(),
        event,
        action: typeof payload.action === 'string' ? payload.action : null,
        body: JSON.stringify(payload),
      }),
    again: ({ status: _, ...delivery }) => post(delivery),
  }
}

/** GitHub's signature of a body, for `X-Hub-Signature-256`. */
export function signature(body: string | Uint8Array, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
}

async function postTo(
  url: string,
  { id, event, body }: Omit<Delivery, 'status'>,
  secret: string,
): Promise<number | null> {
  const headers = {
    accept: '*/*',
    'content-type': 'application/json',
    'user-agent': 'GitHub-Hookshot/local',
    'x-github-delivery': id,
    'x-github-event': event,
    'x-github-hook-id': '12312312',
    'x-github-hook-installation-target-id': '123123',
    'x-github-hook-installation-target-type': 'repository',
    'x-hub-signature-256': signature(body, secret),
  }
  try {
    const answer = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(10_000) })
    await answer.arrayBuffer()
    return answer.status
  } catch {
    // Nobody there, or no answer within GitHub's ten seconds: GitHub writes it down and goes on.
    return null
  }
}

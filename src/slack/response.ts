import { rungs } from '../thread/limits.ts'
import type { WantedMessage } from '../thread/wanted.ts'
import { SlackRefused, SlackUnavailable } from './failure.ts'

/** Sends a message that only one person sees, to the `response_url` that came with their command or click. */
export type Respond = (url: string, message: Pick<WantedMessage, 'text' | 'blocks'>) => Promise<void>

/**
 * A `Respond` that posts to Slack's own host and to `localHosts` (a local Slack) and to nothing else: the address comes
 * out of a payload. Slack takes 5 answers in 30 minutes at one address.
 */
export function respondTo(localHosts: string[], timeoutMs = 8_000): Respond {
  return async (url, message) => {
    if (!mayRespondTo(url, localHosts)) throw new SlackRefused('answering', 'response_url of a foreign host')
    for (const { text, blocks } of rungs({ tag: '', parent: null, ...message })) {
      const refusal = await send(
        url,
        { response_type: 'ephemeral', replace_original: false, text, ...(blocks.length > 0 ? { blocks } : {}) },
        timeoutMs,
      )
      if (refusal === null) return
      if (!/blocks|too_long/.test(refusal)) throw new SlackRefused('answering', refusal)
    }
    throw new SlackRefused('answering', 'no form of the message was accepted')
  }
}

/** May we post to this address? */
export function mayRespondTo(url: string, localHosts: string[]): boolean {
  const address = URL.parse(url)
  if (address === null || address.username !== '') return false
  if (address.protocol === 'https:' && address.host === 'hooks.slack.com') return true
  return localHosts.includes(address.host)
}

/** Null when it was taken, otherwise Slack's reason. */
async function send(url: string, body: unknown, timeoutMs: number): Promise<string | null> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(body),
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  }).catch((error: unknown) => {
    throw new SlackUnavailable('answering: Slack did not answer', 0, { cause: error })
  })
  const said = (await response.text()).slice(0, 200)
  if (response.ok) return null
  if (response.status === 429 || response.status >= 500) {
    throw new SlackUnavailable(
      `answering: HTTP ${response.status}`,
      1000 * (Number(response.headers.get('retry-after')) || 1),
    )
  }
  // The body is a word such as `expired_url` or JSON with an `error`.
  return /(?<![a-z])[a-z]+(?:_[a-z]+)+/.exec(said)?.[0] ?? `HTTP ${response.status}`
}

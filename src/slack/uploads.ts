import type { WebClient } from '@slack/web-api'
import { SlackRefused, SlackUnavailable, slackFailure } from './failure.ts'

/**
 * Brings a picture to Slack and returns its id there. It is shared with nobody: people see it in the message whose image
 * block names it, and Slack has that message as surely once as any other of ours.
 *
 * Sharing it with `files.completeUploadExternal` itself would be a message without a tag, without a `client_msg_id` and
 * without an update; and with an alternative text Slack says ok and shares nothing (python-slack-sdk issue 1818). Cut
 * off in between, this leaves a file that nobody sees, and the next try uploads another.
 */
export type Upload = (file: { name: string; bytes: Buffer }) => Promise<string>

/** `apiUrl`: of a local Slack, which takes files without TLS; null is Slack's own. */
export function uploadTo({ client, apiUrl }: { client: WebClient; apiUrl: string | null }): Upload {
  return async ({ name, bytes }) => {
    const what = `uploading ${name}`
    try {
      const door = await client.files.getUploadURLExternal({ filename: name, length: bytes.length })
      if (!door.upload_url || !door.file_id) throw new Error('Slack said ok without an address to upload to')
      await send(what, addressed(what, door.upload_url, apiUrl), bytes)
      await client.files.completeUploadExternal({ files: [{ id: door.file_id, title: name }] })
      return door.file_id
    } catch (error) {
      throw slackFailure(what, error)
    }
  }
}

function addressed(what: string, address: string, apiUrl: string | null): URL {
  const url = new URL(address)
  const local = apiUrl !== null && url.host === new URL(apiUrl).host
  if (url.protocol !== 'https:' && !local) throw new SlackRefused(what, 'upload_url without TLS')
  return url
}

const timeoutMs = 30_000

/**
 * Brings a text file into a thread. Slack takes it as a new one each time, so whoever calls sees to it that this happens
 * once. Needs `files:write`.
 */
export type Share = (
  file: { name: string; bytes: Buffer },
  place: { channel: string; threadTs: string },
) => Promise<void>

export function shareTo({ client, apiUrl }: { client: WebClient; apiUrl: string | null }): Share {
  return async ({ name, bytes }, { channel, threadTs }) => {
    const what = `sharing ${name}`
    try {
      const door = await client.files.getUploadURLExternal({ filename: name, length: bytes.length })
      if (!door.upload_url || !door.file_id) throw new Error('Slack said ok without an address to upload to')
      await send(what, addressed(what, door.upload_url, apiUrl), bytes)
      const files: [{ id: string; title: string }] = [{ id: door.file_id, title: name }]
      await client.files.completeUploadExternal({ files, channel_id: channel, thread_ts: threadTs })
    } catch (error) {
      throw slackFailure(what, error)
    }
  }
}

async function send(what: string, url: URL, bytes: Buffer): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: new Uint8Array(bytes),
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  })
  await response.body?.cancel()
  if (response.ok) return
  // Also of a refusal: the next try gets another address.
  const wait = 1000 * (Number(response.headers.get('retry-after')) || 0)
  throw new SlackUnavailable(`${what}: HTTP ${response.status}`, wait)
}

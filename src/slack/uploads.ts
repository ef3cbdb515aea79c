import type { WebClient } from '@slack/web-api'
import { SlackRefused, SlackUnavailable, slackFailure } from './failure.ts'

export type File = { name: string; bytes: Buffer }

/**
 * Brings a picture to Slack and returns its id there. It is shared with nobody: people see it in the message whose image
 * block names it, and Slack has that message as surely once as any other of ours.
 *
 * Sharing it with `files.completeUploadExternal` itself would be a message without a tag, without a `client_msg_id` and
 * without an update; and with an alternative text Slack says ok and shares nothing (python-slack-sdk issue 1818). Cut
 * off in between, this leaves a file that nobody sees, and the next try uploads another.
 */
export type Upload = (file: File) => Promise<string>

/**
 * Brings a text file into a thread, for what is too long for a message. Slack takes it as a new message each time and
 * knows no way to ask for it once, so whoever calls notes first that they will.
 */
export type Share = (file: File, place: { channel: string; threadTs: string }) => Promise<void>

/** `apiUrl`: of a local Slack, which takes files without TLS; null is Slack's own. */
export type UploadOptions = { client: WebClient; apiUrl: string | null }

export function uploadTo(options: UploadOptions): Upload {
  return async (file) => {
    const what = `uploading ${file.name}`
    try {
      const id = await bring(what, file, options)
      await options.client.files.completeUploadExternal({ files: [{ id, title: file.name }] })
      return id
    } catch (error) {
      throw slackFailure(what, error)
    }
  }
}

export function shareTo(options: UploadOptions): Share {
  return async (file, { channel, threadTs }) => {
    const what = `sharing ${file.name}`
    try {
      const id = await bring(what, file, options)
      const place = { channel_id: channel, thread_ts: threadTs }
      await options.client.files.completeUploadExternal({ files: [{ id, title: file.name }], ...place })
    } catch (error) {
      throw slackFailure(what, error)
    }
  }
}

/** The bytes are at Slack, under this id, and it waits to hear what they are for. */
async function bring(what: string, { name, bytes }: File, { client, apiUrl }: UploadOptions): Promise<string> {
  const door = await client.files.getUploadURLExternal({ filename: name, length: bytes.length })
  if (!door.upload_url || !door.file_id) throw new Error('Slack said ok without an address to upload to')
  await send(what, addressed(what, door.upload_url, apiUrl), bytes)
  return door.file_id
}

function addressed(what: string, address: string, apiUrl: string | null): URL {
  const url = new URL(address)
  const local = apiUrl !== null && url.host === new URL(apiUrl).host
  if (url.protocol !== 'https:' && !local) throw new SlackRefused(what, 'upload_url without TLS')
  return url
}

const timeoutMs = 30_000

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

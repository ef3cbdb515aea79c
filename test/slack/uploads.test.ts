import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebClient } from '@slack/web-api'
import { describe, expect, test } from 'vitest'
import { type LocalSlackOptions, startLocalSlack } from '../../src/playground/slack.ts'
import { clientOptions } from '../../src/slack/client.ts'
import { shareTo, uploadTo } from '../../src/slack/uploads.ts'

const file = { name: 'waterfall.png', bytes: Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 255]) }

async function start(options: LocalSlackOptions = {}) {
  const slack = await startLocalSlack(options)
  const client = new WebClient(slack.botToken, clientOptions(slack.apiUrl))
  const at = { client, apiUrl: slack.apiUrl }
  return { slack, client, upload: uploadTo(at), share: shareTo(at), [Symbol.asyncDispose]: slack.close }
}

test('a file that is shared stands in its thread', async () => {
  await using at = await start()
  const channel = await at.slack.channelId('builds')
  const parent = await at.client.chat.postMessage({ channel, text: 'which entries' })
  await at.share({ name: 'entries.txt', bytes: Buffer.from('a\nb\n') }, { channel, threadTs: String(parent.ts) })
  expect(await at.slack.postedMessages('builds')).toHaveLength(1)
  expect(await at.slack.thread('builds', String(parent.ts))).toHaveLength(1)
  expect([...at.slack.pictures.values()].map(String)).toEqual(['a\nb\n'])
})

test('a file that could not be shared is told like any call of Slack', async () => {
  await using at = await start()
  const entries = { name: 'entries.txt', bytes: Buffer.from('a') }
  at.slack.failNext({ method: 'files.completeUploadExternal', error: 'not_in_channel' })
  await expect(at.share(entries, { channel: 'C1', threadTs: '1.1' })).rejects.toMatchObject({
    code: 'slack-refused',
    message: expect.stringContaining('sharing entries.txt: not_in_channel'),
  })
  at.slack.failNext({ method: 'upload', status: 503 })
  await expect(at.share(entries, { channel: 'C1', threadTs: '1.1' })).rejects.toMatchObject({
    code: 'slack-unavailable',
  })
})

test('a file arrives byte for byte, and is shared with nobody', async () => {
  await using at = await start()
  const id = await at.upload(file)
  expect(at.slack.pictures.get(id)).toEqual(file.bytes)
  expect(await at.slack.postedMessages('builds')).toEqual([])
  const picture = await fetch(`${at.slack.url}/pictures/${id}.png`)
  expect(Buffer.from(await picture.arrayBuffer())).toEqual(file.bytes)
})

test('without its scope the manifest is named', async () => {
  await using at = await start({ withoutScopes: ['files:write'] })
  await expect(at.upload(file)).rejects.toMatchObject({
    code: 'slack-refused',
    reason: 'missing_scope',
    message: expect.stringContaining('manifest.yml'),
  })
})

describe('an upload that goes wrong', () => {
  test.each([
    [{ method: 'files.getUploadURLExternal', status: 429, retryAfter: 7 }, 7_000],
    [{ method: 'upload', status: 429, retryAfter: 5 }, 5_000],
    [{ method: 'upload', status: 500 }, 0],
    [{ method: 'upload', status: 413 }, 0],
    [{ method: 'files.completeUploadExternal', status: 503 }, 0],
    [{ method: 'files.completeUploadExternal', lost: true }, 0],
  ])('is tried again later: %o', async (outage, retryAfterMs) => {
    await using at = await start()
    at.slack.failNext(outage)
    await expect(at.upload(file)).rejects.toMatchObject({ code: 'slack-unavailable', retryAfterMs })
    expect(at.slack.pictures.get(await at.upload(file))).toEqual(file.bytes)
  })

  test('never sends a file to an address without TLS', async () => {
    const asked: string[] = []
    const server = createServer((request, response) => {
      asked.push(request.url ?? '')
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end('{"ok":true,"file_id":"F1","upload_url":"http://127.0.0.2:9/x"}')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`
    const upload = uploadTo({ client: new WebClient('xoxb-x', clientOptions(apiUrl)), apiUrl })
    await expect(upload(file)).rejects.toMatchObject({ code: 'slack-refused' })
    expect(asked).toEqual(['/api/files.getUploadURLExternal'])
    server.close()
  })
})

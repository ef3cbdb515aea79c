import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HTTPReceiver } from '@slack/bolt'
import type { Logger } from './log.ts'

/**
 * Slack's requests over HTTP. Bolt's receiver checks the signature over the raw body and that it is not older than five
 * minutes; before it we refuse what is too large, and what claims to come from the future, which Bolt lets pass and
 * which could be replayed until that time comes.
 */
export function slackListener(receiver: HTTPReceiver, now: () => Date, logger: Logger) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    void (async () => {
      if (request.method !== 'POST') return end(response, 405)
      const sent = request.headers['x-slack-request-timestamp']
      // A request without one is Bolt's to refuse, but for Slack's `ssl_check`.
      if (sent !== undefined && !(Number(sent) * 1000 <= now().getTime() + clockSkew)) {
        logger.warn({ door: 'slack' }, 'refused a request whose timestamp lies in the future')
        return end(response, 401)
      }
      const body = await rawBody(request)
      if (body === null) return end(response, 413)
      receiver.requestListener(Object.assign(request, { rawBody: body }), response)
    })().catch((error: unknown) => {
      logger.error({ err: error, door: 'slack' }, 'a request of Slack failed')
      if (!response.headersSent) end(response, 500)
    })
  }
}

const clockSkew = 60_000
const largestBody = 1024 * 1024

/** The body as it came, null when it is too large. */
async function rawBody(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > largestBody) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function end(response: ServerResponse, status: number): void {
  response.writeHead(status, { connection: 'close' }).end()
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Listener = (request: IncomingMessage, response: ServerResponse) => unknown

/** The bot's HTTP server: one port for GitHub's webhooks, Slack over HTTP and the health check. */
export type BotServer = { url: string; close(): Promise<void> }

export async function startServer(
  routes: Record<string, Listener>,
  { host, port }: { host: string; port: number },
): Promise<BotServer> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0] ?? '/'
    const listener = Object.hasOwn(routes, path) ? routes[path] : undefined
    if (listener) void listener(request, response)
    else answer(response, 404, 'not found')
  })
  // a client that dawdles over its headers holds no connection for long
  server.headersTimeout = 10_000
  server.requestTimeout = 30_000
  await listen(server, host, port)
  const address = server.address() as AddressInfo
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host
  return {
    url: `http://${name}:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Ready to take work: the store answers. */
export function healthListener(isReady: () => Promise<void>): Listener {
  return async (_, response) => {
    try {
      await isReady()
      answer(response, 200, 'ok')
    } catch {
      answer(response, 503, 'the store does not answer')
    }
  }
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`)
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new Error(`listening on ${host}:${port} (HOST and PORT choose another place)`, { cause })),
    )
    server.listen(port, host, () => resolve())
  })
}

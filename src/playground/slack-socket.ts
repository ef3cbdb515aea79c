import { randomUUID } from 'node:crypto'
import type { Server } from 'node:http'
import { type WebSocket, WebSocketServer } from 'ws'
import { z } from 'zod'

/** Slack's end of Socket Mode, which emulate does not have: tickets, the greeting, envelopes and their acknowledgements. */
export type Sockets = {
  /** address for one connection, as `apps.connections.open` hands out */
  ticket(host: string): string
  /** how many bots are connected */
  connected(): number
  /** Sends an envelope to one connection; what the acknowledgement carried, or null when none came in time. */
  send(envelope: Envelope & { envelope_id: string }): Promise<{ payload: unknown } | null>
  /** Hangs up on everybody, as Slack does when it refreshes connections. */
  disconnectAll(): void
  close(): void
}

export type Envelope = {
  type: 'slash_commands' | 'interactive' | 'events_api'
  payload: unknown
  accepts_response_payload: boolean
  retry_attempt?: number
}

const path = '/link'
const ackTimeoutMs = 3_000
const ackSchema = z.object({ envelope_id: z.string(), payload: z.unknown().optional() })

/** Takes WebSocket connections on this server. */
export function openSockets(server: Server): Sockets {
  const tickets = new Set<string>()
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 1024 * 1024 })
  const waiting = new Map<string, (acknowledged: { payload: unknown }) => void>()
  server.on('upgrade', (request, socket, head) => {
    const ticket = new URL(request.url ?? '/', 'http://local').searchParams.get('ticket') ?? ''
    if (!request.url?.startsWith(path) || !tickets.delete(ticket)) return socket.destroy()
    sockets.handleUpgrade(request, socket, head, (connection) => greet(connection, waiting))
  })
  // A connection on which Slack does not ping is taken for dead after half a minute.
  const pings = setInterval(() => {
    for (const connection of sockets.clients) connection.ping()
  }, 5_000).unref()
  return {
    ticket(host) {
      const ticket = randomUUID()
      tickets.add(ticket)
      return `ws://${host}${path}?ticket=${ticket}`
    },
    connected: () => sockets.clients.size,
    async send(envelope) {
      const connection = await anyConnection(sockets)
      if (!connection) return null
      const { envelope_id: id } = envelope
      const { promise, resolve } = Promise.withResolvers<{ payload: unknown } | null>()
      const late = setTimeout(() => resolve(null), ackTimeoutMs)
      waiting.set(id, resolve)
      connection.send(JSON.stringify(envelope))
      const acknowledged = await promise
      clearTimeout(late)
      waiting.delete(id)
      return acknowledged
    },
    disconnectAll() {
      for (const connection of sockets.clients)
        connection.send(JSON.stringify({ type: 'disconnect', reason: 'refresh_requested' }))
    },
    close() {
      clearInterval(pings)
      for (const connection of sockets.clients) connection.terminate()
      sockets.close()
    },
  }
}

function greet(connection: WebSocket, waiting: Map<string, (acknowledged: { payload: unknown }) => void>): void {
  connection.on('message', (data) => {
    const said = ackSchema.safeParse(JSON.parse(String(data)))
    if (said.success) waiting.get(said.data.envelope_id)?.({ payload: said.data.payload })
  })
  connection.on('error', () => connection.terminate())
  connection.send(JSON.stringify({ type: 'hello', num_connections: 1, connection_info: { app_id: 'A0LAYERWISE' } }))
}

/** An open connection; a bot that is just reconnecting gets a second. */
async function anyConnection(sockets: WebSocketServer): Promise<WebSocket | undefined> {
  for (let turn = 0; turn < 20; turn++) {
    const open = [...sockets.clients].find((connection) => connection.readyState === connection.OPEN)
    if (open) return open
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return undefined
}

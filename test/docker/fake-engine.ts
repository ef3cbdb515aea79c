import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer as createPlain, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecure, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export type RawRecord = {
  ID: string
  Size: number
  InUse: boolean
  Parent?: string
  Parents?: string[]
  ' Parents'?: string[]
}

/** A small Docker daemon over HTTP: its answers are those that a real one gave, its prune does what a real one's does. */
export type FakeEngine = {
  url: string
  records: RawRecord[]
  /** all that it was asked, in order: `POST /v1.41/build/prune?…` */
  asked: string[]
  /** filters of its prunes */
  prunes: string[]
  close(): Promise<void>
}

export type FakeOptions = {
  /** whose answers: a folder of test/fixtures/docker */
  like?: string
  records?: RawRecord[]
  /** null: a unix socket; otherwise TLS on loopback */
  tls?: ServerOptions | null
  /** Answers in its own way, and returns true. */
  instead?: (request: IncomingMessage, response: ServerResponse, engine: FakeEngine) => boolean
}

export function recorded(like: string, name: string) {
  return JSON.parse(readFileSync(new URL(`../fixtures/docker/${like}/${name}.json`, import.meta.url), 'utf8'))
}

export async function startFakeEngine(options: FakeOptions = {}): Promise<FakeEngine> {
  const { like = 'engine-28.5', tls = null } = options
  const folder = await mkdtemp(join(tmpdir(), 'lw-engine-'))
  const records: RawRecord[] = options.records ?? recorded(like, 'system-df').BuildCache
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    engine.asked.push(`${request.method} ${request.url}`)
    if (!options.instead?.(request, response, engine)) reply(engine, like, request, response)
  }
  const server: Server = tls === null ? createPlain(answer) : createSecure(tls, answer)
  server.listen(tls === null ? { path: join(folder, 's') } : { port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  const url = tls === null ? `unix://${folder}/s` : `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`
  const engine: FakeEngine = {
    url,
    records,
    asked: [],
    prunes: [],
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await rm(folder, { recursive: true, force: true })
    },
  }
  return engine
}

export function send(response: ServerResponse, status: number, body: unknown): true {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  return true
}

function reply(engine: FakeEngine, like: string, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://docker')
  const path = url.pathname.replace(/^\/v1\.\d+/, '')
  if (path === '/version') send(response, 200, recorded(like, 'version'))
  else if (path === '/system/df') send(response, 200, { ...recorded(like, 'system-df'), BuildCache: engine.records })
  else if (path === '/build/prune') send(response, 200, prune(engine, url))
  else send(response, 404, { message: 'page not found' })
}

const parentsOf = ({ Parent, Parents, ' Parents': spaced }: RawRecord) => Parents ?? spaced ?? (Parent ? [Parent] : [])

/** Without a filter it takes all there is, like a real one. */
function prune(engine: FakeEngine, url: URL): { CachesDeleted: string[] | null; SpaceReclaimed: number } {
  const filters: { id?: [string] } = JSON.parse(url.searchParams.get('filters') ?? '{}')
  engine.prunes.push(filters.id?.[0] ?? '')
  const pattern = new RegExp(filters.id?.[0] ?? '')
  const deleted: RawRecord[] = []
  for (let found: RawRecord | undefined; ; ) {
    const needed = new Set(engine.records.flatMap(parentsOf))
    found = engine.records.find(({ ID, InUse }) => pattern.test(ID) && !InUse && !needed.has(ID))
    if (found === undefined) break
    deleted.push(found)
    engine.records.splice(engine.records.indexOf(found), 1)
  }
  const bytes = deleted.reduce((sum, { Size }) => sum + Size, 0)
  return { CachesDeleted: deleted.length === 0 ? null : deleted.map(({ ID }) => ID), SpaceReclaimed: bytes }
}

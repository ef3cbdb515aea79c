import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { type LocalFiles, localFiles } from './slack-files.ts'
import type { Outage, Outages } from './slack-outages.ts'

/**
 * The HTTP front before emulate's Slack. Everything goes through to emulate, but for what emulate lacks or is kinder at
 * than Slack: opening sockets, `client_msg_id`, membership of the bot, limits of blocks, answers to a `response_url`,
 * and outages on request.
 */
export type Front = {
  server: Server
  /** `http://127.0.0.1:PORT` */
  url: string
  /** every call of the Web API in order: method and arguments */
  calls: ApiCall[]
  /** pictures that were uploaded, by id */
  pictures: Map<string, Buffer>
  close(): Promise<void>
}

export type ApiCall = { method: string; args: Record<string, unknown> }
export type ApiResult = Record<string, unknown> & { ok: boolean }

export type FrontOptions = {
  /** emulate's address */
  behind: string
  port: number
  outages: Outages
  /** id of a channel that is given as id, `name` or `#name` */
  channelId(given: string): string
  /** Answers a method in emulate's stead; null lets it through. */
  instead(call: ApiCall, token: string): ApiResult | null
  /** What was posted to `/response/ID`; a word when it is refused. */
  answered(id: string, body: unknown): string | null
}

/** Listens on loopback. */
export async function openFront(options: FrontOptions): Promise<Front> {
  const calls: ApiCall[] = []
  // Answers to posts by their client_msg_id: the same id again gets the same answer and posts nothing.
  const posts = new Map<string, Buffer>()
  let url = ''
  const files = localFiles(() => url)
  const server = createServer((request, response) => {
    serve(request, response, { ...options, calls, posts, files }).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(502)
      response.end(String(error))
    })
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(options.port, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  url = `http://127.0.0.1:${port}`
  return {
    server,
    url,
    calls,
    pictures: files.completed,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

type Context = FrontOptions & { calls: ApiCall[]; posts: Map<string, Buffer>; files: LocalFiles }

async function serve(request: IncomingMessage, response: ServerResponse, context: Context): Promise<void> {
  const body = withChannelId(await read(request), request, context)
  const { pathname } = new URL(request.url ?? '/', 'http://local')
  if (pathname.startsWith('/response/')) return takeAnswer(pathname.slice('/response/'.length), body, response, context)
  if (pathname.startsWith('/upload/')) return await takeFile(pathname, request, body, response, context)
  if (pathname.startsWith('/pictures/')) return showPicture(pathname, response, context)
  if (!pathname.startsWith('/api/')) return await forward(request, body, response, context)
  const call = { method: pathname.slice('/api/'.length), args: argumentsOf(request, body) }
  context.calls.push(call)
  const outage = context.outages.take(call.method)
  if (outage?.late !== undefined) await pause(outage.late)
  else if (outage && !outage.lost) return fail(outage, response)
  const token = (request.headers.authorization ?? '').replace(/^Bearer /, '')
  const result = context.instead(call, token)
  if (result && outage?.lost) return void request.socket.destroy()
  if (result) return sendJson(response, 200, result)
  await perform(call, request, body, outage?.lost ? null : response, context)
}

/** Lets emulate do it, once per client_msg_id. Without a `response` the answer is lost on the way. */
async function perform(
  call: ApiCall,
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse | null,
  context: Context,
): Promise<void> {
  const id = call.method === 'chat.postMessage' ? `${call.args.channel}/${call.args.client_msg_id ?? ''}` : ''
  const known = context.posts.get(id)
  const passed = known ?? Buffer.from(await (await pass(request, body, context)).arrayBuffer())
  const answer = context.files.answered(call, passed)
  if (call.args.client_msg_id && JSON.parse(String(answer)).ok === true) context.posts.set(id, answer)
  if (response) response.writeHead(200, { 'content-type': 'application/json' }).end(answer)
  else request.socket.destroy()
}

/** The same request with the channel's id: emulate does not know `#name`. */
function withChannelId(body: Buffer, request: IncomingMessage, { channelId }: Context): Buffer {
  if (!request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) return body
  const form = new URLSearchParams(String(body))
  const given = form.get('channel')
  if (given !== null) form.set('channel', channelId(given))
  return Buffer.from(form.toString())
}

function fail({ status, retryAfter, error }: Outage, response: ServerResponse): void {
  const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }
  if (error !== undefined) sendJson(response, 200, { ok: false, error })
  else response.writeHead(status ?? 503, headers).end()
}

function takeAnswer(id: string, body: Buffer, response: ServerResponse, context: Context): void {
  const refusal = context.answered(id, JSON.parse(String(body)))
  response.writeHead(refusal === null ? 200 : 404, { 'content-type': 'text/plain' }).end(refusal ?? 'ok')
}

/** The bytes of a file, which come without a token; an outage of `upload` is one of these. */
async function takeFile(
  path: string,
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
  context: Context,
): Promise<void> {
  const outage = context.outages.take('upload')
  if (outage && !outage.lost) return fail(outage, response)
  context.files.sent(path, body)
  await forward(request, body, response, context)
}

/** `/pictures/ID.png`, to look at in a browser. */
function showPicture(path: string, response: ServerResponse, { files }: Context): void {
  const bytes = files.completed.get(/^\/pictures\/(\w+)\.png$/.exec(path)?.[1] ?? '')
  if (bytes) response.writeHead(200, { 'content-type': 'image/png' }).end(bytes)
  else response.writeHead(404).end()
}

async function forward(
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
  context: Context,
): Promise<void> {
  const passed = await pass(request, body, context)
  response.writeHead(passed.status, { 'content-type': passed.headers.get('content-type') ?? 'text/plain' })
  response.end(Buffer.from(await passed.arrayBuffer()))
}

async function pass(request: IncomingMessage, body: Buffer, { behind }: Context): Promise<Response> {
  const { authorization, 'content-type': type } = request.headers
  return await fetch(new URL(request.url ?? '/', behind), {
    method: request.method ?? 'GET',
    headers: { ...(authorization ? { authorization } : {}), ...(type ? { 'content-type': type } : {}) },
    ...(body.length > 0 ? { body } : {}),
  })
}

/** The arguments of a call, lists and objects as such. */
function argumentsOf(request: IncomingMessage, body: Buffer): Record<string, unknown> {
  if (request.headers['content-type']?.startsWith('application/json')) return JSON.parse(String(body))
  const form = [...new URLSearchParams(String(body))]
  return Object.fromEntries(
    form.map(([name, value]) => [name, /^[[{]/.test(value) ? (tryJson(value) ?? value) : value]),
  )
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks)
}

import { createHmac, randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type ApiAnswer, type Asker, refusal, type Scene } from './github-answers.ts'
import { answerApi } from './github-api.ts'
import type { LocalDevices } from './github-device.ts'
import type { Outage, Outages } from './github-outages.ts'
import type { StoredKind, World } from './github-world.ts'

/** A request somebody made of our local GitHub, and what it answered. */
export type RecordedRequest = {
  to: 'api' | 'logs' | 'pages' | 'login'
  method: string
  path: string
  query: Record<string, string>
  headers: IncomingMessage['headers']
  /** parsed JSON body of a request to the API */
  sent?: unknown
  status: number
  /** parsed JSON answer of the API; null elsewhere */
  answer: unknown
}

type Exchange = {
  request: IncomingMessage
  response: ServerResponse
  faults: Outages
  record(request: RecordedRequest): void
}

type ApiExchange = Exchange & {
  scene: Scene
  /** whose token this is; null: nobody's */
  askerOf(token: string): Asker | null
  devices: LocalDevices
  quota: ReturnType<typeof rateLimit>
}

/** Answers the API, the device flow and, for people, the page of a run. */
export async function serveApi(exchange: ApiExchange): Promise<void> {
  const { request, response, scene, faults, record } = exchange
  const url = urlOf(request)
  const to = partOf(url, request.method)
  const sent = request.method === 'GET' ? null : await bodyOf(request)
  const fault = to === 'pages' ? null : faults.next(`${request.method} ${url.pathname}${url.search}`)
  const played = fault && 'status' in fault ? playedAnswer(fault) : null
  const answer =
    played ??
    (to === 'api'
      ? apiAnswer(exchange, url, sent)
      : to === 'login'
        ? login(exchange, url, sent)
        : pageOf(url, scene.world))
  const headers = { ...answer.headers, date: new Date(exchange.quota.now()).toUTCString() }
  const asked = recorded(to, request, url, answer.status, to === 'pages' ? null : answer.body)
  record(sent === null ? asked : { ...asked, sent })
  if (fault && 'lost' in fault) {
    response.destroy()
    return
  }
  const type = to === 'pages' ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8'
  const body = answer.body === null ? '' : to === 'pages' ? String(answer.body) : JSON.stringify(answer.body)
  response.writeHead(answer.status, body === '' ? headers : { ...headers, 'content-type': type })
  response.end(body)
}

function partOf({ pathname }: URL, method: string | undefined): 'api' | 'login' | 'pages' {
  if (/^\/(?:repos|user|users|orgs)(?:\/|$)/.test(pathname)) return 'api'
  return method === 'POST' && pathname.startsWith('/login/') ? 'login' : 'pages'
}

function playedAnswer({ status, headers = {}, body }: Extract<Outage, { status: number }>): ApiAnswer {
  return { status, headers, body: body ?? { message: 'Played by the local GitHub' } }
}

function login({ devices, scene }: ApiExchange, url: URL, sent: unknown): ApiAnswer {
  return devices.answer(url.pathname, sent, scene.at.pages)
}

function apiAnswer({ request, scene, askerOf, quota }: ApiExchange, url: URL, sent: unknown): ApiAnswer {
  const method = request.method ?? 'GET'
  // octokit writes `token …` or `bearer …`.
  const token = /^(?:token|bearer) (.+)$/i.exec(request.headers.authorization ?? '')?.[1]
  const who = token === undefined ? null : askerOf(token)
  if (who === null) return refusal(401, 'Bad credentials')
  const ifNoneMatch = request.headers['if-none-match'] ?? null
  const answer = answerApi({ method, path: url.pathname, query: url.searchParams, ifNoneMatch, sent, who }, scene)
  return { ...answer, headers: { ...quota.headers(answer.status !== 304), ...answer.headers } }
}

/** Null for what is no JSON. */
async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  try {
    return JSON.parse(Buffer.concat(chunks).toString())
  } catch {
    return null
  }
}

/** The page of a run, so that a link in a message leads somewhere. */
function pageOf(url: URL, world: World): ApiAnswer {
  const [, owner, name, , , runId] = url.pathname.split('/')
  const run = world.find(`${owner}/${name}`, Number(runId))
  if (run === null) return { status: 404, headers: {}, body: 'local GitHub: no such page' }
  const lines = run.attempts.flatMap((attempt) => [
    `attempt ${attempt.number}: ${attempt.conclusion ?? attempt.status}`,
    ...attempt.jobs.map((job) => `  ${job.name} (job ${job.id}): ${job.conclusion ?? job.status}`),
  ])
  return {
    status: 200,
    headers: {},
    body: [`${run.repository} · ${run.workflow} · ${run.branch} · ${run.sha}`, ...lines, ''].join('\n'),
  }
}

type FileExchange = Exchange & { world: World; links: ReturnType<typeof fileLinks> }

/** As GitHub's blob storage: a link is good for a minute, and a request that carries a token is refused. */
export function serveFile({ request, response, world, faults, links, record }: FileExchange): void {
  const url = urlOf(request)
  const linked = links.fileOf(url)
  const file = linked && storedFile(world, linked.kind, linked.id)
  const fault = faults.next(`${request.method} ${url.pathname}${url.search}`)
  const refused = request.headers.authorization !== undefined || file === null
  const status = fault && 'status' in fault ? fault.status : refused ? 403 : 200
  record(recorded('logs', request, url, status, null))
  if (status !== 200 || file === null) {
    response.writeHead(status, {
      'content-type': 'application/xml',
      ...(fault && 'status' in fault ? fault.headers : {}),
    })
    response.end('<Error><Code>AuthenticationFailed</Code></Error>')
    return
  }
  const type = linked?.kind === 'artifacts' ? 'application/zip' : 'text/plain'
  response.writeHead(200, { 'content-type': type, 'content-length': file.length })
  if (fault && 'breakAfter' in fault) breakOff(response, file.subarray(0, fault.breakAfter), fault.stall === true)
  else response.end(file)
}

function storedFile(world: World, kind: StoredKind, id: number): Uint8Array | null {
  for (const { artifacts, attempts } of world.runs()) {
    const content =
      kind === 'artifacts'
        ? artifacts.find((artifact) => artifact.id === id)?.content
        : attempts.flatMap(({ jobs }) => jobs).find((job) => job.id === id)?.log
    if (content) return 'status' in content ? null : content
  }
  return null
}

function breakOff(response: ServerResponse, part: Uint8Array, stall: boolean): void {
  response.write(part, () => {
    // A moment, so that what was written arrives before the connection is cut.
    if (!stall) setTimeout(() => response.destroy(), 20)
  })
}

/** Links to files: signed, good for a minute. */
export function fileLinks(now: () => Date) {
  const key = randomBytes(16)
  const sign = (text: string) => createHmac('sha256', key).update(text).digest('base64url')
  return {
    pathOf(kind: StoredKind, id: number): string {
      const until = now().getTime() + 60_000
      return `/${kind}/${id}?se=${until}&sig=${sign(`${kind} ${id} ${until}`)}`
    },
    fileOf(url: URL): { kind: StoredKind; id: number } | null {
      const [, kind = '', id = ''] = /^\/(logs|artifacts)\/(\d+)$/.exec(url.pathname) ?? []
      const until = url.searchParams.get('se') ?? ''
      const good = url.searchParams.get('sig') === sign(`${kind} ${id} ${until}`) && Number(until) >= now().getTime()
      return good ? { kind: kind as StoredKind, id: Number(id) } : null
    },
  }
}

/** 5,000 requests an hour; one that says "unchanged" is free. */
export function rateLimit(now: () => Date) {
  const limit = 5_000
  let used = 0
  return {
    now: () => now().getTime(),
    headers(counts: boolean): Record<string, string> {
      if (counts) used++
      const reset = (Math.floor(now().getTime() / 3_600_000) + 1) * 3_600
      return {
        'x-ratelimit-limit': String(limit),
        'x-ratelimit-remaining': String(Math.max(0, limit - used)),
        'x-ratelimit-used': String(used),
        'x-ratelimit-reset': String(reset),
        'x-ratelimit-resource': 'core',
      }
    },
  }
}

function recorded(
  to: RecordedRequest['to'],
  request: IncomingMessage,
  url: URL,
  status: number,
  answer: unknown,
): RecordedRequest {
  const query = Object.fromEntries(url.searchParams)
  return { to, method: request.method ?? 'GET', path: url.pathname, query, headers: request.headers, status, answer }
}

function urlOf(request: IncomingMessage): URL {
  return URL.parse(request.url ?? '/', 'http://localhost') ?? new URL('http://localhost/')
}

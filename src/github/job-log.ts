import type { Octokit } from 'octokit'
import { RequestError } from 'octokit'
import { type GithubClient, ownerAndName } from './client.ts'
import { GithubFault, githubFault, rateLimitWait, reasonOf } from './fault.ts'

export type JobLog =
  | {
      kind: 'log'
      /** Read it to its end or leave the loop: either frees the connection. Throws `LogBroken` when it stops too early. */
      body: AsyncIterable<Uint8Array>
      /** length in bytes where the store says so */
      bytes: number | null
    }
  | { kind: 'missing'; status: number; because: string }

/** The log broke off: what came before is good, the rest is not there. */
export class LogBroken extends Error {
  override readonly name = 'LogBroken'
  readonly code = 'truncated'
}

export type LogOptions = {
  /** longest wait for the log store to answer */
  connectMs?: number
  /** longest pause inside the log */
  stallMs?: number
}

type Place = { octokit: Octokit; client: GithubClient; doing: string; connectMs: number; stallMs: number }

const mostHops = 4

/**
 * Opens job logs. GitHub answers with a redirect to a store elsewhere; it is followed by hand, because the store must
 * not see our token, and refuses requests that carry one.
 */
export function jobLogs(
  client: GithubClient,
  options: LogOptions,
): (repository: string, jobId: number) => Promise<JobLog> {
  const { connectMs = 30_000, stallMs = 60_000 } = options
  return async (repository, jobId) => {
    const doing = `Fetching the log of job ${jobId} of ${repository}`
    try {
      const octokit = await client.forRepository(repository)
      const place = { octokit, client, doing, connectMs, stallMs }
      const log = await openOnce(place, repository, jobId)
      // The link is good for a minute; when a slow start missed it, a second one is free.
      return log.kind === 'expired' ? unlessExpired(await openOnce(place, repository, jobId)) : log
    } catch (error) {
      throw githubFault(doing, error)
    }
  }
}

type Opened = JobLog | { kind: 'expired'; status: number }

const reasons: Record<number, string> = {
  403: 'we may not read it (403): the token or App needs the permission Actions: read',
  404: 'GitHub has no log for it (404): its runner died before sending one, or our credentials cannot see it',
  410: 'it expired or was deleted (410)',
}

async function openOnce(place: Place, repository: string, jobId: number): Promise<Opened> {
  const link = await findLink(place, repository, jobId)
  return typeof link === 'string' ? openLink(place, link) : link
}

function unlessExpired(log: Opened): JobLog {
  if (log.kind !== 'expired') return log
  return {
    kind: 'missing',
    status: log.status,
    because: `the link to the log was refused twice (${log.status}): it expired or the log is gone`,
  }
}

/** Where the log is, or why GitHub has none. */
async function findLink(place: Place, repository: string, jobId: number): Promise<string | JobLog> {
  let url = '/repos/{owner}/{repo}/actions/jobs/{job_id}/logs'
  for (let hop = 0; hop < mostHops; hop++) {
    const answer = await askForLog(place, url, { ...ownerAndName(repository), job_id: jobId })
    if ('kind' in answer) return answer
    const location = target(answer.location, answer.url, place)
    // 302 is the link. The others say that the repository was renamed, and the API goes on at another of its addresses.
    if (answer.status === 302 || new URL(location).origin !== new URL(place.client.baseUrl).origin) return location
    url = location
  }
  throw new GithubFault('malformed', `${place.doing}: GitHub redirected ${mostHops} times without giving the log.`)
}

async function askForLog(place: Place, url: string, params: Record<string, string | number>) {
  try {
    const {
      status,
      headers,
      url: asked,
    } = await place.octokit.request(`GET ${url}`, {
      ...(url.startsWith('/') ? params : {}),
      request: { redirect: 'manual' },
    })
    if (status >= 300 && headers.location) return { status: Number(status), location: headers.location, url: asked }
    throw new GithubFault('malformed', `${place.doing}: GitHub answered ${status} without saying where the log is.`, {
      status,
    })
  } catch (error) {
    const missing = error instanceof RequestError ? missingLog(error) : null
    if (missing !== null) return missing
    throw error
  }
}

function missingLog(error: RequestError): Extract<JobLog, { kind: 'missing' }> | null {
  const { status } = error
  if (rateLimitWait(status, error.response?.headers ?? {}, error.message, new Date()) !== null) return null
  const because = reasons[status]
  return because === undefined ? null : { kind: 'missing', status, because }
}

/** Only where a log may lie: https, or loopback while GitHub itself is on loopback (local mode). */
function target(location: string, from: string, place: Place): string {
  const url = URL.parse(location, from)
  const home = new URL(place.client.baseUrl)
  if (url !== null && url.username === '' && url.password === '') {
    if (url.protocol === 'https:') return url.href
    if (url.protocol === home.protocol && (url.host === home.host || (isLoopback(url) && isLoopback(home))))
      return url.href
  }
  throw new GithubFault(
    'malformed',
    `${place.doing}: GitHub redirected to an address we do not follow (not https, or with credentials in it).`,
  )
}

function isLoopback(url: URL): boolean {
  return url.hostname === 'localhost' || url.hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(url.hostname)
}

/** Follows the link with nothing of ours: no token, no cookie. */
async function openLink(place: Place, link: string): Promise<Opened> {
  let url = link
  for (let hop = 0; hop < mostHops; hop++) {
    const abort = new AbortController()
    const answer = await fetchPlainly(place, url, abort)
    if (answer.ok) return { kind: 'log', body: chunksOf(answer, abort, place.stallMs), bytes: lengthOf(answer) }
    abort.abort()
    if (answer.status >= 300 && answer.status < 400) url = target(answer.headers.get('location') ?? '', url, place)
    else return refusedLink(place, answer.status)
  }
  throw new GithubFault('malformed', `${place.doing}: the log store redirected ${mostHops} times.`)
}

async function fetchPlainly(place: Place, url: string, abort: AbortController): Promise<Response> {
  const timer = setTimeout(() => abort.abort(new DOMException('no answer', 'TimeoutError')), place.connectMs)
  try {
    return await fetch(url, { redirect: 'manual', signal: abort.signal, headers: { 'user-agent': 'layerwise' } })
  } catch (error) {
    throw new GithubFault('unavailable', `${place.doing}: the log store could not be reached (${reasonOf(error)}).`)
  } finally {
    clearTimeout(timer)
  }
}

function refusedLink(place: Place, status: number): Opened {
  // GitHub gives a link also to a log that was never sent; then it is the store that says 404 (BlobNotFound).
  if (status === 404)
    return {
      kind: 'missing',
      status,
      because: 'GitHub has no log for it (404): the job was cancelled or its runner died before sending one',
    }
  if (status === 410) return { kind: 'missing', status, because: 'it expired or was deleted (410)' }
  if (status === 429 || status >= 500)
    throw new GithubFault('unavailable', `${place.doing}: the log store answered ${status}.`, { status })
  return { kind: 'expired', status }
}

/** Content-Length counts what is sent, so it says nothing of a compressed log. */
function lengthOf(answer: Response): number | null {
  const length = Number(answer.headers.get('content-length') ?? Number.NaN)
  return Number.isSafeInteger(length) && !answer.headers.has('content-encoding') ? length : null
}

async function* chunksOf(answer: Response, abort: AbortController, stallMs: number): AsyncGenerator<Uint8Array, void> {
  if (answer.body === null) return
  const stalled = new DOMException('no answer', 'TimeoutError')
  const watch = () => setTimeout(() => abort.abort(stalled), stallMs)
  let timer = watch()
  let bytes = 0
  try {
    for await (const chunk of answer.body) {
      bytes += chunk.length
      // The reader's own time does not count as a pause of the sender.
      clearTimeout(timer)
      yield chunk
      timer = watch()
    }
  } catch (error) {
    throw new LogBroken(
      `the log broke off after ${bytes} bytes (${abort.signal.reason === stalled ? `nothing came for ${stallMs} ms` : reasonOf(error)})`,
    )
  } finally {
    clearTimeout(timer)
    abort.abort()
  }
}

import type { Octokit } from 'octokit'
import { RequestError } from 'octokit'
import { type GithubClient, ownerAndName } from './client.ts'
import { GithubFault, githubFault, rateLimitWait, reasonOf } from './fault.ts'

export type StoredFile =
  | {
      kind: 'file'
      /** Read it to its end or leave the loop: either frees the connection. Throws `FileBroken` when it stops too early. */
      body: AsyncIterable<Uint8Array>
      /** length in bytes where the store says so */
      bytes: number | null
    }
  | { kind: 'missing'; status: number; because: string }

/** The file broke off: what came before is good, the rest is not there. */
export class FileBroken extends Error {
  override readonly name = 'FileBroken'
  readonly code = 'truncated'
}

export type StoreOptions = {
  /** longest wait for the store to answer */
  connectMs?: number
  /** longest pause inside the file */
  stallMs?: number
}

/** What is wanted, and how it is called in messages. */
export type StoredThing = {
  repository: string
  /** path of the API that gives the link, with its parameters */
  path: string
  params: Record<string, string | number>
  /** `log`, `artifact` */
  noun: string
  /** `Fetching the log of job 7 of acme/web` */
  doing: string
  /** why the API (by its answer) or the store has none, where that is no fault */
  reasons: { api: Record<number, string>; store: Record<number, string> }
}

type Place = StoredThing & { octokit: Octokit; client: GithubClient; connectMs: number; stallMs: number }

const mostHops = 4

/**
 * Opens what GitHub keeps elsewhere. The API answers with a redirect to a store; it is followed by hand, because the store
 * must not see our token, and refuses requests that carry one.
 */
export async function openStored(
  client: GithubClient,
  thing: StoredThing,
  { connectMs = 30_000, stallMs = 60_000 }: StoreOptions,
): Promise<StoredFile> {
  try {
    const octokit = await client.forRepository(thing.repository)
    const place = { ...thing, octokit, client, connectMs, stallMs }
    const file = await openOnce(place)
    // The link is good for a minute; when a slow start missed it, a second one is free.
    return file.kind === 'expired' ? unlessExpired(place, await openOnce(place)) : file
  } catch (error) {
    throw githubFault(thing.doing, error)
  }
}

type Opened = StoredFile | { kind: 'expired'; status: number }

async function openOnce(place: Place): Promise<Opened> {
  const link = await findLink(place)
  return typeof link === 'string' ? openLink(place, link) : link
}

function unlessExpired({ noun }: Place, file: Opened): StoredFile {
  if (file.kind !== 'expired') return file
  return {
    kind: 'missing',
    status: file.status,
    because: `the link to the ${noun} was refused twice (${file.status}): it expired or the ${noun} is gone`,
  }
}

/** Where the file is, or why GitHub has none. */
async function findLink(place: Place): Promise<string | StoredFile> {
  let url = place.path
  for (let hop = 0; hop < mostHops; hop++) {
    const answer = await askForLink(place, url, { ...ownerAndName(place.repository), ...place.params })
    if ('kind' in answer) return answer
    const location = target(answer.location, answer.url, place)
    // 302 is the link. The others say that the repository was renamed, and the API goes on at another of its addresses.
    if (answer.status === 302 || new URL(location).origin !== new URL(place.client.baseUrl).origin) return location
    url = location
  }
  throw new GithubFault(
    'malformed',
    `${place.doing}: GitHub redirected ${mostHops} times without giving the ${place.noun}.`,
  )
}

async function askForLink(place: Place, url: string, params: Record<string, string | number>) {
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
    throw new GithubFault(
      'malformed',
      `${place.doing}: GitHub answered ${status} without saying where the ${place.noun} is.`,
      {
        status,
      },
    )
  } catch (error) {
    const missing = error instanceof RequestError ? missingFile(place, error) : null
    if (missing !== null) return missing
    throw error
  }
}

function missingFile({ reasons }: Place, error: RequestError): Extract<StoredFile, { kind: 'missing' }> | null {
  const { status } = error
  if (rateLimitWait(status, error.response?.headers ?? {}, error.message, new Date()) !== null) return null
  const because = reasons.api[status]
  return because === undefined ? null : { kind: 'missing', status, because }
}

/** Only where a file may lie: https, or loopback while GitHub itself is on loopback (local mode). */
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
    if (answer.ok) return { kind: 'file', body: chunksOf(answer, abort, place), bytes: lengthOf(answer) }
    abort.abort()
    if (answer.status >= 300 && answer.status < 400) url = target(answer.headers.get('location') ?? '', url, place)
    else return refusedLink(place, answer.status)
  }
  throw new GithubFault('malformed', `${place.doing}: the ${place.noun} store redirected ${mostHops} times.`)
}

async function fetchPlainly(place: Place, url: string, abort: AbortController): Promise<Response> {
  const timer = setTimeout(() => abort.abort(new DOMException('no answer', 'TimeoutError')), place.connectMs)
  try {
    return await fetch(url, { redirect: 'manual', signal: abort.signal, headers: { 'user-agent': 'layerwise' } })
  } catch (error) {
    throw new GithubFault(
      'unavailable',
      `${place.doing}: the ${place.noun} store could not be reached (${reasonOf(error)}).`,
    )
  } finally {
    clearTimeout(timer)
  }
}

function refusedLink(place: Place, status: number): Opened {
  const because = place.reasons.store[status]
  if (because !== undefined) return { kind: 'missing', status, because }
  if (status === 429 || status >= 500)
    throw new GithubFault('unavailable', `${place.doing}: the ${place.noun} store answered ${status}.`, { status })
  return { kind: 'expired', status }
}

/** Content-Length counts what is sent, so it says nothing of a compressed file. */
function lengthOf(answer: Response): number | null {
  const length = Number(answer.headers.get('content-length') ?? Number.NaN)
  return Number.isSafeInteger(length) && !answer.headers.has('content-encoding') ? length : null
}

async function* chunksOf(
  answer: Response,
  abort: AbortController,
  { stallMs, noun }: Place,
): AsyncGenerator<Uint8Array, void> {
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
    throw new FileBroken(
      `the ${noun} broke off after ${bytes} bytes (${abort.signal.reason === stalled ? `nothing came for ${stallMs} ms` : reasonOf(error)})`,
    )
  } finally {
    clearTimeout(timer)
    abort.abort()
  }
}

import { App, Octokit, RequestError } from 'octokit'
import { GithubFault, githubFault } from './fault.ts'

export type GithubConfig = (
  | { kind: 'token'; token: string }
  | { kind: 'app'; appId: string | number; privateKey: string }
) & {
  /** address of the API without a slash at the end: `https://api.github.com`, `https://ghe.example.com/api/v3` */
  baseUrl: string
}

export type GithubClient = {
  readonly baseUrl: string
  /** of our GitHub App; null for a token, and for an App that is named by its client id */
  readonly appId: number | null
  /** An octokit that may read this repository (`owner/name`); throws a `GithubFault` when the App is not installed there. */
  forRepository(repository: string): Promise<Octokit>
}

export type ClientOptions = {
  /** told of rate limits and retries; never of headers, tokens or bodies */
  warn?: (message: string) => void
  /** for one request and its answer */
  timeoutMs?: number
  /** how often octokit itself repeats a request that met a 5xx or no answer; the task engine is patient beyond that */
  retries?: number
  /** unit of octokit's growing pause between those: 1, 4, 9 of it */
  retryUnitMs?: number
  /** longest wait for a rate limit inside one request; a longer one is a `rate-limited` fault at once */
  longestWaitMs?: number
}

/** GitHub's API for a token or an App, with GitHub's rate limits kept and short outages sat out. */
export function githubClient(config: GithubConfig, options: ClientOptions = {}): GithubClient {
  const BotOctokit = Octokit.defaults(octokitOptions(config.baseUrl, options))
  if (config.kind === 'token') {
    const octokit = new BotOctokit({ auth: config.token })
    return { baseUrl: config.baseUrl, appId: null, forRepository: async () => octokit }
  }
  const app = new App({
    appId: config.appId,
    privateKey: config.privateKey,
    Octokit: BotOctokit,
    log: quietLog(options),
  })
  const appId = /^\d+$/.test(String(config.appId)) ? Number(config.appId) : null
  return { baseUrl: config.baseUrl, appId, forRepository: installations(app) }
}

/** An octokit of the same patience for no repository: `token` null asks as nobody. */
export function octokitFor(
  { baseUrl, token }: { baseUrl: string; token: string | null },
  options: ClientOptions = {},
): Octokit {
  return new Octokit({ ...octokitOptions(baseUrl, options), ...(token !== null && { auth: token }) })
}

/** `owner/name` in two; throws a `GithubFault` for anything else. */
export function ownerAndName(repository: string): { owner: string; repo: string } {
  const [owner, repo, more] = repository.split('/')
  if (!owner || !repo || more !== undefined)
    throw new GithubFault(
      'not-found',
      `The repository must be written owner/name, e.g. acme/web, found ${JSON.stringify(repository)}.`,
    )
  return { owner, repo }
}

function octokitOptions(baseUrl: string, options: ClientOptions) {
  const { timeoutMs = 30_000, retries = 2, retryUnitMs = 1_000, longestWaitMs = 20_000 } = options
  const retryAfter = (seconds: number, request: { request: { retryCount: number } }): boolean =>
    seconds * 1000 <= longestWaitMs && request.request.retryCount === 0
  return {
    baseUrl,
    userAgent: 'layerwise',
    log: quietLog(options),
    request: { fetch: fetchWithin(timeoutMs) },
    retry: { retries, retryAfterBaseValue: retryUnitMs },
    throttle: {
      onRateLimit: (seconds: number, request: never) => retryAfter(seconds, request),
      onSecondaryRateLimit: (seconds: number, request: never) => retryAfter(seconds, request),
    },
  }
}

function quietLog({ warn = () => {} }: ClientOptions) {
  const ignore = () => {}
  return {
    debug: ignore,
    info: ignore,
    warn: (message: string) => warn(message),
    error: (message: string) => warn(message),
  }
}

/**
 * `fetch` with a limit for the whole answer. The body is read here, because octokit takes a body that breaks off for an
 * empty one, and an empty list of jobs for the truth.
 */
function fetchWithin(timeoutMs: number): typeof fetch {
  return async (input, init) => {
    const timeout = AbortSignal.timeout(timeoutMs)
    const answer = await fetch(input, {
      ...init,
      signal: init?.signal ? AbortSignal.any([init.signal, timeout]) : timeout,
    })
    const body = await answer.arrayBuffer()
    const whole = new Response(body.byteLength > 0 ? body : null, answer)
    return Object.defineProperty(whole, 'url', { value: answer.url })
  }
}

/** One octokit for each installation, found by repository and remembered until GitHub refuses it. */
function installations(app: App): GithubClient['forRepository'] {
  const memo = new Map<string, Promise<Octokit>>()
  return (repository) => {
    const key = repository.toLowerCase()
    const known = memo.get(key)
    if (known !== undefined) return known
    const forget = () => memo.delete(key)
    const found = findInstallation(app, repository, forget)
    memo.set(key, found)
    found.catch(forget)
    return found
  }
}

async function findInstallation(app: App, repository: string, forget: () => void) {
  try {
    const { data } = await app.octokit.rest.apps.getRepoInstallation(ownerAndName(repository))
    const octokit = await app.getInstallationOctokit(data.id)
    // The App may have been removed and installed anew, under another id.
    octokit.hook.error('request', (error) => {
      if (error instanceof RequestError && (error.status === 401 || error.status === 404)) forget()
      throw error
    })
    return octokit
  } catch (error) {
    throw notInstalled(repository, error) ?? githubFault(`Looking for our App's installation in ${repository}`, error)
  }
}

function notInstalled(repository: string, error: unknown): GithubFault | null {
  if (!(error instanceof RequestError) || error.status !== 404) return null
  const message = `Our GitHub App is not installed in ${repository} (404). An owner can install it for that repository.`
  return new GithubFault('not-found', message, { status: 404 })
}

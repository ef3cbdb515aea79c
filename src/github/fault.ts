import { RequestError } from 'octokit'

/** What kept us from an answer; callers branch on it. */
export type GithubFaultCode =
  | 'not-found' // no such run, or our credentials cannot see it: GitHub answers alike
  | 'forbidden'
  | 'unauthorized'
  | 'rate-limited'
  | 'unavailable' // no connection, no answer in time, or GitHub's own 5xx: worth another try
  | 'malformed' // an answer that is not what GitHub's description promises

/** GitHub did not give what we asked for. The message says what, why and what to do, and holds no answer's content. */
export class GithubFault extends Error {
  override readonly name = 'GithubFault'
  readonly code: GithubFaultCode
  /** GitHub's HTTP status; null when there was no answer */
  readonly status: number | null
  /** how long GitHub asks us to wait; the task engine honours it */
  readonly retryAfterMs: number | undefined

  constructor(
    code: GithubFaultCode,
    message: string,
    more: { status?: number; retryAfterMs?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: more.cause })
    this.code = code
    this.status = more.status ?? null
    this.retryAfterMs = more.retryAfterMs
  }
}

/**
 * Whatever octokit threw while we were `doing` something, as a fault in words. `now` turns GitHub's reset time into a wait;
 * `needs` is the permission that a refusal is likely to be for.
 */
export function githubFault(
  doing: string,
  error: unknown,
  { now = new Date(), needs = 'Actions: read' }: { now?: Date; needs?: string | undefined } = {},
): GithubFault {
  if (error instanceof GithubFault) return error
  if (!(error instanceof RequestError) || error.response === undefined)
    return new GithubFault('unavailable', `${doing}: GitHub could not be reached (${reasonOf(error)}).`)
  const { status } = error
  const wait = rateLimitWait(status, error.response.headers, error.message, now)
  if (wait !== null) {
    const seconds = Math.ceil(wait / 1000)
    return new GithubFault('rate-limited', `${doing}: GitHub's rate limit is used up; it asks to wait ${seconds} s.`, {
      status,
      retryAfterMs: wait,
    })
  }
  const { code, why } = explainStatus(status, needs)
  return new GithubFault(code, `${doing}: ${why}`, { status })
}

/**
 * The wait in ms when an answer is a rate limit, null when it is none.
 * https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
 */
export function rateLimitWait(
  status: number,
  headers: Record<string, string | number | undefined>,
  message: string,
  now: Date,
): number | null {
  if (status !== 403 && status !== 429) return null
  const after = Number(headers['retry-after'])
  if (Number.isFinite(after)) return bounded(after * 1000)
  const reset = Number(headers['x-ratelimit-reset'])
  if (String(headers['x-ratelimit-remaining']) === '0' && Number.isFinite(reset))
    return bounded(reset * 1000 - now.getTime() + 1000)
  return status === 429 || /secondary rate limit/i.test(message) ? 60_000 : null
}

function bounded(ms: number): number {
  return Math.min(Math.max(ms, 1000), 3_600_000)
}

function explainStatus(status: number, needs: string): { code: GithubFaultCode; why: string } {
  if (status === 401)
    return {
      code: 'unauthorized',
      why: 'GitHub refused our credentials (401). Check the token, or the App id and private key.',
    }
  if (status === 403)
    return {
      code: 'forbidden',
      why: `GitHub forbids this (403). The token or App needs the permission ${needs} here.`,
    }
  if (status === 404 || status === 410)
    return {
      code: 'not-found',
      why: `GitHub has no such thing, or our credentials cannot see it (${status}). Check the link and who has access.`,
    }
  if (status >= 500) return { code: 'unavailable', why: `GitHub answered ${status}. It may be having an outage.` }
  return { code: 'malformed', why: `GitHub answered ${status}, which we did not expect.` }
}

/** Why a request got no answer, without its address: that may carry a signature. */
export function reasonOf(error: unknown): string {
  if (error instanceof RequestError) return reasonOf(error.cause ?? error.name)
  if (!(error instanceof Error)) return 'no answer'
  if (error.name === 'TimeoutError') return 'no answer in time'
  const cause = error.cause instanceof Error ? error.cause : error
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.name
}

import { type Octokit, RequestError } from 'octokit'
import { z } from 'zod'
import { redact } from '../build/redact.ts'
import { cut } from '../thread/escape.ts'
import { type GithubClient, ownerAndName } from './client.ts'
import { GithubFault, rateLimitWait, reasonOf } from './fault.ts'
import type { AppPermission } from './permissions.ts'

/** What GitHub was asked to do once, and did or did not. The words are data: escape them where they are shown. */
export type CalledOnce<T> = { kind: 'answered'; answer: T } | NotDone
export type NotDone =
  /** certain: nothing was done */
  | { kind: 'refused'; because: string }
  /** no answer, or GitHub's own 5xx: it may have been done. Look before you ask again. */
  | { kind: 'unclear'; because: string }

export type Order = {
  /** `owner/name` */
  repository: string
  /** what a 404 is about: `run 7` */
  what: string
  /** the permission that it takes */
  needs: AppPermission
}

/** For octokit's own way of trying again: never. */
export const once = { request: { retries: 0 } } as const

/**
 * For requests that begin something: sent once and never repeated, as a second one would begin a second thing. (Only a
 * rate limit is waited for inside, which GitHub answers before it does anything.) `send` passes `once` on.
 */
export async function callOnce<T>(
  client: GithubClient,
  order: Order,
  send: (octokit: Octokit, place: { owner: string; repo: string }) => Promise<T>,
): Promise<CalledOnce<T>> {
  let octokit: Octokit
  try {
    octokit = await client.forRepository(order.repository)
  } catch (error) {
    // Nothing was sent yet.
    if (error instanceof GithubFault) return { kind: 'refused', because: error.message }
    throw error
  }
  const place = ownerAndName(order.repository)
  try {
    return { kind: 'answered', answer: await send(octokit, place) }
  } catch (error) {
    return notDone(error, order)
  }
}

/** GitHub's own words about a refusal, on one line, without secrets and not too long; null when it has none. */
export function saidBy(error: unknown): string | null {
  if (!(error instanceof RequestError)) return null
  const read = z.object({ message: z.string() }).safeParse(error.response?.data)
  return read.success && read.data.message.trim() !== '' ? inShort(read.data.message) : null
}

/** Words of GitHub's as they may be shown, once they are escaped. */
export function inShort(text: string): string {
  return cut(redact(text.slice(0, 5_000)).replaceAll(/\s+/g, ' ').trim(), 300)
}

function notDone(error: unknown, { what, needs }: Order): NotDone {
  if (!(error instanceof RequestError) || error.response === undefined)
    return { kind: 'unclear', because: `GitHub did not answer (${reasonOf(error)}).` }
  const { status } = error
  if (status >= 500) return { kind: 'unclear', because: `GitHub answered ${status}. It may be having an outage.` }
  return { kind: 'refused', because: refusal(error, what, needs) }
}

function refusal(error: RequestError, what: string, needs: string): string {
  const { status } = error
  const said = saidBy(error)
  const wait = rateLimitWait(status, error.response?.headers ?? {}, error.message, new Date())
  if (wait !== null) return `GitHub's rate limit is used up; it asks to wait ${Math.ceil(wait / 1000)} s.`
  if (status === 401) return 'GitHub refused our credentials (401). Check the token, or the App id and private key.'
  if (status === 404) return `GitHub has no ${what}, or our credentials cannot see it (404).`
  if (status === 403 && (said === null || isAboutUs(said)))
    return `our token or App needs the permission ${needs} here (403${said === null ? '' : `: ${said}`}).`
  return said === null ? `GitHub answered ${status} and gives no reason.` : `${said} (${status})`
}

/** GitHub answers 403 both for what we may not and for what nobody can; only the words differ. */
function isAboutUs(said: string): boolean {
  return /not accessible by|must have .{0,40}\b(?:rights|access)|permission|SAML|scope|IP allow list/i.test(said)
}

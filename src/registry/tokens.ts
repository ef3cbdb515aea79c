import { z } from 'zod'
import { isLoopback } from './addresses.ts'
import type { Login } from './docker-config.ts'
import { RegistryFault } from './fault.ts'
import type { Arrived, Journey, Request } from './journey.ts'

export type TokenRequest = {
  realm: string
  service: string | null
  repository: string
  login: Login | null
  /** where the challenge came from */
  registry: URL
}

/**
 * A token that may pull from one repository, with a login or without (distribution, `docs/content/spec/auth/token.md`
 * and `oauth.md`). The scope is ours: a registry that asks for more does not get it.
 */
export async function fetchToken(journey: Journey, wanted: TokenRequest): Promise<string> {
  const answer = await journey(requestFor(wanted, realmOf(wanted)))
  if (answer.status === 200) return tokenIn(answer)
  const { host } = answer.url
  if ([400, 401, 403, 404].includes(answer.status))
    throw new RegistryFault('denied', `${host} gives no token for ${wanted.repository} (${answer.status})`)
  throw new RegistryFault('malformed', `${host} answered ${answer.status} when asked for a token`)
}

/** Where the token server is. It is told the password, so it has to be reached by https, or on loopback as Docker does. */
function realmOf({ realm, registry }: TokenRequest): URL {
  const url = URL.parse(realm)
  const plainToo = url?.protocol === 'http:' && (isLoopback(url.hostname) || url.origin === registry.origin)
  if (url && url.username === '' && (url.protocol === 'https:' || plainToo)) return url
  throw new RegistryFault('not-allowed', `${registry.host} names a token server that is not at an https address`)
}

const mostToken = 256 * 1024

function requestFor({ service, repository, login }: TokenRequest, realm: URL): Request {
  const asked = { ...(service === null ? {} : { service }), scope: `repository:${repository}:pull` }
  if (login?.kind === 'identity') {
    const form = { grant_type: 'refresh_token', client_id: 'layerwise', ...asked, refresh_token: login.token }
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    return { url: realm, method: 'POST', headers, body: String(new URLSearchParams(form)), maxBytes: mostToken }
  }
  const url = new URL(realm)
  for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value)
  if (login?.kind !== 'password') return { url, headers: {}, maxBytes: mostToken }
  url.searchParams.set('account', login.username)
  return { url, headers: { authorization: basic(login) }, maxBytes: mostToken }
}

export function basic({ username, password }: { username: string; password: string }): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}

const tokenSchema = z.union([
  z.looseObject({ token: z.string().min(1) }).transform(({ token }) => token),
  z.looseObject({ access_token: z.string().min(1) }).transform(({ access_token: token }) => token),
])

function tokenIn({ body, url }: Arrived): string {
  const token = tokenSchema.safeParse(jsonIn(body)).data
  if (token !== undefined && /^[\x21-\x7e]+$/.test(token)) return token
  throw new RegistryFault('malformed', `${url.host} answered without a token`)
}

function jsonIn(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return null
  }
}

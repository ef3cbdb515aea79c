import { createDeviceCode, exchangeDeviceCode } from '@octokit/oauth-methods'
import { type Octokit, RequestError } from 'octokit'
import { z } from 'zod'
import { githubId, pageUrl, readPayload } from '../alert/from-run.ts'
import { inShort, once } from './call-once.ts'
import { type ClientOptions, octokitFor } from './client.ts'
import { GithubFault, githubFault } from './fault.ts'

/** What the person is shown, and what we ask with. Whoever has `deviceCode` learns who typed `userCode`: keep it. */
export type DeviceCode = {
  deviceCode: string
  /** `WDJB-MJHT` */
  userCode: string
  /** page at GitHub where it is typed */
  verificationUri: string
  /** ISO 8601 */
  expiresAt: string
  /** GitHub wants at least so long between two questions */
  intervalMs: number
}

export type Exchanged =
  | { kind: 'linked'; login: string; id: number }
  /** not typed yet: ask again after so long */
  | { kind: 'waiting'; intervalMs: number }
  /** `expired`: also used before. `disabled`: the App's settings do not allow the device flow */
  | { kind: 'ended'; because: 'expired' | 'denied' | 'disabled' }

/** GitHub's device flow: a person shows us which account is theirs, and we need no address that GitHub can reach. */
export type DeviceLogin = {
  begin(): Promise<DeviceCode>
  /** `intervalMs`: what was waited before this question; the next wait is no shorter. */
  exchange(deviceCode: string, intervalMs?: number): Promise<Exchanged>
}

export type DeviceLoginConfig = {
  /** where people go, without a slash at the end: `https://github.com`; the codes are given and taken there */
  githubUrl: string
  /** of the API */
  apiUrl: string
  /** of a GitHub App or an OAuth app; no secret */
  clientId: string
}

export function deviceLogin(
  { githubUrl, apiUrl, clientId }: DeviceLoginConfig,
  { now = () => new Date(), ...options }: ClientOptions & { now?: () => Date } = {},
): DeviceLogin {
  // No scope: to tell who somebody is takes none.
  const client = { clientType: 'oauth-app', clientId, request: requestAt(githubUrl, options) } as const
  return {
    async begin() {
      const doing = 'Asking GitHub for a device code'
      const begun = now().getTime()
      const { expiresInMs, ...code } = await codeFrom(doing, () => createDeviceCode(client))
      return { ...code, expiresAt: new Date(begun + expiresInMs).toISOString() }
    },
    async exchange(deviceCode, intervalMs = usualMs) {
      let token: string
      try {
        token = (await exchangeDeviceCode({ ...client, code: deviceCode })).authentication.token
      } catch (error) {
        const outcome = outcomeOf(error, intervalMs)
        if (outcome !== null) return outcome
        throw deviceFault('Asking GitHub who typed a device code', error)
      }
      return { kind: 'linked', ...(await whoHas(token, apiUrl, options)) }
    },
  }
}

type Begun = Omit<DeviceCode, 'expiresAt'> & { expiresInMs: number }

async function codeFrom(doing: string, create: () => Promise<{ data: unknown }>): Promise<Begun> {
  let data: unknown
  try {
    data = (await create()).data
  } catch (error) {
    throw deviceFault(doing, error)
  }
  return understood(doing, codeSchema, data)
}

/** GitHub's own words in the protocol: https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps#error-codes-for-the-device-flow */
function outcomeOf(error: unknown, intervalMs: number): Exchanged | null {
  const refused = refusalOf(error)
  if (refused === null) return null
  const { error: code, interval } = refused
  if (code === 'authorization_pending') return { kind: 'waiting', intervalMs }
  if (code === 'slow_down') return { kind: 'waiting', intervalMs: Math.max(intervalMs + 5_000, (interval ?? 0) * 1000) }
  const because = endings[code]
  return because === undefined ? null : { kind: 'ended', because }
}

/** where GitHub names none */
const usualMs = 5_000

const endings: Record<string, 'expired' | 'denied' | 'disabled'> = {
  expired_token: 'expired',
  incorrect_device_code: 'expired',
  access_denied: 'denied',
  device_flow_disabled: 'disabled',
}

/**
 * Asks whose token it is, and forgets the token: nothing else is ever asked with it. We cannot have GitHub revoke it,
 * as that takes the client secret, which we do not have.
 */
async function whoHas(token: string, apiUrl: string, options: ClientOptions): Promise<{ login: string; id: number }> {
  const doing = 'Asking GitHub who somebody is'
  try {
    const { data } = await octokitFor({ baseUrl: apiUrl, token }, options).rest.users.getAuthenticated()
    return understood(doing, userSchema, data)
  } catch (error) {
    const fault = githubFault(doing, error)
    if (fault.code !== 'forbidden') throw fault
    throw new GithubFault('forbidden', `${doing}: GitHub does not let the account in (403); it may be suspended.`, {
      status: 403,
    })
  }
}

/** Asked once: an answer that is lost after GitHub gave it away would come back as a code that was used. */
function requestAt(githubUrl: string, options: ClientOptions): Octokit['request'] {
  return octokitFor({ baseUrl: githubUrl, token: null }, options).request.defaults(once)
}

function deviceFault(doing: string, error: unknown): GithubFault {
  if (error instanceof RequestError && error.status === 404)
    return new GithubFault(
      'not-found',
      `${doing}: GitHub knows no app with our client id (404). Check it; that of a GitHub App begins with Iv.`,
      { status: 404 },
    )
  const refused = refusalOf(error)
  if (refused !== null) {
    const because =
      refused.error === 'device_flow_disabled'
        ? 'the device flow is not enabled in the settings of our app'
        : `it refused our app (${inShort(refused.error_description ?? refused.error)})`
    return new GithubFault('forbidden', `${doing}: ${because}.`, { status: 400 })
  }
  if (error instanceof RequestError) return githubFault(doing, error)
  // The library met what it did not expect.
  return new GithubFault('malformed', `${doing}: GitHub's answer is not what it promises.`, { cause: error })
}

function understood<T>(doing: string, schema: z.ZodType<T>, data: unknown): T {
  const read = readPayload(schema, data)
  if (read.kind === 'read') return read.value
  throw new GithubFault('malformed', `${doing}: GitHub's answer is not what it promises (${read.because}).`)
}

function refusalOf(error: unknown): z.infer<typeof refusalSchema> | null {
  const read = refusalSchema.safeParse(error instanceof RequestError ? error.response?.data : null)
  return read.success ? read.data : null
}

const refusalSchema = z.object({
  error: z.string().min(1).max(200),
  error_description: z.string().max(2_000).optional(),
  /** seconds */
  interval: z.number().positive().max(3_600).optional(),
})

const codeSchema = z
  .object({
    device_code: z.string().min(1).max(500),
    user_code: z.string().regex(/^[A-Za-z0-9-]{1,50}$/),
    verification_uri: pageUrl,
    expires_in: z.number().positive().max(86_400),
    interval: z.number().nonnegative().max(3_600).optional(),
  })
  .transform((code) => ({
    deviceCode: code.device_code,
    userCode: code.user_code,
    verificationUri: code.verification_uri,
    expiresInMs: code.expires_in * 1000,
    intervalMs: code.interval === undefined ? usualMs : code.interval * 1000,
  }))

const userSchema = z.object({ login: z.string().min(1).max(200), id: githubId })

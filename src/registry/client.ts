import { createHash } from 'node:crypto'
import { readChallenge } from './challenge.ts'
import type { FindLogin, FoundLogin } from './credentials.ts'
import { RegistryFault } from './fault.ts'
import { type Arrived, type Journey, journeys, type Patience, patience as usualPatience } from './journey.ts'
import { apiHost, type Reach } from './reach.ts'
import type { Image } from './reference.ts'
import { whyNot } from './refused.ts'
import { basic, fetchToken } from './tokens.ts'
import { transport } from './transport.ts'

export type Manifest = { bytes: Buffer; mediaType: string; digest: string }

/** What we read of registries, by the distribution specification: https://github.com/opencontainers/distribution-spec */
export type RegistryClient = {
  /** by tag or digest; the bytes are those that the digest names */
  manifest(image: Image, reference: string): Promise<Manifest>
  blob(image: Image, digest: string, maxBytes: number): Promise<Buffer>
}

export type RegistryOptions = {
  reach: Reach
  findLogin: FindLogin
  /** what to do when a login is missing, as it can be done here */
  howToLogIn: (registry: string) => string
  patience?: Partial<Patience>
}

/** A client for one question, which it must answer within its time. Throws a `RegistryFault`. */
export function registryClient(options: RegistryOptions): RegistryClient {
  const { reach, patience } = options
  const session: Session = {
    ...options,
    journey: journeys(transport(reach), reach, { ...usualPatience, ...patience }),
    logins: new Map(),
    passes: new Map(),
  }
  return {
    async manifest(image, reference) {
      const path = `/manifests/${encodeURIComponent(reference)}`
      const { body, headers } = await get(session, image, path, { accept: manifestTypes, maxBytes: largestManifest })
      const said = headers['docker-content-digest']
      const digest = reference.includes(':') ? reference : (first(said) ?? digestOf(body, 'sha256'))
      verify(body, digest, image)
      return { bytes: body, mediaType: headers['content-type']?.split(';')[0]?.trim() ?? '', digest }
    },
    async blob(image, digest, maxBytes) {
      const { body } = await get(session, image, `/blobs/${digest}`, { accept: '*/*', maxBytes })
      verify(body, digest, image)
      return body
    },
  }
}

/** What the specification lets a registry limit a manifest to. */
const largestManifest = 4 * 1024 * 1024

const manifestTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ')

type Session = RegistryOptions & {
  journey: Journey
  /** of registries */
  logins: Map<string, FoundLogin>
  /** what to send as `Authorization` for a repository */
  passes: Map<string, string>
}

async function get(
  session: Session,
  image: Image,
  path: string,
  { accept, maxBytes }: { accept: string; maxBytes: number },
): Promise<Arrived> {
  const refusal = session.reach.refusal(image)
  if (refusal !== null) throw new RegistryFault('not-allowed', refusal)
  const url = addressOf(session, image, path)
  const repository = `${image.registry}/${image.repository}`
  const ask = () => {
    const pass = session.passes.get(repository)
    return session.journey({ url, headers: { accept, ...(pass && { authorization: pass }) }, maxBytes })
  }
  let answer = await ask()
  // a 401 of the storage that we were led to is not the registry's, and says nothing about our login there
  if (answer.status === 401 && answer.url.origin === url.origin) {
    session.passes.set(repository, await passFor(session, image, answer))
    answer = await ask()
  }
  if (answer.status === 200) return answer
  throw whyNot(answer, { image, ...(await hintsFor(session, image)) })
}

function addressOf({ reach }: Session, { registry, repository }: Image, path: string): URL {
  const host = apiHost(registry)
  return new URL(`${reach.plainHttp(host) ? 'http' : 'https'}://${host}/v2/${repository}${path}`)
}

/** Answers the registry's challenge. */
async function passFor(session: Session, image: Image, answer: Arrived): Promise<string> {
  const challenge = readChallenge(first(answer.headers['www-authenticate']) ?? '')
  const { login } = await loginFor(session, image.registry)
  if (login?.kind === 'access') return `Bearer ${login.token}`
  if (challenge.kind === 'bearer') {
    const wanted = { ...challenge, repository: image.repository, login, registry: answer.url }
    const token = await fetchToken(session.journey, wanted).catch(async (error: unknown) => {
      if (!(error instanceof RegistryFault) || error.code !== 'denied') throw error
      throw whyNot(answer, { image, ...(await hintsFor(session, image)), said: error.message })
    })
    return `Bearer ${token}`
  }
  if (challenge.kind === 'basic' && login?.kind === 'password') return basic(login)
  throw whyNot(answer, { image, ...(await hintsFor(session, image)) })
}

async function loginFor({ logins, findLogin }: Session, registry: string): Promise<FoundLogin> {
  const known = logins.get(registry) ?? (await findLogin(registry))
  logins.set(registry, known)
  return known
}

async function hintsFor(session: Session, { registry }: Image) {
  const { login, trouble } = await loginFor(session, registry)
  return { loggedIn: login !== null, trouble, howToLogIn: session.howToLogIn(registry) }
}

/** What came is what was asked for, whoever handed it on. */
function verify(bytes: Buffer, digest: string, { registry }: Image): void {
  const algorithm = digest.slice(0, digest.indexOf(':'))
  if (algorithm !== 'sha256' && algorithm !== 'sha512')
    throw new RegistryFault('malformed', `${registry} names a digest that is neither sha256 nor sha512`)
  if (digestOf(bytes, algorithm) !== digest)
    throw new RegistryFault(
      'malformed',
      `${registry} sent other bytes than those of ${digest}: they are not what was pushed`,
    )
}

function digestOf(bytes: Buffer, algorithm: 'sha256' | 'sha512'): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`
}

function first(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header
}

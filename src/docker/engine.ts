import { readFile } from 'node:fs/promises'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { join } from 'node:path'
import Docker from 'dockerode'
import { z } from 'zod'
import type { DockerAddress } from './address.ts'
import { DockerFault, dockerFault } from './fault.ts'
import { sshAgent } from './ssh-socket.ts'

/** A Docker daemon that answered. */
export type Engine = {
  /** One request; `query` values that are objects go as JSON. `doing` begins the words of a fault. */
  ask(request: EngineRequest): Promise<unknown>
  close(): void
}

export type EngineRequest = {
  doing: string
  method: 'GET' | 'POST'
  /** without version: `/system/df` */
  path: string
  query: Record<string, string | object>
  /** milliseconds until we give up */
  patience: number
}

/**
 * We speak API versions that were tried: 1.41 (Docker 20.10) to 1.47. Later ones have another form of disk usage, and
 * daemons serve older forms for years.
 */
const oldest = 41
const newest = 47

const versionSchema = z.object({
  ApiVersion: z.string().regex(/^1\.[0-9]{1,3}$/),
  MinAPIVersion: z
    .string()
    .regex(/^1\.[0-9]{1,3}$/)
    .default('1.0'),
  Components: z.array(z.object({ Name: z.string() })).nullish(),
})

/** Connects and agrees on a version. Throws a DockerFault when nobody answers within some seconds. */
export async function openEngine(address: DockerAddress): Promise<Engine> {
  const { docker, close } = await dial(address)
  try {
    const doing = `Asking the Docker daemon at ${placeOf(address)} for its version`
    const answer = await ask(docker, { doing, method: 'GET', path: '/version', query: {}, patience: 20_000 })
    const prefix = `/v1.${agreedVersion(doing, answer)}`
    return { ask: (request) => ask(docker, { ...request, path: `${prefix}${request.path}` }), close }
  } catch (error) {
    close()
    throw error
  }
}

export function placeOf(address: DockerAddress): string {
  return address.kind === 'unix' ? address.path : address.host
}

/** The minor number: all are 1.x. */
function agreedVersion(doing: string, answer: unknown): number {
  const read = versionSchema.safeParse(answer)
  if (!read.success) throw new DockerFault('malformed', `${doing}: the answer is none of a Docker daemon.`)
  const { ApiVersion, MinAPIVersion, Components } = read.data
  if (Components?.some(({ Name }) => /podman/i.test(Name)))
    throw new DockerFault(
      'unsupported',
      `${doing}: this is Podman, which has no build cache that can be pruned entry by entry.`,
    )
  const minor = (version: string) => Number(version.slice(2))
  const agreed = Math.min(newest, minor(ApiVersion))
  if (agreed < oldest || agreed < minor(MinAPIVersion))
    throw new DockerFault(
      'unsupported',
      `${doing}: it speaks API ${MinAPIVersion} to ${ApiVersion}, we speak 1.${oldest} to 1.${newest} (Docker 20.10 and later).`,
    )
  return agreed
}

type Dialled = { docker: Docker; close: () => void }

async function dial(address: DockerAddress): Promise<Dialled> {
  if (address.kind === 'unix') return connect({ socketPath: address.path }, new HttpAgent())
  // the name only stands in the request's Host
  if (address.kind === 'ssh') return connect({ host: 'docker' }, sshAgent(address))
  const { host, port, certificates } = address
  if (certificates === null) return connect({ host, port }, new HttpAgent())
  const [ca, cert, key] = await Promise.all(
    ['ca.pem', 'cert.pem', 'key.pem'].map((name) => readPem(certificates, name)),
  )
  // whoever cannot show a certificate of this CA is refused, whatever NODE_TLS_REJECT_UNAUTHORIZED says
  const agent = new HttpsAgent({ ca, cert, key, keepAlive: true, rejectUnauthorized: true, minVersion: 'TLSv1.2' })
  return connect({ host, port, protocol: 'https' }, agent)
}

async function readPem(folder: string, name: string): Promise<Buffer> {
  const path = join(folder, name)
  try {
    return await readFile(path)
  } catch (error) {
    throw new DockerFault(
      'malformed',
      `${path} cannot be read: a folder of certificates has ca.pem, cert.pem and key.pem.`,
      {
        cause: error,
      },
    )
  }
}

/** Says all of it, as what is not said is taken from DOCKER_HOST and its kin, and that could be another daemon. */
function connect(
  where: { socketPath?: string; host?: string; port?: number; protocol?: 'https' },
  agent: HttpAgent,
): Dialled {
  const unsaid = {
    socketPath: undefined,
    host: undefined,
    port: undefined,
    ca: undefined,
    cert: undefined,
    key: undefined,
  }
  const options = { ...unsaid, protocol: 'http' as const, pathPrefix: '/', timeout: 0, ...where, agent }
  try {
    return { docker: new Docker(options), close: () => agent.destroy() }
  } catch (error) {
    const words =
      'DOCKER_HOST or DOCKER_CERT_PATH in the environment is broken. Unset it: builders are configured by name.'
    throw new DockerFault('malformed', words, { cause: error })
  }
}

/**
 * Through the modem, as dockerode's own `df` and `pruneBuilder` (5.0) drop what they are given: without its filter a
 * prune would take everything. An answer that breaks off in the middle never ends there, so our patience does.
 */
function ask({ modem }: Docker, { doing, method, path, query, patience }: EngineRequest): Promise<unknown> {
  const signal = AbortSignal.timeout(patience)
  const statusCodes = { 200: true, 500: 'server error' }
  return new Promise((resolve, reject) => {
    const late = () => {
      reject(new DockerFault('unreachable', `${doing}: no answer within ${Math.ceil(patience / 1000)} s.`))
    }
    signal.addEventListener('abort', late, { once: true })
    const options = { _query: query, _body: {} }
    const mark = Object.keys(query).length === 0 ? '' : '?'
    const request = { method, path: `${path}${mark}`, options, statusCodes, abortSignal: signal }
    modem.dial(request, (error: Error | null, answer: unknown) => {
      signal.removeEventListener('abort', late)
      if (error !== null && !signal.aborted) reject(dockerFault(doing, error))
      else if (error === null) resolve(answer)
    })
  })
}

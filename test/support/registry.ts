import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A registry on loopback that keeps to the distribution specification, and can be told to misbehave. */
export type LocalRegistry = AsyncDisposable & {
  /** `127.0.0.1:1234` */
  host: string
  /** what was asked of it, in order */
  requests: Seen[]
  blob(content: string | Buffer): { digest: string; size: number }
  /** Puts a manifest under its digest and a tag; returns a descriptor of it. */
  manifest(repository: string, tag: string | null, content: object, mediaType?: string): Descriptor
  /** An image of these layers: each its instruction, with a size or `null` for a step without a layer. */
  image(repository: string, tag: string | null, image: ScriptedImage): Descriptor
  /** Answers in our place; null leaves it to the registry. */
  intercept(answer: Intercept): void
  close(): Promise<void>
}
export type Seen = { method: string; path: string; authorization: string | undefined; body: string; host: string }
export type Descriptor = { mediaType: string; digest: string; size: number }
export type ScriptedImage = {
  steps: [createdBy: string, layer: string | null, size?: number][]
  config?: object
  configType?: string
  mediaType?: string
}
type Answer = { status: number; headers?: Record<string, string>; body?: string | Buffer; afterMs?: number }
type Intercept = (request: Seen & { query: URLSearchParams }) => Answer | null

export type Auth =
  | { kind: 'none' }
  | { kind: 'basic'; username: string; password: string }
  /** `realm`: where the token server is, when not here; `open`: repositories that anybody may pull */
  | { kind: 'token'; username: string; password: string; open?: string[]; realm?: string; refreshToken?: string }

export const ociManifest = 'application/vnd.oci.image.manifest.v1+json'
export const ociIndex = 'application/vnd.oci.image.index.v1+json'
const ociConfig = 'application/vnd.oci.image.config.v1+json'
const ociLayer = 'application/vnd.oci.image.layer.v1.tar+gzip'

export async function startRegistry(auth: Auth = { kind: 'none' }, listenOn = '127.0.0.1'): Promise<LocalRegistry> {
  const requests: Seen[] = []
  const blobs = new Map<string, Buffer>()
  const manifests = new Map<string, { bytes: Buffer; mediaType: string }>()
  const intercepts: Intercept[] = []
  const server = createServer((request, response) => {
    void (async () => {
      const seen = await seenOf(request)
      requests.push(seen)
      const query = new URL(seen.path, 'http://x').searchParams
      for (const intercept of intercepts) {
        const answer = intercept({ ...seen, query })
        if (answer) return send(response, answer)
      }
      const path = seen.path.split('?')[0] ?? ''
      if (path === '/token') return send(response, token(auth, seen, query))
      send(response, refused(auth, seen, path, host()) ?? content(path, { blobs, manifests }))
    })()
  })
  await new Promise<void>((resolve) => server.listen(0, listenOn, resolve))
  const host = () => `${listenOn}:${(server.address() as AddressInfo).port}`

  const blob = (given: string | Buffer) => {
    const bytes = Buffer.from(given)
    const digest = digestOf(bytes)
    blobs.set(digest, bytes)
    return { digest, size: bytes.length }
  }
  const manifest: LocalRegistry['manifest'] = (repository, tag, given, mediaType = ociManifest) => {
    const bytes = Buffer.from(JSON.stringify(given))
    const digest = digestOf(bytes)
    for (const name of [digest, tag]) if (name !== null) manifests.set(`${repository}:${name}`, { bytes, mediaType })
    return { mediaType, digest, size: bytes.length }
  }
  const close = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return {
    host: host(),
    requests,
    blob,
    manifest,
    image(repository, tag, { steps, config = {}, configType = ociConfig, mediaType = ociManifest }) {
      const layers = steps.flatMap(([, name, size]) =>
        name === null ? [] : [{ mediaType: ociLayer, digest: digestOf(Buffer.from(name)), size: size ?? name.length }],
      )
      const history = steps.map(([created_by, layer]) => ({
        created: '2026-03-04T05:06:07Z',
        created_by,
        ...(layer === null ? { empty_layer: true } : {}),
      }))
      const bytes = { os: 'linux', architecture: 'amd64', created: '2026-03-04T05:06:07Z', history, ...config }
      const put = { mediaType: configType, ...blob(JSON.stringify(bytes)) }
      return manifest(repository, tag, { schemaVersion: 2, mediaType, config: put, layers }, mediaType)
    },
    intercept: (answer) => void intercepts.push(answer),
    close,
    [Symbol.asyncDispose]: close,
  }
}

export function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

async function seenOf(request: IncomingMessage): Promise<Seen> {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  const { method = '', url = '', headers } = request
  return { method, path: url, authorization: headers.authorization, body, host: headers.host ?? '' }
}

type Kept = { blobs: Map<string, Buffer>; manifests: Map<string, { bytes: Buffer; mediaType: string }> }

function content(path: string, { blobs, manifests }: Kept): Answer {
  const [, repository = '', kind, name = ''] = /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(path) ?? []
  const reference = decodeURIComponent(name)
  if (kind === 'blobs') {
    const body = blobs.get(reference)
    return body ? { status: 200, body } : error(404, 'BLOB_UNKNOWN', 'blob unknown to registry')
  }
  const found = manifests.get(`${repository}:${reference}`)
  if (found) {
    const headers = { 'content-type': found.mediaType, 'docker-content-digest': digestOf(found.bytes) }
    return { status: 200, headers, body: found.bytes }
  }
  const known = [...manifests.keys()].some((key) => key.startsWith(`${repository}:`))
  return known
    ? error(404, 'MANIFEST_UNKNOWN', 'manifest unknown')
    : error(404, 'NAME_UNKNOWN', 'repository name not known to registry')
}

function refused(auth: Auth, { authorization }: Seen, path: string, host: string): Answer | null {
  const repository = /^\/v2\/(.+)\/(?:manifests|blobs)\//.exec(path)?.[1] ?? ''
  if (auth.kind === 'none') return null
  if (auth.kind === 'basic') {
    if (authorization === basicOf(auth)) return null
    return {
      ...error(401, 'UNAUTHORIZED', 'authentication required'),
      headers: { 'www-authenticate': 'Basic realm="a registry"' },
    }
  }
  if (authorization === `Bearer token-for-repository:${repository}:pull`) return null
  const realm = auth.realm ?? `http://${host}/token`
  const challenge = `Bearer realm="${realm}",service="local",scope="repository:${repository}:pull,push"`
  return { ...error(401, 'UNAUTHORIZED', 'authentication required'), headers: { 'www-authenticate': challenge } }
}

function token(auth: Auth, { authorization, method, body }: Seen, query: URLSearchParams): Answer {
  if (auth.kind !== 'token') return { status: 404 }
  const asked = method === 'POST' ? new URLSearchParams(body) : query
  const scope = asked.get('scope') ?? ''
  const refreshed = auth.refreshToken !== undefined && asked.get('refresh_token') === auth.refreshToken
  const open = auth.open?.includes(scope.split(':')[1] ?? '') ?? false
  if (asked.get('service') !== 'local') return { status: 400 }
  if (!refreshed && !open && authorization !== basicOf(auth)) return error(401, 'UNAUTHORIZED', 'access denied')
  return { status: 200, body: JSON.stringify({ [method === 'POST' ? 'access_token' : 'token']: `token-for-${scope}` }) }
}

function basicOf({ username, password }: { username: string; password: string }): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}

function error(status: number, code: string, message: string): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ errors: [{ code, message }] }),
  }
}

function send(response: ServerResponse, { status, headers = {}, body = '', afterMs = 0 }: Answer): void {
  setTimeout(() => response.writeHead(status, headers).end(body), afterMs)
}

import { lookup } from 'node:dns'
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { RegistryFault } from './fault.ts'
import type { Reach } from './reach.ts'

export type Question = {
  url: URL
  method?: 'GET' | 'POST'
  headers: Record<string, string>
  body?: string
  maxBytes: number
  signal: AbortSignal
}
export type Reply = { status: number; headers: IncomingHttpHeaders; body: Buffer }

/** One request and its answer: no redirect is followed, nothing is tried again. */
export type Transport = (question: Question) => Promise<Reply>

/**
 * Over `node:https` and not `fetch`, which cannot be told to look at the address that a name leads to at the moment when
 * it connects: checked before, the name could lead elsewhere a moment later.
 */
export function transport(reach: Pick<Reach, 'mayConnect'>): Transport {
  return async (question) => {
    const { url, signal } = question
    const literal = url.hostname.replace(/^\[|\]$/g, '')
    if (isIP(literal) !== 0 && !reach.mayConnect(url, literal)) throw notThere(url)
    try {
      return await exchange(question, guardedLookup(url, reach))
    } catch (error) {
      if (error instanceof RegistryFault) throw error
      const why = signal.aborted ? 'no answer in time' : reasonOf(error)
      throw new RegistryFault('unavailable', `${url.host} could not be reached (${why})`, { cause: error })
    }
  }
}

function exchange({ url, method = 'GET', headers, body, maxBytes, signal }: Question, lookup: LookupFunction) {
  return new Promise<Reply>((resolve, reject) => {
    const options: RequestOptions = {
      method,
      signal,
      lookup,
      // No pool: a connection that somebody else opened was not looked at.
      agent: false,
      headers: { 'user-agent': 'layerwise', 'accept-encoding': 'identity', ...headers },
    }
    const begin = url.protocol === 'https:' ? httpsRequest : httpRequest
    const sent = begin(url, options, (answer) => {
      readBody(answer, maxBytes, url).then(
        (bytes) => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: bytes }),
        reject,
      )
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

async function readBody(answer: IncomingMessage, maxBytes: number, url: URL): Promise<Buffer> {
  const tooLarge = () =>
    new RegistryFault(
      'too-large',
      `${url.host} sent more than the ${maxBytes / 1024 / 1024} MiB that we read of such an answer`,
    )
  if (Number(answer.headers['content-length'] ?? 0) > maxBytes) {
    answer.destroy()
    throw tooLarge()
  }
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBytes) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** Leaves out the addresses where we may not go; a name that leads nowhere else is refused. */
function guardedLookup(url: URL, reach: Pick<Reach, 'mayConnect'>): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, '')
      const allowed = found.filter(({ address }) => reach.mayConnect(url, address))
      const [first] = allowed
      if (!first) return callback(notThere(url), '')
      if (options.all) callback(null, allowed)
      else callback(null, first.address, first.family)
    })
  }
}

function notThere(url: URL): RegistryFault {
  return new RegistryFault(
    'not-allowed',
    `${url.host} is an address of this machine or its network, where I do not go unless LAYERWISE_REGISTRIES lists it`,
  )
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no answer'
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name
  return hints[code] ?? code
}

/** What a person can do about it, where we know. */
const noTls =
  'it does not speak TLS; if it is a registry without, say so in LAYERWISE_REGISTRIES, e.g. http://registry:5000'
const unknownSigner = 'its certificate is signed by nobody we know; NODE_EXTRA_CA_CERTS names further authorities'
const hints: Record<string, string> = {
  ENOTFOUND: 'there is no such host',
  ECONNREFUSED: 'nothing listens there',
  EPROTO: noTls,
  ERR_SSL_WRONG_VERSION_NUMBER: noTls,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: noTls,
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownSigner,
  SELF_SIGNED_CERT_IN_CHAIN: unknownSigner,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownSigner,
}

import { redact } from '../build/redact.ts'

/** What kept us from an answer of a Docker daemon; callers branch on it. */
export type DockerFaultCode =
  | 'unreachable' // nobody there, no answer in time, or the connection broke: worth another try
  | 'refused' // it does not let us in, or we do not trust it
  | 'unsupported' // it cannot what we need, or we cannot reach it in that way
  | 'malformed' // an address, a file or an answer that is not what it has to be
  | 'in-use' // it is busy with the same already
  | 'unexpected' // it did something else than we asked for

/** The message says what, why and what to do. */
export class DockerFault extends Error {
  override readonly name = 'DockerFault'
  readonly code: DockerFaultCode

  constructor(code: DockerFaultCode, message: string, { cause }: { cause?: unknown } = {}) {
    super(message, { cause })
    this.code = code
  }
}

/** Whatever a connection threw while we were `doing` something, in words. */
export function dockerFault(doing: string, error: unknown): DockerFault {
  if (error instanceof DockerFault) return error
  const status = statusOf(error)
  if (status !== null) return new DockerFault(codeOfStatus(status), `${doing}: ${saidBy(error, status)}`)
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const cause = { cause: error }
  if (code === 'EACCES' || code === 'EPERM')
    return new DockerFault(
      'refused',
      `${doing}: we may not open its socket. Add our user to the group that may.`,
      cause,
    )
  if (code === 'ENOENT')
    return new DockerFault('unreachable', `${doing}: there is no such socket. Is the daemon running there?`, cause)
  if (code === 'ERR_INVALID_ARG_VALUE' || /^ERR_(?:SSL|OSSL|TLS)|CERT|SELF_SIGNED|ISSUER/.test(code))
    return new DockerFault(
      'refused',
      `${doing}: TLS failed (${code}). Check ca.pem, cert.pem, key.pem and the host's name in its certificate.`,
      cause,
    )
  const why = code === '' ? (error instanceof Error ? error.name : 'no answer') : code
  return new DockerFault(
    'unreachable',
    `${doing}: no connection (${why}). Is the daemon running there, and do we reach it?`,
    cause,
  )
}

/** HTTP status of an answer that was no success; null: there was no answer. */
function statusOf(error: unknown): number | null {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : null
}

function codeOfStatus(status: number): DockerFaultCode {
  if (status === 401 || status === 403) return 'refused'
  if (status === 409) return 'in-use'
  if (status === 400 || status === 404 || status === 501) return 'unsupported'
  return status >= 500 ? 'unreachable' : 'malformed'
}

/** The daemon's own words, on one line. They are data: whoever shows them escapes them. */
function saidBy(error: unknown, status: number): string {
  const json = error instanceof Error && 'json' in error ? error.json : null
  const message =
    typeof json === 'object' && json !== null && 'message' in json && typeof json.message === 'string'
      ? json.message
      : ''
  const words = redact(message.slice(0, 2_000)).replace(/\s+/g, ' ').trim().slice(0, 200)
  return words === '' ? `the daemon answered ${status}.` : `the daemon answered ${status}: ${words}`
}

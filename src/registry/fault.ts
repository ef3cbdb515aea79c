/** What kept us from an answer; callers branch on it. */
export type RegistryFaultCode =
  | 'not-found' // no such repository or tag; some registries say so also of what one may not see
  | 'denied' // it needs a login, or the login that we have is refused
  | 'not-allowed' // we do not ask there: a host, an address or a redirect that the rules of `reach.ts` keep us from
  | 'not-an-image' // a build cache, a chart, an attestation, a manifest of schema 1
  | 'no-such-platform'
  | 'too-large'
  | 'malformed' // an answer that the distribution specification does not allow, or not the bytes that its digest names
  | 'rate-limited'
  | 'unavailable'

/** A registry did not give what we asked for. The message says what, why and what to do, and holds no credential. */
export class RegistryFault extends Error {
  override readonly name = 'RegistryFault'
  readonly code: RegistryFaultCode
  /** how long the registry asks us to wait, when it says so */
  readonly retryAfterMs: number | null

  constructor(code: RegistryFaultCode, message: string, more: { retryAfterMs?: number | null; cause?: unknown } = {}) {
    super(message, { cause: more.cause })
    this.code = code
    this.retryAfterMs = more.retryAfterMs ?? null
  }
}

import { z } from 'zod'
import { redact } from '../build/redact.ts'
import { RegistryFault } from './fault.ts'
import type { Arrived } from './journey.ts'
import { type Image, nameOf } from './reference.ts'

type Circumstances = {
  image: Image
  loggedIn: boolean
  /** why there is no login, where one was configured */
  trouble: string | null
  howToLogIn: string
  /** what the token server said instead of a token */
  said?: string
}

/** An answer that is not what we asked for, in words: what, why, and what to do. */
export function whyNot(answer: Arrived, circumstances: Circumstances): RegistryFault {
  const { image, said } = circumstances
  const { status, url, body } = answer
  const errors = errorsIn(body)
  const quote = said ?? errors.map(({ code, message }) => `${code}${message ? `: ${message}` : ''}`).join('; ')
  const registrySays = quote === '' ? `${status}` : `${status}, ${redact(quote).slice(0, 200)}`
  if (status === 401 || status === 403) return denied(circumstances, registrySays)
  if (status === 404) return notFound(image, errors, registrySays)
  if (status === 400 && /http request to an https server/i.test(body.toString('latin1')))
    return new RegistryFault(
      'unavailable',
      `${url.host} speaks TLS; say so in LAYERWISE_REGISTRIES: https://${url.host}`,
    )
  return new RegistryFault('malformed', `${url.host} answered ${registrySays}, which we did not expect`)
}

function denied({ image, loggedIn, trouble, howToLogIn }: Circumstances, says: string): RegistryFault {
  const { registry } = image
  const why = loggedIn
    ? `there is no such image, or the login for ${registry} may not read it or has run out`
    : `there is no such image, or it needs a login: ${howToLogIn}`
  const but = trouble === null ? '' : ` (${trouble})`
  return new RegistryFault('denied', `${registry} does not let us read ${nameOf(image)} (${says}): ${why}${but}`)
}

function notFound(image: Image, errors: RegistryError[], says: string): RegistryFault {
  const { registry, repository } = image
  const codes = new Set(errors.map(({ code }) => code))
  const what = codes.has('NAME_UNKNOWN')
    ? `no repository ${repository}`
    : codes.has('BLOB_UNKNOWN')
      ? `lost a part of ${nameOf(image).slice(registry.length + 1)}`
      : `no ${nameOf(image).slice(registry.length + 1)}`
  return new RegistryFault('not-found', `${registry} has ${what} (${says})`)
}

type RegistryError = { code: string; message: string }

const errorSchema = z.looseObject({
  errors: z.array(z.looseObject({ code: z.string(), message: z.string().catch('') })),
})

/** Registries explain themselves in JSON; whatever stands between them and us does not. */
function errorsIn(body: Buffer): RegistryError[] {
  try {
    return errorSchema.parse(JSON.parse(body.toString('utf8'))).errors
  } catch {
    return []
  }
}

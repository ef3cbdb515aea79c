import { DockerFault } from './fault.ts'

/** Where a daemon is, and how it is spoken to. */
export type DockerAddress =
  | { kind: 'unix'; path: string }
  | { kind: 'tcp'; host: string; port: number; certificates: string | null }
  /** `user` and `port` null: as ssh's own configuration says */
  | { kind: 'ssh'; host: string; port: number | null; user: string | null }

/** Ways to write one that work, for messages. */
export const addressExamples =
  'unix:///var/run/docker.sock, tcp://builder.acme.internal:2376, ssh://ci@builder.acme.internal'

/** `certificates`: folder with ca.pem, cert.pem and key.pem, for TCP. Throws a DockerFault that says what is wrong. */
export function readDockerAddress(url: string, certificates: string | null): DockerAddress {
  const [, scheme, rest] = /^([a-z]{2,10}):\/\/(.*)$/s.exec(url) ?? []
  if (scheme === undefined || rest === undefined)
    throw malformed(`An address of a builder is one of ${addressExamples}`)
  if (scheme !== 'tcp' && certificates !== null)
    throw malformed(`Certificates are for tcp:// addresses, this one is ${scheme}://. Leave one of them out`)
  if (scheme === 'unix') return readUnix(rest)
  if (scheme === 'tcp') return readTcp(rest, certificates)
  if (scheme === 'ssh') return readSsh(rest)
  throw new DockerFault('unsupported', `Builders are not reached by ${scheme}://, but like this: ${addressExamples}.`)
}

function readUnix(path: string): DockerAddress {
  if (!path.startsWith('/') || path.includes('\0'))
    throw malformed('A unix:// address takes an absolute path, e.g. unix:///var/run/docker.sock')
  return { kind: 'unix', path }
}

function readTcp(rest: string, certificates: string | null): DockerAddress {
  const { host, port, user } = readAuthority('tcp', rest)
  if (user !== null) throw malformed('A tcp:// address takes no user; who we are is in cert.pem')
  if (certificates === null && !isLoopback(host))
    throw new DockerFault(
      'refused',
      `Without TLS whoever reaches ${host} is root there, and anybody between could prune in our name: give the folder of the certificates (ca.pem, cert.pem, key.pem). Only loopback is spoken to without.`,
    )
  return { kind: 'tcp', host, port: port ?? (certificates === null ? 2375 : 2376), certificates }
}

/** What becomes an argument of ssh looks like no option of its. */
function readSsh(rest: string): DockerAddress {
  const address = readAuthority('ssh', rest)
  if (address.user !== null && !/^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/.test(address.user))
    throw malformed(
      'The user of an ssh:// address has letters, digits, dots, dashes only; passwords do not belong there',
    )
  return { kind: 'ssh', ...address }
}

function readAuthority(scheme: string, rest: string): { host: string; port: number | null; user: string | null } {
  const found = /^(?:([^@/]*)@)?(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9][A-Za-z0-9._-]{0,252})(?::([0-9]{1,5}))?\/?$/.exec(
    rest,
  )
  const port = found?.[3] === undefined ? null : Number(found[3])
  if (!found?.[2] || (port !== null && (port < 1 || port > 65_535)))
    throw malformed(
      `A ${scheme}:// address is a host and perhaps a port, without a path, e.g. ${scheme}://builder.acme.internal:${scheme === 'ssh' ? 22 : 2376}`,
    )
  return { host: found[2].replace(/^\[|\]$/g, ''), port, user: found[1] ?? null }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.[0-9]{1,3}){3}$/.test(host)
}

function malformed(words: string): DockerFault {
  return new DockerFault('malformed', `${words}.`)
}

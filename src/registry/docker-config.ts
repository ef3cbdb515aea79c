import { z } from 'zod'

const login = z.looseObject({
  auth: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  identitytoken: z.string().optional(),
  registrytoken: z.string().optional(),
})

/** Docker's `config.json`, as far as it tells of logins (docker/cli, `cli/config/configfile/file.go`). */
const dockerConfigSchema = z.looseObject({
  auths: z.record(z.string(), login).optional(),
  credHelpers: z.record(z.string(), z.string()).optional(),
  credsStore: z.string().optional(),
})

export type DockerConfig = z.infer<typeof dockerConfigSchema>

/** What proves who we are. A token of identity is changed for one of access; a registry's token is one already. */
export type Login =
  | { kind: 'password'; username: string; password: string }
  | { kind: 'identity'; token: string }
  | { kind: 'access'; token: string }

/** Null when the text is not such a file. Never quotes it: it is made of secrets. */
export function readDockerConfig(text: string): DockerConfig | null {
  try {
    return dockerConfigSchema.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}

/** The login that the file itself holds. */
export function loginIn({ auths = {} }: DockerConfig, registry: string): Login | null {
  const entry = auths[keyIn(auths, registry) ?? '']
  if (!entry) return null
  if (entry.identitytoken) return { kind: 'identity', token: entry.identitytoken }
  if (entry.registrytoken) return { kind: 'access', token: entry.registrytoken }
  if (entry.username && entry.password) return { kind: 'password', username: entry.username, password: entry.password }
  return decode(entry.auth ?? '')
}

/** The program that keeps this registry's login, and the name under which it does. */
export function helperFor(config: DockerConfig, registry: string): { helper: string; server: string } | null {
  const { credHelpers = {}, credsStore, auths = {} } = config
  const own = keyIn(credHelpers, registry)
  const helper = own === null ? credsStore : credHelpers[own]
  if (!helper) return null
  return { helper, server: keyIn(auths, registry) ?? own ?? canonical(registry) }
}

/** Docker wrote keys as hosts, and long ago as addresses: `ghcr.io`, `https://index.docker.io/v1/`. */
function keyIn(keys: Record<string, unknown>, registry: string): string | null {
  const names = Object.keys(keys)
  const exact = names.find((name) => name === canonical(registry) || name === registry)
  return exact ?? names.find((name) => hostOf(name) === registry) ?? null
}

function canonical(registry: string): string {
  return registry === 'docker.io' ? 'https://index.docker.io/v1/' : registry
}

function hostOf(key: string): string {
  const host = key.replace(/^https?:\/\//, '').split('/', 1)[0] ?? ''
  return host === 'index.docker.io' || host === 'registry-1.docker.io' ? 'docker.io' : host
}

function decode(auth: string): Login | null {
  const text = Buffer.from(auth, 'base64')
    .toString('utf8')
    .replace(/(?<!\0)\0+$/, '')
  const colon = text.indexOf(':')
  if (colon < 1) return null
  return { kind: 'password', username: text.slice(0, colon), password: text.slice(colon + 1) }
}

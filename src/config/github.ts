import { needed, type Reading } from './reading.ts'
import { privateKeySchema, settings } from './settings.ts'

export type GithubConfig = {
  credentials: GithubCredentials
  /** any of them may have signed a webhook; empty: no webhook is served */
  webhookSecrets: string[]
  /** without a slash at the end, as `apiUrl` */
  url: string
  apiUrl: string
  /** of the App through which people say who they are; null: nobody can */
  clientId: string | null
  /** a classic token that may delete packages; null: none are pruned */
  packagesToken: string | null
}
export type GithubCredentials = { kind: 'token'; token: string } | { kind: 'app'; appId: string; privateKey: string }

export const githubCredentials = [
  'GITHUB_TOKEN',
  'GITHUB_APP_ID',
  'GITHUB_APP_PRIVATE_KEY',
  'GITHUB_APP_PRIVATE_KEY_FILE',
  'GITHUB_WEBHOOK_SECRET',
] as const

/** Null when something is missing or wrong, which is reported. */
export function readGithub(reading: Reading): GithubConfig | null {
  const { values } = reading
  const credentials = readCredentials(reading)
  if (credentials === null) return null
  const url = values.GITHUB_URL ?? 'https://github.com'
  return {
    credentials,
    webhookSecrets: values.GITHUB_WEBHOOK_SECRET ?? [],
    url,
    apiUrl: values.GITHUB_API_URL ?? apiOf(url),
    clientId: values.GITHUB_CLIENT_ID ?? null,
    packagesToken: values.GITHUB_PACKAGES_TOKEN ?? null,
  }
}

/** GitHub's three kinds of installations each put the API elsewhere: github.com, a tenant of ghe.com, a server of one's own. */
function apiOf(url: string): string {
  const { protocol, host } = new URL(url)
  return host === 'github.com' || host.endsWith('.ghe.com') ? `${protocol}//api.${host}` : `${url}/api/v3`
}

function readCredentials(reading: Reading): GithubCredentials | null {
  const { values, isSet, report } = reading
  const isApp = isSet('GITHUB_APP_ID') || isSet('GITHUB_APP_PRIVATE_KEY') || isSet('GITHUB_APP_PRIVATE_KEY_FILE')
  if (!isApp) {
    const token = values.GITHUB_TOKEN ?? needed(reading, 'GITHUB_TOKEN', 'or GITHUB_APP_ID with a key for a GitHub App')
    return token === null ? null : { kind: 'token', token }
  }
  if (isSet('GITHUB_TOKEN')) {
    report({
      where: 'GITHUB_TOKEN',
      found: 'both',
      expected: 'either a token or a GitHub App (GITHUB_APP_ID and its key)',
    })
  }
  const appId = values.GITHUB_APP_ID ?? needed(reading, 'GITHUB_APP_ID', 'as a key of a GitHub App is set')
  const privateKey = readPrivateKey(reading)
  return appId === null || privateKey === null ? null : { kind: 'app', appId, privateKey }
}

function readPrivateKey(reading: Reading): string | null {
  const { values, isSet, readFile, report } = reading
  const path = values.GITHUB_APP_PRIVATE_KEY_FILE
  if (path === undefined) {
    return values.GITHUB_APP_PRIVATE_KEY ?? needed(reading, 'GITHUB_APP_PRIVATE_KEY', 'or GITHUB_APP_PRIVATE_KEY_FILE')
  }
  const wrong = (found: string) => {
    const { expected, example } = settings.GITHUB_APP_PRIVATE_KEY_FILE
    report({ where: 'GITHUB_APP_PRIVATE_KEY_FILE', found, expected, example: `GITHUB_APP_PRIVATE_KEY_FILE=${example}` })
    return null
  }
  if (isSet('GITHUB_APP_PRIVATE_KEY')) return wrong('GITHUB_APP_PRIVATE_KEY as well')
  try {
    const key = privateKeySchema.safeParse(readFile(path).trim())
    return key.success ? key.data : wrong('a file without a private key')
  } catch (error) {
    return wrong(`a file that cannot be read (${reasonOf(error)})`)
  }
}

/** The system's short code; its message would repeat the path. */
export function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason'
}

import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { describeConfig } from '../../src/config/describe.ts'
import { localPolicy } from '../../src/config/remedies.ts'
import { ConfigProblems, type Environment, type LiveConfig, readConfig, readGithubConfig } from '../../src/config.ts'

const pem = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString()

const socketMode = {
  SLACK_BOT_TOKEN: 'xoxb-1-secret-of-the-bot',
  SLACK_APP_TOKEN: 'xapp-1-secret-of-the-app',
  GITHUB_TOKEN: 'ghp_secret_of_github',
  LAYERWISE_CHANNEL: '#builds',
}
const { SLACK_APP_TOKEN: _, ...withoutDoor } = socketMode
const { GITHUB_TOKEN: __, ...withoutGithub } = socketMode

describe('without credentials', () => {
  test('the bot runs locally, on loopback, and remembers nothing', () => {
    expect(readConfig({}, noFiles)).toEqual({
      kind: 'local',
      database: 'sqlite::memory:',
      command: '/cache',
      channel: '#builds',
      runbooks: [],
      runbooksUrl: null,
      redactRandom: false,
      pictures: true,
      registries: { entries: expect.arrayContaining(['docker.io', 'ghcr.io']), listed: false, logins: null },
      remedies: localPolicy,
      logLevel: 'warn',
      host: '127.0.0.1',
      port: 0,
      file: null,
    })
  })

  test.each<[string, Environment]>([
    ['empty values count as none', { SLACK_BOT_TOKEN: '', GITHUB_TOKEN: '  ' }],
    ['unrelated variables are not looked at', { PATH: '/bin', SLACK_TEAM: 'acme' }],
    [
      'a token of the shell does not matter when local mode is asked for',
      { GITHUB_TOKEN: 'ghp_x12345678', LAYERWISE_MODE: 'local' },
    ],
  ])('%s', (_title, env) => {
    expect(readConfig(env, noFiles).kind).toBe('local')
  })
})

describe('with credentials', () => {
  test('an app-level token means Socket Mode, and nothing else is needed', () => {
    expect(live(socketMode)).toMatchObject({
      kind: 'live',
      slack: {
        botToken: socketMode.SLACK_BOT_TOKEN,
        door: { kind: 'socket', appToken: socketMode.SLACK_APP_TOKEN },
        apiUrl: null,
      },
      github: {
        credentials: { kind: 'token', token: socketMode.GITHUB_TOKEN },
        webhookSecrets: [],
        url: 'https://github.com',
        apiUrl: 'https://api.github.com',
      },
      database: 'sqlite:data/layerwise.db',
      host: '0.0.0.0',
      poll: '*/2 * * * *',
      watch: [],
    })
  })

  test('a signing secret means Slack over HTTP', () => {
    const env = { ...withoutDoor, SLACK_SIGNING_SECRET: 'signing-secret', PORT: '8080' }
    expect(live(env)).toMatchObject({ slack: { door: { kind: 'http', signingSecret: 'signing-secret' } }, port: 8080 })
  })

  test('Socket Mode wins when both doors are open', () => {
    expect(live({ ...socketMode, SLACK_SIGNING_SECRET: 'signing-secret' }).slack.door.kind).toBe('socket')
  })

  test('the key of a GitHub App may have its line ends written out', () => {
    const env = { ...withoutGithub, GITHUB_APP_ID: '7', GITHUB_APP_PRIVATE_KEY: pem.trim().replaceAll('\n', '\\n') }
    expect(live(env).github.credentials).toEqual({ kind: 'app', appId: '7', privateKey: pem.trim() })
  })

  test('the key of a GitHub App may stand in a file', () => {
    const env = { ...withoutGithub, GITHUB_APP_ID: 'Iv1.abc', GITHUB_APP_PRIVATE_KEY_FILE: '/run/key.pem' }
    const config = live(env, { '/run/key.pem': pem })
    expect(config.github.credentials).toEqual({ kind: 'app', appId: 'Iv1.abc', privateKey: pem.trim() })
  })

  test('what only looks random is masked when that is asked for', () => {
    expect(live({ ...socketMode, LAYERWISE_REDACT_RANDOM: 'true' }).redactRandom).toBe(true)
    expect(live(socketMode).redactRandom).toBe(false)
    expect(live({ ...socketMode, LAYERWISE_PICTURES: 'false' }).pictures).toBe(false)
  })

  test('several webhook secrets may be valid at once', () => {
    const env = { ...socketMode, GITHUB_WEBHOOK_SECRET: 'the-new-secret, the-old-secret' }
    expect(live(env).github.webhookSecrets).toEqual(['the-new-secret', 'the-old-secret'])
  })

  test.each([
    ['https://git.acme.example/', 'https://git.acme.example', 'https://git.acme.example/api/v3'],
    ['https://acme.ghe.com', 'https://acme.ghe.com', 'https://api.acme.ghe.com'],
  ])('the API follows from the address of GitHub, %s', (written, url, apiUrl) => {
    expect(live({ ...socketMode, GITHUB_URL: written }).github).toMatchObject({ url, apiUrl })
  })

  test('a line end after a secret is cut off', () => {
    expect(live({ ...socketMode, SLACK_BOT_TOKEN: 'xoxb-1-x\n' }).slack.botToken).toBe('xoxb-1-x')
  })
})

describe('a mistake is told with what was expected and an example', () => {
  test.each<[string, Environment, string]>([
    [
      'Slack is missing beside GitHub',
      { GITHUB_TOKEN: 'ghp_secret_of_github', SLACK_APP_TOKEN: 'xapp-1', LAYERWISE_CHANNEL: '#builds' },
      'SLACK_BOT_TOKEN: expected a bot token, which starts with "xoxb-", as other credentials are set (LAYERWISE_MODE=local tries the bot without any), found nothing, e.g. SLACK_BOT_TOKEN=xoxb-…',
    ],
    [
      'a bot token that is none',
      { ...socketMode, SLACK_BOT_TOKEN: 'xapp-mixed-up' },
      'SLACK_BOT_TOKEN: expected a bot token, which starts with "xoxb-", found something else, 13 characters long, e.g. SLACK_BOT_TOKEN=xoxb-…',
    ],
    [
      'no way to hear from Slack',
      withoutDoor,
      'SLACK_APP_TOKEN: expected an app-level token, which starts with "xapp-", or SLACK_SIGNING_SECRET for Slack over HTTP, found nothing, e.g. SLACK_APP_TOKEN=xapp-…',
    ],
    [
      'a port that is none',
      { PORT: '70000' },
      'PORT: expected a number from 0 to 65535, found "70000", e.g. PORT=8080',
    ],
    [
      'a channel without its sign',
      { LAYERWISE_CHANNEL: 'builds' },
      'LAYERWISE_CHANNEL: expected a channel as "#name" or its id, found "builds", e.g. LAYERWISE_CHANNEL="#builds"',
    ],
    [
      'a schedule that is none',
      { LAYERWISE_POLL: 'every minute' },
      'LAYERWISE_POLL: expected a cron expression, found "every minute", e.g. LAYERWISE_POLL="*/5 * * * *"',
    ],
    [
      'two kinds of GitHub credentials',
      { ...socketMode, GITHUB_APP_ID: '7', GITHUB_APP_PRIVATE_KEY: pem },
      'GITHUB_TOKEN: expected either a token or a GitHub App (GITHUB_APP_ID and its key), found both',
    ],
    [
      'a key file that is not there',
      { ...withoutGithub, GITHUB_APP_ID: '7', GITHUB_APP_PRIVATE_KEY_FILE: '/none.pem' },
      'GITHUB_APP_PRIVATE_KEY_FILE: expected a file that can be read and holds a private key in PEM form, found a file that cannot be read (ENOENT), e.g. GITHUB_APP_PRIVATE_KEY_FILE=/run/secrets/github-app.pem',
    ],
    [
      'a configuration file that is not there',
      { LAYERWISE_CONFIG: 'other.yaml' },
      'LAYERWISE_CONFIG: expected a YAML file that can be read, found "other.yaml", which cannot be read (ENOENT), e.g. LAYERWISE_CONFIG=/etc/layerwise.yaml',
    ],
    [
      'a database of an unknown kind, whose password stays hidden',
      { DATABASE_URL: 'mysql://root:hunter22@db' },
      'DATABASE_URL: expected "sqlite:" and a path, or a "postgres://" address, found something else, 24 characters long, e.g. DATABASE_URL=postgres://layerwise:password@db/layerwise',
    ],
  ])('%s', (_title, env, problem) => {
    expect(problemsOf(env)).toEqual([problem])
  })

  test('all mistakes are told at once', () => {
    const env = { SLACK_BOT_TOKEN: 'wrong', GITHUB_APP_ID: 'seven', PORT: 'none', LOG_LEVEL: 'loud' }
    expect(problemsOf(env).map((problem) => problem.split(':')[0])).toEqual([
      'SLACK_BOT_TOKEN',
      'GITHUB_APP_ID',
      'LOG_LEVEL',
      'PORT',
      'SLACK_APP_TOKEN',
      'GITHUB_APP_PRIVATE_KEY',
      'LAYERWISE_CHANNEL',
    ])
  })
})

describe('at a terminal', () => {
  test('GitHub is read without Slack', () => {
    expect(readGithubConfig({ GITHUB_TOKEN: 'ghp_secret_of_github', SLACK_BOT_TOKEN: 'half' })?.credentials.kind).toBe(
      'token',
    )
  })

  test('no credential is no mistake', () => {
    expect(readGithubConfig({ GITHUB_WEBHOOK_SECRET: 'a-webhook-secret' })).toBeNull()
  })
})

test('the description shows what is in force and no secret', () => {
  const env = {
    ...socketMode,
    DATABASE_URL: 'postgres://bot:hunter22@db:5432/layerwise?password=hunter23',
    LAYERWISE_WATCH: 'acme/web',
  }
  expect(describeConfig(readConfig(env, noFiles)).split('\n')).toEqual([
    'mode: live',
    'file: none',
    'database: postgres://db:5432/layerwise',
    'listens on: 0.0.0.0:3000',
    'command: /cache',
    'channel: #builds',
    'runbooks: ours only',
    'registries: the public ones',
    'remedies: nobody may use any',
    'log level: info',
    'slack: Socket Mode at https://slack.com/api/',
    'github: token at https://api.github.com/',
    'webhook: off',
    'watch: acme/web → #builds',
    'checks: none',
    'poll: 1 of 1 repositories, */2 * * * *',
  ])
})

function live(env: Environment, files: Record<string, string> = {}): LiveConfig {
  const config = readConfig(env, readFrom(files))
  if (config.kind !== 'live') throw new Error('the configuration is local')
  return config
}

function problemsOf(env: Environment): string[] {
  try {
    readConfig(env, noFiles)
  } catch (error) {
    if (error instanceof ConfigProblems) return error.problems
    throw error
  }
  return []
}

function readFrom(files: Record<string, string>) {
  return (path: string) => {
    const text = files[path]
    if (text === undefined) throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT' })
    return text
  }
}

function noFiles(path: string): string {
  return readFrom({})(path)
}

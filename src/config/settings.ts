import { createPrivateKey } from 'node:crypto'
import { validate as isCron } from 'node-cron'
import { z } from 'zod'
import { readDockerConfig } from '../registry/docker-config.ts'

/**
 * Every environment variable that Layerwise reads. The README's table is made from this list, so a sentence here is a
 * sentence there.
 */
type Setting<Value> = {
  meaning: string
  /** completes "expected …" */
  expected: string
  example: string
  /** shown in the README; null: nothing, or something the meaning explains */
  default: string | null
  /** its value is never shown */
  secret?: boolean
  schema: z.ZodType<Value>
}

const text = z.string()
const addressSchema = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/(?<!\/)\/+$/, ''))
const listSchema = text.transform((list) =>
  list
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
)

export const repositorySchema = text.regex(/^[\w.-]+\/[\w.-]+$/)
export const channelSchema = text.regex(/^(#[^\s#@<>]{1,80}|[CG][A-Z0-9]{2,20})$/)
export const commandSchema = text.regex(/^\/[a-z0-9_-]{1,31}$/)
const registrySchema = text.regex(/^(https?:\/\/)?(\*\.)?[a-z0-9[]([a-z0-9.:\]-]*[a-z0-9\]])?(\/[a-z0-9._/-]*)?$/i)
export const cronSchema = text.refine((expression) => isCron(expression))

/** PEM, with its line ends written out or as `\\n`. */
export const privateKeySchema = text.transform((pem) => pem.replaceAll('\\n', '\n')).refine(isPrivateKey)

export const settings = {
  LAYERWISE_MODE: setting({
    meaning:
      '`live` or `local`. Unset: local when no Slack and no GitHub credential is set, else live. `local` wins over credentials that happen to be in the environment',
    expected: '"live" or "local"',
    example: 'local',
    schema: z.enum(['live', 'local']),
  }),
  SLACK_BOT_TOKEN: setting({
    meaning: 'bot token of the installed Slack app',
    expected: 'a bot token, which starts with "xoxb-"',
    example: 'xoxb-…',
    secret: true,
    schema: text.regex(/^xox(b|e\.xoxb)-\S+$/),
  }),
  SLACK_APP_TOKEN: setting({
    meaning: 'app-level token with `connections:write`: Slack is reached by Socket Mode and needs no public address',
    expected: 'an app-level token, which starts with "xapp-"',
    example: 'xapp-…',
    secret: true,
    schema: text.regex(/^xapp-\S+$/),
  }),
  SLACK_SIGNING_SECRET: setting({
    meaning: 'without an app-level token: Slack sends to `/slack/events` on `PORT`, signed with this',
    expected: 'the signing secret of the Slack app, 8 characters or more without blanks',
    example: '0123456789abcdef0123456789abcdef',
    secret: true,
    schema: text.regex(/^\S{8,}$/),
  }),
  SLACK_API_URL: setting({
    meaning: 'address of the Slack API, for a local Slack',
    expected: 'an http or https address',
    example: 'http://127.0.0.1:4003/api/',
    default: 'https://slack.com/api/',
    schema: z.url({ protocol: /^https?$/ }),
  }),
  GITHUB_TOKEN: setting({
    meaning: 'a token that may read actions of the repositories. Either this or a GitHub App',
    expected: 'a GitHub token without blanks',
    example: 'github_pat_…',
    secret: true,
    schema: text.regex(/^\S{8,}$/),
  }),
  GITHUB_APP_ID: setting({
    meaning: 'id (or client id) of the GitHub App',
    expected: 'the number of the app or its client id',
    example: '123456',
    schema: text.regex(/^(\d+|Iv[\w.]+)$/),
  }),
  GITHUB_APP_PRIVATE_KEY: setting({
    meaning: 'private key of the GitHub App; line ends may be written as `\\n`',
    expected: 'a private key in PEM form',
    example: '"-----BEGIN RSA PRIVATE KEY-----\\n…"',
    secret: true,
    schema: privateKeySchema,
  }),
  GITHUB_APP_PRIVATE_KEY_FILE: setting({
    meaning: 'file with that key, instead of the key itself',
    expected: 'a file that can be read and holds a private key in PEM form',
    example: '/run/secrets/github-app.pem',
    schema: text,
  }),
  GITHUB_WEBHOOK_SECRET: setting({
    meaning:
      'secret of the webhook at `/github/webhooks`; several with commas while you rotate them. Unset: no webhook',
    expected: 'one secret, or several with commas, each of 8 characters or more',
    example: 'a-long-random-text',
    secret: true,
    schema: listSchema.refine((secrets) => secrets.length > 0 && secrets.every((secret) => secret.length >= 8)),
  }),
  GITHUB_URL: setting({
    meaning: 'address of GitHub, for GitHub Enterprise Server',
    expected: 'an http or https address',
    example: 'https://github.example.com',
    default: 'https://github.com',
    schema: addressSchema,
  }),
  GITHUB_API_URL: setting({
    meaning: 'address of its API. Unset: follows from `GITHUB_URL`',
    expected: 'an http or https address',
    example: 'https://github.example.com/api/v3',
    schema: addressSchema,
  }),
  GITHUB_CLIENT_ID: setting({
    meaning:
      'client id of the GitHub App, with *device flow* enabled in its settings: people link their account by it (`/cache link`). Unset: nobody can, so nobody may use remedies',
    expected: 'the client id of a GitHub App',
    example: 'Iv23liAbCdEfGhIjKlMn',
    schema: text.regex(/^[\w.]{4,80}$/),
  }),
  GITHUB_PACKAGES_TOKEN: setting({
    meaning:
      'classic token with `read:packages` and `delete:packages`, of somebody who administers the packages: for pruning tags of ghcr.io, which GitHub lets no other kind of token do. Unset: they are not pruned',
    expected: 'a classic token of GitHub without blanks',
    example: 'ghp_…',
    secret: true,
    schema: text.regex(/^\S{8,}$/),
  }),
  DATABASE_URL: setting({
    meaning:
      'where state is kept: one SQLite file for one process, or PostgreSQL. In local mode nothing is kept unless set',
    expected: '"sqlite:" and a path, or a "postgres://" address',
    example: 'postgres://layerwise:password@db/layerwise',
    default: 'sqlite:data/layerwise.db',
    secret: true,
    schema: text.regex(/^(sqlite:\S.*|postgres(ql)?:\/\/\S+)$/),
  }),
  LAYERWISE_CONFIG: setting({
    meaning: 'path of the configuration file. Unset: `layerwise.yaml` if there is one',
    expected: 'a YAML file that can be read',
    example: '/etc/layerwise.yaml',
    schema: text,
  }),
  LAYERWISE_CHANNEL: setting({
    meaning: 'channel for failures of repositories that name none; needed in live mode',
    expected: 'a channel as "#name" or its id',
    example: '"#builds"',
    default: '#builds',
    schema: channelSchema,
  }),
  LAYERWISE_COMMAND: setting({
    meaning: 'name of the slash command; change it here and in `manifest.yml` when two deployments share a workspace',
    expected: 'a slash and up to 31 lower-case letters, digits, "-" or "_"',
    example: '/cache',
    default: '/cache',
    schema: commandSchema,
  }),
  LAYERWISE_WATCH: setting({
    meaning:
      'repositories to report on, with commas; wins over `watch` of the file. Unset: all that the webhook tells of',
    expected: 'repositories as owner/name, with commas',
    example: 'acme/web,acme/api',
    schema: listSchema.pipe(z.array(repositorySchema).min(1)),
  }),
  LAYERWISE_POLL: setting({
    meaning: 'how often watched repositories are asked for finished runs when no webhook tells, as a cron expression',
    expected: 'a cron expression',
    example: '"*/5 * * * *"',
    default: '*/2 * * * *',
    schema: cronSchema,
  }),
  LAYERWISE_RUNBOOKS: setting({
    meaning: 'folders with runbook pages of your own, with commas; their rows win over ours of the same id',
    expected: 'folders, with commas',
    example: 'ops/runbooks',
    schema: listSchema.refine((folders) => folders.length > 0),
  }),
  LAYERWISE_RUNBOOKS_URL: setting({
    meaning: 'address that a page is read at when `/runbooks/…` is put behind it; threads then link to the pages',
    expected: 'an http or https address',
    example: 'https://github.com/acme/layerwise/blob/main',
    schema: addressSchema,
  }),
  LAYERWISE_REDACT_RANDOM: setting({
    meaning:
      'mask also long words that look random, although nothing says that they are secrets (`layerwise debug` has `--redact-random`). SECURITY.md says what is masked anyway',
    expected: '"true" or "false"',
    example: '"true"',
    default: 'false',
    schema: z.enum(['true', 'false']).transform((word) => word === 'true'),
  }),
  LAYERWISE_PICTURES: setting({
    meaning:
      'a picture of the build in the thread. "false" for a workspace that keeps its files few, or has not granted `files:write`',
    expected: '"true" or "false"',
    example: '"false"',
    default: 'true',
    schema: z.enum(['true', 'false']).transform((word) => word === 'true'),
  }),
  LAYERWISE_REGISTRIES: setting({
    meaning:
      'registries that `/cache layers` may ask, with commas: `ghcr.io`, `ghcr.io/acme` for a part of one, `*.pkg.dev`, `http://registry.lab:5000` for one without TLS. Those listed here, and no others, may have private addresses. `layerwise layers` asks any, and looks here only for `http://`',
    expected: 'hosts with an optional port and path, with commas',
    example: 'docker.io,ghcr.io/acme,registry.acme.internal',
    default: 'docker.io,ghcr.io,quay.io,registry.gitlab.com,public.ecr.aws,mcr.microsoft.com,gcr.io,*.gcr.io,*.pkg.dev',
    schema: listSchema.pipe(z.array(registrySchema).min(1)),
  }),
  DOCKER_AUTH_CONFIG: setting({
    meaning:
      'logins for registries, as JSON like that of Docker’s `config.json`. The bot knows no others, and shows what they may read to whoever may use the command',
    expected: 'JSON with `auths`, as in Docker’s config.json',
    example: `'{"auths":{"ghcr.io":{"auth":"…"}}}'`,
    secret: true,
    schema: text.transform(readDockerConfig).refine((config) => config !== null),
  }),
  DOCKER_CONFIG: setting({
    meaning: 'folder of Docker’s `config.json`, from which `layerwise layers` takes logins, also through its helpers',
    expected: 'a folder',
    example: '/home/me/.docker',
    default: '~/.docker',
    schema: text,
  }),
  LOG_LEVEL: setting({
    meaning: 'least level of a log line to print; `warn` in local mode unless set',
    expected: 'one of trace, debug, info, warn, error, fatal, silent',
    example: 'debug',
    default: 'info',
    schema: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
  }),
  HOST: setting({
    meaning: 'address to listen on for webhooks, Slack over HTTP and `/healthz`. Local mode listens on loopback only',
    expected: 'an address or a host name without blanks',
    example: '127.0.0.1',
    default: '0.0.0.0',
    schema: text.regex(/^[\w.:-]+$/),
  }),
  PORT: setting({
    meaning: 'port to listen on; 0 takes a free one, as local mode does unless this is set',
    expected: 'a number from 0 to 65535',
    example: '8080',
    default: '3000',
    schema: text
      .regex(/^\d{1,5}$/)
      .transform(Number)
      .refine((port) => port <= 65_535),
  }),
}

export type SettingName = keyof typeof settings
export type SettingValues = { [Name in SettingName]?: z.output<(typeof settings)[Name]['schema']> }

function isPrivateKey(pem: string): boolean {
  try {
    createPrivateKey(pem)
    return true
  } catch {
    return false
  }
}

function setting<Value>(given: Omit<Setting<Value>, 'default'> & { default?: string }): Setting<Value> {
  return { default: null, ...given }
}

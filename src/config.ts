import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { type ConfigFile, readConfigFile } from './config/file.ts'
import { type GithubConfig, githubCredentials, readGithub, reasonOf } from './config/github.ts'
import { quote } from './config/problems.ts'
import { collectProblems, type Environment, needed, type ReadFile, type Reading } from './config/reading.ts'
import { localPolicy, readRemedies } from './config/remedies.ts'
import { type SettingValues, settings } from './config/settings.ts'
import { readSlack, type SlackConfig, slackCredentials } from './config/slack.ts'
import { readWatch, type Watch } from './config/watch.ts'
import type { DockerConfig } from './registry/docker-config.ts'
import type { Policy } from './remedy/policy.ts'

export { ConfigProblems } from './config/problems.ts'
export { channelsFor, wantsChecks, watchedBy } from './config/watch.ts'
export type { Environment, GithubConfig, SlackConfig, Watch }

type Common = {
  /** `sqlite:PATH`, `sqlite::memory:` or `postgres://…` */
  database: string
  command: string
  channel: string
  /** folders with the team's own pages */
  runbooks: string[]
  /** what a page's file name is put behind to read it, without a slash at the end; null: pages are only named */
  runbooksUrl: string | null
  /** mask also what only looks random */
  redactRandom: boolean
  /** pictures of builds in threads */
  pictures: boolean
  registries: Registries
  /** who may do what about a failure; no roles: nobody anything */
  remedies: Policy
  logLevel: NonNullable<SettingValues['LOG_LEVEL']>
  host: string
  port: number
  /** name of the configuration file that was read */
  file: string | null
}

/** Where layers of images are read */
export type Registries = {
  entries: string[]
  /** somebody listed them; otherwise they are our defaults */
  listed: boolean
  logins: DockerConfig | null
}

/** No credentials: a local Slack and a local GitHub are started beside the bot. */
export type LocalConfig = Common & { kind: 'local' }
export type LiveConfig = Common & {
  kind: 'live'
  slack: SlackConfig
  github: GithubConfig
  /** empty: whatever the webhook tells of */
  watch: Watch[]
  /** cron expression for the watched repositories that are polled */
  poll: string
}
export type Config = LocalConfig | LiveConfig

/** The process's environment, with what `.env` in the working directory adds. Nothing else looks at it. */
export function environment(): Environment {
  try {
    process.loadEnvFile()
  } catch (error) {
    if (reasonOf(error) !== 'ENOENT') throw new Error('reading .env', { cause: error })
  }
  return process.env
}

/** What the environment and the optional file ask for; a `ConfigProblems` with every mistake otherwise. */
export function readConfig(env: Environment, readFile: ReadFile = readText): Config {
  return collectProblems(env, readFile, (reading) => {
    const file = openConfigFile(reading)
    return isLive(reading) ? readLive(reading, file) : readLocal(reading, file)
  })
}

/** GitHub's part alone, for the terminal, which needs no Slack. Null when no credential is set. */
export function readGithubConfig(env: Environment, readFile: ReadFile = readText): GithubConfig | null {
  const names = githubCredentials.filter((name) => name !== 'GITHUB_WEBHOOK_SECRET')
  if (!names.some((name) => env[name]?.trim())) return null
  const ofGithub = Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith('GITHUB_')))
  return collectProblems(ofGithub, readFile, readGithub)
}

/** What the terminal needs to read layers: further logins lie in the folder of Docker's own configuration. */
export function readRegistryConfig(env: Environment, readFile: ReadFile = readText) {
  const names = ['LAYERWISE_REGISTRIES', 'DOCKER_AUTH_CONFIG', 'DOCKER_CONFIG']
  const ours = Object.fromEntries(Object.entries(env).filter(([name]) => names.includes(name)))
  return collectProblems(ours, readFile, ({ values }) => ({
    ...registriesIn(values),
    dockerConfig: values.DOCKER_CONFIG ?? join(homedir(), '.docker'),
  }))
}

function registriesIn(values: SettingValues): Registries {
  const listed = values.LAYERWISE_REGISTRIES
  return {
    entries: listed ?? defaultOf('LAYERWISE_REGISTRIES').split(','),
    listed: listed !== undefined,
    logins: values.DOCKER_AUTH_CONFIG ?? null,
  }
}

function isLive({ values, isSet }: Reading): boolean {
  if (values.LAYERWISE_MODE) return values.LAYERWISE_MODE === 'live'
  return [...slackCredentials, ...githubCredentials].some(isSet)
}

function readLocal({ values }: Reading, file: NamedFile): LocalConfig {
  // What the local Slack holds is gone when it stops, so a memory of it would only mislead.
  const database = values.DATABASE_URL ?? 'sqlite::memory:'
  // nobody needs to know the port beforehand, and 3000 is often taken on a developer's machine
  const port = values.PORT ?? 0
  // the thread it prints is what one looks for there, not our log lines
  const logLevel = values.LOG_LEVEL ?? 'warn'
  const common = { ...readCommon(values, file), remedies: localPolicy }
  return { kind: 'local', ...common, database, host: '127.0.0.1', port, logLevel }
}

function readLive(reading: Reading, file: NamedFile): LiveConfig | null {
  const { values } = reading
  const slack = readSlack(reading)
  const github = readGithub(reading)
  if (!file.content.channel && !file.wrong)
    needed(reading, 'LAYERWISE_CHANNEL', 'or `channel` in the configuration file')
  if (slack === null || github === null) return null
  const common = readCommon(values, file)
  const watch = readWatch(values, file.content, { channel: common.channel, poll: github.webhookSecrets.length === 0 })
  const poll = values.LAYERWISE_POLL ?? file.content.poll ?? defaultOf('LAYERWISE_POLL')
  return { kind: 'live', ...common, slack, github, watch, poll }
}

function readCommon(values: SettingValues, { name, content }: NamedFile): Common {
  return {
    database: values.DATABASE_URL ?? defaultOf('DATABASE_URL'),
    command: values.LAYERWISE_COMMAND ?? content.command ?? defaultOf('LAYERWISE_COMMAND'),
    channel: values.LAYERWISE_CHANNEL ?? content.channel ?? defaultOf('LAYERWISE_CHANNEL'),
    runbooks: values.LAYERWISE_RUNBOOKS ?? content.runbooks ?? [],
    runbooksUrl: values.LAYERWISE_RUNBOOKS_URL ?? null,
    redactRandom: values.LAYERWISE_REDACT_RANDOM ?? false,
    pictures: values.LAYERWISE_PICTURES ?? true,
    registries: registriesIn(values),
    remedies: readRemedies(content.remedies),
    logLevel: values.LOG_LEVEL ?? 'info',
    host: values.HOST ?? defaultOf('HOST'),
    port: values.PORT ?? Number(defaultOf('PORT')),
    file: name,
  }
}

function defaultOf(name: keyof typeof settings): string {
  return settings[name].default ?? ''
}

/** `wrong` when there are mistakes in it: then what it does not say may have been said. */
type NamedFile = { name: string | null; content: ConfigFile; wrong: boolean }

/** The file that `LAYERWISE_CONFIG` names must be there; `layerwise.yaml` may. */
function openConfigFile({ values, readFile, report, hide }: Reading): NamedFile {
  const name = values.LAYERWISE_CONFIG ?? 'layerwise.yaml'
  try {
    const content = readConfigFile({ name, text: readFile(name) }, report, hide)
    return { name, content: content ?? {}, wrong: content === null }
  } catch (error) {
    if (values.LAYERWISE_CONFIG === undefined && reasonOf(error) === 'ENOENT')
      return { name: null, content: {}, wrong: false }
    const found = `${quote(name, hide)}, which cannot be read (${reasonOf(error)})`
    const { expected, example } = settings.LAYERWISE_CONFIG
    report({ where: 'LAYERWISE_CONFIG', found, expected, example: `LAYERWISE_CONFIG=${example}` })
    return { name, content: {}, wrong: true }
  }
}

function readText(path: string): string {
  return readFileSync(path, 'utf8')
}

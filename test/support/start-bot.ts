import { readFileSync } from 'node:fs'
import { type Bot, startBot } from '../../src/bot.ts'
import { noPolicy } from '../../src/config/remedies.ts'
import type { LiveConfig } from '../../src/config.ts'
import { type LocalGithub, type ScriptedRun, startLocalGithub } from '../../src/playground/github.ts'
import { type PostedMessage, printThread } from '../../src/playground/print-thread.ts'
import { type LocalSlack, type LocalSlackOptions, startLocalSlack } from '../../src/playground/slack.ts'

/**
 * The whole bot between a Slack and a GitHub on loopback: it hears, reads and posts through its real doors, and a test
 * speaks to it as a user would.
 */
export type World = AsyncDisposable & {
  slack: LocalSlack
  github: LocalGithub
  bot: Bot
  logged: { level: string; facts: object; message: string }[]
  /** the only parent message of #builds, with its replies; waits until `enough` holds */
  thread(enough: (thread: Thread) => boolean): Promise<Thread>
}
export type Thread = { parent: PostedMessage; replies: PostedMessage[]; text: string }

export type WorldOptions = {
  door?: 'http' | 'socket'
  webhooks?: boolean
  config?: Partial<
    Pick<LiveConfig, 'watch' | 'poll' | 'channel' | 'database' | 'runbooks' | 'pictures' | 'registries' | 'remedies'>
  >
  slack?: Pick<LocalSlackOptions, 'withoutScopes'>
  retry?: { tries: number; firstDelayMs: number; maxDelayMs: number }
  now?: () => Date
}

export const webhookSecret = 'local-webhook-secret'

export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const parts = new AsyncDisposableStack()
  const slack = parts.use(await startLocalSlack(options.slack))
  const github = parts.use(
    await startLocalGithub({ webhookSecret, deviceIntervalSeconds: 0, ...(options.now && { now: options.now }) }),
  )
  const logged: World['logged'] = []
  const bot = parts.use(await startBotBetween({ slack, github, logged }, options))
  const world = { slack, github, bot, logged }
  return {
    ...world,
    thread: (enough) => waitForThread(slack, enough),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
}

/** The bot alone, between a Slack and a GitHub that stand already: also for starting it once more. */
export async function startBotBetween(
  { slack, github, logged }: Pick<World, 'slack' | 'github' | 'logged'>,
  options: WorldOptions,
): Promise<Bot> {
  const log = (level: string) => (facts: object, message: string) => void logged.push({ level, facts, message })
  const bot = await startBot(configFor(slack, github, options), {
    logger: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
    engine: { pollMs: 50, retry: options.retry ?? { tries: 30, firstDelayMs: 50, maxDelayMs: 300 } },
    remedies: { looks: [100, 300], followEvery: () => 300 },
    ...(options.now && { now: options.now }),
  })
  if (options.door !== 'socket') slack.botAt(bot.url)
  if (options.webhooks !== false) github.sendWebhooksTo(`${bot.url}/github/webhooks`)
  return bot
}

function configFor(slack: LocalSlack, github: LocalGithub, { door, webhooks, config }: WorldOptions): LiveConfig {
  return {
    kind: 'live',
    database: 'sqlite::memory:',
    command: '/cache',
    channel: '#builds',
    runbooks: [],
    runbooksUrl: null,
    redactRandom: false,
    // a picture is one more reply: tests of other things count without it
    pictures: false,
    registries: { entries: [], listed: true, logins: null },
    remedies: noPolicy,
    logLevel: 'silent',
    host: '127.0.0.1',
    port: 0,
    file: null,
    slack: {
      botToken: slack.botToken,
      apiUrl: slack.apiUrl,
      door:
        door === 'socket'
          ? { kind: 'socket', appToken: slack.appToken }
          : { kind: 'http', signingSecret: slack.signingSecret },
    },
    github: {
      credentials: { kind: 'token', token: github.token },
      webhookSecrets: webhooks === false ? [] : [webhookSecret],
      url: github.baseUrl,
      apiUrl: github.baseUrl,
      clientId: 'Iv1.local0000',
      packagesToken: github.packagesToken,
    },
    watch: [],
    poll: '* * * * *',
    ...config,
  }
}

/** A run whose job `build` ends with this log of test/fixtures/lab. */
export function failingRun(log: string, more: Partial<ScriptedRun> = {}): ScriptedRun {
  return { workflow: 'CI', jobs: [{ name: 'build', conclusion: 'failure', log: labLog(log) }], ...more }
}

export function greenRun(more: Partial<ScriptedRun> = {}): ScriptedRun {
  return { workflow: 'CI', jobs: [{ name: 'build', conclusion: 'success', log: labLog('reg-import-warm') }], ...more }
}

export function labLog(name: string): Uint8Array {
  return readFileSync(new URL(`../fixtures/lab/${name}.gha.log`, import.meta.url))
}

export async function waitForThread(
  slack: LocalSlack,
  enough: (thread: Thread) => boolean,
  ms?: number,
): Promise<Thread> {
  let last: Thread | null = null
  await until(async () => {
    const [parent, ...others] = await slack.postedMessages('builds')
    if (others.length > 0) throw new Error(`more than one parent message: ${others.map(({ text }) => text).join('; ')}`)
    if (!parent) return false
    const replies = await slack.thread('builds', parent.ts)
    last = { parent, replies, text: printThread(parent, replies) }
    return enough(last)
  }, ms).catch((error: unknown) => {
    throw new Error(`${error instanceof Error ? error.message : error}\n${last?.text ?? 'no message stands'}`)
  })
  if (last === null) throw new Error('no message stands')
  return last
}

/** Waits for a condition, at most `ms`. */
export async function until(holds: () => boolean | Promise<boolean>, ms = 15_000): Promise<void> {
  const end = Date.now() + ms
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`it did not come true within ${ms} ms: ${holds}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

import { readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { startLocalGithub } from './github.ts'
import { printThread } from './print-thread.ts'
import { type LocalSlack, startLocalSlack } from './slack.ts'

/** Where a bot finds the local Slack and GitHub: the part of its configuration that credentials would fill. */
export type LocalAddresses = {
  slack: { botToken: string; door: { kind: 'http'; signingSecret: string }; apiUrl: string }
  github: { credentials: { kind: 'token'; token: string }; webhookSecrets: string[]; url: string; apiUrl: string }
}

export type StartBot = (addresses: LocalAddresses) => Promise<{ url: string; stop(): Promise<void> }>

const channel = 'builds'
const webhookSecret = 'local-webhook-secret'

/**
 * Starts a Slack and a GitHub on loopback and a bot beside them, lets a run with a real failing log end at that GitHub,
 * and prints the thread that the bot makes of it. The bot hears, reads and posts through its real doors.
 */
export async function startPlayground(
  { command, print }: { command: string; print: (text: string) => void },
  startBot: StartBot,
): Promise<{ stop(): Promise<void> }> {
  const parts = new AsyncDisposableStack()
  const stop = () => parts.disposeAsync()
  try {
    await play(parts, { command, print }, startBot)
    return { stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function play(
  parts: AsyncDisposableStack,
  { command, print }: { command: string; print: (text: string) => void },
  startBot: StartBot,
): Promise<void> {
  const slack = parts.use(await startLocalSlack({ command, channels: [channel] }))
  const github = parts.use(await startLocalGithub({ webhookSecret }))
  const bot = await startBot({
    slack: {
      botToken: slack.botToken,
      door: { kind: 'http', signingSecret: slack.signingSecret },
      apiUrl: slack.apiUrl,
    },
    github: {
      credentials: { kind: 'token', token: github.token },
      webhookSecrets: [webhookSecret],
      url: github.baseUrl,
      apiUrl: github.baseUrl,
    },
  })
  parts.defer(() => bot.stop())
  slack.botAt(bot.url)
  github.sendWebhooksTo(`${bot.url}/github/webhooks`)

  print('Local mode: a Slack and a GitHub of our own on this machine, and between them the real bot.\n')
  const log = await readFile(new URL('logs/cargo-lock-out-of-date.log', import.meta.url))
  const run = await github.finishRun({ workflow: 'CI', jobs: [{ name: 'build', conclusion: 'failure', log }] })
  print(`A run of ${run.repository} has failed at the local GitHub. In #${channel} of the local Slack:\n`)
  print(await threadOf(slack))
  print(`\nSee it at ${slack.page}\nThe bot listens at ${bot.url}. Ctrl-C ends it.`)
}

const patienceMs = 30_000

/** Waits for the parent message and its first reply. */
async function threadOf(slack: LocalSlack): Promise<string> {
  const until = Date.now() + patienceMs
  while (Date.now() < until) {
    const [parent] = await slack.postedMessages(channel)
    const replies = parent ? await slack.thread(channel, parent.ts) : []
    if (parent && replies.length > 0) return printThread(parent, replies)
    await pause(50)
  }
  throw new Error(
    `no thread stood in #${channel} after ${patienceMs / 1000} s; the log lines above say what the bot met`,
  )
}

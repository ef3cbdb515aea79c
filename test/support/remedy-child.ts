import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type LocalGithub, startLocalGithub } from '../../src/playground/github.ts'
import { type PostedMessage, printThread } from '../../src/playground/print-thread.ts'
import { type LocalSlack, startLocalSlack } from '../../src/playground/slack.ts'
import { actionIn } from '../../src/playground/slack-buttons.ts'
import type { AuditRow } from '../../src/remedy/audit.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { startChild } from './child.ts'
import { type Gate, openGate } from './remedy-child-gate.ts'
import { first, second, third } from './remedy-world.ts'
import { webhookSecret } from './start-bot.ts'

/** One process of the bot, `src/main.ts` itself, which reaches GitHub through a gate of its own. */
export type Replica = {
  url: string
  gate: Gate
  /** SIGKILL */
  kill(): Promise<void>
}

/** Bots as processes of their own, on one database, between a Slack and a GitHub that outlive them. */
export type KillWorld = AsyncDisposable & {
  slack: LocalSlack
  github: LocalGithub
  database: string
  /** Starts one more process, its gate set by `arm` before; Slack and GitHub send to it from now on. */
  start(arm?: (gate: Gate) => void): Promise<Replica>
  /** Presses a button by its words in the newest message that has it, and waits for the acknowledgement. */
  press(label: string, by?: string): Promise<void>
  /** The newest message with this button, once there is one, and what the button sends. */
  button(label: string): Promise<{ message: PostedMessage; action: { action_id: string; value: string } }>
  messages(): Promise<PostedMessage[]>
  /** The channel's threads as text, once it fits. */
  reads(fits: RegExp, ms?: number): Promise<string>
  /** Opens the store while no process runs, which SQLite insists on. */
  withStore<T>(use: (store: Store) => Promise<T>): Promise<T>
  /** Kills whatever runs and says what it leaves. */
  leaves(): Promise<Left>
}

export type Left = {
  /** ids of requests that still wait, and of executions that were begun and not ended */
  pending: string[]
  open: string[]
  /** null: every row follows the one before it */
  broken: string | null
  audit: AuditRow[]
  /** kinds of the messages that stand: `request`, `checklist`, `story:details`… */
  tags: string[]
}

const policy = `remedies:
  roles:
    - people: ["*"]
      may: [rerun, rebuild, prune, approve]
      repositories: ["acme/*"]
`

/** People have linked their accounts already and the dry run is off. */
export async function startKillWorld(database: string): Promise<KillWorld> {
  const parts = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'layerwise-kill-'))
  parts.defer(() => rm(folder, { recursive: true, force: true }))
  const config = join(folder, 'layerwise.yaml')
  await writeFile(config, policy)
  const slack = parts.use(await startLocalSlack())
  const github = parts.use(await startLocalGithub({ webhookSecret }))
  github.people.setAccess('octo-second', 'admin')
  github.people.add({ login: 'octo-third', access: { '*': 'admin' } })
  const alive = new Set<Replica>()
  const withStore: KillWorld['withStore'] = async (use) => {
    await using store = await openStore(database)
    return await use(store)
  }
  await withStore((store) => introduce(store, github))
  const messages = () => messagesOf(slack)
  return {
    slack,
    github,
    database,
    withStore,
    messages,
    async start(arm = () => {}) {
      const gate = parts.use(await openGate(github.baseUrl))
      arm(gate)
      const port = await freePort()
      const environment = environmentOf({ slack, github, gate, port, database, config })
      const child = parts.use(startChild('../src/main.ts', [], environment))
      const replica: Replica = {
        url: `http://127.0.0.1:${port}`,
        gate,
        async kill() {
          alive.delete(replica)
          await child.kill()
        },
      }
      alive.add(replica)
      await eventually(() => answers(`${replica.url}/healthz`))
      slack.botAt(replica.url)
      github.sendWebhooksTo(`${replica.url}/github/webhooks`)
      return replica
    },
    press: (label, by = first) => press(slack, label, by),
    button: (label) => button(slack, label),
    reads: (fits, ms = 60_000) => reads(slack, fits, ms),
    async leaves() {
      for (const replica of alive) await replica.kill()
      return { ...(await withStore(leftIn)), tags: tagsOf(slack) }
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
}

async function introduce({ links, switches }: Store, { people }: LocalGithub): Promise<void> {
  const now = new Date()
  for (const [slackId, githubLogin] of [
    [first, 'octo-admin'],
    [second, 'octo-second'],
    [third, 'octo-third'],
  ] as const)
    await links.set({ slackId, githubLogin, githubId: people.find(githubLogin)?.id ?? 0, now })
  await switches.setDryRun(false, first, now)
}

async function leftIn({ requests, executions, audit }: Store): Promise<Omit<Left, 'tags'>> {
  const rows: AuditRow[] = []
  for await (const row of audit.each()) rows.push(row)
  return {
    pending: (await requests.pending()).map(({ id }) => id),
    open: (await executions.open()).map(({ requestId }) => requestId),
    broken: (await audit.verify()).broken,
    audit: rows,
  }
}

/** Kinds of all messages that were ever posted, however often each was sent: `request`, `checklist`, `story:details`… */
function tagsOf({ calls }: LocalSlack): string[] {
  const posts = calls.filter(({ method }) => method === 'chat.postMessage')
  const tags = new Set(posts.map(({ args }) => tagIn(args.metadata)))
  return [...tags].map((tag) => tag.replace(/:[^:]+/, '')).toSorted()
}

/** Waits until Slack has been asked for this of a message of this kind. */
export async function called(slack: LocalSlack, method: string, tag: RegExp, text = /^/): Promise<void> {
  const fits = ({ method: asked, args }: LocalSlack['calls'][number]) =>
    asked === method && tag.test(tagIn(args.metadata)) && text.test(String(args.text))
  while (!slack.calls.some(fits)) await pause(1)
}

/** A form field holds it as JSON. */
function tagIn(metadata: unknown): string {
  const { event_payload } = typeof metadata === 'string' ? JSON.parse(metadata) : Object(metadata)
  return String(event_payload?.tag)
}

async function messagesOf(slack: LocalSlack): Promise<PostedMessage[]> {
  const parents = await slack.postedMessages('builds')
  const threads = await Promise.all(
    parents.map(async (parent) => [parent, ...(await slack.thread('builds', parent.ts))]),
  )
  return threads.flat()
}

async function press(slack: LocalSlack, label: string, by: string): Promise<void> {
  const { message } = await button(slack, label)
  const { status } = await slack.as(by).press({ message, label })
  if (status !== 200) throw new Error(`the press of "${label}" was answered with ${status}`)
}

async function button(slack: LocalSlack, label: string): ReturnType<KillWorld['button']> {
  let message: PostedMessage | undefined
  const words = `"text":${JSON.stringify(label)}`
  await eventually(async () => {
    message = (await messagesOf(slack)).findLast(({ blocks }) => JSON.stringify(blocks ?? []).includes(words))
    return message !== undefined
  })
  if (!message) throw new Error('unreachable: it was waited for')
  const { action_id, value, selected_option: line } = actionIn(message.blocks ?? [], { label })
  return { message, action: { action_id, value: String(value ?? (line as { value: string }).value) } }
}

async function reads(slack: LocalSlack, fits: RegExp, ms: number): Promise<string> {
  let text = ''
  await eventually(async () => {
    const parents = await slack.postedMessages('builds')
    const threads = parents.map(async (parent) => printThread(parent, await slack.thread('builds', parent.ts)))
    text = (await Promise.all(threads)).join('\n=====\n')
    return fits.test(text)
  }, ms).catch((error: unknown) => {
    throw new Error(`${error instanceof Error ? error.message : error} ${fits}\n${text}`)
  })
  return text
}

/** Waits without keeping the processes that it waits for from their work. */
export async function eventually(holds: () => boolean | Promise<boolean>, ms = 60_000): Promise<void> {
  const end = Date.now() + ms
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`it did not come true within ${ms} ms: ${holds}`)
    await pause(150)
  }
}

type Place = Pick<KillWorld, 'slack' | 'github' | 'database'> & { gate: Gate; port: number; config: string }

function environmentOf({ slack, github, gate, port, database, config }: Place): Record<string, string> {
  return {
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_SIGNING_SECRET: slack.signingSecret,
    SLACK_API_URL: slack.apiUrl,
    GITHUB_TOKEN: github.token,
    GITHUB_URL: github.baseUrl,
    GITHUB_API_URL: gate.url,
    GITHUB_WEBHOOK_SECRET: webhookSecret,
    GITHUB_CLIENT_ID: 'Iv1.local0000',
    DATABASE_URL: database,
    LAYERWISE_CHANNEL: '#builds',
    LAYERWISE_CONFIG: config,
    LAYERWISE_PICTURES: 'false',
    HOST: '127.0.0.1',
    PORT: String(port),
    LOG_LEVEL: 'warn',
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok
  } catch {
    return false
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { commands } from '../../commands/commands.ts'
import { runLinks } from '../../src/alert/from-text.ts'
import { readTarget } from '../../src/alert/target.ts'
import { type LocalSlack, startLocalSlack } from '../../src/playground/slack.ts'
import { type SlackSide, slackPath, slackSide } from '../../src/slack/app.ts'
import type { Ask, LayersAsk } from '../../src/slack/ask.ts'
import type { Command, Watched } from '../../src/slack/command.ts'
import { pruneView, reasonView, rebuildView, type Submission } from '../../src/slack/forms.ts'
import type { PostedMessages } from '../../src/slack/poster.ts'
import type { Press } from '../../src/slack/press.ts'

/** Slack's side of the bot against a local Slack: what is asked is kept in lists, nothing is done about it. */
export type TestBot = AsyncDisposable & {
  slack: LocalSlack
  side: SlackSide
  asked: { ask: Ask; key: string }[]
  layersAsked: { ask: LayersAsk; key: string }[]
  /** buttons that were pressed; one whose id begins with `why` opens a form instead */
  pressed: { press: Press; key: string }[]
  submitted: { submission: Submission; key: string }[]
  logged: { level: string; facts: object; message: string }[]
  /** makes the store refuse tasks until set back */
  storeDown: { value: boolean }
  url: string
}

export type TestBotOptions = {
  channels?: string[]
  foreignChannels?: string[]
  withoutScopes?: string[]
  now?: () => Date
  watched?: Watched
  /** beside the bot's own */
  commands?: Command[]
  /** what an earlier process has heard */
  seen?: Set<string>
  /** the Slack that an earlier process spoke to; left open */
  slack?: LocalSlack
}

export async function startBot(door: 'http' | 'socket', options: TestBotOptions = {}): Promise<TestBot> {
  const slack = options.slack ?? (await startLocalSlack(options))
  const asked: TestBot['asked'] = []
  const layersAsked: TestBot['layersAsked'] = []
  const logged: TestBot['logged'] = []
  const storeDown = { value: false }
  const pressed: TestBot['pressed'] = []
  const submitted: TestBot['submitted'] = []
  const seen = options.seen ?? new Set<string>()
  const log = (level: string) => (facts: object, message: string) => void logged.push({ level, facts, message })
  const side = slackSide({
    config: {
      botToken: slack.botToken,
      apiUrl: slack.apiUrl,
      command: '/cache',
      door:
        door === 'http'
          ? { kind: 'http', signingSecret: slack.signingSecret }
          : { kind: 'socket', appToken: slack.appToken },
    },
    async ask(ask, key) {
      if (storeDown.value) throw new Error('no store')
      if ('images' in ask) layersAsked.push({ ask, key })
      else if ('links' in ask && !asked.some((each) => each.key === key)) asked.push({ ask, key })
    },
    async press(press, key) {
      if (storeDown.value) throw new Error('no store')
      if (!pressed.some((each) => each.key === key)) pressed.push({ press, key })
    },
    async formOf({ buttonId }) {
      return buttonId.startsWith('why') ? reasonView({ id: `form-${buttonId}`, question: 'What is not right?' }) : null
    },
    async openForm({ form, repository, branch }) {
      const given = { id: `form-${form}`, repositories: ['acme/web', 'acme/api'], repository, branch }
      return form === 'prune' ? pruneView({ ...given, builders: [{ name: 'big' }] }) : rebuildView(given)
    },
    async submit(submission, key) {
      if (storeDown.value) throw new Error('no store')
      if (!submitted.some((each) => each.key === key)) submitted.push({ submission, key })
    },
    async firstTime(key) {
      return !seen.has(key) && Boolean(seen.add(key))
    },
    isKnown: async (key) => seen.has(key),
    messages: memoryMessages(),
    commands: [...commands, ...(options.commands ?? [])],
    findLinks: (text) => runLinks(text, 'https://github.com'),
    readTarget: (text) => readTarget(text, 'https://github.com'),
    watched: () => options.watched ?? { here: [], all: [] },
    logger: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
    ...(options.now ? { now: options.now } : {}),
  })
  const server = createServer((request, response) => {
    if (request.url === slackPath && side.listener) side.listener(request, response)
    else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  if (door === 'http') slack.botAt(url)
  await side.start()
  return {
    slack,
    side,
    asked,
    layersAsked,
    pressed,
    submitted,
    logged,
    storeDown,
    url,
    async [Symbol.asyncDispose]() {
      await side.stop()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      if (!options.slack) await slack.close()
    },
  }
}

/** The store's `messages`, in memory. */
export function memoryMessages(): PostedMessages & { size(): number } {
  const rows = new Map<
    string,
    { claims: number; leaseUntil: number; standing: { channel: string; ts: string; hash: string } | null }
  >()
  return {
    size: () => rows.size,
    async claim(tag, { now, leaseMs }) {
      const row = rows.get(tag) ?? { claims: 0, leaseUntil: 0, standing: null }
      if (row.standing) return { kind: 'posted', ...row.standing }
      if (row.leaseUntil > now.getTime()) return { kind: 'busy', until: new Date(row.leaseUntil) }
      rows.set(tag, { ...row, claims: row.claims + 1, leaseUntil: now.getTime() + leaseMs })
      return { kind: 'mine', clientMsgId: `id-of-${tag}`, claim: row.claims + 1 }
    },
    async release(tag, claim) {
      const row = rows.get(tag)
      if (row && row.claims === claim) rows.set(tag, { ...row, leaseUntil: 0 })
    },
    async posted(tag, standing) {
      rows.set(tag, { claims: 0, leaseUntil: 0, ...rows.get(tag), standing })
    },
    async get(tag) {
      return rows.get(tag)?.standing ?? null
    },
  }
}

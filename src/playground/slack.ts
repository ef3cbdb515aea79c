import { readFileSync } from 'node:fs'
import { createEmulator } from 'emulate'
import { parse } from 'yaml'
import { z } from 'zod'
import type { PostedMessage } from './print-thread.ts'
import { type ApiCall, type ApiResult, openFront } from './slack-front.ts'
import { type Door, type Forgery, type Knocked, knock, knockAgain, slackId } from './slack-knock.ts'
import { type Outage, openOutages } from './slack-outages.ts'
import { bot, commandPayload, mentionPayload, person, pressPayload, shortcutPayload, team } from './slack-payloads.ts'
import { asPerson } from './slack-person.ts'
import { type Envelope, openSockets } from './slack-socket.ts'

/**
 * A Slack on this machine for trying the bot and for tests: emulate's Web API with strict scopes, before it a front of
 * ours (slack-front.ts), and a person who types commands. The bot's token has the scopes of manifest.yml, no others.
 */
export type LocalSlack = {
  /** what the bot must be told: SLACK_API_URL, SLACK_BOT_TOKEN, SLACK_APP_TOKEN, SLACK_SIGNING_SECRET */
  apiUrl: string
  botToken: string
  appToken: string
  signingSecret: string
  /** where a browser shows the first channel, and the others beside it */
  page: string
  /** every Web API call of the bot so far */
  calls: ApiCall[]
  /** pictures that the bot uploaded, by Slack's id of the file; to look at under `/pictures/ID.png` of `url` */
  pictures: Map<string, Buffer>
  url: string
  /** what only the person who asked saw */
  answers: PrivateAnswer[]
  /** Where the bot listens, once that is known; without it Slack knocks over a socket. */
  botAt(url: string): void
  /** how many Socket Mode connections are open */
  connected(): number
  disconnectSockets(): void
  channelId(name: string): Promise<string>
  /** parent messages of a channel, oldest first; by id or name */
  postedMessages(channel: string): Promise<PostedMessage[]>
  /** replies under a message, oldest first */
  thread(channel: string, ts: string): Promise<PostedMessage[]>
  /** The person types `/cache` and this. */
  command(
    text: string,
    with_?: { channel?: string; triggerId?: string; responseUrl?: string; forgery?: Forgery },
  ): Promise<Knocked>
  /** The person writes a message. */
  say(text: string, place?: { channel?: string; threadTs?: string }): Promise<PostedMessage>
  /** The person uses "Explain this build" on a message. */
  shortcut(
    message: Pick<PostedMessage, 'ts' | 'text'> & Record<string, unknown>,
    with_?: { channel?: string; triggerId?: string },
  ): Promise<Knocked>
  /** The person presses a button of the bot's. */
  press(button: { action_id: string; value: string }): Promise<Knocked>
  /** The person writes a message that mentions the bot. */
  mention(
    text: string,
    with_?: { channel?: string; threadTs?: string; eventId?: string; again?: PostedMessage },
  ): Promise<{ message: PostedMessage; knocked: Knocked }>
  failNext(outage: Outage): void
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export type PrivateAnswer = { via: 'ack' | 'response_url'; text: string; blocks?: unknown[] }

export type LocalSlackOptions = {
  /** address of the bot's HTTP server; null or absent: Socket Mode */
  botUrl?: string | null
  signingSecret?: string
  /** names, with or without `#`; the bot is in these, the first is where the person types */
  channels?: string[]
  /** channels without the bot */
  foreignChannels?: string[]
  command?: string
  port?: number
  /** scopes of the manifest that the workspace has not granted yet */
  withoutScopes?: string[]
}

const appToken = 'xapp-1-LOCAL-0000000000'
const botToken = 'xoxb-local-0000000000'
const personToken = 'xoxp-local-0000000000'

/** Starts it; nothing leaves loopback. */
export async function startLocalSlack(options: LocalSlackOptions = {}): Promise<LocalSlack> {
  const { foreignChannels = [], signingSecret = 'local-signing-secret', command = '/cache' } = options
  const channels = (options.channels ?? ['builds']).map((name) => name.replace(/^#/, ''))
  const emulator = await startEmulator(
    [...channels, ...foreignChannels],
    botScopes().filter((scope) => !options.withoutScopes?.includes(scope)),
  )
  // It listens on IPv4 only, whatever `localhost` means here.
  const behind = emulator.url.replace('localhost', '127.0.0.1')
  const outages = openOutages()
  const answers: PrivateAnswer[] = []
  const uses = new Map<string, number>()
  const idOf = new Map<string, string>()
  const front = await openFront({
    behind,
    port: options.port ?? 0,
    outages,
    channelId: (given) => idOf.get(given.replace(/^#/, '')) ?? given,
    instead: (call, token) =>
      instead(
        call,
        token,
        () => sockets.ticket(new URL(front.url).host),
        channels.map((name) => idOf.get(name) ?? ''),
        front.pictures,
      ),
    answered: (id, body) => takeAnswer(id, body, uses, answers),
  })
  const sockets = openSockets(front.server)
  const read = asPerson(`${behind}/api/`, personToken)
  for (const [name, id] of await read.channels()) idOf.set(name, id)
  let botUrl = options.botUrl ?? null
  const door = (): Door =>
    botUrl === null ? { kind: 'socket', sockets } : { kind: 'http', url: botUrl, signingSecret }
  const place = (channel = channels[0] ?? 'builds') => {
    const name = channel.replace(/^#/, '')
    return { id: idOf.get(name) ?? channel, name }
  }
  const responseUrl = () => `${front.url}/response/${slackId('R')}`
  const keep = (knocked: Knocked) => {
    const said = ackSchema.safeParse(knocked.said)
    if (said.success) answers.push({ via: 'ack', ...said.data })
    return knocked
  }
  const say: LocalSlack['say'] = async (text, { channel, threadTs } = {}) =>
    await read.post(place(channel).id, text, threadTs)
  const close = async () => {
    sockets.close()
    await front.close()
    await emulator.close()
  }
  return {
    apiUrl: `${front.url}/api/`,
    botToken,
    appToken,
    signingSecret,
    page: `${front.url}/?tab=messages&channel=${place().id}`,
    calls: front.calls,
    pictures: front.pictures,
    url: front.url,
    answers,
    botAt(url) {
      botUrl = url
    },
    connected: sockets.connected,
    disconnectSockets: sockets.disconnectAll,
    channelId: async (name) => place(name).id,
    postedMessages: async (channel) => await read.history(place(channel).id),
    thread: async (channel, ts) => await read.replies(place(channel).id, ts),
    async command(text, with_ = {}) {
      const payload = commandPayload(
        command,
        text,
        place(with_.channel),
        with_.triggerId ?? slackId('T'),
        with_.responseUrl ?? responseUrl(),
      )
      return keep(
        await knock(door(), { type: 'slash_commands', payload, accepts_response_payload: true }, with_.forgery),
      )
    },
    say,
    async shortcut(message, with_ = {}) {
      const payload = shortcutPayload(message, place(with_.channel), with_.triggerId ?? slackId('T'), responseUrl())
      return await knock(door(), { type: 'interactive', payload, accepts_response_payload: false })
    },
    async press(button) {
      const payload = pressPayload(button, place(), slackId('T'), responseUrl())
      return await knock(door(), { type: 'interactive', payload, accepts_response_payload: false })
    },
    async mention(text, with_ = {}) {
      const written = `<@${bot.userId}> ${text}`
      const message = with_.again ?? (await say(written, with_))
      const payload = mentionPayload(
        { ...message, text: written },
        place(with_.channel).id,
        with_.eventId ?? slackId('Ev'),
      )
      const envelope: Envelope = { type: 'events_api', payload, accepts_response_payload: false }
      return { message, knocked: await knockAgain(door(), envelope) }
    },
    failNext: outages.failNext,
    close,
    [Symbol.asyncDispose]: close,
  }
}

async function startEmulator(channels: string[], scopes: string[]) {
  return await createEmulator({
    service: 'slack',
    port: 0,
    seed: {
      slack: {
        strict_scopes: true,
        team: { name: 'Local', domain: team.domain },
        channels: channels.map((name) => ({ name })),
        oauth_apps: [
          {
            client_id: '1.1',
            client_secret: 'local',
            app_id: bot.appId,
            name: 'layerwise',
            redirect_uris: [],
            scopes,
            bot_id: bot.botId,
            bot_user_id: bot.userId,
            bot_name: 'layerwise',
          },
        ],
        tokens: [
          {
            token: botToken,
            type: 'bot',
            user_id: bot.userId,
            scopes,
            app_id: bot.appId,
            bot_id: bot.botId,
            bot_user_id: bot.userId,
          },
          {
            token: personToken,
            type: 'user',
            user: person.name,
            scopes: ['chat:write', 'channels:read', 'channels:history'],
          },
        ],
      },
    },
  })
}

/** Scopes of the bot, from the manifest that real workspaces install. */
function botScopes(): string[] {
  const text = readFileSync(new URL('../../manifest.yml', import.meta.url), 'utf8')
  return manifestSchema.parse(parse(text)).oauth_config.scopes.bot
}

const manifestSchema = z.object({ oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()) }) }) })
const ackSchema = z.object({ text: z.string(), blocks: z.array(z.unknown()).optional() })

/** Where Slack is stricter than emulate. */
function instead(
  { method, args }: ApiCall,
  token: string,
  ticket: () => string,
  botIsIn: string[],
  pictures: Map<string, Buffer>,
): ApiResult | null {
  if (method === 'apps.connections.open')
    return token === appToken ? { ok: true, url: ticket() } : { ok: false, error: 'invalid_auth' }
  if (token !== botToken) return { ok: false, error: 'invalid_auth' }
  if (!method.startsWith('chat.')) return null
  if (!botIsIn.includes(String(args.channel)))
    return { ok: false, error: /^[CG]/.test(String(args.channel)) ? 'not_in_channel' : 'channel_not_found' }
  return refusedBlocks(args.blocks) ?? refusedPicture(args.blocks, pictures)
}

/** An image block shows a file of the bot's own. (Slack takes some seconds more until it does: an outage to be asked for.) */
function refusedPicture(blocks: unknown, pictures: Map<string, Buffer>): ApiResult | null {
  if (!Array.isArray(blocks)) return null
  const files = blocks.flatMap((block) => block?.slack_file?.id ?? [])
  return files.every((id) => pictures.has(id)) ? null : { ok: false, error: 'invalid_blocks' }
}

/** Slack's limits as far as it documents them, and the size it refuses without documenting (bolt-js issue 2509). */
function refusedBlocks(blocks: unknown): ApiResult | null {
  if (!Array.isArray(blocks)) return null
  if (JSON.stringify(blocks).length > 13_200) return { ok: false, error: 'msg_blocks_too_long' }
  const texts = blocks.map((block) => String(block?.text?.text ?? ''))
  return blocks.length > 50 || texts.some((text) => text.length > 3000) ? { ok: false, error: 'invalid_blocks' } : null
}

function takeAnswer(id: string, body: unknown, uses: Map<string, number>, answers: PrivateAnswer[]): string | null {
  const used = (uses.get(id) ?? 0) + 1
  uses.set(id, used)
  if (used > 5) return 'used_url'
  const answer = ackSchema.safeParse(body)
  if (!answer.success) return 'invalid_payload'
  const refused = refusedBlocks(answer.data.blocks)
  if (refused) return String(refused.error)
  answers.push({ via: 'response_url', ...answer.data })
  return null
}

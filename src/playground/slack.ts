import { z } from 'zod'
import type { PostedMessage } from './print-thread.ts'
import { type Acts, actsOf } from './slack-acts.ts'
import { refusedBlocks } from './slack-blocks.ts'
import { botScopes, startEmulator, tokenOf } from './slack-emulator.ts'
import { type ApiCall, openFront } from './slack-front.ts'
import { appToken, botToken, instead } from './slack-instead.ts'
import { type Door, type Knocked, send, slackId } from './slack-knock.ts'
import { localModals, type OpenModal } from './slack-modals.ts'
import { type Outage, openOutages } from './slack-outages.ts'
import { type LocalPerson, localPeople, person } from './slack-people.ts'
import { asPerson } from './slack-person.ts'
import { openSockets } from './slack-socket.ts'

/**
 * A Slack on this machine for trying the bot and for tests: emulate's Web API with strict scopes, before it a front of
 * ours (slack-front.ts), and people who type and press. The bot's token has the scopes of manifest.yml, no others.
 * What is done without naming anybody, the first of the people does.
 */
export type LocalSlack = Acts & {
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
  /** what only the person saw who asked or pressed */
  answers: PrivateAnswer[]
  /** everybody there is, by id; a test may change them */
  people: Map<string, LocalPerson>
  /** The same acts, done by another of the people. */
  as(userId: string): Acts
  /** forms that stand open, oldest first */
  modals: OpenModal[]
  /** As if three seconds went by since every click so far: none of them opens a form any more. */
  expireTriggers(): void
  /** Sends the same request once more, signature and all; over a socket the same envelope. */
  replay(knocked: Knocked): Promise<Knocked>
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
  failNext(outage: Outage): void
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** `to`: whose screen it is on; empty for an address that the local Slack did not give out. */
export type PrivateAnswer = { via: 'ack' | 'response_url'; to: string; text: string; blocks?: unknown[] }

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

/** Starts it; nothing leaves loopback. */
export async function startLocalSlack(options: LocalSlackOptions = {}): Promise<LocalSlack> {
  const { foreignChannels = [], signingSecret = 'local-signing-secret', command = '/cache' } = options
  const channels = (options.channels ?? ['builds']).map((name) => name.replace(/^#/, ''))
  const scopes = botScopes().filter((scope) => !options.withoutScopes?.includes(scope))
  const people = localPeople()
  const emulator = await startEmulator([...channels, ...foreignChannels], scopes, [...people.values()])
  // It listens on IPv4 only, whatever `localhost` means here.
  const behind = emulator.url.replace('localhost', '127.0.0.1')
  const outages = openOutages()
  const answers: PrivateAnswer[] = []
  const replies = new Map<string, { to: string; uses: number }>()
  const modals = localModals()
  const idOf = new Map<string, string>()
  const front = await openFront({
    behind,
    port: options.port ?? 0,
    outages,
    channelId: (given) => idOf.get(given.replace(/^#/, '')) ?? given,
    instead: (call, token) =>
      instead(call, token, {
        ...{ people, scopes, modals, pictures: front.pictures },
        ticket: () => sockets.ticket(new URL(front.url).host),
        botIsIn: channels.map((name) => idOf.get(name) ?? ''),
      }),
    answered(id, body) {
      const reply = replies.get(id) ?? { to: '', uses: 0 }
      replies.set(id, reply)
      return takeAnswer(body, reply, answers)
    },
  })
  const sockets = openSockets(front.server)
  const read = asPerson(`${behind}/api/`, tokenOf(person))
  for (const [name, id] of await read.channels()) idOf.set(name, id)
  let botUrl = options.botUrl ?? null
  const door = (): Door =>
    botUrl === null ? { kind: 'socket', sockets } : { kind: 'http', url: botUrl, signingSecret }
  const place = (channel = channels[0] ?? 'builds') => {
    const name = channel.replace(/^#/, '')
    return { id: idOf.get(name) ?? channel, name }
  }
  const responseUrl = (who: LocalPerson) => {
    const id = slackId('R')
    replies.set(id, { to: who.id, uses: 0 })
    return `${front.url}/response/${id}`
  }
  const keep = (knocked: Knocked, { id: to }: LocalPerson) => {
    const said = ackSchema.safeParse(knocked.said)
    if (said.success) answers.push({ via: 'ack', to, ...said.data })
    return knocked
  }
  const as = (userId: string) => {
    const who = people.get(userId)
    if (!who) throw new Error(`nobody here is ${userId}; there are ${[...people.keys()].join(', ')}`)
    const theirs = asPerson(`${behind}/api/`, tokenOf(who))
    return actsOf(who, { command, door, channel: place, responseUrl, modals, read: theirs, keep })
  }
  const close = async () => {
    sockets.close()
    await front.close()
    await emulator.close()
  }
  return {
    ...as(person.id),
    as,
    apiUrl: `${front.url}/api/`,
    botToken,
    appToken,
    signingSecret,
    page: `${front.url}/?tab=messages&channel=${place().id}`,
    calls: front.calls,
    pictures: front.pictures,
    url: front.url,
    answers,
    people,
    modals: modals.open,
    expireTriggers: modals.expireTriggers,
    replay: async ({ sent }) => keep(await send(sent), person),
    botAt(url) {
      botUrl = url
    },
    connected: sockets.connected,
    disconnectSockets: sockets.disconnectAll,
    channelId: async (name) => place(name).id,
    postedMessages: async (channel) => await read.history(place(channel).id),
    thread: async (channel, ts) => await read.replies(place(channel).id, ts),
    failNext: outages.failNext,
    close,
    [Symbol.asyncDispose]: close,
  }
}

const ackSchema = z.object({ text: z.string(), blocks: z.array(z.unknown()).optional() })

/** Slack takes five answers at one address. */
function takeAnswer(body: unknown, place: { to: string; uses: number }, answers: PrivateAnswer[]): string | null {
  place.uses++
  if (place.uses > 5) return 'used_url'
  const answer = ackSchema.safeParse(body)
  if (!answer.success) return 'invalid_payload'
  const refused = refusedBlocks(answer.data.blocks)
  if (refused) return String(refused.error)
  answers.push({ via: 'response_url', to: place.to, ...answer.data })
  return null
}

import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { WebClient } from '@slack/web-api'
import type { Claim, PostedMessage } from '../store/messages.ts'
import { rungs } from '../thread/limits.ts'
import type { WantedMessage } from '../thread/wanted.ts'
import { platformError, refusedDress, SlackUnavailable, slackFailure } from './failure.ts'

/**
 * Makes Slack show what the plan wants. Every message has a tag, and the store knows which tag stands where with which
 * words: a new tag is posted, a changed one updated, an unchanged one left alone. Intent first, then the call, then the
 * result, so that a crash in between is noticed: the claim is found again and the message posted under the same
 * `client_msg_id`.
 *
 * How sure we are that Slack drops the second post of one `client_msg_id`: fairly, not wholly. Slack's own clients send
 * it with `chat.postMessage` for this purpose, and the method's documented errors `duplicate_message_not_found` and
 * `duplicate_channel_not_found` speak of "a duplicate message associated with client_msg_id"; but it is not among the
 * documented arguments, and a Slack engineer advised apps against building on it (java-slack-sdk issue 852, 2021). If it
 * did nothing, a crash between the call and the next line of ours would show a message twice; it cannot lose one.
 */
export type Poster = {
  /** Posts or updates one message. Throws `SlackUnavailable` or `SlackRefused`; trying again is safe. */
  deliver(message: WantedMessage, place: Place): Promise<Standing>
  /** All of a plan in its order, the parent first. */
  deliverAll(messages: WantedMessage[], place: Place): Promise<void>
  /**
   * The same for a message that takes some work to make, as a picture that has to be uploaded: it is made only when what
   * stands says something else. `file` is where the picture lies, which is no part of what a message says.
   */
  deliverPicture(message: (file: string) => WantedMessage, place: Place, file: () => Promise<string>): Promise<void>
  isPosted(tag: string): Promise<boolean>
}

/** `threadTs`: into the thread of this message, which need not be ours; otherwise the thread of the tag's parent. */
export type Place = { channel: string; threadTs?: string | null }
export type Standing = { channel: string; ts: string }

/** What the poster needs of the store's `messages`. */
export type PostedMessages = {
  claim(tag: string, wanted: { channel: string; now: Date; leaseMs: number }): Promise<Claim>
  release(tag: string, claim: number): Promise<void>
  posted(tag: string, message: PostedMessage): Promise<void>
  get(tag: string): Promise<PostedMessage | null>
}

export type PosterOptions = { client: WebClient; messages: PostedMessages; now: () => Date; leaseMs?: number }

/** Opens nothing: a poster is its options. */
export function poster(options: PosterOptions): Poster {
  const inTurn = turns()
  const deliver = (message: WantedMessage, place: Place) =>
    inTurn(message.tag, () => deliverOne(options, message, place))
  return {
    deliver,
    async deliverAll(messages, place) {
      for (const message of messages) await deliver(message, place)
    },
    async deliverPicture(message, place, file) {
      const planned = message('')
      await inTurn(planned.tag, async () => {
        if ((await options.messages.get(planned.tag))?.hash === hashOf(planned)) return
        await deliverOne(options, message(await file()), place)
      })
    },
    async isPosted(tag) {
      return (await options.messages.get(tag)) !== null
    },
  }
}

// Longer than a call may take (see client.ts), so that a claim runs out only when its holder is gone.
const patience = 20_000

async function deliverOne(options: PosterOptions, message: WantedMessage, place: Place): Promise<Standing> {
  const { messages, now, leaseMs = patience } = options
  const ask = () => messages.claim(message.tag, { channel: place.channel, now: now(), leaseMs })
  const claim = await whenFree(ask)
  switch (claim.kind) {
    case 'busy':
      throw new SlackUnavailable(`posting ${message.tag}: another process is at it`, soon(claim.until, now()))
    case 'posted':
      if (claim.hash !== hashOf(message)) await update(options, message, claim)
      return { channel: claim.channel, ts: claim.ts }
    case 'mine':
      return await post(options, message, place, claim)
    default:
      return claim satisfies never
  }
}

/** Calls about one message go out one after the other: of two updates under way at once Slack might keep the older. */
function turns() {
  const last = new Map<string, Promise<unknown>>()
  return <T>(tag: string, call: () => Promise<T>): Promise<T> => {
    const before = last.get(tag) ?? Promise.resolve()
    const mine = before.then(call, call)
    last.set(tag, mine)
    const leave = () => {
      if (last.get(tag) === mine) last.delete(tag)
    }
    mine.then(leave, leave)
    return mine
  }
}

/** Two tasks of one run may want the same message at once; the other one has usually posted it in a moment. */
async function whenFree(ask: () => Promise<Claim>): Promise<Claim> {
  for (let tries = 1; ; tries++) {
    const claim = await ask()
    if (claim.kind !== 'busy' || tries === 20) return claim
    await pause(100)
  }
}

/** When to ask again: a holder that is still not done may be dead, and its lease ends by itself. */
function soon(until: Date, now: Date): number {
  return Math.min(1_000, Math.max(0, until.getTime() - now.getTime()))
}

async function post(
  { client, messages }: PosterOptions,
  message: WantedMessage,
  place: Place,
  claim: { clientMsgId: string; claim: number },
): Promise<Standing> {
  const what = `posting ${message.tag}`
  try {
    const thread = await threadOf(messages, message, place)
    const sent = await dressed(message, (rung) =>
      client.chat.postMessage(asPost(rung, place.channel, thread, claim.clientMsgId)),
    )
    if (!sent.channel || !sent.ts) throw new Error('Slack said ok without a channel and a ts')
    const standing = { channel: sent.channel, ts: sent.ts }
    await messages.posted(message.tag, { ...standing, hash: hashOf(message) })
    return standing
  } catch (error) {
    // Whether or not it arrived, waiting for the lease would not tell us; the next try has the same client_msg_id.
    await messages.release(message.tag, claim.claim)
    throw slackFailure(what, error)
  }
}

async function update(
  { client, messages }: PosterOptions,
  message: WantedMessage,
  standing: PostedMessage,
): Promise<void> {
  const { channel, ts } = standing
  try {
    await dressed(message, ({ text, blocks }) =>
      client.chat.update({ channel, ts, text, blocks, metadata: metadata(message.tag) }),
    )
  } catch (error) {
    // Somebody deleted the message, or Slack's editing time is over: it is theirs now, and posting it anew would nag.
    if (!beyondUpdate.has(platformError(error) ?? '')) throw slackFailure(`updating ${message.tag}`, error)
  }
  await messages.posted(message.tag, { channel, ts, hash: hashOf(message) })
}

const beyondUpdate = new Set(['message_not_found', 'cant_update_message', 'edit_window_closed'])

/** Sends it whole, and plainer when Slack refuses its dress. */
async function dressed<Sent>(message: WantedMessage, send: (rung: WantedMessage) => Promise<Sent>): Promise<Sent> {
  let refusal: unknown
  for (const rung of rungs(message)) {
    try {
      return await send(rung)
    } catch (error) {
      if (!refusedDress.has(platformError(error) ?? '')) throw error
      // Slack takes a picture first and reads it afterwards, some seconds; until then it is no picture.
      if (holdsPicture(rung))
        throw new SlackUnavailable(`showing ${message.tag}: not read yet`, 2_000, { cause: error })
      refusal = error
    }
  }
  throw refusal
}

async function threadOf(messages: PostedMessages, message: WantedMessage, place: Place): Promise<string | null> {
  if (place.threadTs) return place.threadTs
  if (message.parent === null) return null
  const parent = await messages.get(message.parent)
  if (parent === null)
    throw new SlackUnavailable(`posting ${message.tag}: its parent ${message.parent} does not stand yet`, 1_000)
  return parent.ts
}

function asPost(message: WantedMessage, channel: string, thread: string | null, clientMsgId: string) {
  const content = {
    channel,
    text: message.text,
    // Without blocks the argument must be absent: an empty list hides the text.
    ...(message.blocks.length > 0 ? { blocks: message.blocks } : {}),
    metadata: metadata(message.tag),
    unfurl_links: false,
    unfurl_media: false,
    client_msg_id: clientMsgId,
  }
  if (thread === null) return content
  return message.broadcast
    ? { ...content, thread_ts: thread, reply_broadcast: true as const }
    : { ...content, thread_ts: thread }
}

function metadata(tag: string) {
  return { event_type: 'layerwise', event_payload: { tag } }
}

function holdsPicture({ blocks }: WantedMessage): boolean {
  return blocks.some(({ type }) => type === 'image')
}

/** Name of what a message says. A picture's block has the name of what it shows; the file is only where that lies. */
function hashOf({ text, blocks }: WantedMessage): string {
  const said = JSON.stringify({ text, blocks }, (key, value) => (key === 'slack_file' ? undefined : value))
  return createHash('sha256').update(said).digest('hex')
}

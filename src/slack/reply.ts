import type { WantedMessage } from '../thread/wanted.ts'
import type { ReplyTo } from './ask.ts'
import { SlackRefused } from './failure.ts'
import type { Poster } from './poster.ts'
import type { Respond } from './response.ts'

/** Brings the messages to whoever asked, where they asked. */
export type Reply = (replyTo: ReplyTo, messages: WantedMessage[]) => Promise<void>

/**
 * Into the thread that was asked in, once per tag however often it is tried; or to the person alone when they used the
 * slash command, or when we are not in that channel.
 */
export function replyWith({ poster, respond }: { poster: Poster; respond: Respond }): Reply {
  return async (replyTo, messages) => {
    if (replyTo.kind === 'response') return await privately(respond, replyTo.url, messages)
    const { channel, ts, responseUrl } = replyTo
    try {
      await poster.deliverAll(messages, { channel, threadTs: ts })
    } catch (error) {
      if (!(error instanceof SlackRefused) || responseUrl === null || !closed.has(error.reason)) throw error
      await privately(respond, responseUrl, messages)
    }
  }
}

const closed = new Set(['not_in_channel', 'channel_not_found', 'is_archived', 'restricted_action'])

// Slack takes five answers per address and then no more, also when one was sent again after a crash. Without the details
// it is still an answer.
async function privately(respond: Respond, url: string, [answer, ...details]: WantedMessage[]): Promise<void> {
  if (!answer) return
  await respond(url, answer)
  for (const message of details) {
    const used = await respond(url, message).then(
      () => false,
      (error: unknown) => {
        if (error instanceof SlackRefused) return true
        throw error
      },
    )
    if (used) return
  }
}

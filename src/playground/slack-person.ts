import { z } from 'zod'
import type { PostedMessage } from './print-thread.ts'

/** Reads and writes as the person. */
export function asPerson(apiUrl: string, token: string) {
  const call = async <T>(method: string, args: object, schema: z.ZodType<T>): Promise<T> => {
    const response = await fetch(new URL(method, apiUrl), {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(args),
    })
    return schema.parse(await response.json())
  }
  return {
    channels: async () =>
      (await call('conversations.list', {}, listSchema)).channels.map(({ name, id }) => [name, id] as const),
    history: async (channel: string) =>
      (await call('conversations.history', { channel, limit: 1000 }, messagesSchema)).messages.toReversed(),
    replies: async (channel: string, ts: string) =>
      (await call('conversations.replies', { channel, ts }, messagesSchema)).messages.filter(
        (message) => message.ts !== ts,
      ),
    post: async (channel: string, text: string, threadTs?: string) =>
      (await call('chat.postMessage', { channel, text, ...(threadTs ? { thread_ts: threadTs } : {}) }, postSchema))
        .message,
  }
}

const messageSchema: z.ZodType<PostedMessage> = z.object({
  ts: z.string(),
  text: z.string(),
  blocks: z.array(z.unknown()).optional(),
  thread_ts: z.string().optional(),
  reply_broadcast: z.boolean().optional(),
  user: z.string().optional(),
  metadata: z.unknown().optional(),
})
const messagesSchema = z.object({ messages: z.array(messageSchema) })
const postSchema = z.object({ message: messageSchema })
const listSchema = z.object({ channels: z.array(z.object({ name: z.string(), id: z.string() })) })

import { z } from 'zod'
import { ourActions } from '../thread/buttons.ts'

const id = z.string().regex(/^\w{1,100}$/)
const timestamp = z.string().regex(/^\d{1,20}\.\d{1,20}$/)

/** A button of ours was pressed; the input of a durable task. Of what came with it only the id is believed. */
export const pressSchema = z.strictObject({
  /** opaque; what it means is in the store */
  buttonId: z.string().regex(/^[\w-]{1,100}$/),
  /** Slack's ids of the person and of their workspace; null: Slack did not tell */
  user: z.strictObject({ id: z.string(), teamId: z.string().nullable() }),
  channel: z.string(),
  /** the message that the button stood in */
  messageTs: z.string(),
  /** where the person alone is answered, for half an hour */
  responseUrl: z.string(),
})
export type Press = z.infer<typeof pressSchema>

/**
 * What we read of Slack's `block_actions`, as far as it comes from a message.
 * https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
 */
const payloadSchema = z.object({
  type: z.literal('block_actions'),
  trigger_id: z.string().min(1).max(200),
  response_url: z.string().max(2_000),
  user: z.object({ id, team_id: id.nullish() }),
  channel: z.object({ id }),
  container: z.object({ type: z.literal('message'), message_ts: timestamp }),
  actions: z.tuple([
    z.object({
      type: z.enum(['button', 'overflow', 'feedback_buttons', 'icon_button']),
      action_id: z.string().startsWith(ourActions),
      action_ts: timestamp,
      value: z.string().optional(),
      /** of a menu */
      selected_option: z.object({ value: z.string() }).nullish(),
    }),
  ]),
})

export type ReadPress = {
  press: Press
  /** opens one modal within three seconds */
  triggerId: string
  /** Slack's two names of this press: the same however often it is delivered, others when the person presses again */
  keys: { trigger: string; action: string }
}

/** Null for what is no press of a button of ours in a message. */
export function readPress(body: unknown): ReadPress | null {
  const read = payloadSchema.safeParse(body)
  if (!read.success) return null
  const { trigger_id: triggerId, response_url: responseUrl, user, channel, container, actions } = read.data
  const [pressed] = actions
  const { message_ts: messageTs } = container
  const press = pressSchema.safeParse({
    buttonId: pressed.type === 'overflow' ? pressed.selected_option?.value : pressed.value,
    user: { id: user.id, teamId: user.team_id ?? null },
    channel: channel.id,
    messageTs,
    responseUrl,
  })
  if (!press.success) return null
  const { buttonId } = press.data
  const action = `slack:action:${pressed.action_ts}:${user.id}:${channel.id}:${messageTs}:${buttonId}`
  return { press: press.data, triggerId, keys: { trigger: `slack:trigger:${triggerId}`, action } }
}

import type { PostedMessage } from './print-thread.ts'
import type { ActionSent } from './slack-buttons.ts'
import type { OpenModal } from './slack-modals.ts'
import { type LocalPerson, team } from './slack-people.ts'

/** What Slack sends a bot, in the shape of its reference pages, about one of its people and the one bot there is. */

export const bot = { appId: 'A0LAYERWISE', botId: 'B0LAYERWISE', userId: 'U0LAYERWISE' }

export type Channel = { id: string; name: string }

/** Who did it and where, and how the bot may answer. */
export type Deed = { who: LocalPerson; channel: Channel; triggerId: string; responseUrl: string }

export function commandPayload(command: string, text: string, { who, channel, triggerId, responseUrl }: Deed) {
  return {
    token: 'deprecated',
    team_id: who.teamId,
    team_domain: team.domain,
    channel_id: channel.id,
    channel_name: channel.name,
    user_id: who.id,
    user_name: who.name,
    command,
    text,
    api_app_id: bot.appId,
    is_enterprise_install: 'false',
    response_url: responseUrl,
    trigger_id: triggerId,
  }
}

/** What interactive payloads have in common. */
function interactive({ who, triggerId }: Pick<Deed, 'who' | 'triggerId'>) {
  return {
    trigger_id: triggerId,
    team,
    user: { id: who.id, username: who.name, name: who.name, team_id: who.teamId },
    api_app_id: bot.appId,
    is_enterprise_install: false,
    enterprise: null,
    token: 'deprecated',
  }
}

export function shortcutPayload(message: { ts: string }, deed: Deed) {
  return {
    ...interactive(deed),
    type: 'message_action',
    callback_id: 'explain_build',
    message_ts: message.ts,
    action_ts: message.ts,
    response_url: deed.responseUrl,
    channel: deed.channel,
    message: { type: 'message', ...message },
  }
}

export function pressPayload(action: ActionSent, message: Partial<PostedMessage> & { ts: string }, deed: Deed) {
  const { channel, responseUrl } = deed
  const thread = message.thread_ts === undefined ? {} : { thread_ts: message.thread_ts }
  return {
    ...interactive(deed),
    type: 'block_actions',
    container: {
      type: 'message',
      message_ts: message.ts,
      channel_id: channel.id,
      is_ephemeral: false,
      ...thread,
    },
    channel,
    message: { type: 'message', bot_id: bot.botId, app_id: bot.appId, user: bot.userId, ...message },
    state: { values: {} },
    response_url: responseUrl,
    actions: [action],
  }
}

export function submitPayload(
  { id, hash, view }: OpenModal,
  state: Record<string, unknown>,
  deed: Pick<Deed, 'who' | 'triggerId'>,
) {
  return {
    ...interactive(deed),
    type: 'view_submission',
    view: { id, hash, team_id: team.id, app_id: bot.appId, bot_id: bot.botId, ...view, state: { values: state } },
    response_urls: [],
  }
}

export function mentionPayload(
  message: PostedMessage,
  { who, channel, eventId }: { who: LocalPerson; channel: string; eventId: string },
) {
  const { ts, text, thread_ts: threadTs } = message
  return {
    type: 'event_callback',
    token: 'deprecated',
    team_id: team.id,
    api_app_id: bot.appId,
    event_id: eventId,
    event_time: Math.floor(Number(ts)),
    event: {
      type: 'app_mention',
      user: who.id,
      text,
      ts,
      event_ts: ts,
      channel,
      ...(threadTs ? { thread_ts: threadTs } : {}),
    },
    authorizations: [
      { enterprise_id: null, team_id: team.id, user_id: bot.userId, is_bot: true, is_enterprise_install: false },
    ],
    is_ext_shared_channel: false,
  }
}

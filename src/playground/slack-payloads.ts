import type { PostedMessage } from './print-thread.ts'

/** What Slack sends a bot, in the shape of its reference pages, about the one person and the one bot there are. */

export const person = { id: 'U0PERSON01', name: 'admin' }
export const bot = { appId: 'A0LAYERWISE', botId: 'B0LAYERWISE', userId: 'U0LAYERWISE' }
export const team = { id: 'T000000001', domain: 'local' }

export type Channel = { id: string; name: string }

export function commandPayload(
  command: string,
  text: string,
  channel: Channel,
  triggerId: string,
  responseUrl: string,
) {
  return {
    token: 'deprecated',
    team_id: team.id,
    team_domain: team.domain,
    channel_id: channel.id,
    channel_name: channel.name,
    user_id: person.id,
    user_name: person.name,
    command,
    text,
    api_app_id: bot.appId,
    is_enterprise_install: 'false',
    response_url: responseUrl,
    trigger_id: triggerId,
  }
}

export function shortcutPayload(message: { ts: string }, channel: Channel, triggerId: string, responseUrl: string) {
  return {
    type: 'message_action',
    callback_id: 'explain_build',
    trigger_id: triggerId,
    message_ts: message.ts,
    action_ts: message.ts,
    response_url: responseUrl,
    team,
    channel,
    user: { ...person, team_id: team.id },
    message: { type: 'message', ...message },
    api_app_id: bot.appId,
    is_enterprise_install: false,
    enterprise: null,
    token: 'deprecated',
  }
}

export function pressPayload(
  button: { action_id: string; value: string },
  channel: Channel,
  triggerId: string,
  responseUrl: string,
) {
  return {
    type: 'block_actions',
    actions: [{ type: 'button', block_id: 'actions', action_ts: '1.1', ...button }],
    trigger_id: triggerId,
    response_url: responseUrl,
    team,
    channel,
    user: { ...person, team_id: team.id },
    api_app_id: bot.appId,
    is_enterprise_install: false,
    enterprise: null,
    token: 'deprecated',
  }
}

export function mentionPayload(message: PostedMessage, channel: string, eventId: string) {
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
      user: person.id,
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

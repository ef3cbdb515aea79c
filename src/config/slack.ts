import { needed, type Reading } from './reading.ts'

export type SlackConfig = {
  botToken: string
  door: { kind: 'socket'; appToken: string } | { kind: 'http'; signingSecret: string }
  /** null: Slack's own */
  apiUrl: string | null
}

export const slackCredentials = ['SLACK_BOT_TOKEN', 'SLACK_APP_TOKEN', 'SLACK_SIGNING_SECRET'] as const

/** Socket Mode when there is an app-level token, HTTP otherwise. Null when something is missing, which is reported. */
export function readSlack(reading: Reading): SlackConfig | null {
  const botToken =
    reading.values.SLACK_BOT_TOKEN ??
    needed(reading, 'SLACK_BOT_TOKEN', 'as other credentials are set (LAYERWISE_MODE=local tries the bot without any)')
  const door = readDoor(reading)
  if (botToken === null || door === null) return null
  return { botToken, door, apiUrl: reading.values.SLACK_API_URL ?? null }
}

function readDoor(reading: Reading): SlackConfig['door'] | null {
  const { SLACK_APP_TOKEN: appToken, SLACK_SIGNING_SECRET: signingSecret } = reading.values
  if (appToken) return { kind: 'socket', appToken }
  if (signingSecret) return { kind: 'http', signingSecret }
  if (reading.isSet('SLACK_SIGNING_SECRET')) return null
  return needed(reading, 'SLACK_APP_TOKEN', 'or SLACK_SIGNING_SECRET for Slack over HTTP')
}

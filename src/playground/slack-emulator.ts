import { readFileSync } from 'node:fs'
import { createEmulator } from 'emulate'
import { parse } from 'yaml'
import { z } from 'zod'
import { botToken } from './slack-instead.ts'
import { bot } from './slack-payloads.ts'
import { type LocalPerson, team } from './slack-people.ts'

/** With which one of the people reads and writes. */
export function tokenOf({ id }: LocalPerson): string {
  return `xoxp-local-${id}`
}

/** emulate's Slack, with strict scopes. */
export async function startEmulator(channels: string[], scopes: string[], people: LocalPerson[]) {
  return await createEmulator({
    service: 'slack',
    port: 0,
    seed: {
      slack: {
        strict_scopes: true,
        team: { name: 'Local', domain: team.domain },
        users: people.map(({ name }) => ({ name })),
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
          ...people.map((each) => ({
            token: tokenOf(each),
            type: 'user' as const,
            user: each.name,
            scopes: ['chat:write', 'channels:read', 'channels:history'],
          })),
        ],
      },
    },
  })
}

/** Scopes of the bot, from the manifest that real workspaces install. */
export function botScopes(): string[] {
  const text = readFileSync(new URL('../../manifest.yml', import.meta.url), 'utf8')
  return manifestSchema.parse(parse(text)).oauth_config.scopes.bot
}

const manifestSchema = z.object({ oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()) }) }) })

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type { AppsManifestCreateArguments } from '@slack/web-api'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { commands } from '../commands/commands.ts'

type Manifest = AppsManifestCreateArguments['manifest']

const manifest: Manifest = parse(readFileSync('manifest.yml', 'utf8'))

/**
 * What manifest.yml says, as a value the compiler holds to Slack's own type: YAML can't be checked, but it must equal
 * this, so a misspelt scope, event or field fails `tsc` or this test.
 */
const typed = {
  _metadata: { major_version: 2, minor_version: 0 },
  display_information: {
    name: 'Layerwise',
    description: 'Says why a Docker build failed in CI, and what will help',
    long_description: String(manifest.display_information.long_description),
    background_color: '#1d3557',
  },
  features: {
    bot_user: { display_name: 'layerwise', always_online: true },
    slash_commands: [
      {
        command: '/cache',
        description: 'Explain a failed Docker build',
        usage_hint:
          'debug [repository|link|#PR] | layers <image> [other image] [--platform os/arch] | lint [owner/repository[@ref]] | verify <link to a run> | rebuild [repository[@branch]] | prune [repository] | link | unlink | pause | resume | dry-run on|off | runbook stats | help',
        should_escape: false,
      },
    ],
    shortcuts: [
      {
        type: 'message',
        name: 'Explain this build',
        callback_id: 'explain_build',
        description: 'Explains the run that this message links to, in its thread',
      },
    ],
  },
  oauth_config: { scopes: { bot: ['app_mentions:read', 'chat:write', 'commands', 'files:write', 'users:read'] } },
  settings: {
    event_subscriptions: { bot_events: ['app_mention'] },
    interactivity: { is_enabled: true },
    org_deploy_enabled: false,
    socket_mode_enabled: true,
    token_rotation_enabled: false,
  },
} satisfies Manifest

test('the manifest is what Slack’s type for manifests allows', () => {
  expect(manifest).toEqual(typed)
})

test('it stays within the limits that Slack documents', () => {
  const { name, description, long_description: long } = typed.display_information
  expect([name.length <= 35, description.length <= 140, long.length <= 4000]).toEqual([true, true, true])
  // Slack shows the long one only from 174 characters on.
  expect(long.length).toBeGreaterThanOrEqual(174)
  expect(typed.features.bot_user.display_name).toMatch(/^[a-z0-9._-]{1,80}$/)
  for (const command of typed.features.slash_commands) {
    expect(command.command).toMatch(/^\/[a-z0-9_-]{1,31}$/)
    expect([command.description.length <= 2000, command.usage_hint.length <= 1000]).toEqual([true, true])
  }
  for (const shortcut of typed.features.shortcuts) {
    expect(shortcut.name.length).toBeLessThanOrEqual(24)
    expect([shortcut.description.length <= 150, shortcut.callback_id.length <= 255]).toEqual([true, true])
  }
})

test('its usage hint names the subcommands there are', () => {
  const hint = commands.map(({ name, usage }) => `${name} ${usage}`.trim()).join(' | ')
  expect(typed.features.slash_commands[0]?.usage_hint).toBe(hint)
})

const schemas = '../shared/data'
const schemaFile = existsSync(schemas)
  ? readdirSync(schemas).find((name) => name.startsWith(`slack-manifest.schema.${typed._metadata.major_version}.`))
  : undefined

// Slack's schema is Slack's file and not ours to ship; without it only the type and the limits above are checked.
test.skipIf(!schemaFile)(`it is valid by Slack’s JSON schema${schemaFile ? '' : ` (SKIPPED: no ${schemas})`}`, () => {
  const ajv = new Ajv({ strict: false, allErrors: true })
  addFormats.default(ajv)
  const validate = ajv.compile(JSON.parse(readFileSync(`${schemas}/${schemaFile}`, 'utf8')))
  validate(manifest)
  expect(validate.errors ?? []).toEqual([])
})

describe('what the code uses of Slack', () => {
  const sources = readdirSync('src/slack', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(`src/slack/${name}`, 'utf8'))
  const found = (pattern: RegExp) => [
    ...new Set(sources.flatMap((source) => [...source.matchAll(pattern)].map(([, name]) => name ?? ''))),
  ]

  /** The bot scope that a method needs, by Slack's reference pages. */
  const scopeOfMethod: Record<string, string | null> = {
    'auth.test': null,
    'chat.postMessage': 'chat:write',
    'chat.update': 'chat:write',
    'files.getUploadURLExternal': 'files:write',
    'files.completeUploadExternal': 'files:write',
    'users.info': 'users:read',
    'views.open': null,
  }
  const scopeOfEvent: Record<string, string> = { app_mention: 'app_mentions:read' }

  const methods = found(/\bclient\.([a-z]+(?:\.[a-zA-Z0-9]+)+)\(/g)
  const events = found(/\bapp\.event\('([^']+)'/g)
  const doors = found(/\bapp\.(command|shortcut)\(/g)

  test('is known to this test', () => {
    expect(methods.toSorted()).toEqual(Object.keys(scopeOfMethod).toSorted())
    expect(events.toSorted()).toEqual(Object.keys(scopeOfEvent).toSorted())
    // A call by name would pass the search above.
    expect(found(/(apiCall\(|\bapp\.client\b)/g)).toEqual([])
  })

  test('needs exactly the scopes of the manifest', () => {
    const needed = [
      ...methods.map((method) => scopeOfMethod[method]),
      ...events.map((event) => scopeOfEvent[event]),
      ...(doors.length > 0 ? ['commands'] : []),
    ]
    expect([...new Set(needed.filter(Boolean))].toSorted()).toEqual(typed.oauth_config.scopes.bot.toSorted())
  })

  test('is switched on in the manifest: events, shortcuts, interactivity', () => {
    expect(events).toEqual(typed.settings.event_subscriptions.bot_events)
    const callbacks = found(/\bapp\.shortcut\('([^']+)'/g)
    expect(callbacks).toEqual(typed.features.shortcuts.map(({ callback_id: id }) => id))
    expect(typed.settings.interactivity.is_enabled).toBe(true)
  })
})

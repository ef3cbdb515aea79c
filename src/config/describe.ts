import type { Config, LiveConfig } from '../config.ts'

/** The configuration in lines for the log at start, with every secret left out. */
export function describeConfig(config: Config): string {
  const common = {
    mode: config.kind,
    file: config.file ?? 'none',
    database: describeDatabase(config.database),
    'listens on': `${config.host}:${config.port}`,
    command: config.command,
    channel: config.channel,
    runbooks: config.runbooks.join(', ') || 'ours only',
    registries: describeRegistries(config.registries),
    remedies: describeRemedies(config.remedies),
    'log level': config.logLevel,
  }
  const parts = config.kind === 'live' ? { ...common, ...describeLive(config) } : common
  return Object.entries(parts)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n')
}

function describeLive({ slack, github, watch, poll }: LiveConfig): Record<string, string> {
  const polled = watch.filter((entry) => entry.poll).length
  return {
    slack: `${slack.door.kind === 'socket' ? 'Socket Mode' : 'HTTP'} at ${bare(slack.apiUrl ?? 'https://slack.com/api/')}`,
    github: `${github.credentials.kind === 'app' ? `App ${github.credentials.appId}` : 'token'} at ${bare(github.apiUrl)}`,
    webhook: github.webhookSecrets.length === 0 ? 'off' : `on, ${github.webhookSecrets.length} secret(s)`,
    watch: watch.map((entry) => `${entry.repository} → ${entry.channel}`).join(', ') || 'all that the webhook tells of',
    checks: watch.flatMap((entry) => (entry.checks ? [entry.repository] : [])).join(', ') || 'none',
    poll: polled === 0 ? 'off' : `${polled} of ${watch.length} repositories, ${poll}`,
  }
}

function describeRegistries({ entries, listed, logins }: Config['registries']): string {
  const known = Object.keys(logins?.auths ?? {}).length
  return `${listed ? entries.join(', ') : 'the public ones'}${known === 0 ? '' : `, ${known} login(s)`}`
}

function describeRemedies({ roles, builders, oneAdmin, auditChannel }: Config['remedies']): string {
  if (roles.length === 0) return 'nobody may use any'
  const parts = [`${roles.length} role(s)`, `${builders.length} builder(s)`]
  if (oneAdmin) parts.push('one admin, who may agree to their own requests')
  return [...parts, `audit ${auditChannel === null ? 'is posted nowhere' : `in ${auditChannel}`}`].join(', ')
}

function describeDatabase(url: string): string {
  return url.startsWith('sqlite:') ? url : bare(url)
}

/** Scheme, host and path of an address; user, password and query may be secret. */
function bare(address: string): string {
  if (!URL.canParse(address)) return 'an address'
  const { protocol, host, pathname } = new URL(address)
  return `${protocol}//${host}${pathname}`
}

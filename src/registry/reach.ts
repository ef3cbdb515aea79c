import { isLoopback, isPublicAddress } from './addresses.ts'
import type { Image } from './reference.ts'

/**
 * Whom we may ask. A name typed into Slack must not make the bot knock at the machines around it: the registry has to
 * be one that was configured, and whatever it leads us to (a token server, storage) has to be a public address, unless
 * that host was configured too. At a terminal a person asks from their own machine, where they can reach all that anyway.
 */
export type Reach = {
  /** why this image is not asked for; null when it is */
  refusal(image: Image): string | null
  /** may a connection for this address of ours go to that IP address */
  mayConnect(url: URL, ip: string): boolean
  /** is this host (with port) asked without TLS */
  plainHttp(host: string): boolean
}

/** The bot's: `entries` and nothing else. Only what an operator listed may be private; our defaults have no reason to be. */
export function reachOfBot({ entries, listed }: { entries: string[]; listed: boolean }): Reach {
  const rules = entries.map(readRule)
  return {
    refusal(image) {
      if (rules.some((rule) => covers(rule, image.registry) && `${image.repository}/`.startsWith(rule.prefix)))
        return null
      return `I am not set up to ask ${image.registry}${rules.some((rule) => covers(rule, image.registry)) ? ` for ${image.repository}` : ''}. I may ask ${entries.join(', ')}; whoever runs me can change LAYERWISE_REGISTRIES`
    },
    mayConnect: (url, ip) =>
      isPublicAddress(ip) || (listed && rules.some((rule) => covers(rule, registryAt(url.host)))),
    plainHttp: plainBy(rules),
  }
}

/** A terminal's: everywhere. The list only says where there is no TLS. */
export function reachOfTerminal(entries: string[]): Reach {
  return { refusal: () => null, mayConnect: () => true, plainHttp: plainBy(entries.map(readRule)) }
}

/** Where a registry's API is. Docker Hub alone has another name for it. */
export function apiHost(registry: string): string {
  return registry === 'docker.io' ? 'registry-1.docker.io' : registry
}

function registryAt(host: string): string {
  return host === 'registry-1.docker.io' ? 'docker.io' : host
}

/** `ghcr.io`, `ghcr.io/acme`, `*.pkg.dev`, `http://registry.lab:5000`. */
type Rule = { plain: boolean | null; host: string; prefix: string }

function readRule(entry: string): Rule {
  const [, scheme, rest = ''] = /^(?:(https?):\/\/)?(.*)$/s.exec(entry.toLowerCase()) ?? []
  const [host = '', ...path] = rest.replace(/(?<!\/)\/+$/, '').split('/')
  const plain = scheme === undefined ? null : scheme === 'http'
  return { plain, host, prefix: path.length === 0 ? '' : `${path.join('/')}/` }
}

function covers({ host }: Rule, registry: string): boolean {
  return host.startsWith('*.') ? registry.endsWith(host.slice(1)) : registry === host
}

/** Docker, too, asks loopback without TLS. */
function plainBy(rules: Rule[]): Reach['plainHttp'] {
  return (host) => {
    const said = rules.find((rule) => rule.plain !== null && covers(rule, registryAt(host)))
    return said?.plain ?? isLoopback(new URL(`http://${host}`).hostname)
  }
}

import { BlockList, isIP, isIPv4 } from 'node:net'

/** An address anybody on the internet can reach: not this machine, its network, a cloud's metadata, or nobody at all. */
export function isPublicAddress(address: string): boolean {
  const kind = isIP(address)
  if (kind === 4) return !special.check(address, 'ipv4')
  if (kind !== 6) return false
  const inner = ipv4Within(address)
  if (inner !== null) return !special.check(inner, 'ipv4')
  return globalUnicast.check(address, 'ipv6') && !specialV6.check(address, 'ipv6')
}

export function isLoopback(hostname: string): boolean {
  const bare = hostname.replace(/^\[|\]$/g, '')
  return bare === 'localhost' || bare === '::1' || (isIPv4(bare) && bare.startsWith('127.'))
}

/** The IANA registry of special-purpose addresses, and multicast. */
const special = blocks('ipv4', [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
])
const globalUnicast = blocks('ipv6', [['2000::', 3]])
/** Of those: protocol assignments with Teredo, documentation, and 6to4, which all may stand for other networks. */
const specialV6 = blocks('ipv6', [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
])
/** These hold an IPv4 address in their last four bytes: mapped ones, and those that NAT64 makes. */
const holdIpv4 = blocks('ipv6', [
  ['::ffff:0:0', 96],
  ['64:ff9b::', 96],
])

function ipv4Within(address: string): string | null {
  const [bare = ''] = address.split('%')
  if (!holdIpv4.check(bare, 'ipv6')) return null
  // the URL parser writes every IPv6 address in one way, its last four bytes as two groups
  const groups = new URL(`http://[${bare}]`).hostname.slice(1, -1).split(':')
  const [high = 0, low = 0] = groups.slice(-2).map((group) => Number.parseInt(group || '0', 16))
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

function blocks(kind: 'ipv4' | 'ipv6', subnets: [string, number][]): BlockList {
  const list = new BlockList()
  for (const [network, bits] of subnets) list.addSubnet(network, bits, kind)
  return list
}

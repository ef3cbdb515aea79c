import { describe, expect, test } from 'vitest'
import { isPublicAddress } from '../../src/registry/addresses.ts'
import { reachOfBot, reachOfTerminal } from '../../src/registry/reach.ts'
import { parseImage } from '../../src/registry/reference.ts'

describe('an address is public', () => {
  test.each(['1.1.1.1', '140.82.121.33', '2606:4700::6812:1', '::ffff:8.8.8.8', '64:ff9b::8.8.8.8'])('%s', (ip) => {
    expect(isPublicAddress(ip)).toBe(true)
  })
})

describe('an address is not public', () => {
  test.each([
    '127.0.0.1',
    '127.9.9.9',
    '0.0.0.0',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    'fe80::1',
    'fd00:ec2::254',
    'ff02::1',
    '2001:db8::1',
    '2002:7f00:1::',
    '::ffff:127.0.0.1',
    '::ffff:a9fe:a9fe',
    '64:ff9b::10.0.0.1',
    '64:ff9b:1::1',
    '::7f00:1',
    'localhost',
    '',
  ])('%s', (ip) => {
    expect(isPublicAddress(ip)).toBe(false)
  })
})

const image = (text: string) => {
  const parsed = parseImage(text)
  if (parsed.kind === 'mistake') throw new Error(parsed.mistake)
  return parsed.image
}

describe('the bot', () => {
  const entries = [
    'docker.io',
    'ghcr.io/acme',
    '*.pkg.dev',
    'registry.lab:5000',
    'http://plain.lab',
    'https://localhost:5001',
  ]
  const reach = reachOfBot({ entries, listed: true })

  test.each(['alpine', 'ghcr.io/acme/web', 'europe-docker.pkg.dev/p/r/i', 'registry.lab:5000/x', 'plain.lab/x'])(
    'asks for %s',
    (text) => expect(reach.refusal(image(text))).toBeNull(),
  )

  test.each([
    'ghcr.io/acmeevil/web',
    'ghcr.io/other/web',
    'pkg.dev/x',
    'evilpkg.dev/x',
    'registry.lab/x',
    'registry.lab:22/x',
    'localhost/x',
    '169.254.169.254/latest',
    'quay.io/x/y',
  ])('does not ask for %s', (text) =>
    expect(reach.refusal(image(text))).toMatch(/I am not set up to ask .* LAYERWISE_REGISTRIES/),
  )

  test('goes to a private address only for a host that somebody listed', () => {
    const to = (url: string, ip: string, listed = true) => reachOfBot({ entries, listed }).mayConnect(new URL(url), ip)
    expect(to('https://registry.lab:5000/v2/', '10.0.0.5')).toBe(true)
    expect(to('https://registry.lab:5000/v2/', '10.0.0.5', false)).toBe(false)
    expect(to('https://registry.lab:6000/v2/', '10.0.0.5')).toBe(false)
    expect(to('https://registry-1.docker.io/v2/', '10.0.0.5')).toBe(true)
    expect(to('https://auth.docker.io/token', '10.0.0.5')).toBe(false)
    expect(to('https://auth.docker.io/token', '1.2.3.4')).toBe(true)
  })

  test('speaks without TLS where it was told to, and on loopback', () => {
    const hosts = [
      'plain.lab',
      'registry.lab:5000',
      'localhost:5000',
      'localhost:5001',
      '127.0.0.9',
      '[::1]:5000',
      'ghcr.io',
    ]
    expect(hosts.filter(reach.plainHttp)).toEqual(['plain.lab', 'localhost:5000', '127.0.0.9', '[::1]:5000'])
  })
})

test('a terminal asks everywhere', () => {
  const reach = reachOfTerminal(['docker.io'])
  expect(reach.refusal(image('registry.lab/x'))).toBeNull()
  expect(reach.mayConnect(new URL('https://x/'), '10.0.0.1')).toBe(true)
})

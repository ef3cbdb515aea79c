import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readChallenge } from '../../src/registry/challenge.ts'

test.each([
  [
    'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/alpine:pull"',
    { kind: 'bearer', realm: 'https://auth.docker.io/token', service: 'registry.docker.io' },
  ],
  ['bearer realm=https://a.example/t', { kind: 'bearer', realm: 'https://a.example/t', service: null }],
  ['Bearer Realm="https://a/t" , Service = "a \\"b\\""', { kind: 'bearer', realm: 'https://a/t', service: 'a "b"' }],
  ['Basic realm="x", Bearer realm="https://a/t"', { kind: 'bearer', realm: 'https://a/t', service: null }],
  ['Basic realm="Registry Realm"', { kind: 'basic' }],
  ['Basic', { kind: 'basic' }],
  ['Bearer service="no realm"', { kind: 'unknown', schemes: ['bearer'] }],
  ['Negotiate, NTLM', { kind: 'unknown', schemes: ['negotiate', 'ntlm'] }],
  ['', { kind: 'unknown', schemes: [] }],
])('%s', (header, challenge) => {
  expect(readChallenge(header)).toEqual(challenge)
})

test('any header is read, in bearable time', () => {
  fc.assert(fc.property(fc.string(), (header) => Boolean(readChallenge(header).kind)))
  const begun = performance.now()
  readChallenge(`Bearer realm="${'\\'.repeat(1_000_000)}`)
  readChallenge('Bearer '.repeat(100_000))
  expect(performance.now() - begun).toBeLessThan(500)
})

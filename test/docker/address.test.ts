import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readDockerAddress } from '../../src/docker/address.ts'
import { DockerFault } from '../../src/docker/fault.ts'
import { sshArguments } from '../../src/docker/ssh-socket.ts'

describe('an address of a builder', () => {
  test.each([
    ['unix:///var/run/docker.sock', null, { kind: 'unix', path: '/var/run/docker.sock' }],
    [
      'tcp://builder.acme.internal',
      '/certs',
      { kind: 'tcp', host: 'builder.acme.internal', port: 2376, certificates: '/certs' },
    ],
    ['tcp://10.0.0.7:1234/', '/certs', { kind: 'tcp', host: '10.0.0.7', port: 1234, certificates: '/certs' }],
    ['tcp://127.0.0.1', null, { kind: 'tcp', host: '127.0.0.1', port: 2375, certificates: null }],
    ['tcp://[::1]:2375', null, { kind: 'tcp', host: '::1', port: 2375, certificates: null }],
    ['tcp://localhost:2375', null, { kind: 'tcp', host: 'localhost', port: 2375, certificates: null }],
    ['ssh://ci@builder', null, { kind: 'ssh', host: 'builder', port: null, user: 'ci' }],
    ['ssh://builder:2222', null, { kind: 'ssh', host: 'builder', port: 2222, user: null }],
  ])('%s is understood', (url, certificates, address) => {
    expect(readDockerAddress(url, certificates)).toEqual(address)
  })

  test.each([
    ['tcp://builder.acme.internal:2375', null, 'refused', /root there.*certificates/],
    ['tcp://127.0.0.1.acme.internal', null, 'refused', /loopback/],
    ['tcp://0.0.0.0:2375', null, 'refused', /loopback/],
    ['tcp://user@127.0.0.1', null, 'malformed', /no user/],
    ['tcp://127.0.0.1:99999', null, 'malformed', /host and perhaps a port/],
    ['tcp://127.0.0.1/v1.41', null, 'malformed', /without a path/],
    ['unix://var/run/docker.sock', null, 'malformed', /absolute path/],
    ['unix:///var/run/docker.sock', '/certs', 'malformed', /Certificates are for tcp/],
    ['ssh://ci:secret@builder', null, 'malformed', /passwords do not belong/],
    ['ssh://-oProxyCommand=touch@builder', null, 'malformed', /user/],
    ['ssh://-oProxyCommand=touch', null, 'malformed', /host/],
    ['ssh://builder/var/run/docker.sock', null, 'malformed', /without a path/],
    ['npipe:////./pipe/docker_engine', null, 'unsupported', /npipe/],
    ['http://builder', null, 'unsupported', /unix:\/\//],
    ['builder', null, 'malformed', /one of unix/],
    ['', null, 'malformed', /one of unix/],
  ])('%s is refused, with what to write', (url, certificates, code, words) => {
    const read = () => readDockerAddress(url, certificates)
    expect(read).toThrow(DockerFault)
    expect(read).toThrow(expect.objectContaining({ code, message: expect.stringMatching(words) }))
  })

  test('whatever it is, it is an address or a fault in words, and no part of it becomes an option of ssh', () => {
    const texts = fc.oneof(
      fc.string(),
      fc
        .tuple(
          fc.constantFrom('ssh://', 'tcp://', 'unix://', ''),
          fc.string({ unit: fc.constantFrom(...'-a@:/.[]%o= \n') }),
        )
        .map((parts) => parts.join('')),
    )
    fc.assert(
      fc.property(texts, fc.constantFrom(null, '/certs'), (url, certificates) => {
        try {
          const address = readDockerAddress(url, certificates)
          if (address.kind === 'tcp' && certificates === null)
            expect(address.host).toMatch(/^(localhost|::1|127\.[\d.]+)$/)
          if (address.kind !== 'ssh') return
          const args = sshArguments(address)
          expect(args.slice(args.indexOf('--'))).toEqual(['--', address.host, 'docker', 'system', 'dial-stdio'])
          expect(address.host).toMatch(/^[A-Za-z0-9]/)
          expect(address.user ?? 'none').toMatch(/^\w/)
        } catch (error) {
          expect(error).toBeInstanceOf(DockerFault)
        }
      }),
      { numRuns: 2_000 },
    )
  })

  test('ssh asks nobody for anything, and trusts no host that is not known', () => {
    expect(sshArguments({ kind: 'ssh', host: 'builder', port: 2222, user: 'ci' }).join(' ')).toMatch(
      /^-o BatchMode=yes -o StrictHostKeyChecking=yes .* -l ci -p 2222 -- builder docker system dial-stdio$/,
    )
  })
})

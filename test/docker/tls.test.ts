import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { openBuilder } from '../../src/docker/builder.ts'
import { type FakeEngine, startFakeEngine } from './fake-engine.ts'
import { onPath } from './real-daemon.ts'

const openssl = onPath('openssl')
const skipped = openssl === null ? 'SKIPPED, there is no openssl: ' : ''
if (skipped !== '') console.warn(`TLS to a Docker daemon was NOT TESTED: ${skipped}`)

const run = promisify(execFile)
let folder = ''
let engine: FakeEngine

/** A CA, and a certificate of it: `<name>/ca.pem`, `cert.pem`, `key.pem`. */
async function makeCertificates(name: string, { names, ca = name }: { names: string; ca?: string }): Promise<string> {
  const [dir, signer] = [join(folder, name), join(folder, ca)]
  await mkdir(dir, { recursive: true })
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  if (ca === name)
    await run('openssl', [
      'req',
      '-x509',
      ...key,
      '-keyout',
      join(dir, 'ca-key.pem'),
      '-out',
      join(dir, 'ca.pem'),
      '-days',
      '2',
      '-subj',
      `/CN=CA ${name}`,
    ])
  else await writeFile(join(dir, 'ca.pem'), await readFile(join(signer, 'ca.pem')))
  await run('openssl', [
    'req',
    ...key,
    '-keyout',
    join(dir, 'key.pem'),
    '-out',
    join(dir, 'csr.pem'),
    '-subj',
    `/CN=${name}`,
  ])
  await writeFile(join(dir, 'ext'), `subjectAltName=${names}\n`)
  const by = ['-CA', join(signer, 'ca.pem'), '-CAkey', join(signer, 'ca-key.pem'), '-CAcreateserial']
  await run('openssl', [
    'x509',
    '-req',
    '-in',
    join(dir, 'csr.pem'),
    ...by,
    '-days',
    '2',
    '-extfile',
    join(dir, 'ext'),
    '-out',
    join(dir, 'cert.pem'),
  ])
  return dir
}

async function engineWith(dir: string): Promise<FakeEngine> {
  const [ca, cert, key] = await Promise.all(['ca.pem', 'cert.pem', 'key.pem'].map((name) => readFile(join(dir, name))))
  return startFakeEngine({ tls: { ca, cert, key, requestCert: true, rejectUnauthorized: true } })
}

describe.skipIf(openssl === null)(`${skipped}a builder by TCP with TLS`, () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lw-tls-'))
    engine = await engineWith(await makeCertificates('ours', { names: 'IP:127.0.0.1' }))
    await makeCertificates('strangers', { names: 'IP:127.0.0.1' })
  })
  afterAll(async () => {
    await engine.close()
    await rm(folder, { recursive: true, force: true })
  })

  test('is spoken to when both sides show a certificate of the same CA', async () => {
    await using builder = await openBuilder({ url: engine.url, certificates: join(folder, 'ours') })
    expect((await builder.usage()).records).toHaveLength(6)
  })

  test('is refused when another CA vouches for it, even where the environment trusts everybody', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
    const asked = engine.asked.length
    await expect(openBuilder({ url: engine.url, certificates: join(folder, 'strangers') })).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringMatching(/TLS failed .*ca\.pem/),
    })
    expect(engine.asked).toHaveLength(asked)
    vi.unstubAllEnvs()
  })

  test('is refused when its certificate is for another host', async () => {
    const elsewhere = await engineWith(
      await makeCertificates('elsewhere', { names: 'DNS:builder.acme.internal', ca: 'ours' }),
    )
    await expect(openBuilder({ url: elsewhere.url, certificates: join(folder, 'ours') })).rejects.toMatchObject({
      code: 'refused',
    })
    expect(elsewhere.asked).toEqual([])
    await elsewhere.close()
  })

  test('lets nobody in whose certificate is of another CA', async () => {
    const mixed = join(folder, 'mixed')
    await mkdir(mixed)
    for (const [name, from] of [
      ['ca.pem', 'ours'],
      ['cert.pem', 'strangers'],
      ['key.pem', 'strangers'],
    ] as const)
      await writeFile(join(mixed, name), await readFile(join(folder, from, name)))
    const asked = engine.asked.length
    await expect(openBuilder({ url: engine.url, certificates: mixed })).rejects.toMatchObject({ name: 'DockerFault' })
    expect(engine.asked).toHaveLength(asked)
  })

  test('says which file of the certificates is missing or is none', async () => {
    const broken = join(folder, 'broken')
    await mkdir(broken)
    await expect(openBuilder({ url: engine.url, certificates: broken })).rejects.toMatchObject({
      code: 'malformed',
      message: expect.stringMatching(/\/broken\/(ca|cert|key)\.pem cannot be read/),
    })
    for (const name of ['ca.pem', 'cert.pem', 'key.pem']) await writeFile(join(broken, name), 'not a certificate')
    await expect(openBuilder({ url: engine.url, certificates: broken })).rejects.toMatchObject({ code: 'refused' })
  })

  test('is not spoken to without TLS when it is not on this machine', async () => {
    await expect(openBuilder({ url: 'tcp://builder.acme.internal:2375', certificates: null })).rejects.toMatchObject({
      code: 'refused',
    })
  })
})

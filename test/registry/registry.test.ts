import { describe, expect, test } from 'vitest'
import type { RegistryOptions } from '../../src/registry/client.ts'
import { loginsFrom } from '../../src/registry/credentials.ts'
import { readDockerConfig } from '../../src/registry/docker-config.ts'
import { reachOfBot, reachOfTerminal } from '../../src/registry/reach.ts'
import { parseImage } from '../../src/registry/reference.ts'
import { type LayersAnswer, readLayers } from '../../src/registry/registry.ts'
import { type Auth, digestOf, type LocalRegistry, ociIndex, startRegistry } from '../support/registry.ts'

const quick = { requestMs: 300, wholeMs: 3_000, pausesMs: [5, 10], longestWaitMs: 1_500 }
const alpine: [string, string | null][] = [
  ['/bin/sh -c #(nop) ADD file:abc in / ', 'base'],
  ['/bin/sh -c #(nop)  CMD ["/bin/sh"]', null],
]
const web: [string, string | null, number?][] = [...alpine, ['RUN /bin/sh -c npm ci # buildkit', 'deps', 5_000_000]]

type Asking = Partial<RegistryOptions> & { other?: string; platform?: string; logins?: object }

/** Asks as the terminal does, with the logins of a config.json. */
async function ask(text: string, { other, platform, logins, ...options }: Asking = {}): Promise<LayersAnswer> {
  const image = parseImage(text)
  if (image.kind === 'mistake') throw new Error(image.mistake)
  const second = other === undefined ? null : parseImage(other, image.image)
  if (second?.kind === 'mistake') throw new Error(second.mistake)
  return await readLayers(
    { image: image.image, other: second?.image ?? null, platform: platform ?? null },
    {
      reach: reachOfTerminal([]),
      findLogin: loginsFrom(logins ? readDockerConfig(JSON.stringify({ auths: logins })) : null),
      howToLogIn: (registry) => `docker login ${registry}`,
      patience: quick,
      ...options,
    },
  )
}

const becauseOf = (answer: LayersAnswer) =>
  answer.kind === 'refused' ? `${answer.code}: ${answer.because}` : answer.kind
const login = (text: string) => ({ auth: Buffer.from(text).toString('base64') })
const auths = (registry: LocalRegistry) =>
  registry.requests.map(({ authorization }) => authorization?.split(' ')[0] ?? '')

describe('an image', () => {
  test('of one platform is told layer by layer, base first', async () => {
    await using registry = await startRegistry()
    registry.image('acme/web', '1', { steps: web })
    expect(await ask(`${registry.host}/acme/web:1`)).toMatchObject({
      kind: 'layers',
      image: {
        name: `${registry.host}/acme/web:1`,
        indexDigest: null,
        platform: 'linux/amd64',
        platforms: ['linux/amd64'],
        createdAt: '2026-03-04T05:06:07.000Z',
        size: 5_000_004,
        layers: 2,
        rows: [
          { createdBy: 'ADD file:abc in /', size: 4, empty: false, digest: digestOf(Buffer.from('base')) },
          { createdBy: 'CMD ["/bin/sh"]', size: 0, empty: true, digest: null },
          { createdBy: 'RUN npm ci', size: 5_000_000, empty: false },
        ],
        notes: [],
      },
    })
    // the layers themselves are never fetched
    expect(registry.requests.map(({ path }) => path.split('/').at(-2))).toEqual(['manifests', 'blobs'])
  })

  test('hides a secret that another step gives away', async () => {
    await using registry = await startRegistry()
    const steps: [string, string | null][] = [
      ['RUN /bin/sh -c deploy --with Zq8wLm2xTr5v # buildkit', 'deploy'],
      ['ENV DEPLOY_TOKEN=Zq8wLm2xTr5v', null],
    ]
    registry.image('acme/web', '1', { steps })
    const answer = await ask(`${registry.host}/acme/web:1`)
    expect(answer).toMatchObject({ image: { rows: [{ createdBy: 'RUN deploy --with ***' }, {}] } })
    expect(JSON.stringify(answer)).not.toContain('Zq8w')
  })

  test('can be asked for by digest', async () => {
    await using registry = await startRegistry()
    const { digest } = registry.image('acme/web', '1', { steps: web })
    expect(await ask(`${registry.host}/acme/web@${digest}`)).toMatchObject({ image: { digest } })
  })

  test.each([
    [undefined, 'linux/amd64'],
    ['linux/arm64', 'linux/arm64'],
    ['arm64', 'linux/arm64'],
    ['linux/arm64/v8', 'linux/arm64'],
    ['linux/aarch64', 'linux/arm64'],
    ['linux/arm', 'linux/arm/v7'],
    ['linux/arm/v6', 'linux/arm/v6'],
    [
      'linux/s390x',
      /no-such-platform: .* is not there for linux\/s390x; it is for linux\/arm64, linux\/amd64, linux\/arm\/v6, linux\/arm\/v7$/,
    ],
    ['linux/amd64/', /no-such-platform: "linux\/amd64\/" is not a platform, e\.g\. linux\/amd64/],
  ])('of many platforms, asked for %s', async (platform, found) => {
    await using registry = await startRegistry()
    manyPlatforms(registry)
    const answer = await ask(`${registry.host}/acme/web`, platform === undefined ? {} : { platform })
    if (typeof found === 'string') expect(answer).toMatchObject({ image: { platform: found } })
    else expect(becauseOf(answer)).toMatch(found)
  })

  test('of one platform, asked for another', async () => {
    await using registry = await startRegistry()
    registry.image('acme/web', 'latest', { steps: web })
    expect(becauseOf(await ask(`${registry.host}/acme/web`, { platform: 'linux/arm64' }))).toMatch(
      /it is for linux\/amd64$/,
    )
  })

  test('of Docker’s own media types, of nested indexes, of entries without a platform', async () => {
    await using registry = await startRegistry()
    const type = 'application/vnd.docker.distribution.manifest.v2+json'
    const list = 'application/vnd.docker.distribution.manifest.list.v2+json'
    const image = registry.image('acme/web', null, {
      steps: web,
      mediaType: type,
      configType: 'application/vnd.docker.container.image.v1+json',
    })
    const inner = registry.manifest('acme/web', null, { schemaVersion: 2, mediaType: list, manifests: [image] }, list)
    registry.manifest('acme/web', 'latest', { schemaVersion: 2, mediaType: ociIndex, manifests: [inner] }, ociIndex)
    expect(await ask(`${registry.host}/acme/web`)).toMatchObject({ image: { platform: 'linux/amd64', layers: 2 } })
    expect(becauseOf(await ask(`${registry.host}/acme/web`, { platform: 'linux/arm64' }))).toMatch(/^no-such-platform/)
  })

  test.each([
    [[], 'Its builder wrote no history'],
    [[{ created_by: 'one' }], 'Its history tells of 1 layers and it has 2'],
  ])('with the history %j does not guess what made its layers', async (history, note) => {
    await using registry = await startRegistry()
    registry.image('acme/web', 'latest', { steps: web, config: { history } })
    const answer = await ask(`${registry.host}/acme/web`)
    expect(answer).toMatchObject({ image: { rows: [{ createdBy: '', size: 4 }, { createdBy: '' }] } })
    expect(answer.kind === 'layers' && answer.image.notes[0]).toContain(note)
  })
})

function manyPlatforms(registry: LocalRegistry) {
  const platforms = ['linux/arm64', 'linux/amd64', 'linux/arm/v6', 'linux/arm/v7'].map((name) => {
    const [os, architecture, variant] = name.split('/')
    // as most builders leave it, the configuration itself names no variant
    const image = registry.image('acme/web', null, {
      steps: [...web, [`RUN ${name}`, name]],
      config: { os, architecture },
    })
    return { ...image, platform: { os, architecture, variant } }
  })
  const attestation = { ...platforms[0], platform: { os: 'unknown', architecture: 'unknown' } }
  registry.manifest('acme/web', 'latest', { schemaVersion: 2, manifests: [attestation, ...platforms] }, ociIndex)
}

describe('what is no image is told by its name', () => {
  const config = (registry: LocalRegistry, mediaType: string) => ({ mediaType, ...registry.blob('{}') })
  const layer = (registry: LocalRegistry, mediaType: string) => ({ mediaType, ...registry.blob('x'.repeat(2_000_000)) })
  const cache = 'application/vnd.buildkit.cacheconfig.v0'

  test.each<[string, (registry: LocalRegistry) => object, RegExp]>([
    [
      'a build cache',
      (registry) => ({ config: config(registry, cache), layers: [layer(registry, 'x')] }),
      /is a build cache of BuildKit .*1 layer, 2 MB/,
    ],
    [
      'a build cache as an index',
      (registry) => ({
        manifests: [layer(registry, 'application/vnd.oci.image.layer.v1.tar+gzip'), config(registry, cache)],
      }),
      /build cache of BuildKit .*1 layer, 2 MB/,
    ],
    [
      'a chart',
      (registry) => ({ config: config(registry, 'application/vnd.cncf.helm.config.v1+json'), layers: [] }),
      /is a Helm chart/,
    ],
    [
      'an artifact',
      (registry) => ({
        artifactType: 'application/vnd.acme.sbom',
        config: config(registry, 'application/vnd.oci.empty.v1+json'),
        layers: [],
      }),
      /artifact of type application\/vnd.acme.sbom/,
    ],
    [
      'an attestation',
      (registry) => ({
        config: config(registry, 'application/vnd.oci.image.config.v1+json'),
        layers: [layer(registry, 'application/vnd.in-toto+json')],
      }),
      /is an attestation/,
    ],
    [
      'only attestations',
      (registry) => ({
        manifests: [{ ...config(registry, 'x'), platform: { os: 'unknown', architecture: 'unknown' } }],
      }),
      /index without an image/,
    ],
    ['schema 1', () => ({ schemaVersion: 1, name: 'acme/web', fsLayers: [] }), /schema 1 of 2015/],
  ])('%s', async (_, content, because) => {
    await using registry = await startRegistry()
    registry.manifest('acme/web', 'latest', { schemaVersion: 2, ...content(registry) })
    expect(becauseOf(await ask(`${registry.host}/acme/web`))).toMatch(/^not-an-image: /)
    expect(becauseOf(await ask(`${registry.host}/acme/web`))).toMatch(because)
  })
})

describe('logins', () => {
  const token: Auth = { kind: 'token', username: 'me', password: 'pw', open: ['acme/open'], refreshToken: 'identity' }

  test('a public image takes an anonymous token, for pulling and for this repository', async () => {
    await using registry = await startRegistry(token)
    registry.image('acme/open', 'latest', { steps: web })
    expect((await ask(`${registry.host}/acme/open`)).kind).toBe('layers')
    expect(registry.requests.map(({ path }) => path.split('?')[0])).toEqual([
      '/v2/acme/open/manifests/latest',
      '/token',
      '/v2/acme/open/manifests/latest',
      expect.stringContaining('/blobs/'),
    ])
    expect(auths(registry)).toEqual(['', '', 'Bearer', 'Bearer'])
    // the challenge asked for push as well
    expect(registry.requests[1]?.path).toContain('scope=repository%3Aacme%2Fopen%3Apull')
    expect(registry.requests[1]?.path).not.toContain('push')
  })

  test.each([
    ['a password', login('me:pw'), ['', 'Basic', 'Bearer', 'Bearer']],
    ['a token of identity', { identitytoken: 'identity' }, ['', '', 'Bearer', 'Bearer']],
    ['a token of access', { registrytoken: 'token-for-repository:acme/web:pull' }, ['', 'Bearer', 'Bearer']],
  ])('a private image takes %s', async (_, entry, sent) => {
    await using registry = await startRegistry(token)
    registry.image('acme/web', 'latest', { steps: web })
    expect((await ask(`${registry.host}/acme/web`, { logins: { [registry.host]: entry } })).kind).toBe('layers')
    expect(auths(registry)).toEqual(sent)
  })

  test('Basic', async () => {
    await using registry = await startRegistry({ kind: 'basic', username: 'me', password: 'pw' })
    registry.image('acme/web', 'latest', { steps: web })
    expect((await ask(`${registry.host}/acme/web`, { logins: { [registry.host]: login('me:pw') } })).kind).toBe(
      'layers',
    )
    expect(becauseOf(await ask(`${registry.host}/acme/web`))).toMatch(/^denied: .*it needs a login: docker login 127/)
  })

  test.each([
    [undefined, /^denied: .*there is no such image, or it needs a login: docker login 127/],
    [login('me:wrong'), /^denied: .*the login for 127\S+ may not read it or has run out$/],
  ])('without the right login it says what to do', async (entry, because) => {
    await using registry = await startRegistry(token)
    registry.image('acme/web', 'latest', { steps: web })
    const answer = await ask(`${registry.host}/acme/web`, entry ? { logins: { [registry.host]: entry } } : {})
    expect(becauseOf(answer)).toMatch(because)
    expect(JSON.stringify(answer)).not.toMatch(/wrong|pw/)
  })

  test('why there is no login is told where one is missing', async () => {
    await using registry = await startRegistry(token)
    const findLogin = async () => ({ login: null, trouble: 'docker-credential-x is not on the PATH' })
    expect(becauseOf(await ask(`${registry.host}/acme/web`, { findLogin }))).toMatch(
      /\(docker-credential-x is not on the PATH\)$/,
    )
  })

  test('a password goes to no token server without https, but for loopback', async () => {
    await using registry = await startRegistry({ ...token, realm: 'http://tokens.example/token' })
    const answer = await ask(`${registry.host}/acme/web`, { logins: { [registry.host]: login('me:pw') } })
    expect(becauseOf(answer)).toMatch(/^not-allowed: .*not at an https address/)
  })

  test.each(['javascript:alert(1)', 'https://me:pw@tokens.example/', 'file:///etc/passwd', 'no address'])(
    'a token server at %s is none',
    async (realm) => {
      await using registry = await startRegistry({ ...token, realm })
      expect(becauseOf(await ask(`${registry.host}/acme/web`))).toMatch(/^not-allowed/)
    },
  )
})

describe('redirects', () => {
  test('of a blob are followed, and the login is left behind', async () => {
    await using storage = await startRegistry()
    await using registry = await startRegistry({ kind: 'basic', username: 'me', password: 'pw' })
    registry.image('acme/web', 'latest', { steps: web })
    registry.intercept(({ path, authorization }) =>
      path.includes('/blobs/') && authorization
        ? { status: 307, headers: { location: `http://${storage.host}${path}?signature=x` } }
        : null,
    )
    const { digest } = storage.image('acme/web', 'latest', { steps: web })
    expect(digest).toBeDefined()
    expect((await ask(`${registry.host}/acme/web`, { logins: { [registry.host]: login('me:pw') } })).kind).toBe(
      'layers',
    )
    expect(storage.requests).toHaveLength(1)
    expect(auths(storage)).toEqual([''])
  })

  test('to the same host keep it', async () => {
    await using registry = await startRegistry({ kind: 'basic', username: 'me', password: 'pw' })
    registry.image('acme/web', 'latest', { steps: web })
    registry.intercept(({ path }) =>
      path.includes('/blobs/') && !path.endsWith('?there')
        ? { status: 302, headers: { location: `${path}?there` } }
        : null,
    )
    expect((await ask(`${registry.host}/acme/web`, { logins: { [registry.host]: login('me:pw') } })).kind).toBe(
      'layers',
    )
  })

  test.each([
    ['http://storage.example/x', /not-allowed: .*redirects to an address that is not https/],
    ['file:///etc/passwd', /not-allowed/],
    ['https://user@storage.example/', /not-allowed/],
    ['/v2/again', /malformed: .*redirects more than 5 times/],
  ])('to %s are not', async (location, because) => {
    await using registry = await startRegistry()
    registry.intercept(() => ({ status: 302, headers: { location } }))
    expect(becauseOf(await ask(`${registry.host}/acme/web`))).toMatch(because)
  })

  test('a 401 of the storage is not the registry’s', async () => {
    await using storage = await startRegistry({ kind: 'basic', username: 'a', password: 'b' })
    await using registry = await startRegistry()
    registry.intercept(({ path }) => ({ status: 307, headers: { location: `http://${storage.host}${path}` } }))
    const answer = await ask(`${registry.host}/acme/web`, { logins: { [registry.host]: login('me:pw') } })
    expect(becauseOf(answer)).toMatch(/^denied/)
    expect(auths(storage)).toEqual([''])
  })
})

describe('the bot', () => {
  const bot = (registry: LocalRegistry, listed: boolean): Asking => ({
    reach: reachOfBot({ entries: [registry.host], listed }),
  })

  test('asks a registry on loopback only when somebody listed it', async () => {
    await using registry = await startRegistry()
    registry.image('acme/web', 'latest', { steps: web })
    expect((await ask(`${registry.host}/acme/web`, bot(registry, true))).kind).toBe('layers')
    const { length } = registry.requests
    expect(becauseOf(await ask(`${registry.host}/acme/web`, bot(registry, false)))).toMatch(
      /^not-allowed: .*LAYERWISE_REGISTRIES/,
    )
    expect(registry.requests).toHaveLength(length)
  })

  test('does not go to this machine by another name for it', async () => {
    await using registry = await startRegistry()
    const port = registry.host.split(':')[1]
    const reach = reachOfBot({ entries: [`localhost:${port}`], listed: false })
    expect(becauseOf(await ask(`localhost:${port}/acme/web`, { reach }))).toMatch(
      /^not-allowed: localhost:\d+ is an address of this machine/,
    )
    expect(registry.requests).toEqual([])
  })

  test('is led to a token server or storage inside only when that is listed too', async () => {
    await using inside = await startRegistry()
    await using registry = await startRegistry({
      kind: 'token',
      username: 'a',
      password: 'b',
      realm: `http://${inside.host}/latest/meta-data`,
    })
    expect(becauseOf(await ask(`${registry.host}/acme/web`, bot(registry, true)))).toMatch(/^not-allowed: /)
    await using redirecting = await startRegistry()
    redirecting.intercept(() => ({ status: 307, headers: { location: `http://${inside.host}/latest/meta-data` } }))
    expect(becauseOf(await ask(`${redirecting.host}/acme/web`, bot(redirecting, true)))).toMatch(/^not-allowed: /)
    expect(inside.requests).toEqual([])
  })
})

describe('a registry that', () => {
  test('limits how often it is asked is waited for when that is short, and told otherwise', async () => {
    await using registry = await startRegistry()
    registry.image('acme/web', 'latest', { steps: web })
    const retryAfter = ['1', '900', new Date(Date.now() + 600_000).toUTCString()]
    registry.intercept(() => {
      const after = retryAfter.shift()
      return after === undefined ? null : { status: 429, headers: { 'retry-after': after } }
    })
    expect(becauseOf(await ask(`${registry.host}/acme/web`))).toMatch(/^rate-limited: .* \(429\); try again in 900 s$/)
    expect(becauseOf(await ask(`${registry.host}/acme/web`))).toMatch(/try again in (599|600) s$/)
    expect((await ask(`${registry.host}/acme/web`)).kind).toBe('layers')
  })

  test('is out of order for a moment is asked again; for longer, it is told', async () => {
    await using registry = await startRegistry()
    registry.image('acme/web', 'latest', { steps: web })
    let left = 2
    registry.intercept(() => (left-- > 0 ? { status: 503 } : null))
    expect((await ask(`${registry.host}/acme/web`)).kind).toBe('layers')
    left = 99
    expect(becauseOf(await ask(`${registry.host}/acme/web`))).toMatch(/^unavailable: .* answered 503/)
    expect(left).toBe(96)
  })

  test('does not answer is given up in time', async () => {
    await using registry = await startRegistry()
    registry.intercept(() => ({ status: 200, afterMs: 5_000 }))
    const begun = performance.now()
    expect(becauseOf(await ask(`${registry.host}/acme/web`))).toMatch(/^unavailable: .*no answer in time/)
    expect(performance.now() - begun).toBeLessThan(2_500)
  })

  test.each([
    ['knows no such repository', 'acme/other', /^not-found: 127\S+ has no repository acme\/other \(404, NAME_UNKNOWN/],
    ['knows no such tag', 'acme/web:2', /^not-found: 127\S+ has no acme\/web:2 \(404, MANIFEST_UNKNOWN/],
  ])('%s', async (_, name, because) => {
    await using registry = await startRegistry()
    registry.image('acme/web', 'latest', { steps: web })
    expect(becauseOf(await ask(`${registry.host}/${name}`))).toMatch(because)
  })

  test('is not there, or is none', async () => {
    await using registry = await startRegistry()
    registry.intercept(() => ({ status: 200, body: '<html>Welcome to nginx' }))
    expect(becauseOf(await ask(`${registry.host}/acme/web`))).toMatch(/^malformed: .*its manifest is not one/)
    expect(becauseOf(await ask('127.0.0.1:1/acme/web'))).toMatch(
      /^unavailable: 127.0.0.1:1 could not be reached \(nothing listens/,
    )
    expect(becauseOf(await ask('nowhere.invalid/acme/web'))).toMatch(
      /^unavailable: nowhere.invalid could not be reached/,
    )
  })

  test('speaks no TLS where we do is told from one that is down', async () => {
    await using registry = await startRegistry()
    const answer = await ask(`${registry.host}/acme/web`, { reach: reachOfTerminal([`https://${registry.host}`]) })
    expect(becauseOf(answer)).toMatch(/it does not speak TLS; .* LAYERWISE_REGISTRIES/)
  })

  test('sends other bytes than those of a digest is not believed', async () => {
    await using registry = await startRegistry()
    const { digest } = registry.image('acme/web', 'latest', { steps: web })
    registry.image('acme/web', 'evil', { steps: alpine })
    registry.intercept(({ path }) => (path.includes('/blobs/') ? { status: 200, body: '{"history":[]}' } : null))
    expect(becauseOf(await ask(`${registry.host}/acme/web`))).toMatch(
      /^malformed: .*sent other bytes than those of sha256:/,
    )
    registry.intercept(() => ({ status: 200, headers: { 'docker-content-digest': digest }, body: '{}' }))
    expect(becauseOf(await ask(`${registry.host}/acme/web@${digest}`))).toMatch(/^malformed: .*sent other bytes/)
    expect(becauseOf(await ask(`${registry.host}/acme/web:evil`))).toMatch(/^malformed: .*sent other bytes/)
  })

  test('sends too much is cut short, with a length or without', async () => {
    await using registry = await startRegistry()
    registry.intercept(() => ({
      status: 200,
      headers: { 'content-length': String(6 * 2 ** 20) },
      body: Buffer.alloc(6 * 2 ** 20),
    }))
    expect(becauseOf(await ask(`${registry.host}/acme/web`))).toMatch(/^too-large: .*4 MiB/)
    await using other = await startRegistry()
    other.intercept(() => ({
      status: 200,
      headers: { 'transfer-encoding': 'chunked' },
      body: Buffer.alloc(6 * 2 ** 20),
    }))
    expect(becauseOf(await ask(`${other.host}/acme/web`))).toMatch(/^too-large: .*4 MiB/)
  })

  test('leads in a circle, or a long way, is left', async () => {
    await using registry = await startRegistry()
    const digest = `sha256:${'0'.repeat(64)}`
    const index = JSON.stringify({ schemaVersion: 2, manifests: [{ mediaType: ociIndex, digest, size: 1 }] })
    registry.intercept(({ path }) =>
      path.includes('circle') ? { status: 200, headers: { 'content-type': ociIndex }, body: index } : null,
    )
    expect(becauseOf(await ask(`${registry.host}/acme/circle`))).toMatch(/^malformed: .*other bytes/)
    let inner = registry.image('acme/long', null, { steps: web })
    for (let depth = 0; depth < 6; depth++)
      inner = registry.manifest('acme/long', null, { schemaVersion: 2, manifests: [inner] }, ociIndex)
    expect(becauseOf(await ask(`${registry.host}/acme/long@${inner.digest}`))).toMatch(
      /^malformed: .*more than 4 indexes/,
    )
  })

  test.each([
    ['{"schemaVersion":2,"config":{"digest":"sha256:../../x","size":1},"layers":[]}', /manifest is not one/],
    ['{"schemaVersion":2,"config":{"digest":"md5:0","size":-1},"layers":[]}', /manifest is not one/],
    ['{"schemaVersion":2}', /lists no layers/],
    [`{"schemaVersion":2,"manifests":[],"layers":[]}`, /an index and an image at once/],
    ['[]', /manifest is not one/],
    ['{"manifests":{}}', /manifest is not one/],
  ])('sends %s for a manifest', async (body, because) => {
    await using registry = await startRegistry()
    registry.intercept(() => ({ status: 200, body }))
    expect(becauseOf(await ask(`${registry.host}/acme/web`))).toMatch(because)
  })
})

describe('two images', () => {
  const steps = (lock: string, source: string): [string, string | null, number?][] => [
    ...alpine,
    ['COPY yarn.lock ./ # buildkit', lock, 100],
    ['RUN /bin/sh -c yarn # buildkit', `deps of ${lock}`, 9_000],
    ['COPY . . # buildkit', source, 500],
  ]

  test('are compared by the layers that they share, and by what the second costs who has the first', async () => {
    await using registry = await startRegistry()
    registry.image('acme/web', '1', { steps: steps('lock 1', 'source') })
    registry.image('acme/web', '2', { steps: steps('lock 2', 'source') })
    expect(await ask(`${registry.host}/acme/web:1`, { other: ':2' })).toMatchObject({
      kind: 'compared',
      compared: {
        same: null,
        shared: { layers: 1, size: 4 },
        parting: { before: { createdBy: 'COPY yarn.lock ./' }, after: { createdBy: 'COPY yarn.lock ./' } },
        settings: null,
        removed: { layers: 3, size: 9_600 },
        added: { layers: 3, size: 9_600 },
        pullsAgain: 9_100,
        moved: 500,
      },
    })
  })

  test('are compared for one platform, that of the first', async () => {
    await using registry = await startRegistry()
    manyPlatforms(registry)
    const answer = await ask(`${registry.host}/acme/web`, { other: ':latest', platform: 'linux/arm' })
    expect(answer).toMatchObject({ compared: { same: 'image', before: { platform: 'linux/arm/v7' }, pullsAgain: 0 } })
  })

  test.each([
    ['ENV A=1', 'ENV A=2', { before: 'ENV A=1', after: 'ENV A=2', seenByRun: true }],
    ['LABEL a=1', 'LABEL a=2', { before: 'LABEL a=1', after: 'LABEL a=2', seenByRun: false }],
    ['LABEL a=1', null, { before: 'LABEL a=1', after: null, seenByRun: false }],
  ])('that part behind %s', async (one, other, settings) => {
    await using registry = await startRegistry()
    const with_ = (step: string | null, layer: string): [string, string | null][] => [
      ...alpine,
      ...(step === null ? [] : [[step, null] as [string, null]]),
      ['RUN /bin/sh -c make # buildkit', layer],
    ]
    registry.image('acme/web', '1', { steps: with_(one, 'a') })
    registry.image('acme/web', '2', { steps: with_(other, 'b') })
    expect(await ask(`${registry.host}/acme/web:1`, { other: ':2' })).toMatchObject({ compared: { settings } })
  })

  test('of which the second is not there', async () => {
    await using registry = await startRegistry()
    registry.image('acme/web', '1', { steps: web })
    expect(becauseOf(await ask(`${registry.host}/acme/web:1`, { other: ':2' }))).toMatch(/^not-found: .*acme\/web:2/)
  })
})

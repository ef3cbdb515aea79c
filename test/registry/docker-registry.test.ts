import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loginsFrom } from '../../src/registry/credentials.ts'
import { reachOfTerminal } from '../../src/registry/reach.ts'
import { parseImage } from '../../src/registry/reference.ts'
import { readLayers } from '../../src/registry/registry.ts'
import { digestOf, ociIndex, ociManifest } from '../support/registry.ts'

const binary = [
  ...(process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'docker-registry')),
  // where the lab unpacks Debian's
  ...globSync('/tmp/*lab*/tools/usr/bin/docker-registry'),
].find((file) => existsSync(file))

/** The registry that most others descend from: what we take the specification to say is held to what it does. */
describe.skipIf(!binary)(`Debian’s docker-registry${binary ? '' : ' (SKIPPED: not on this machine)'}`, () => {
  let folder = ''
  let host = ''
  let child: ChildProcess

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'layerwise-registry-'))
    host = `127.0.0.1:${await freePort()}`
    const config = join(folder, 'config.yml')
    writeFileSync(
      config,
      `version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: ${folder}}}\nhttp: {addr: "${host}"}\n`,
    )
    child = spawn(binary ?? '', ['serve', config], { stdio: 'ignore' })
    for (let tries = 0; tries < 100; tries++) {
      if (
        await fetch(`http://${host}/v2/`).then(
          ({ ok }) => ok,
          () => false,
        )
      )
        return
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    throw new Error('docker-registry did not start')
  })
  afterAll(async () => {
    const ended = once(child, 'exit')
    child.kill()
    await ended
    rmSync(folder, { recursive: true })
  })

  async function pushBlob(content: string) {
    const bytes = Buffer.from(content)
    const begun = await fetch(`http://${host}/v2/acme/web/blobs/uploads/`, { method: 'POST' })
    const to = new URL(begun.headers.get('location') ?? '', `http://${host}`)
    to.searchParams.set('digest', digestOf(bytes))
    const put = await fetch(to, { method: 'PUT', body: bytes, headers: { 'content-type': 'application/octet-stream' } })
    expect(put.status).toBe(201)
    return { digest: digestOf(bytes), size: bytes.length }
  }

  async function pushManifest(tag: string, mediaType: string, content: object) {
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...content }))
    const headers = { 'content-type': mediaType }
    const put = await fetch(`http://${host}/v2/acme/web/manifests/${tag}`, { method: 'PUT', body: bytes, headers })
    expect(put.status).toBe(201)
    return { mediaType, digest: digestOf(bytes), size: bytes.length }
  }

  async function pushImage(tag: string, layers: string[], architecture = 'amd64') {
    const history = layers.map((layer) => ({ created_by: `RUN /bin/sh -c ${layer} # buildkit` }))
    const config = await pushBlob(
      JSON.stringify({ os: 'linux', architecture, history, rootfs: { type: 'layers', diff_ids: [] } }),
    )
    const blobs = []
    for (const layer of layers)
      blobs.push({ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', ...(await pushBlob(layer)) })
    return await pushManifest(tag, ociManifest, {
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
      layers: blobs,
    })
  }

  async function ask(text: string, other: string | null = null, platform: string | null = null) {
    const image = parseImage(`${host}/${text}`)
    if (image.kind === 'mistake') throw new Error(image.mistake)
    const second = other === null ? null : parseImage(other, image.image)
    if (second?.kind === 'mistake') throw new Error(second.mistake)
    return await readLayers(
      { image: image.image, other: second?.image ?? null, platform },
      { reach: reachOfTerminal([]), findLogin: loginsFrom(null), howToLogIn: () => 'log in' },
    )
  }

  test('an image, another tag of it, an index', async () => {
    const one = await pushImage('1', ['base', 'deps'])
    await pushImage('2', ['base', 'deps anew'])
    expect(await ask('acme/web:1')).toMatchObject({
      image: { digest: one.digest, rows: [{ createdBy: 'RUN base', size: 4 }, { createdBy: 'RUN deps' }] },
    })
    expect(await ask('acme/web:1', ':2')).toMatchObject({ compared: { shared: { layers: 1 }, pullsAgain: 9 } })
    const arm = await pushImage('arm', ['base', 'deps for arm'], 'arm64')
    await pushManifest('all', ociIndex, {
      manifests: [
        { ...one, platform: { os: 'linux', architecture: 'amd64' } },
        { ...arm, platform: { os: 'linux', architecture: 'arm64' } },
      ],
    })
    expect(await ask('acme/web:all', null, 'arm64')).toMatchObject({
      image: { digest: arm.digest, platforms: ['linux/amd64', 'linux/arm64'] },
    })
    expect(await ask(`acme/web@${arm.digest}`)).toMatchObject({ image: { platform: 'linux/arm64' } })
  })

  test('what is not there is refused in its own words', async () => {
    expect(await ask('acme/web:nope')).toMatchObject({
      kind: 'refused',
      code: 'not-found',
      because: expect.stringContaining('MANIFEST_UNKNOWN'),
    })
    expect(await ask('acme/nope')).toMatchObject({ kind: 'refused', code: 'not-found' })
  })
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LocalRegistry, startRegistry } from './support/registry.ts'

const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url))
let folder = ''
let registry: LocalRegistry
let locked: LocalRegistry
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'layerwise-cli-layers-'))
  registry = await startRegistry()
  registry.image('acme/web', '1', {
    steps: [
      ['ADD rootfs / # buildkit', 'base', 30_000_000],
      ['ENV NPM_TOKEN=hunter2hunter2', null],
    ],
  })
  registry.image('acme/web', '2', {
    steps: [
      ['ADD rootfs / # buildkit', 'base', 30_000_000],
      ['COPY . . # buildkit', 'source', 500],
    ],
  })
  locked = await startRegistry({ kind: 'basic', username: 'me', password: 'pw' })
  locked.image('acme/web', '1', { steps: [['ADD rootfs / # buildkit', 'base']] })
})
afterAll(async () => {
  await registry.close()
  await locked.close()
  rmSync(folder, { recursive: true })
})

async function layerwise(args: string[], env: Record<string, string> = {}) {
  const ours = { ...process.env, DOCKER_CONFIG: folder, ...env }
  const child = spawn(process.execPath, [cli, 'layers', ...args], { cwd: folder, env: ours })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const [status] = await once(child, 'close')
  return {
    status,
    stdout: stdout.replaceAll(registry.host, 'registry'),
    stderr: stderr.replaceAll(registry.host, 'registry'),
  }
}

describe('layerwise layers', () => {
  test('shows an image', async () => {
    expect(await layerwise([`${registry.host}/acme/web:1`])).toEqual({
      status: 0,
      stderr: '',
      stdout: expect.stringContaining('30.0 MB  100 %  ADD rootfs /\n                    ENV NPM_TOKEN=***\n'),
    })
  })

  test('--json is one object on one line', async () => {
    const { status, stdout } = await layerwise(['--json', `${registry.host}/acme/web:1`])
    expect(status).toBe(0)
    expect(stdout.match(/\n/g)).toHaveLength(1)
    expect(JSON.parse(stdout)).toMatchObject({
      version: 1,
      kind: 'layers',
      name: 'registry/acme/web:1',
      size: 30_000_000,
    })
    const compared = await layerwise(['--json', `${registry.host}/acme/web:1`, ':2'])
    expect(JSON.parse(compared.stdout)).toMatchObject({
      version: 1,
      kind: 'compared',
      pullsAgain: 500,
      shared: { layers: 1 },
    })
  })

  test('compares with another tag', async () => {
    const { stdout } = await layerwise([`${registry.host}/acme/web:1`, ':2'])
    expect(stdout).toContain(
      '1 of 2 layers is shared (30.0 MB); then they part: the second image goes on with "COPY . .".',
    )
  })

  test.each([
    [['Acme/Web'], /"Acme\/Web": names are written in lower case/],
    [['alpine', 'a b'], /no blanks/],
    [['--platform', 'x/y/z/1', 'alpine'], /is not a platform/],
    [['127.0.0.1:1/x'], /could not be reached \(nothing listens there\)/],
    [[], /missing required argument 'image'/],
    [['a', 'b', 'c'], /too many arguments/],
  ])('%j is refused with status 2 and a reason', async (args, reason) => {
    const ended = await layerwise(args)
    expect(ended).toMatchObject({ status: 2, stdout: '' })
    expect(ended.stderr).toMatch(reason)
  })

  test('takes logins from the environment or from config.json', async () => {
    const auths = { [locked.host]: { auth: Buffer.from('me:pw').toString('base64') } }
    const name = `${locked.host}/acme/web:1`
    expect(await layerwise([name])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(`\`docker login ${locked.host}\``),
    })
    expect(await layerwise([name], { DOCKER_AUTH_CONFIG: JSON.stringify({ auths }) })).toMatchObject({ status: 0 })
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ auths }))
    expect(await layerwise([name])).toMatchObject({ status: 0 })
    const wrong = await layerwise([name], { DOCKER_AUTH_CONFIG: '{"auths": secret' })
    expect(wrong).toMatchObject({ status: 2, stderr: expect.stringContaining('DOCKER_AUTH_CONFIG: expected JSON') })
    expect(wrong.stderr).not.toContain('secret')
  })
})

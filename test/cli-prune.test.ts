import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { refHashOf } from '../src/cache/gha-caches.ts'
import { type LocalGithub, startLocalGithub } from '../src/playground/github.ts'
import { planHash, planSchema } from '../src/remedy/plan.ts'
import { startFakeEngine } from './docker/fake-engine.ts'

const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url))

let folder = ''
let github: LocalGithub
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'layerwise-cli-'))
  github = await startLocalGithub()
})
afterAll(async () => {
  await github[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

type Ended = { status: number | null; stdout: string; stderr: string }

/** Outside any checkout, so that neither an .env nor a remote of git is met. */
async function layerwise(args: string[], env: Record<string, string> = {}): Promise<Ended> {
  const { GITHUB_TOKEN: _, GITHUB_URL: __, GITHUB_API_URL: ___, ...inherited } = process.env
  const child = spawn(process.execPath, [cli, ...args], { cwd: folder, env: { ...inherited, ...env } })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const [status] = await once(child, 'close')
  return { status, stdout, stderr }
}

const atGithub = (more: Record<string, string> = {}) => ({
  GITHUB_URL: github.baseUrl,
  GITHUB_API_URL: github.baseUrl,
  GITHUB_TOKEN: github.token,
  ...more,
})

const deletions = () => github.requests.filter(({ method }) => method === 'DELETE')
const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000)

describe('of caches of Actions', () => {
  const repository = 'acme/prunes'
  const indexKey = `index-web-1-${refHashOf('refs/heads/main')}#1`
  const blob = (digit: string) => `buildkit-blob-1-sha256:${digit.repeat(64)}`
  beforeAll(() => {
    const add = (key: string, ref: string, sizeBytes: number, lastUsedAt: Date) =>
      github.addCache({ repository, key, ref, sizeBytes, lastUsedAt, createdAt: lastUsedAt })
    github.commit({ repository, files: { a: 'a\n' } })
    github.commit({ repository, branch: 'fix', files: { a: 'b\n' } })
    const number = github.openPull({ repository, head: 'fix' })
    github.closePull(number, repository)
    add(indexKey, 'refs/heads/main', 1_000, daysAgo(1))
    add(blob('a'), 'refs/heads/main', 40_000_000, daysAgo(1))
    add(blob('b'), `refs/pull/${number}/merge`, 30_000_000, daysAgo(3))
    add('node-modules-linux', 'refs/heads/main', 5_000_000, daysAgo(20))
  })

  async function planned(...args: string[]) {
    const ended = await layerwise(['prune', '--dry-run', '--json', repository, ...args], atGithub())
    expect(ended).toMatchObject({ status: 0, stderr: '' })
    const { version, hash, bytes, plan } = JSON.parse(ended.stdout)
    expect([version, hash]).toEqual([1, planHash(planSchema.parse(plan))])
    return { bytes, keys: plan.entries.map(({ key }: { key: string }) => key.slice(0, 17)).toSorted() }
  }

  test('the preview shows entries, sizes, the total and what will be cold, and deletes nothing', async () => {
    const ended = await layerwise(['prune', '--dry-run', repository], atGithub())
    expect(ended).toMatchObject({ status: 0, stderr: '' })
    expect(ended.stdout).toContain('Would delete 4 cache entries (75.0 MB)')
    expect(ended.stdout).toContain('node-modules-linux')
    expect(ended.stdout).toContain('finds cold')
    expect(ended.stdout).toMatch(/nothing was deleted\.\n$/)
    expect(deletions()).toEqual([])
  })

  test('each option narrows the list', async () => {
    expect(await planned()).toEqual({
      bytes: 75_001_000,
      keys: [blob('a'), blob('b'), indexKey, 'node-modules-linux'].map((key) => key.slice(0, 17)).toSorted(),
    })
    expect((await planned('--kind', 'blob')).bytes).toBe(70_000_000)
    expect((await planned('--kind', 'other')).keys).toEqual(['node-modules-linu'])
    expect((await planned('--closed-pulls')).bytes).toBe(30_000_000)
    expect((await planned('--ref', 'main', '--kind', 'blob')).bytes).toBe(40_000_000)
    expect((await planned('--ref', 'refs/heads/main', '--kind', 'blob')).bytes).toBe(40_000_000)
    expect((await planned('--unused-days', '7')).bytes).toBe(5_000_000)
    expect((await planned('--unused-days', '2.5', '--kind', 'buildkit')).bytes).toBe(30_000_000)
    expect((await planned('--scope', 'web')).keys).toEqual([indexKey.slice(0, 17)])
    expect(await planned('--scope', 'nowhere')).toEqual({ bytes: 0, keys: [] })
  })

  test('a repository that is not there, a token that is none and no token at all are said', async () => {
    const none = await layerwise(
      ['prune', '--dry-run', 'acme/nowhere-at-all'],
      atGithub({ GITHUB_TOKEN: 'wrong-token-0123' }),
    )
    expect(none).toMatchObject({ status: 2, stdout: '' })
    expect(none.stderr).toMatch(/refused our credentials/)
    expect(none.stderr).not.toContain('wrong-token-0123')
    const bare = await layerwise(['prune', '--dry-run', repository])
    expect(bare).toMatchObject({ status: 2, stdout: '' })
    expect(bare.stderr).toContain('set GITHUB_TOKEN')
  })
})

describe('of tags of an image', () => {
  test('only versions that bear nothing but such tags are shown', async () => {
    github.addVersion({ owner: 'acme', name: 'web', tags: ['cache-main'] })
    github.addVersion({ owner: 'acme', name: 'web', tags: ['cache-pr-1', 'latest'] })
    const args = ['prune', '--dry-run', '--json', '--image', 'ghcr.io/acme/web', '--tag', 'cache-*']
    const ended = await layerwise(args, atGithub({ GITHUB_PACKAGES_TOKEN: github.packagesToken }))
    expect(ended).toMatchObject({ status: 0, stderr: '' })
    const { plan } = JSON.parse(ended.stdout)
    expect(planSchema.parse(plan)).toMatchObject({
      operation: 'prune-tags',
      image: 'ghcr.io/acme/web',
      repository: 'acme/web',
    })
    expect(plan.entries.map(({ tags }: { tags: string[] }) => tags)).toEqual([['cache-main']])
    expect(deletions()).toEqual([])
  })

  test('without the classic token it is said which one is needed', async () => {
    const ended = await layerwise(['prune', '--dry-run', '--image', 'ghcr.io/acme/web', '--tag', 'x'], atGithub())
    expect(ended).toMatchObject({ status: 2, stdout: '' })
    expect(ended.stderr).toMatch(/GITHUB_PACKAGES_TOKEN.*read:packages/)
  })

  test('another registry is not asked', async () => {
    const args = ['prune', '--dry-run', '--image', 'quay.io/acme/web', '--tag', 'x']
    const ended = await layerwise(args, atGithub({ GITHUB_PACKAGES_TOKEN: github.packagesToken }))
    expect(ended).toMatchObject({ status: 2, stdout: '' })
    expect(ended.stderr).toContain('quay.io')
  })
})

describe('of a builder', () => {
  test('the preview shows records without their secrets, and prunes nothing', async () => {
    const engine = await startFakeEngine()
    try {
      const ended = await layerwise(['prune', '--dry-run', '--builder', engine.url])
      expect(ended).toMatchObject({ status: 0, stderr: '' })
      expect(ended.stdout).toMatch(/Would delete 5 build cache records \(5\.9\d? MB\)/)
      expect(ended.stdout).toContain('COPY busybox /bin/sh')
      expect(ended.stdout).not.toContain('hunter2')
      const all = await layerwise(['prune', '--dry-run', '--json', '--all', '--builder', engine.url])
      expect(JSON.parse(all.stdout).plan.entries).toHaveLength(6)
      const old = await layerwise(['prune', '--dry-run', '--json', '--unused-days', '99999', '--builder', engine.url])
      expect(JSON.parse(old.stdout).plan.entries).toEqual([])
      expect(engine.prunes).toEqual([])
      expect(engine.asked.filter((line) => !line.startsWith('GET '))).toEqual([])
    } finally {
      await engine.close()
    }
  })

  test('that is not there, or not to be trusted, is said', async () => {
    const nobody = await layerwise(['prune', '--dry-run', '--builder', 'unix:///nowhere/docker.sock'])
    expect(nobody).toMatchObject({ status: 2, stdout: '' })
    expect(nobody.stderr).toContain('no such socket')
    const plain = await layerwise(['prune', '--dry-run', '--builder', 'tcp://builder.acme.internal:2375'])
    expect(plain).toMatchObject({ status: 2, stdout: '' })
    expect(plain.stderr).toContain('Without TLS')
  })
})

describe('a call that is wrong', () => {
  test('without --dry-run nothing is even asked', async () => {
    const before = github.requests.length
    const ended = await layerwise(['prune', 'acme/prunes'], atGithub())
    expect(ended).toMatchObject({ status: 2, stdout: '' })
    expect(ended.stderr).toMatch(/only `layerwise prune --dry-run.*\/cache prune.*audit/)
    expect(github.requests).toHaveLength(before)
  })

  test.each([
    [['acme'], /no repository; write owner\/name/],
    [['../../etc'], /no repository/],
    [[], /of which repository/],
    [['acme/web', '--kind', 'layers'], /Allowed choices are any, buildkit/],
    [['acme/web', '--unused-days', 'many'], /number of days above 0/],
    [['acme/web', '--unused-days', '-3'], /number of days above 0/],
    [['acme/web', '--unused-days', '0'], /number of days above 0/],
    [['acme/web', '--all'], /--all does not go with caches of Actions/],
    [['acme/web', '--tag', 'x'], /--tag does not go with caches/],
    [['--image', 'ghcr.io/acme/web', '--tag', 'x', '--closed-pulls'], /--closed-pulls does not go with --image/],
    [['--image', 'ghcr.io/acme/web', '--tag', 'x', '--unused-days', '3'], /--unused-days does not go with --image/],
    [['--image', 'ghcr.io/acme/web'], /--image needs --tag/],
    [['--image', 'web', '--tag', 'x'], /with its registry/],
    [['--image', 'ghcr.io/acme/web:1', '--tag', 'x'], /without a tag/],
    [['--image', 'ghcr.io/acme/web', '--builder', 'unix:///x'], /one of them/],
    [['acme/web', '--builder', 'unix:///x'], /leave acme\/web out/],
    [['--builder', 'somewhere'], /unix:\/\/\/var\/run\/docker\.sock/],
    [['--builder', 'unix:///x', '--certificates', '/certs'], /Certificates are for tcp/],
    [['acme/web', 'acme/api'], /too many arguments/],
  ])('%j is refused with what to write', async (args, words) => {
    const ended = await layerwise(['prune', '--dry-run', ...args], atGithub())
    expect(ended).toMatchObject({ status: 2, stdout: '' })
    expect(ended.stderr).toMatch(words)
    expect(ended.stderr).not.toMatch(/our fault/)
  })
})

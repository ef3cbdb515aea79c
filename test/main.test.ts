import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

/** `npm start` as a process of its own, with nothing of our environment but the path. */
function start(environment: Record<string, string>) {
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
  const child = spawn(process.execPath, [main], {
    cwd: tmpdir(),
    env: { PATH: process.env.PATH ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text
    })
  return { child, said, ended: once(child, 'close').then(([code]) => code as number | null) }
}

describe('npm start', () => {
  test('without credentials shows a thread, stays, and ends on Ctrl-C', async () => {
    const { child, said, ended } = start({})
    while (!said.stdout.includes('Ctrl-C ends it.')) {
      if (child.exitCode !== null) throw new Error(said.stderr)
      await once(child.stdout, 'data')
    }
    expect(said.stdout).toContain('Failed: acme/platform')
    expect(said.stdout).toMatch(/See it at http:\/\/127\.0\.0\.1:\d+\//)
    const address = /The bot listens at (\S+)\./.exec(said.stdout)?.[1]
    expect((await fetch(`${address}/healthz`)).status).toBe(200)
    child.kill('SIGINT')
    expect(await ended).toBe(0)
    expect(said.stderr).toBe('')
  })

  test('with half of the credentials says what is missing, all of it', async () => {
    const { said, ended } = start({ GITHUB_TOKEN: 'x'.repeat(20), DATABASE_URL: 'mysql://db' })
    expect(await ended).toBe(2)
    expect(said.stderr).toMatch(/SLACK_BOT_TOKEN/)
    expect(said.stderr).toMatch(/DATABASE_URL/)
    expect(said.stderr).toMatch(/LAYERWISE_CHANNEL/)
    expect(said.stderr).not.toContain('x'.repeat(20))
  })

  test('with broken runbooks lists every problem and does not start', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'layerwise-runbooks-'))
    try {
      await writeFile(
        join(folder, 'one.md'),
        '---\ntitle: One\n---\n\n## Common failures\n\n| Error | Cause | Fix |\n|---|---|---|\n| x | y | z |\n',
      )
      await writeFile(join(folder, 'two.md'), '# no front matter\n')
      const { said, ended } = start({ LAYERWISE_RUNBOOKS: folder })
      expect(await ended).toBe(2)
      expect(said.stderr).toMatch(/one\.md:\d+: .*owner/)
      expect(said.stderr).toMatch(/one\.md:9: /)
      expect(said.stderr).toMatch(/two\.md:1: /)
      expect(said.stdout).not.toContain('Failed:')
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

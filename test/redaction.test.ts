import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { logOfEverySecret } from './support/planted-log.ts'
import { startWorld } from './support/start-bot.ts'

/** A log with a secret of every kind, through the real bot: no byte of one comes out of it. */
test('no secret of a log reaches Slack, the database or what the bot logs', async () => {
  const { log, planted } = logOfEverySecret(7)
  const folder = await mkdtemp(join(tmpdir(), 'layerwise-redaction-'))
  try {
    const seen: Record<string, string> = {}
    {
      await using world = await startWorld({ config: { database: `sqlite:${join(folder, 'bot.db')}` } })
      world.github.failNext({ match: /\/jobs/, status: 502, times: 2 })
      world.slack.failNext({ method: 'chat.postMessage', status: 500, times: 1 })
      await world.github.finishRun({
        workflow: 'CI',
        jobs: [{ name: 'build', conclusion: 'failure', log: Buffer.from(log) }],
      })
      const { text } = await world.thread(({ replies }) => replies.length > 0)
      seen.Slack = text + JSON.stringify(world.slack.calls) + JSON.stringify(await world.slack.postedMessages('builds'))
      seen.logged = JSON.stringify(world.logged)
      expect(world.logged.length).toBeGreaterThan(0)
    }
    const files = globSync(join(folder, '*'))
    expect(files.length).toBeGreaterThan(0)
    seen.database = files.map((file) => readFileSync(file, 'latin1')).join('\n')
    expect(seen.database).toContain('npm error')
    for (const [where, text] of Object.entries(seen))
      for (const { secret } of planted) expect(text.includes(secret), `${secret} in ${where}`).toBe(false)
  } finally {
    await rm(folder, { recursive: true })
  }
})

const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url))

test.each([
  ['for people', []],
  ['as JSON', ['--json']],
  ['with random words masked', ['--redact-random']],
])('no secret of a log is printed %s', (_, options) => {
  const { log, planted } = logOfEverySecret(11)
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, 'debug', ...options, '-'], {
    input: log,
    encoding: 'utf8',
  })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout).toContain('npm error')
  for (const { secret } of planted) expect(stdout.includes(secret), secret).toBe(false)
})

test('a password in an address that cannot be read is not printed back', () => {
  const secret = ['hunter', '2', 'hunter'].join('')
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [cli, 'debug', `https://robot:${secret}@example.com/x`, `/no/such/token=${secret}`],
    { encoding: 'utf8' },
  )
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
  expect(stderr).toContain('***')
  expect(stderr).not.toContain(secret)
})

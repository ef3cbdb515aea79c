import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Explanation, explanationSchema } from '../src/diagnosis/explanation.ts'
import { startLocalGithub } from '../src/playground/github.ts'

const doors = ['src/layerwise.mjs', 'src/cli.ts'].map((file) => fileURLToPath(new URL(`../${file}`, import.meta.url)))
const [launcher = '', cli = ''] = doors
const lab = (name: string) => fileURLToPath(new URL(`fixtures/lab/${name}`, import.meta.url))
const [failed, green] = [lab('run-tsc-error.log'), lab('web-warm.log')]

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'layerwise-cli-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

type Ended = { status: number | null; stdout: string; stderr: string }
type Call = { stdin?: string | Uint8Array; env?: Record<string, string>; script?: string }

/** Runs the real command, outside any checkout so that no .env is met, and without credentials of ours. */
async function layerwise(args: string[], { stdin = '', env = {}, script = cli }: Call = {}): Promise<Ended> {
  const { GITHUB_TOKEN: _, GITHUB_URL: __, GITHUB_API_URL: ___, ...inherited } = process.env
  const child = spawn(process.execPath, [script, ...args], { cwd: folder, env: { ...inherited, ...env } })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  child.stdin.on('error', () => undefined).end(stdin)
  const [status] = await once(child, 'close')
  return { status, stdout, stderr }
}

function explanations({ stdout }: Ended): Explanation[] {
  expect(stdout).toMatch(/^$|\n$/)
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => explanationSchema.parse(JSON.parse(line)))
}

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name)
  await mkdir(join(path, '..'), { recursive: true })
  await writeFile(path, content)
  return path
}

describe('debug --json', () => {
  test.each(doors)('%s gives one line for each input, in order', async (script) => {
    const ended = await layerwise(['debug', '--json', failed, '-', green], {
      stdin: readFileSync(lab('no-space-run.log')),
      script,
    })
    expect(ended).toMatchObject({ status: 0, stderr: '' })
    expect(
      explanations(ended).map(({ source, outcome, diagnosis }) => [source.kind, source.name, outcome, diagnosis?.id]),
    ).toEqual([
      ['file', failed, 'failed', 'run-app-compile-error'],
      ['stdin', '-', 'failed', 'disk-full-builder'],
      ['file', green, 'succeeded', undefined],
    ])
  })

  test('a missing file is said on stderr, the others are explained all the same', async () => {
    const ended = await layerwise(['debug', '--json', failed, join(folder, 'nowhere.log'), green])
    expect(ended.status).toBe(2)
    expect(ended.stderr).toBe(`layerwise: cannot read ${join(folder, 'nowhere.log')}: no such file\n`)
    expect(explanations(ended).map(({ source }) => source.name)).toEqual([failed, green])
  })

  test('a folder is no log', async () => {
    const ended = await layerwise(['debug', '--json', folder])
    expect(ended).toMatchObject({ status: 2, stdout: '' })
    expect(ended.stderr).toMatch(/it is a folder; name the log file in it/)
  })

  test.each<[string, string | Uint8Array, Partial<Explanation>]>([
    ['an empty log', '', { outcome: 'unknown', docker: false, diagnosis: null }],
    ['bytes that are no text', Uint8Array.from({ length: 4096 }, (_, index) => (index * 37) % 256), { docker: false }],
    ['a log without any build', 'hello\n', { outcome: 'unknown', docker: false, diagnosis: null }],
  ])('%s is explained as far as it goes', async (name, content, wanted) => {
    const ended = await layerwise(['debug', '--json', await file(`${name}.log`, content)])
    expect(ended).toMatchObject({ status: 0, stderr: '' })
    expect(explanations(ended)).toMatchObject([wanted])
  })

  test('invalid UTF-8 inside a log does not hide what stands around it', async () => {
    const log = readFileSync(failed)
    const broken = Buffer.concat([Buffer.from([0xff, 0xc3, 0x28, 0x0a]), log, Buffer.from([0xe2, 0x82])])
    const ended = await layerwise(['debug', '--json', await file('broken.log', broken)])
    expect(explanations(ended)[0]?.diagnosis?.id).toBe('run-app-compile-error')
  })

  test('a log of 20 MB', async () => {
    const lines = readFileSync(failed, 'utf8').split('\n')
    const at = lines.findIndex((line) => /^#\d+ \d+\.\d+ \S/.test(line))
    const noise = `${lines[at]?.split(' ').slice(0, 2).join(' ')} downloading package 123 of 456: ok\n`
    const big = [
      ...lines.slice(0, at),
      noise.repeat(20_000_000 / noise.length) + lines[at],
      ...lines.slice(at + 1),
    ].join('\n')
    const ended = await layerwise(['debug', '--json', await file('big.log', big)])
    expect(explanations(ended)).toMatchObject([
      { diagnosis: { id: 'run-app-compile-error' }, source: { bytes: big.length, truncated: false } },
    ])
  })

  test('the options for attribution are accepted', async () => {
    const options = ['dockerfile', 'previous-dockerfile', 'dockerignore', 'changed-files', 'context', 'workflow']
    const given = options.flatMap((option) => [`--${option}`, failed])
    const ended = await layerwise(['debug', '--json', ...given, failed])
    expect(ended).toMatchObject({ status: 0, stderr: '' })
    expect(explanations(ended)).toHaveLength(1)
  })
})

describe('debug --previous', () => {
  const step = (...lines: string[]) => `#7 [build 4/7] RUN make\n${lines.map((line) => `#7 1.5 ${line}\n`).join('')}`
  const usual = ['error: gizmo cache of 3 days is old', 'FAIL: lint is not run here']
  const log = `${step(...usual, 'the gizmo bent')}#7 ERROR: process "/bin/sh -c make" did not complete successfully: exit code: 2\n`

  test('quotes what the green log does not hold', async () => {
    const previous = await file(
      'green.log',
      `${step('error: gizmo cache of 9 days is old', usual[1] ?? '')}#7 DONE 3.0s\n`,
    )
    const red = await file('red.log', log)
    const quotedBy = async (...options: string[]) =>
      explanations(await layerwise(['debug', '--json', ...options, red]))[0]?.diagnosis?.evidence.map(
        ({ text }) => text,
      )
    expect(await quotedBy()).toContain(usual[1])
    const quoted = await quotedBy('--previous', previous)
    expect(quoted).toContain('the gizmo bent')
    expect(quoted).not.toContain(usual[1])
  })

  test('of a log that is not there is a mistake of the caller’s', async () => {
    const ended = await layerwise(['debug', '--json', '--previous', 'nowhere.log', failed])
    expect(ended).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('cannot read nowhere.log') })
  })
})

describe('debug for people', () => {
  test('prints the cause, the evidence with its lines, and what to do', async () => {
    const { status, stdout } = await layerwise(['debug', failed, green])
    expect(status).toBe(0)
    expect(stdout).toContain(`${failed}: the image build failed`)
    expect(stdout).toContain(`${green}: the image build succeeded`)
    expect(stdout).toMatch(/\n {2}Evidence\n +\d+ \| /)
    expect(stdout).toMatch(/\n {2}What to do\n {2}1\. /)
  })

  test('a reader that leaves early is no failure', async () => {
    const child = spawn(
      'sh',
      ['-c', '"$0" "$@" | head -n 1', process.execPath, cli, 'debug', ...Array(200).fill(failed)],
      {
        cwd: folder,
      },
    )
    let [stdout, stderr] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    await once(child, 'close')
    expect(stderr).toBe('')
    expect(stdout).toBe(`${failed}: the image build failed\n`)
  })

  test('a reader that leaves ends the command with 0', async () => {
    const child = spawn(process.execPath, [cli, 'debug', ...Array(200).fill(failed)], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child.stdout.once('data', () => child.stdout.destroy())
    const [status] = await once(child, 'exit')
    expect(status).toBe(0)
  })
})

describe('a call that is wrong', () => {
  test.each([
    ['an unknown option', ['debug', '--nope', 'x'], /unknown option '--nope'/],
    ['no input', ['debug'], /missing required argument 'input'/],
    ['an unknown command', ['nope'], /unknown command 'nope'/],
    ['an option without its value', ['debug', 'x', '--runbooks'], /argument missing/],
  ])('%s is 2, said on stderr', async (_, args, words) => {
    const ended = await layerwise(args)
    expect(ended).toMatchObject({ status: 2, stdout: '' })
    expect(ended.stderr).toMatch(words)
  })

  test('no command shows what there is, and is wrong', async () => {
    const ended = await layerwise([])
    expect(ended).toMatchObject({ status: 2, stdout: '' })
    expect(ended.stderr).toMatch(/debug .*explain the log/)
  })

  test.each([[['--help']], [['debug', '--help']], [['help', 'debug']]])('%s is 0', async (args) => {
    const ended = await layerwise(args)
    expect(ended).toMatchObject({ status: 0, stderr: '' })
    expect(ended.stdout).toMatch(/^Usage: layerwise/)
  })
})

const page = ({ id = 'acme-flux', sign = 'the flux is inverted', anchor = 'flux' } = {}) => `---
title: Ours
owner: us
---

## Common failures

| Error | Cause | Fix |
|---|---|---|
| [Flux](#${anchor}) | inverted | turn it |

## Flux

\`\`\`yaml
id: ${id}
family: run
title: The flux is inverted
summary: The flux is inverted.
severity: fatal
transient: no
signs: ["${sign}"]
\`\`\`

\`\`\`log
#7 [2/2] RUN widget
#7 1.0 widget: the flux is inverted
#7 ERROR: process "/bin/sh -c widget" did not complete successfully: exit code: 77
------
ERROR: failed to build: failed to solve: process "/bin/sh -c widget" did not complete successfully: exit code: 77
\`\`\`

Fix

1. Turn it.
`
const widget = `#7 [2/2] RUN widget
#7 1.0 widget: the flux is inverted
#7 ERROR: process "/bin/sh -c widget" did not complete successfully: exit code: 77
------
ERROR: failed to build: failed to solve: process "/bin/sh -c widget" did not complete successfully: exit code: 77
`

describe("pages of one's own", () => {
  test('name causes that ours do not', async () => {
    await file('own/flux.md', page())
    const log = await file('widget.log', widget)
    const ended = await layerwise(['debug', '--json', '--runbooks', join(folder, 'own'), log])
    expect(explanations(ended)[0]?.diagnosis).toMatchObject({
      id: 'acme-flux',
      runbook: { file: 'own/flux.md', anchor: 'flux' },
    })
    const without = await layerwise(['debug', '--json', log])
    expect(explanations(without)[0]?.diagnosis?.id).not.toBe('acme-flux')
  })

  test('that are broken are refused, every problem with its file and line', async () => {
    const [one, two] = [
      await file('broken/one.md', page({ sign: 'ab' })),
      await file('broken/two.md', page({ anchor: 'nowhere' })),
    ]
    const ended = await layerwise(['debug', '--json', '--runbooks', join(folder, 'broken'), failed])
    expect(ended).toMatchObject({ status: 2, stdout: '' })
    expect(ended.stderr).toMatch(new RegExp(`^${one}:\\d+: .*"ab" is too short`, 'm'))
    expect(ended.stderr).toMatch(new RegExp(`^${two}:\\d+: the row "Flux" links to #nowhere`, 'm'))
  })

  test('in a folder that is not there', async () => {
    const ended = await layerwise(['debug', '--runbooks', join(folder, 'no-such'), failed])
    expect(ended).toMatchObject({ status: 2, stdout: '' })
    expect(ended.stderr).toContain(`reading the runbooks in ${join(folder, 'no-such')}: no such file`)
  })

  test('are read anew when they change', async () => {
    const log = await file('widget.log', widget)
    const ask = async (id: string) => {
      await file('changing/flux.md', page({ id }))
      const [one] = explanations(await layerwise(['debug', '--json', '--runbooks', join(folder, 'changing'), log]))
      return one?.diagnosis?.id
    }
    expect([await ask('acme-one'), await ask('acme-two')]).toEqual(['acme-one', 'acme-two'])
  })
})

describe('runbook', () => {
  test('check passes our own pages', async () => {
    const ended = await layerwise(['runbook', 'check'])
    expect(ended).toMatchObject({ status: 0, stderr: '' })
    expect(ended.stdout).toMatch(/^\d+ pages, \d+ causes, no problem\n$/)
  })

  test('check holds a page to its samples', async () => {
    await file('checked/flux.md', page())
    const right = await layerwise(['runbook', 'check', join(folder, 'checked')])
    expect(right).toMatchObject({ status: 0, stderr: '' })
    expect(right.stdout).toMatch(/^1 pages?, 1 causes?, no problem\n$/)
    await file('checked/flux.md', page({ sign: 'the flux is gone' }))
    const ended = await layerwise(['runbook', 'check', join(folder, 'checked')])
    expect(ended).toMatchObject({ status: 2, stdout: '' })
    expect(ended.stderr).toMatch(/checked\/flux\.md:\d+: this log is recognised as .*, expected acme-flux/)
  })

  test('check lists every problem of a broken page', async () => {
    const path = await file('bad/flux.md', page({ sign: 'ab' }).replace('family: run', 'family: nope'))
    const ended = await layerwise(['runbook', 'check', join(folder, 'bad')])
    expect(ended).toMatchObject({ status: 2, stdout: '' })
    expect(ended.stderr.match(new RegExp(`^${path}:\\d+: `, 'gm'))).toHaveLength(2)
  })

  test('list names each cause with its place', async () => {
    await file('listed/flux.md', page())
    const own = await layerwise(['runbook', 'list', join(folder, 'listed')])
    expect(own.stdout).toMatch(/^acme-flux +run +listed\/flux\.md#flux\n$/)
    const ours = await layerwise(['runbook', 'list'])
    expect(ours.stdout).toMatch(/^disk-full-builder +disk +runbooks\/docker-layer-caching\.md#/m)
    expect(ours.stdout.split('\n').length).toBeGreaterThan(30)
  })
})

describe('an address of GitHub', () => {
  const address = 'https://github.com/acme/web/actions/runs/123456789'

  test('needs a token, and says how to give one', async () => {
    const ended = await layerwise(['debug', '--json', address])
    expect(ended).toMatchObject({ status: 2, stdout: '' })
    expect(ended.stderr).toMatch(/needs a token .*GITHUB_TOKEN/)
  })

  test('of a run is read and explained; that of something else is refused with an example', async () => {
    await using github = await startLocalGithub()
    const env = { GITHUB_URL: github.baseUrl, GITHUB_API_URL: github.baseUrl, GITHUB_TOKEN: github.token }
    const jobs = ['run-tsc-error', 'run-network-dns'].map((name) => ({
      name,
      conclusion: 'failure',
      log: readFileSync(lab(`${name}.gha.log`)),
    }))
    const run = await github.finishRun({ jobs })
    const [, second] = run.jobs
    const elsewhere = `${github.baseUrl}/acme/platform/issues/7`
    const job = `${run.url}/job/${second?.id}`
    const ended = await layerwise(['debug', '--json', run.url, elsewhere, job], { env })
    expect(ended.status).toBe(2)
    expect(ended.stderr).toContain(
      `${elsewhere}: not the address of a run, job, pull request or repository, e.g. https://github.com/`,
    )
    expect(ended.stderr).not.toContain(github.token)
    const [whole, one] = explanations(ended)
    expect([whole?.diagnosis?.id, one?.diagnosis?.id]).toEqual(['run-app-compile-error', 'run-network-failed'])
    expect(whole).toMatchObject({ source: { kind: 'github' }, outcome: 'failed' })
    expect(whole?.missing.at(-1)).toMatch(/^job run-network-dns failed too: http/)
  })

  test('a repository or pull request is asked for by name, where no file has that name', async () => {
    await using github = await startLocalGithub()
    const env = { GITHUB_URL: github.baseUrl, GITHUB_API_URL: github.baseUrl, GITHUB_TOKEN: github.token }
    github.commit({ files: { a: 'a\n' } })
    const sha = github.commit({ branch: 'fix', files: { a: 'b\n' } })
    const number = github.openPull({ head: 'fix' })
    const log = (name: string) => readFileSync(lab(`${name}.gha.log`))
    const failed = { name: 'build', conclusion: 'failure', log: log('run-tsc-error') }
    await github.finishRun({ branch: 'fix', sha, jobs: [failed] })
    await github.finishRun({ jobs: [{ name: 'build', conclusion: 'success', log: log('reg-import-warm') }] })
    const inputs = [`acme/platform#${number}`, 'acme/platform', 'acme/platform@fix', 'acme/platform#99', 'acme/none']
    const ended = await layerwise(['debug', '--json', ...inputs], { env })
    expect(explanations(ended).map(({ outcome }) => outcome)).toEqual(['failed', 'succeeded', 'failed'])
    expect(ended.status).toBe(2)
    expect(ended.stderr).toContain(
      'acme/platform#99: Reading pull request #99 of acme/platform: GitHub has no such thing',
    )
    expect(ended.stderr).toContain('acme/none: ')
    const without = await layerwise(['debug', '--json', 'acme/platform'])
    expect(without.stderr).toMatch(/acme\/platform: .*needs a token .*GITHUB_TOKEN/)
  })

  test('of a run that is not there, or whose log is gone, is said in words', async () => {
    await using github = await startLocalGithub()
    const env = { GITHUB_URL: github.baseUrl, GITHUB_API_URL: github.baseUrl, GITHUB_TOKEN: github.token }
    const run = await github.finishRun({ jobs: [{ name: 'build', conclusion: 'failure', log: { status: 410 } }] })
    const ended = await layerwise(['debug', '--json', `${github.baseUrl}/acme/platform/actions/runs/1`, run.url], {
      env,
    })
    expect(ended).toMatchObject({ status: 2, stdout: '' })
    const [first, second] = ended.stderr.trimEnd().split('\n')
    expect(first).toMatch(/Reading run 1 of acme\/platform/)
    expect(second).toMatch(/job build: it expired or was deleted \(410\)/)
  })
})

test('the launcher hands the exit status through', async () => {
  expect((await layerwise(['debug', join(folder, 'nowhere.log')], { script: launcher })).status).toBe(2)
  expect((await layerwise(['--help'], { script: launcher })).status).toBe(0)
})

test('a configuration that is wrong is said in words, with 2', () => {
  const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url))
  const ended = spawnSync(process.execPath, [cli, 'debug', 'https://github.com/acme/web/actions/runs/1'], {
    env: { ...process.env, GITHUB_TOKEN: 'x', GITHUB_URL: 'not an address' },
    encoding: 'utf8',
  })
  expect(ended.stderr).toContain('GITHUB_URL')
  expect(ended.stderr).not.toMatch(/our fault/)
  expect(ended.status).toBe(2)
})

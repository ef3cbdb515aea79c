import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { openStore } from '../src/store/store.ts'
import { builtWith } from './lint/support.ts'

const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url))
let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'layerwise-cli-lint-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const good = 'FROM node:22\nWORKDIR /app\nCOPY package.json package-lock.json ./\nRUN npm ci\nCOPY . .\n'
const bad = 'FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci\n'
const around = {
  'web/package.json': '{}',
  'web/package-lock.json': '{}',
  'web/.dockerignore': 'node_modules\n',
  'web/src/a.js': '',
}

/** A folder of this name with these files. */
function project(name: string, files: Record<string, string>): string {
  for (const [path, text] of Object.entries({ ...around, ...files })) {
    mkdirSync(dirname(join(folder, name, path)), { recursive: true })
    writeFileSync(join(folder, name, path), text)
  }
  return join(folder, name)
}

async function layerwise(cwd: string, ...args: string[]) {
  const child = spawn(process.execPath, [cli, 'lint', ...args], { cwd })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const [status] = await once(child, 'close')
  return { status, stdout, stderr }
}

describe('exit status', () => {
  test('0 when there is nothing to mend', async () => {
    expect(await layerwise(project('good', { 'web/Dockerfile': good }))).toEqual({
      ...{ status: 0, stderr: '' },
      stdout: 'Nothing found in 1 Dockerfile and 0 workflows.\n',
    })
  })

  test('3 when there is, with the place, the reason and the edit', async () => {
    const { status, stdout } = await layerwise(folder, project('bad', { 'web/Dockerfile': bad }))
    expect(status).toBe(3)
    expect(stdout).toContain(
      `${join(folder, 'bad')}/web/Dockerfile:3: prohibited copy-all-before-install: \`COPY . .\` stands before`,
    )
    expect(stdout).toContain('    +COPY package.json package-lock.json ./\n     RUN npm ci\n    +COPY . .\n')
  })

  test('0 for a note, and for what is ignored with a reason', async () => {
    const ignored = bad.replace('COPY', '# layerwise ignore=copy-all-before-install built once a year\nCOPY')
    expect(await layerwise(project('ignored', { 'web/Dockerfile': ignored }))).toMatchObject({
      ...{ status: 0, stdout: 'Nothing found in 1 Dockerfile and 0 workflows, 1 ignored.\n' },
    })
    const noted = await layerwise(project('noted', { 'web/Dockerfile': good }), '--strict')
    expect(noted.status).toBe(0)
    expect(noted.stdout).toContain('note base-without-digest')
  })

  test.each([
    [['nowhere'], 'no such folder'],
    [['web/Dockerfile'], 'it is no folder; name the one that it is in'],
    [['--json', '--sarif'], 'one of them'],
    [['--base', 'main'], 'is in no git repository'],
    [['a', 'b'], 'too many arguments'],
  ])('2 for %s', async (args, said) => {
    const ended = await layerwise(project('wrong', { 'web/Dockerfile': good }), ...args)
    expect(ended).toMatchObject({ status: 2, stdout: '' })
    expect(ended.stderr).toContain(said)
  })
})

const report = z.object({
  version: z.literal(1),
  findings: z.array(z.object({ rule: z.string(), file: z.string(), line: z.int() })),
})

test('--json is one object', async () => {
  const { stdout } = await layerwise(project('json', { 'web/Dockerfile': bad }), '--json')
  expect(report.parse(JSON.parse(stdout)).findings).toEqual([
    { rule: 'copy-all-before-install', file: 'web/Dockerfile', line: 3 },
  ])
})

test('--sarif is a log of one run', async () => {
  const { stdout, status } = await layerwise(project('sarif', { 'web/Dockerfile': bad }), '--sarif')
  expect(status).toBe(3)
  expect(JSON.parse(stdout)).toMatchObject({
    version: '2.1.0',
    runs: [{ results: [{ ruleId: 'copy-all-before-install' }] }],
  })
})

test('--database tells what it cost', async () => {
  const url = `sqlite:${join(folder, 'bot.db')}`
  {
    await using store = await openStore(url)
    await store.builds.keep(builtWith({ name: '[4/4] RUN npm ci', seconds: 48.5 }))
  }
  const root = project('costly', { 'web/Dockerfile': bad })
  const { stdout } = await layerwise(root, '--database', url, '--repository', 'acme/web')
  expect(stdout).toContain('  Cost: 48.5 s in the build that is known\n')
  expect((await layerwise(root, '--database', url)).stderr).toContain('git names no remote origin here')
  const away = await layerwise(root, '--database', 'sqlite:/nowhere/bot.db', '--repository', 'acme/web')
  expect(away).toMatchObject({ status: 2, stdout: '' })
})

describe('--base', () => {
  const chef = [
    ...['FROM rust:1.90 AS chef', 'WORKDIR /app', 'FROM chef AS planner', 'COPY . .', 'RUN cargo chef prepare'],
    ...[
      'FROM chef',
      'COPY --from=planner /app/recipe.json .',
      'RUN cargo chef cook',
      'COPY . .',
      'RUN cargo build',
      '',
    ],
  ].join('\n')
  const plain = 'FROM rust:1.90\nWORKDIR /app\nCOPY . .\nRUN cargo build\n'
  const removed =
    'service/Dockerfile:4: prohibited cargo-chef-removed: the cargo-chef stages of the base branch are gone'

  test('a folder', async () => {
    const base = project('chef', { 'service/Dockerfile': chef })
    const { status, stdout } = await layerwise(project('plain', { 'service/Dockerfile': plain }), '--base', base)
    expect(status).toBe(3)
    expect(stdout).toContain(removed)
  })

  test('a commit, also from a folder inside the repository', async () => {
    const root = project('repository', { 'service/Dockerfile': chef })
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@acme.example', ...args], { cwd: root })
    git('init', '-q', '-b', 'main')
    git('add', '.')
    git('commit', '-qm', 'first')
    project('repository', { 'service/Dockerfile': plain })
    expect((await layerwise(root, '--base', 'main')).stdout).toContain(removed)
    expect((await layerwise(join(root, 'service'), '--base', 'HEAD')).stdout).toContain(removed.replace('service/', ''))
    const wrong = await layerwise(root, '--base', '--output=/tmp/x')
    expect(wrong.status).toBe(2)
    expect((await layerwise(root, '--base', 'nowhere')).stderr).toContain('git knows no such commit')
  })
})

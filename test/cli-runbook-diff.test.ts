import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStore } from '../src/store/store.ts'

/** `layerwise runbook diff` as its own process, over a team's page in a git repository. */
const cli = join(import.meta.dirname, '..', 'src', 'cli.ts')
const page = (sign: string, fix: string) => `---
title: Our builds
owner: platform team
---

## Common failures

| error | cause | fix |
|---|---|---|
| the license server | [no seat left](#no-seat-left) | wait |

### No seat left

\`\`\`yaml
id: license-seat
family: run
title: No license seat is left
summary: "The compiler found no free seat."
severity: fatal
transient: yes
signs: ["${sign}"]
\`\`\`

Fix

1. ${fix}

\`\`\`log
#5 [2/3] RUN make
#5 1.2 acme-cc: ${sign}, giving up
#5 ERROR: process "/bin/sh -c make" did not complete successfully: exit code: 1
\`\`\`
`
const failed = (text: string) => `#5 [2/3] RUN make
#5 0.9 ${text}
#5 ERROR: process "/bin/sh -c make" did not complete successfully: exit code: 1
`

let folder = ''
const at = (...names: string[]) => join(folder, ...names)
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'layerwise-diff-'))
  mkdirSync(at('repo', 'pages'), { recursive: true })
  writeFileSync(at('repo', 'pages', 'ours.md'), page('no free license seat', 'Wait a minute.'))
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], { cwd: at('repo') })
  git('init', '-q')
  git('add', '.')
  git('commit', '-qm', 'pages')
  writeFileSync(at('repo', 'pages', 'ours.md'), page('license seat', 'Wait a minute.'))
  writeFileSync(at('late.log'), failed('acme-cc: license seat taken'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function diff(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const { DATABASE_URL: _, ...env } = process.env
  return spawnSync(process.execPath, [cli, 'runbook', 'diff', ...args], { cwd: folder, env, encoding: 'utf8' })
}

describe('against the committed pages', () => {
  test('says which log would get another cause, with the line that shows it', () => {
    const { status, stdout, stderr } = diff(at('repo', 'pages'), '--logs', at('late.log'))
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toContain(`${at('late.log')}: another cause\n  was  run-nonzero-exit (50 %)`)
    expect(stdout).toContain('  now  license-seat (95 %), fatal\n       2: acme-cc: license seat taken\n')
    expect(stdout).toContain('Rows: changed license-seat (signs, samples)')
    expect(stdout).toMatch(/Of \d+ logs would be told otherwise: 2 \(another cause: 2\)/)
    expect(stdout).toContain('No stored failures were looked at')
  })

  test('--json and --exit-code are for machines', () => {
    const { status, stdout } = diff(at('repo', 'pages'), '--logs', at('late.log'), '--json', '--exit-code')
    expect(status).toBe(1)
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toMatchObject([
      { name: at('late.log'), kind: 'cause', before: { id: 'run-nonzero-exit' }, after: { id: 'license-seat' } },
      { name: expect.stringMatching(/^sample of license-seat/), kind: 'cause' },
    ])
  })

  test('a row reworded is no other cause', () => {
    mkdirSync(at('base', 'pages'), { recursive: true })
    writeFileSync(at('base', 'pages', 'ours.md'), page('license seat', 'Buy more seats.'))
    const { stdout } = diff(at('repo', 'pages'), '--base', at('base', 'pages'), '--logs', at('late.log'))
    expect(stdout).toContain('Rows: changed license-seat (fix)')
    expect(stdout).toContain('(other words: 2)')
    expect(stdout).toContain('Buy more seats.')
  })

  test('nothing changed is said, too', () => {
    const { status, stdout } = diff(at('repo', 'pages'), '--base', at('repo', 'pages'), '--exit-code')
    expect(status).toBe(0)
    expect(stdout).toMatch(/Rows: none differs\nOf \d+ logs none would be told otherwise\n/)
  })
})

test('the failures that a running bot has stored are read beside it', async () => {
  const database = `sqlite:${at('bot.db')}`
  await using store = await openStore(database)
  const failure = {
    repository: 'acme/web',
    workflow: 'CI',
    jobName: 'build',
    branch: 'main',
    sha: 'a'.repeat(40),
    runId: 7,
    attempt: 1,
    jobId: 70,
    at: new Date('2026-11-20T10:00:00Z'),
    fingerprint: 'f',
    causeId: 'run-nonzero-exit',
    confidence: 0.5,
    excerpt: failed('acme-cc: license seat taken'),
  }
  await store.failures.keep(failure)
  await store.failures.keep({ ...failure, jobId: 71, excerpt: null })
  const { status, stdout } = diff(at('repo', 'pages'), '--database', database)
  expect(status).toBe(0)
  expect(stdout).toContain('acme/web · CI · build · run 7, attempt 1 (2026-11-20): another cause')
  expect(stdout).toContain('(another cause: 2)')
  expect(stdout).not.toContain('No stored failures')
})

test.each([
  [
    'a base that is nothing',
    ['--base', 'no-such-thing'],
    /--base no-such-thing is neither a folder nor a git revision/,
  ],
  ['a base that is an option of git', ['--base', '--output=x'], /neither a folder nor a git revision/],
  ['a database that is not there', ['--database', 'sqlite:nowhere.db'], /There is no database at nowhere\.db/],
  ['a database of another kind', ['--database', 'mysql://x'], /The database URL is not understood/],
  ['a log that is not there', ['--logs', 'nowhere.log'], /reading nowhere\.log: no such file/],
])('%s is said, with 2', (_, args, said) => {
  const ended = diff(at('repo', 'pages'), ...args)
  expect(ended).toMatchObject({ status: 2, stdout: '' })
  expect(ended.stderr).toMatch(said)
})

test('a password is masked in what is said', () => {
  const ended = diff(at('repo', 'pages'), '--base', 'https://bot:hunter2@git.example/pages')
  expect(ended.stderr).toMatch(/--base https:\/\/\*\*\*@git\.example\/pages is neither/)
  expect(ended.stderr).not.toContain('hunter2')
})

test('a line without a log is named', () => {
  writeFileSync(at('bad.jsonl'), `${JSON.stringify({ id: 'a', log: 'x' })}\n{"log": 3}\n`)
  expect(diff(at('repo', 'pages'), '--logs', at('bad.jsonl'))).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/bad\.jsonl:2: expected a JSON object with a text "log"/),
  })
})

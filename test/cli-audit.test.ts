import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type AuditRow, brokenBecause } from '../src/remedy/audit.ts'
import { openStore } from '../src/store/store.ts'
import { entry } from './store/remedy-data.ts'

const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url))

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'layerwise-cli-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

type Ended = { status: number | null; stdout: string; stderr: string }

async function layerwise(args: string[], env: Record<string, string> = {}): Promise<Ended> {
  const { DATABASE_URL: _, ...inherited } = process.env
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

let [files, file, url] = [0, '', '']
beforeEach(() => {
  file = join(folder, `${++files}.db`)
  url = `sqlite:${file}`
})

async function fill(rows: number): Promise<string> {
  await using store = await openStore(url)
  let hash = ''
  for (let row = 1; row <= rows; row++) {
    const at = `2026-11-${String(row).padStart(2, '0')}T12:00:00.000Z`
    hash = (await store.audit.append(entry({ at, reason: `reason ${row}\u001b[31m` }))).hash
  }
  return hash
}

/** Past the bot: whoever can write to the file can take its guards away. */
function tamper(sql: string): void {
  const database = new DatabaseSync(file)
  for (const { name } of database.prepare("select name from sqlite_master where type = 'trigger'").all())
    database.exec(`drop trigger ${String(name)}`)
  database.exec(sql)
  database.close()
}

describe('audit verify', () => {
  test('says that a chain is whole, and its last hash', async () => {
    const hash = await fill(5)
    const ended = await layerwise(['audit', 'verify', '--database', url])
    expect(ended).toEqual({
      status: 0,
      stdout: `The audit is whole: 5 rows, the last is row 5 with the hash ${hash}\n`,
      stderr: '',
    })
  })

  test('an audit without rows is whole; the database may be named by the environment', async () => {
    await fill(0)
    expect(await layerwise(['audit', 'verify'], { DATABASE_URL: url })).toEqual({
      status: 0,
      stdout: 'The audit is whole: 0 rows\n',
      stderr: '',
    })
  })

  test('works beside the bot that has the database open', async () => {
    await using store = await openStore(url)
    await store.audit.append(entry({}))
    expect(await layerwise(['audit', 'verify', '--database', url])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('1 row,'),
    })
  })

  test.each([
    [
      'a changed row',
      "update audit set reason = 'another' where seq = 3",
      /row 3 was changed/,
      /The 2 rows before that still hold/,
    ],
    [
      'a row that is left out',
      'delete from audit where seq = 2',
      /row 2 is missing/,
      /The row before that still holds\./,
    ],
    ['an end that is cut off', 'delete from audit where seq = 5', /row 5/, /The 4 rows/],
    ['a beginning that is cut off', 'delete from audit where seq = 1', /row 1 is missing/, /No row before that/],
  ])('%s is found: exit status 3, which row, and what it means', async (_, sql, which, trusted) => {
    await fill(5)
    tamper(sql)
    const ended = await layerwise(['audit', 'verify', '--database', url])
    expect(ended).toMatchObject({ status: 3, stderr: '' })
    expect(ended.stdout).toMatch(/^The audit is broken: /)
    expect(ended.stdout).toMatch(which)
    expect(ended.stdout).toMatch(trusted)
    expect(ended.stdout).toContain('Until it is whole the bot carries out nothing')
  })
})

describe('audit export', () => {
  const exported = ({ stdout }: Ended): AuditRow[] =>
    stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line))

  test('writes every row as a line that can be checked again, without control characters', async () => {
    await fill(5)
    const ended = await layerwise(['audit', 'export', '--database', url])
    expect(ended).toMatchObject({ status: 0, stderr: '' })
    const rows = exported(ended)
    expect(rows.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5])
    for (const [at, row] of rows.entries()) expect(brokenBecause(row, rows[at - 1] ?? null)).toBeNull()
    expect(ended.stdout).not.toContain('\u001b')
  })

  test.each([
    ['2026-11-04', [4, 5]],
    ['2026-11-04T12:00:00Z', [4, 5]],
    ['2026-11-04T14:30:00+02:00', [5]],
    ['2027-01-01', []],
  ])('--since %s leaves out what is older', async (since, seqs) => {
    await fill(5)
    const ended = await layerwise(['audit', 'export', '--database', url, '--since', since])
    expect([ended.status, exported(ended).map(({ seq }) => seq)]).toEqual([0, seqs])
  })

  test.each(['yesterday', '2026-13-01', '11/04/2026', ''])('--since %j is no date', async (since) => {
    await fill(1)
    const ended = await layerwise(['audit', 'export', '--database', url, '--since', since])
    expect(ended).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('2026-11-01') })
  })
})

describe('runbook stats', () => {
  test('tells per cause what people and verdicts said', async () => {
    await using store = await openStore(url)
    const at = new Date('2026-11-01T00:00:00Z')
    for (const [slackId, right] of [
      ['U1', true],
      ['U2', true],
      ['U3', false],
    ] as const)
      await store.feedback.judge({ causeId: 'npm-lock-out-of-sync', diagnosis: 'd1', slackId, right, at })
    await store.feedback.verdict({ causeId: 'registry-rate-limit', requestId: 'r1', kind: 'fixed', at })
    const ended = await layerwise(['runbook', 'stats', '--database', url])
    expect(ended).toMatchObject({ status: 0, stderr: '' })
    const lines = ended.stdout.split('\n')
    expect(lines.find((line) => line.endsWith('npm-lock-out-of-sync'))).toMatch(/^\s*too few\s+2\s+1\s+0\s/)
    expect(lines.find((line) => line.endsWith('registry-rate-limit'))).toMatch(/^\s*too few\s+0\s+0\s+1\s/)
    const json = await layerwise(['runbook', 'stats', '--json'], { DATABASE_URL: url })
    expect(
      json.stdout
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line).causeId),
    ).toEqual(['npm-lock-out-of-sync', 'registry-rate-limit'])
  })

  test('says when nobody has judged anything', async () => {
    await fill(0)
    expect((await layerwise(['runbook', 'stats', '--database', url])).stdout).toMatch(/^Nobody has judged/)
  })
})

describe('a database that cannot be read', () => {
  test.each([
    ['audit', 'verify'],
    ['audit', 'export'],
    ['runbook', 'stats'],
  ])('is said by %s %s, and none is made', async (...command) => {
    const missing = await layerwise([...command, '--database', url])
    expect(missing).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining(`no database at ${file}`) })
    await writeFile(file, 'this is no database of SQLite, but a text of some length')
    const text = await layerwise([...command, '--database', url])
    expect(text).toMatchObject({ status: 2, stdout: '', stderr: expect.stringMatching(/not a database/) })
    const unnamed = await layerwise(command)
    expect(unnamed).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('--database') })
    const password = await layerwise([...command, '--database', 'postgres://bot:hunter2hunter2@127.0.0.1:9/layerwise'])
    expect(password).toMatchObject({ status: 2, stdout: '' })
    expect(password.stderr).not.toContain('hunter2')
    for (const { stderr } of [missing, text, unnamed, password]) expect(stderr).not.toMatch(/our fault/)
  })
})

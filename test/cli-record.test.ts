import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { feedInput } from '../src/cli-input.ts'
import type { Explainer } from '../src/diagnosis/explain.ts'
import { explanationSchema } from '../src/diagnosis/explanation.ts'
import { zipOf } from './build/record/make-record.ts'

const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url))
const record = readFileSync(new URL('fixtures/lab/run-tsc-error.dockerbuild', import.meta.url))

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'layerwise-record-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

function debug(args: string[], input: Uint8Array = Buffer.alloc(0)) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, 'debug', ...args], { cwd: folder, input })
  return { status, stdout: stdout.toString(), stderr: stderr.toString() }
}

describe('debug reads build records', () => {
  test('by their bytes, whatever the name: a file, the zip of an artifact, standard input', async () => {
    await writeFile(join(folder, 'no-name'), record)
    await writeFile(join(folder, 'log.txt'), zipOf([{ name: 'a.dockerbuild', body: record }]))
    const { status, stdout, stderr } = debug(['--json', 'no-name', 'log.txt', '-'], record)
    expect([status, stderr]).toEqual([0, ''])
    const told = stdout
      .trim()
      .split('\n')
      .map((line) => explanationSchema.parse(JSON.parse(line)))
    expect(told.map(({ source, diagnosis, builds }) => [source.kind, diagnosis?.id, builds[0]?.from])).toEqual([
      ['file', 'run-app-compile-error', 'record'],
      ['file', 'run-app-compile-error', 'record'],
      ['stdin', 'run-app-compile-error', 'record'],
    ])
    expect(told[0]?.source).toMatchObject({ bytes: record.length, truncated: false })
    expect(told[0]?.diagnosis?.evidence.map(({ text }) => text)).toContain(
      "src/app.ts(4,26): error TS2345: Argument of type 'string' is not assignable to parameter of type 'number'.",
    )
  })

  test('and says so', async () => {
    const { stdout } = debug(['-'], record)
    expect(stdout).toContain('Build (buildkit, from its build record): ')
    expect(stdout).toContain('Step: [builder 5/5] RUN yarn build (Dockerfile line 12)')
  })

  test.each([
    ['cut off', () => record.subarray(0, 2000), 'it is damaged or cut off (unexpected end of file)'],
    ['another gzip', () => gzipSync('a log'), 'it is packed, but it is no build record; unpack it first'],
    [
      'another zip',
      () => zipOf([{ name: 'log.txt', body: Buffer.from('a log') }]),
      'it is a zip file without a build record in it',
    ],
    ['a bomb', () => gzipSync(Buffer.alloc(100 << 20)), 'it unpacks to more than 96 MB'],
  ])('one that is %s cannot be read: status 2 and nothing on stdout', (_, make, reason) => {
    expect(debug(['--json', '-'], make())).toEqual({
      status: 2,
      stdout: '',
      stderr: `layerwise: cannot read standard input: ${reason}\n`,
    })
  })
})

describe('what comes in slices', () => {
  async function* slices(bytes: Uint8Array, size: number) {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
  }

  async function feed(bytes: Uint8Array, size: number): Promise<string> {
    const seen: string[] = []
    const explaining: Pick<Explainer, 'feed' | 'tell'> = {
      feed: (chunk) => seen.push(Buffer.from(chunk).toString()),
      tell: (records, read) => seen.push(`${records.length} record of ${read} bytes`),
    }
    await feedInput(slices(bytes, size), explaining as Explainer)
    return seen.join('')
  }

  test.each([1, 3, 1000])('of %d bytes is known for what it is', async (size) => {
    expect(await feed(record, size)).toBe(`1 record of ${record.length} bytes`)
    for (const log of ['#1 [internal] load', 'PK', '\u001f', '']) expect(await feed(Buffer.from(log), size)).toBe(log)
  })
})

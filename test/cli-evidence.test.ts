import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { explainFile } from '../src/cli-explain.ts'
import { type Explanation, explanationSchema } from '../src/diagnosis/explanation.ts'
import { indexSigns } from '../src/diagnosis/match.ts'
import { loadRunbooks, ownRunbooks } from '../src/diagnosis/runbooks.ts'
import { plainLog, sha, unindented } from './cache/told-misses.ts'

/** Evidence beside a log at the terminal, as people have it: damaged, of another commit, from another machine. */

const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url))
const signs = indexSigns(await loadRunbooks([ownRunbooks]))

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'layerwise-evidence-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name)
  await mkdir(join(path, '..'), { recursive: true })
  await writeFile(path, typeof content === 'string' ? unindented(content) : content)
  return path
}

const node = `docker.io/library/node:22@${sha('a')}`
const log = plainLog(`
  [1/4] FROM ${node} | CACHED
  [2/4] COPY package.json ./ | CACHED
  [3/4] COPY src src | DONE 0.1s
  [4/4] RUN npm run build | DONE 9.0s`)
const before = log.replaceAll(/#3 DONE.*|#4 DONE.*/g, (line) => line)
const dockerfile = 'FROM node:22\nCOPY package.json ./\nCOPY src src\nRUN npm run build\n'

type Files = { [option: string]: string | Uint8Array } & { context?: string }

const optionOf = new Map([
  ['previous', 'previous.log'],
  ['dockerfile', 'Dockerfile'],
  ['previousDockerfile', 'Dockerfile.before'],
  ['dockerignore', '.dockerignore'],
  ['changedFiles', 'changed'],
  ['workflow', 'ci.yml'],
])

let calls = 0
/** `layerwise debug` with what the options name written to files; `context` is none. */
async function explain(files: Files, shown = log): Promise<Explanation> {
  const own = `call-${++calls}`
  const named: Record<string, string> = {}
  for (const [option, content] of Object.entries({ previous: before, ...files }))
    named[option] =
      option === 'context' ? String(content) : await file(join(own, optionOf.get(option) ?? option), content)
  const told = await explainFile(await file(join(own, 'build.log'), shown), signs, named)
  if ('unreadable' in told) throw new Error(told.unreadable)
  return explanationSchema.parse(told)
}

function misses({ builds }: Explanation): string[] {
  return builds.flatMap(({ firstMisses }) =>
    firstMisses.map(({ step, reason, files }) => [`${step}: ${reason}`, ...files].join(' ')),
  )
}

const source = ['[3/4] COPY src src: file-changed src/a.ts']

describe('a Dockerfile', () => {
  test('that does not parse is a problem with its line, and what is left of it is used', async () => {
    const broken = `FROM node:22\nCOPY package.json ./\nCOPI x y\nCOPY src src\nRUN npm run build\n`
    const told = await explain({ dockerfile: broken, changedFiles: 'src/a.ts' })
    expect(misses(told)).toEqual(source)
    expect(told.missing).toEqual([expect.stringMatching(/^Dockerfile:3: .*COPI/)])
  })

  test('before that does not parse is named apart from the one now', async () => {
    const told = await explain({
      dockerfile,
      previousDockerfile: `${dockerfile}RUN <<EOF\nmake\n`,
      changedFiles: 'src/a.ts',
    })
    expect(misses(told)).toEqual(source)
    expect(told.missing).toEqual([expect.stringMatching(/^Dockerfile\.before:5: /)])
  })

  test('without a FROM', async () => {
    const told = await explain({ dockerfile: 'RUN make\n', changedFiles: 'src/a.ts' })
    expect(misses(told)).toEqual(source)
    expect(told.missing.join('\n')).toMatch(/Dockerfile:1: /)
  })

  test.each<[string, string | Uint8Array]>([
    ['that is empty', ''],
    ['that is binary garbage', Uint8Array.from({ length: 5_000 }, (_, at) => (at * 37) % 256)],
    ['of zero bytes', new Uint8Array(2_000)],
    ['in UTF-16', new Uint8Array(Buffer.from(`\ufeff${dockerfile}`, 'utf16le'))],
    ['that is a workflow', 'on: push\njobs:\n  build:\n    steps: []\n'],
  ])('%s says so, and the log is explained', async (_, content) => {
    const told = await explain({ dockerfile: content, changedFiles: 'src/a.ts' })
    expect(misses(told)).toEqual(source)
    expect(told.missing.length).toBeGreaterThan(0)
    expect(told.missing.length).toBeLessThanOrEqual(11)
  })

  test.each<[string, string]>([
    ['with Windows ends of lines', dockerfile.replaceAll('\n', '\r\n')],
    ['with a byte order mark', `\uFEFF${dockerfile}`],
    ['with a tail of a megabyte', `${dockerfile}${'# a comment that nobody reads\n'.repeat(35_000)}`],
    ['with one line of a megabyte', `${dockerfile}CMD ${'x'.repeat(1_000_000)}\n`],
    ['with ten thousand instructions', `${dockerfile}${'RUN true\n'.repeat(10_000)}`],
  ])('%s is read like any other', async (_, content) => {
    const started = performance.now()
    const told = await explain({ dockerfile: content, changedFiles: 'src/a.ts' })
    expect(misses(told)).toEqual(source)
    expect(told.missing).toEqual([])
    expect(performance.now() - started).toBeLessThan(5_000)
  })

  test('of another version than the log: what the log says was copied counts', async () => {
    const other = 'FROM node:22\nCOPY lib lib\nCOPY docs docs\nRUN npm run build\n'
    const told = await explain({ dockerfile: other, changedFiles: 'docs/a.md\nsrc/a.ts' })
    expect(misses(told)).toEqual(source)
  })

  test('outside of the context', async () => {
    const folders = log.replaceAll('COPY src', 'COPY src')
    const told = await explain(
      {
        dockerfile,
        context: 'services/api',
        changedFiles: 'docker/api.Dockerfile.md\nservices/api/src/a.ts\nsrc/a.ts',
      },
      folders,
    )
    expect(misses(told)).toEqual(['[3/4] COPY src src: file-changed services/api/src/a.ts'])
  })
})

describe('a context', () => {
  test.each([
    'services/api',
    './services/api/',
    'services\\api',
    '.\\services\\api\\',
    'services//api',
    'services/./api',
  ])('%s of a monorepo has its own files', async (context) => {
    const told = await explain({
      dockerfile,
      context,
      changedFiles: 'services/api/src/a.ts\nservices/web/src/b.ts\nsrc/c.ts',
    })
    expect(misses(told)).toEqual(['[3/4] COPY src src: file-changed services/api/src/a.ts'])
  })

  test('of which nothing changed has no file to name', async () => {
    const told = await explain({
      dockerfile,
      context: 'services/api',
      changedFiles: 'services/api2/src/a.ts\nsrc/b.ts',
    })
    expect(misses(told)).toEqual(['[3/4] COPY src src: unknown'])
  })

  test.each(['.', './', '', '/'])('%j is the root', async (context) => {
    const told = await explain({ dockerfile, context, changedFiles: 'src/a.ts' })
    expect(misses(told)).toEqual(source)
  })

  test('above the repository holds all of it, and nobody knows under which name', async () => {
    const told = await explain({ dockerfile, context: '..', changedFiles: 'src/a.ts' })
    expect(misses(told)).toEqual(['[3/4] COPY src src: unknown'])
  })
})

describe('a list of changed files', () => {
  test('with paths of Windows', async () => {
    const told = await explain({ dockerfile, changedFiles: 'src\\web\\a.ts\r\ndocs\\b.md\r\n' })
    expect(misses(told)).toEqual(['[3/4] COPY src src: file-changed src/web/a.ts'])
  })

  test('with a file that was renamed out of the folder, or into it', async () => {
    expect(misses(await explain({ dockerfile, changedFiles: 'R100\tsrc/a.ts\tlib/a.ts' }))).toEqual(source)
    expect(misses(await explain({ dockerfile, changedFiles: 'R090\tlib/a.ts\tsrc/a.ts' }))).toEqual(source)
  })

  test('with a submodule', async () => {
    const changedFiles = ':160000 160000 1111111 2222222 M\tsrc/vendor'
    expect(misses(await explain({ dockerfile, changedFiles }))).toEqual([
      '[3/4] COPY src src: file-changed src/vendor/',
    ])
  })

  test('that is empty: nothing changed', async () => {
    const told = await explain({ dockerfile, changedFiles: '' })
    expect(misses(told)).toEqual(['[3/4] COPY src src: unknown'])
    expect(told.builds[0]?.firstMisses[0]?.detail).toMatch(/no file that git lists as changed is copied here/)
    expect(told.missing).toEqual([])
  })

  test('of 3,000 files names a hundred, and counts them all', async () => {
    const changedFiles = Array.from({ length: 3_000 }, (_, at) => `src/f${at}.ts`).join('\n')
    const [miss] = (await explain({ dockerfile, changedFiles })).builds[0]?.firstMisses ?? []
    expect(miss).toMatchObject({ reason: 'file-changed', detail: 'src/f0.ts and 2999 more changed' })
    expect(miss?.files).toHaveLength(100)
  })

  test('that is binary garbage names nothing', async () => {
    const told = await explain({
      dockerfile,
      changedFiles: Uint8Array.from({ length: 5_000 }, (_, at) => (at * 91) % 256),
    })
    expect(misses(told)).toEqual(['[3/4] COPY src src: unknown'])
  })
})

describe('an ignore file', () => {
  test('with patterns that Docker refuses: said with their line, the others hold', async () => {
    const told = await explain({
      dockerfile,
      dockerignore: '*.md\n!\n[a-\nsrc/gen\n',
      changedFiles: 'src/gen/x\nsrc/a.ts\nsrc/b.md',
    })
    expect(misses(told)).toEqual(['[3/4] COPY src src: file-changed src/a.ts src/b.md'])
    expect(told.missing).toEqual([
      expect.stringMatching(/^\.dockerignore:2: illegal exclusion pattern/),
      expect.stringMatching(/^\.dockerignore:3: syntax error in pattern/),
    ])
  })

  test('that keeps out what changed: no file is named', async () => {
    const told = await explain({ dockerfile, dockerignore: 'src/*.test.ts', changedFiles: 'src/a.test.ts' })
    expect(misses(told)).toEqual(['[3/4] COPY src src: unknown'])
  })

  test('that is not given leaves the file less sure', async () => {
    const [miss] = (await explain({ dockerfile, changedFiles: 'src/a.ts' })).builds[0]?.firstMisses ?? []
    expect(miss).toMatchObject({ files: ['src/a.ts'], certainty: 'medium' })
  })
})

describe('a workflow', () => {
  test('that is no YAML: said with its line, the rest is explained', async () => {
    const told = await explain({
      dockerfile,
      changedFiles: 'src/a.ts',
      workflow: 'on: push\njobs: [unclosed\n  x: {\n',
    })
    expect(misses(told)).toEqual(source)
    expect(told.missing.length).toBeGreaterThan(0)
    for (const problem of told.missing) expect(problem).toMatch(/ci\.yml:\d+: /)
  })

  test.each([
    ['that is empty', ''],
    ['that is a list', '- a\n- b\n'],
    [
      'that builds nothing',
      'on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: npm test\n',
    ],
  ])('%s changes nothing', async (_, workflow) => {
    expect(misses(await explain({ dockerfile, changedFiles: 'src/a.ts', workflow }))).toEqual(source)
  })
})

describe('the build before', () => {
  test.each([
    ['that is empty', ''],
    ['that built nothing', 'hello\n'],
    [
      'that was of something else',
      plainLog(`[1/2] FROM docker.io/library/go:1@${sha('c')} | CACHED\n[2/2] RUN go build | DONE 1.0s`),
    ],
  ])('%s leaves the file to be named', async (_, previous) => {
    expect(misses(await explain({ previous, dockerfile, changedFiles: 'src/a.ts' }))).toEqual(source)
  })
})

describe('at the terminal', () => {
  async function layerwise(...args: string[]) {
    const child = spawn(process.execPath, [cli, 'debug', '--json', ...args], { cwd: folder })
    let [stdout, stderr] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    const [status] = await once(child, 'close')
    return { status, stdout, stderr }
  }

  test.each(['--previous', '--dockerfile', '--previous-dockerfile', '--dockerignore', '--changed-files', '--workflow'])(
    '%s that cannot be read is said, and nothing is told',
    async (option) => {
      const build = await file('own/build.log', log)
      const told = await layerwise(build, option, join(folder, 'nowhere'))
      expect(told).toEqual({
        status: 2,
        stdout: '',
        stderr: `layerwise: cannot read ${join(folder, 'nowhere')}: no such file\n`,
      })
      expect(await layerwise(build, option, folder)).toMatchObject({
        status: 2,
        stdout: '',
        stderr: expect.stringContaining(`cannot read ${folder}: it is a folder`),
      })
    },
  )

  test('all of it together', async () => {
    const told = await layerwise(
      await file('all/build.log', log),
      ...['--previous', await file('all/previous.log', before)],
      ...['--dockerfile', await file('all/api.Dockerfile', dockerfile)],
      ...['--previous-dockerfile', await file('all/old.Dockerfile', dockerfile)],
      ...['--dockerignore', await file('all/.dockerignore', 'docs\n')],
      ...['--changed-files', await file('all/changed', 'M\tservices/api/src/a.ts\n')],
      ...['--context', 'services/api', '--workflow', await file('all/ci.yml', 'on: push\njobs: {}\n')],
    )
    expect(told).toMatchObject({ status: 0, stderr: '' })
    const explanation = explanationSchema.parse(JSON.parse(told.stdout))
    expect(explanation.builds[0]?.firstMisses).toMatchObject([
      { reason: 'file-changed', files: ['services/api/src/a.ts'], certainty: 'high', secondsLost: 9.1, expected: true },
    ])
  })
})

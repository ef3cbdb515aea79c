import { describe, expect, test } from 'vitest'
import { closingReader, isFinalError, isSureFinalError } from '../../src/build/solve-error.ts'

const process = 'process "/bin/sh -c npm ci" did not complete successfully: exit code: 1'

describe('the closing error of a build', () => {
  test.each([
    `ERROR: failed to build: failed to solve: ${process}`,
    `ERROR: failed to solve: ${process}`,
    `error: failed to solve: ${process}`,
    'failed to solve with frontend dockerfile.v0: failed to create LLB definition: target stage nope could not be found',
    `target web: failed to solve: ${process}`,
    process,
    'executor failed running [/bin/sh -c make]: exit code: 2',
    'Error: failed to build: unable to prepare context: path "x" not found',
  ])('%s, beyond doubt', (text) => {
    expect(isFinalError(text)).toBe(true)
    expect(isSureFinalError(text)).toBe(true)
  })

  test.each([
    'ERROR: failed to find target nope',
    'failed to receive status: rpc error: code = Unavailable desc = error reading from server: EOF',
    'ERROR: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
    'ERROR: invalid tag "acme/web:": invalid reference format',
    'ERROR: Cache export is not supported for the docker driver.',
    'ERROR: unknown flag: --nope',
  ])('%s, where nothing else speaks', (text) => {
    expect(isFinalError(text)).toBe(true)
    expect(isSureFinalError(text)).toBe(false)
  })

  test.each([
    'ERROR: 3 tests failed',
    'error: could not compile `app`',
    'Error: Cannot find module',
    'ERROR: Could not find a version that satisfies the requirement nope',
    `the ${process}`,
    '1.2 ERROR: failed to solve: x',
  ])('%s is a word of some program', (text) => {
    expect(isFinalError(text)).toBe(false)
  })
})

describe('what stands before it', () => {
  const read = (lines: string[]) => {
    const reader = closingReader()
    return lines.map((line) => reader.read(line))
  }

  test('the block repeats the output of a vertex, with or without its number', () => {
    const [, title, ...inside] = read(['------', ' > [2/2] RUN npm ci:', '3.214 boom', '#9 3.3 bang', 'bare', '------'])
    expect(title).toEqual({ kind: 'block', vertexName: '[2/2] RUN npm ci' })
    expect(inside).toEqual([
      ...['boom', 'bang', 'bare'].map((text) => ({ kind: 'block-line', vertexName: '[2/2] RUN npm ci', text })),
      { kind: 'frame' },
    ])
  })

  test('the excerpt gives the marked lines of the Dockerfile', () => {
    const rule = '-'.repeat(20)
    const told = read([
      'docker/web.Dockerfile:12',
      rule,
      '  10 |     ',
      '  11 |     COPY package.json ./',
      '  12 | >>> RUN npm ci \\',
      '  13 | >>>     --omit=dev',
      '  14 |     ',
      rule,
    ])
    expect(told.at(-1)).toEqual({
      kind: 'excerpt-end',
      excerpt: {
        file: 'docker/web.Dockerfile',
        marked: [
          { line: 12, code: 'RUN npm ci \\' },
          { line: 13, code: '    --omit=dev' },
        ],
      },
    })
  })

  test('a block or excerpt that breaks off does not swallow the closing error', () => {
    const final = `ERROR: failed to build: failed to solve: ${process}`
    for (const opened of [
      ['------', ' > [2/2] RUN npm ci:', 'boom'],
      ['Dockerfile:3', '-'.repeat(20), '   1 |     FROM a'],
      ['------'],
    ])
      expect(read([...opened, final]).at(-1)).toEqual({ kind: 'final', text: final })
  })

  test('dashes that a program prints hold no output back', () => {
    expect(read(['------', 'total 5 passed', '------', 'x']).filter(({ kind }) => kind === 'block-line')).toEqual([])
  })

  test('an endless excerpt is kept in part', () => {
    const rule = '-'.repeat(20)
    const marked = Array.from({ length: 500 }, (_, index) => ` ${index + 1} | >>> RUN x`)
    const told = read(['Dockerfile:1', rule, ...marked, rule]).at(-1)
    expect(told).toMatchObject({ kind: 'excerpt-end' })
    expect(told?.kind === 'excerpt-end' && told.excerpt.marked.length).toBe(40)
  })
})

describe('the closing error behind words of whoever ran the builder', () => {
  test.each([
    `level=fatal msg="failed to solve: ${process}"`,
    `[shop] ERROR: failed to solve: ${process}`,
    `build of web failed: ${process}`,
    "ERROR: Service 'web' failed to build : Build failed",
  ])('%s', (text) => {
    expect(isFinalError(text)).toBe(true)
    expect(isSureFinalError(text)).toBe(false)
  })
})

test.each(['exporting to GitHub Actions Cache', '[internal] load metadata for docker.io/acme/web:1'])(
  'a quotation may begin with the name of the step: %s',
  (name) => {
    const reader = closingReader()
    expect([` > ${name}:`, 'boom'].map(reader.read)[1]).toMatchObject({ kind: 'block-line', vertexName: name })
  },
)

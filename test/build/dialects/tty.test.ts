import { describe, expect, test } from 'vitest'
import { readFrameHeader } from '../../../src/build/dialects/tty.ts'
import { logReader } from '../../../src/build/read-log.ts'

function read(...lines: string[]) {
  const said: [string, string | null, string][] = []
  const reader = logReader(({ place, vertex, text }) => said.push([place, vertex?.text ?? null, text]))
  reader.feed(new TextEncoder().encode(lines.join('\r\n')))
  const { builds } = reader.end()
  const vertices = builds.flatMap((build) =>
    [...build.vertices.values()].map(({ text, status, seconds }) => [text, status, seconds]),
  )
  return { builds, vertices, said }
}

test.each([
  ['[+] Building 0.4s (12/16)                     docker:default', { finished: false, done: 12 }],
  ['[+] Building 1m2.4s (16/16) FINISHED          docker:default', { finished: true, done: Infinity }],
  ['[+] build 3.1s (4/4) FINISHED', { finished: true, done: Infinity }],
  ['[+] Running 3/3', null],
  // what compose counts are services
  ['[+] Building 2/2', null],
  ['Building 0.4s (1/2)', null],
])('%s', (text, frame) => {
  const read = readFrameHeader(text)
  expect(read && { finished: read.finished, done: read.done }).toEqual(frame)
})

describe('a captured terminal', () => {
  test('is one build, however often it was painted; the last painting of a row counts', () => {
    const { builds, vertices } = read(
      '\u001b[1A\u001b[0G[+] Building 0.1s (1/3)                  docker:default',
      '\u001b[34m => CACHED [2/3] WORKDIR /app                          0.0s',
      '\u001b[0m => [3/3] RUN yarn build                               0.1s',
      '\u001b[1A\u001b[0G[+] Building 9.1s (3/3) FINISHED         docker:default',
      '\u001b[34m => CACHED [2/3] WORKDIR /app                          0.0s',
      '\u001b[0m\u001b[31m => ERROR [3/3] RUN yarn build                         9.0s',
    )
    expect(builds).toHaveLength(1)
    expect(vertices).toEqual([
      ['[2/3] WORKDIR /app', 'cached', null],
      ['[3/3] RUN yarn build', 'failed', 9],
    ])
  })

  test('output under a row is the output of its step', () => {
    const { said } = read(
      '[+] Building 0.1s (1/2)',
      ' => [2/2] RUN npm ci                      3.2s',
      ' => => # npm error code ENOSPC',
      ' => => # npm error syscall write',
    )
    expect(said).toEqual([
      ['step', '[2/2] RUN npm ci', 'npm error code ENOSPC'],
      ['step', '[2/2] RUN npm ci', 'npm error syscall write'],
    ])
  })

  test('a detail is no vertex', () => {
    const { vertices } = read(
      '[+] Building 0.1s (1/2)',
      ' => [internal] load build context                   0.0s',
      ' => => transferring context: 571B                   0.0s',
    )
    expect(vertices).toEqual([['[internal] load build context', 'done', 0]])
  })

  test('a step whose layer was only fetched was a hit', () => {
    const { builds } = read(
      '[+] Building 0.1s (1/2)',
      ' => [2/2] RUN npm ci                                 0.9s',
      ' => => sha256:0a1b2c3d 12.1MB / 12.1MB               0.4s',
    )
    expect(builds.flatMap((build) => [...build.vertices.values()].map(({ pulled }) => pulled))).toEqual([true])
  })

  test('steps whose names are cut off to the same are two', () => {
    const { vertices } = read(
      '[+] Building 4.2s (2/3)',
      ' => CACHED [build 2/4] RUN apt-get update && apt-get instal 0.0s',
      ' => [build 2/4] RUN apt-get update && apt-get instal        4.1s',
    )
    expect(vertices).toEqual([
      ['[build 2/4] RUN apt-get update && apt-get instal', 'cached', null],
      ['[build 2/4] RUN apt-get update && apt-get instal', 'done', 4.1],
    ])
  })

  test('what still runs in the last frame is not through', () => {
    const { vertices } = read(
      '[+] Building 9.1s (1/3)',
      ' => CACHED [2/3] WORKDIR /app                          0.0s',
      ' => [3/3] RUN yarn build                               9.0s',
      ' => => # transforming...',
    )
    expect(vertices.map(([, status]) => status)).toEqual(['cached', 'unfinished'])
  })

  test('a step canceled because another failed', () => {
    const { vertices } = read('[+] Building 0.1s (1/2)', ' => CANCELED [a 2/2] RUN sleep 60              0.8s')
    expect(vertices).toEqual([['[a 2/2] RUN sleep 60', 'canceled', null]])
  })

  test('a second build begins with a frame after the one that finished', () => {
    const one = ['[+] Building 0.1s (1/1) FINISHED', ' => [1/1] FROM alpine              0.0s', '']
    const two = ['[+] Building 0.1s (0/1)', ' => [1/1] FROM alpine              0.0s']
    expect(read(...one, ...two).builds).toHaveLength(2)
  })

  test('a capture cut at its head has rows only', () => {
    const { vertices } = read(' => CACHED [2/3] WORKDIR /app      0.0s', ' => [3/3] RUN yarn build           0.1s')
    expect(vertices.map(([, status]) => status)).toEqual(['cached', 'done'])
  })

  test('an arrow that a program prints is no row', () => {
    expect(read(' => starting the server', '=> done').builds).toEqual([])
  })
})

test('of an internal step that failed its name is told: there may be no more', () => {
  const { said } = read('[+] Building 0.0s (1/1) FINISHED', ' => ERROR [internal] booting buildkit      0.0s')
  expect(said).toEqual([['metadata', '[internal] booting buildkit', 'ERROR [internal] booting buildkit']])
})

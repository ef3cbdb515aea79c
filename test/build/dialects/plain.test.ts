import { describe, expect, test } from 'vitest'
import type { Vertex } from '../../../src/build/build.ts'
import { vertexNumber } from '../../../src/build/dialects/plain.ts'
import type { PlacedLine } from '../../../src/build/place.ts'
import { logReader } from '../../../src/build/read-log.ts'

function read(...lines: string[]) {
  const placed: PlacedLine[] = []
  const reader = logReader((line) => placed.push(line))
  reader.feed(new TextEncoder().encode(lines.join('\n')))
  const { builds } = reader.end()
  const vertices = builds.flatMap((build) => [...build.vertices.values()])
  return { builds, vertices, said: placed.map(({ place, vertex, text }) => [place, vertex?.key ?? null, text]) }
}

const statuses = (vertices: Vertex[]) => vertices.map(({ key, status, seconds }) => [key, status, seconds])

test.each([
  ['#1 DONE', { number: 1, rest: 3 }],
  ['#12 0.1 x', { number: 12, rest: 4 }],
  ['#123456 x', { number: 123456, rest: 8 }],
  ['#1234567 x', null],
  ['#1', null],
  ['# heading', null],
  ['#7: x', null],
])('%s has the number of a vertex, or none', (text, wanted) => {
  expect(vertexNumber(text)).toEqual(wanted)
})

test('the states of a vertex', () => {
  const { vertices } = read(
    '#1 [1/6] FROM docker.io/library/node:22',
    '#1 DONE 0.0s',
    '#2 [2/6] WORKDIR /app',
    '#2 CACHED',
    '#3 [3/6] RUN a',
    '#3 DONE 12.3s',
    '#4 [4/6] RUN b',
    '#4 CANCELED',
    '#5 [5/6] RUN c',
    '#5 ERROR: process "/bin/sh -c c" did not complete successfully: exit code: 1',
    '#6 [6/6] RUN d',
    '#6 0.100 still at it',
  )
  expect(statuses(vertices)).toEqual([
    ['#1', 'done', 0],
    ['#2', 'cached', null],
    ['#3', 'done', 12.3],
    ['#4', 'canceled', null],
    ['#5', 'failed', null],
    ['#6', 'unfinished', null],
  ])
})

test('a step that only fetched its layer from a remote cache stays cached, one that wrote ran after all', () => {
  const fetched = ['sha256:0a1b 1.05MB / 1.05MB 0.2s done', 'extracting sha256:0a1b 0.1s done', 'DONE 0.4s']
  const { vertices } = read(
    '#1 [1/4] FROM scratch',
    '#2 [2/4] RUN a',
    '#2 CACHED',
    '',
    ...fetched.map((line) => `#2 ${line}`),
    '#3 [3/4] RUN b',
    '#3 CACHED',
    '',
    '#3 [3/4] RUN b',
    '#3 0.251 compiling',
    '#3 DONE 2.0s',
  )
  expect(vertices.map(({ status }) => status)).toEqual(['unfinished', 'cached', 'done'])
})

test('the digest that old versions print under a header is no fetch', () => {
  const { vertices } = read('#6 [3/4] RUN make', `#6 sha256:${'0a'.repeat(32)}`, '#6 DONE 0.4s')
  expect(vertices.map(({ status, pulled }) => [status, pulled])).toEqual([['done', false]])
})

test('an error whose context was canceled is a consequence, not a failure', () => {
  const { vertices } = read('#5 [2/2] RUN sleep 9', '#5 ERROR: failed to solve: context canceled')
  expect(vertices[0]?.status).toBe('canceled')
})

test('output is told without number and time, in its place', () => {
  const { said } = read(
    '#4 [internal] load metadata for docker.io/library/nope:1',
    '#4 ERROR: docker.io/library/nope:1: not found',
    '',
    '#5 [2/2] RUN npm ci',
    '#5 1.204 npm error code ENOSPC',
    '#5 -0.100 a clock that was set back',
    '#5 12.5',
    '#6 exporting to image',
    '#6 pushing layers',
  )
  expect(said).toEqual([
    ['metadata', '#4', 'docker.io/library/nope:1: not found'],
    ['step', '#5', 'npm error code ENOSPC'],
    ['step', '#5', 'a clock that was set back'],
    ['step', '#5', ''],
    ['push', '#6', 'pushing layers'],
  ])
})

test('output that looks like a state is output', () => {
  const { vertices, said } = read('#5 [2/2] RUN test', '#5 0.10 CACHED', '#5 0.11 ERROR: x', '#5 0.12 DONE 0.1s')
  expect(vertices[0]?.status).toBe('unfinished')
  expect(said.map(([, , text]) => text)).toEqual(['CACHED', 'ERROR: x', 'DONE 0.1s'])
})

test('BuildKit 0.11 writes #0 before the output of the vertex it shows', () => {
  const { said } = read('#7 [2/2] RUN npm ci', '#0 0.512 npm WARN old', '#0 1.2 npm ERR! code E404')
  expect(said).toEqual([
    ['step', '#7', 'npm WARN old'],
    ['step', '#7', 'npm ERR! code E404'],
  ])
})

test('a log cut at its head knows vertices that it has no name for', () => {
  const { builds, vertices } = read('#9 41.3 tail of the output', '#9 DONE 50.1s', '#10 exporting to image', '#10 DONE')
  expect(builds).toHaveLength(1)
  expect(vertices.map(({ text, status }) => [text, status])).toEqual([
    ['', 'done'],
    ['exporting to image', 'done'],
  ])
})

test('the driver of the builder is known where it says so', () => {
  const { builds } = read('#0 building with "builder-1" instance using docker-container driver', '', '#1 [1/1] FROM a')
  expect(builds.map(({ driver }) => driver)).toEqual(['docker-container'])
})

describe('a second build in the same log', () => {
  const one = (name: string) => [
    '#1 [internal] load build definition from Dockerfile',
    '#1 DONE 0.0s',
    '#2 [1/2] FROM docker.io/library/alpine',
    '#2 DONE 0.1s',
    `#3 [2/2] RUN ${name}`,
  ]
  test('begins after one that failed', () => {
    const failed = ['#3 ERROR: exit code: 1', '------', 'ERROR: failed to build: failed to solve: exit code: 1', '']
    const { builds } = read(...one('a'), ...failed, ...one('b'), '#3 DONE 0.2s')
    expect(builds.map((build) => build.vertices.get('#3')?.text)).toEqual(['[2/2] RUN a', '[2/2] RUN b'])
    expect(builds.map((build) => build.finalError?.line ?? null)).toEqual([8, null])
  })

  test('begins after one that was killed without a word', () => {
    const { builds } = read(...one('a'), '#3 0.1 x', '#4 [x 1/1] RUN y', '', ...one('b'), '#3 DONE 0.2s')
    expect(builds).toHaveLength(2)
  })

  test('does not begin where vertex #1 goes on', () => {
    const { builds } = read(...one('a'), '#3 DONE 0.1s', '', '#1 [internal] load build definition from Dockerfile')
    expect(builds).toHaveLength(1)
  })
})

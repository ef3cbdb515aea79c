import { describe, expect, test } from 'vitest'
import { logReader } from '../../../src/build/read-log.ts'

function read(...statuses: (object | string)[]) {
  const said: [string, string | null, string][] = []
  const reader = logReader(({ place, vertex, text }) => said.push([place, vertex?.text ?? null, text]))
  const lines = statuses.map((status) => (typeof status === 'string' ? status : JSON.stringify(status)))
  reader.feed(new TextEncoder().encode(lines.join('\n')))
  const { builds } = reader.end()
  const vertices = builds.flatMap((build) =>
    [...build.vertices.values()].map(({ text, status, seconds }) => [text, status, seconds]),
  )
  return { builds, vertices, said }
}

const digest = (letter: string) => `sha256:${letter.repeat(64)}`
const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds)).toISOString()
const base64 = (text: string) => Buffer.from(text).toString('base64')

describe('one status a line', () => {
  test('started, completed, cached and failed vertices', () => {
    const { vertices } = read(
      { vertexes: [{ digest: digest('a'), name: '[1/4] FROM alpine', started: at(0), completed: at(1) }] },
      { vertexes: [{ digest: digest('b'), name: '[2/4] RUN a', started: at(1), completed: at(1), cached: true }] },
      { vertexes: [{ digest: digest('c'), name: '[3/4] RUN b', started: at(1) }] },
      { vertexes: [{ digest: digest('c'), name: '[3/4] RUN b', started: at(1), completed: at(9) }] },
      { vertexes: [{ digest: digest('d'), name: '[4/4] RUN c', started: at(9), error: 'exit code: 1' }] },
    )
    expect(vertices).toEqual([
      ['[1/4] FROM alpine', 'done', 1],
      ['[2/4] RUN a', 'cached', null],
      ['[3/4] RUN b', 'done', 8],
      ['[4/4] RUN c', 'failed', null],
    ])
  })

  test('the graph is announced whole; what never started is not there', () => {
    const { vertices } = read({
      vertexes: [
        { digest: digest('a'), name: '[2/3] RUN a', started: at(0) },
        { digest: digest('b'), name: '[3/3] RUN b' },
      ],
    })
    expect(vertices).toEqual([['[2/3] RUN a', 'unfinished', null]])
  })

  test('output comes out of its base64, line by line, in its place', () => {
    const { said } = read(
      { vertexes: [{ digest: digest('a'), name: '[2/2] RUN npm ci', started: at(0) }] },
      { logs: [{ vertex: digest('a'), data: base64('10%\r20%\nnpm error code ENOSPC\n') }] },
      { logs: [{ vertex: digest('f'), data: base64('of a vertex never told') }] },
    )
    expect(said).toEqual([
      ['step', '[2/2] RUN npm ci', '10%'],
      ['step', '[2/2] RUN npm ci', '20%'],
      ['step', '[2/2] RUN npm ci', 'npm error code ENOSPC'],
    ])
  })

  test('a canceled context is a consequence', () => {
    const { vertices } = read({
      vertexes: [{ digest: digest('a'), name: '[2/2] RUN a', started: at(0), error: 'context canceled' }],
    })
    expect(vertices[0]?.[1]).toBe('canceled')
  })

  test('a line cut off, of another shape or of another program is a line of the job', () => {
    const { builds, said } = read(
      '{"vertexes":[{"digest":"sha256:aa","name":"[2/2] RU',
      '{"vertexes":[{"name":"no digest"}]}',
      '{"logs":"not a list"}',
      '{"level":"info"}',
    )
    expect(builds.flatMap((build) => [...build.vertices.keys()])).toEqual([])
    expect(said.map(([place]) => place)).toEqual(Array.from({ length: 4 }, () => 'client'))
  })
})

describe('indented over several lines, as before BuildKit v0.14', () => {
  const indented = (status: object) => JSON.stringify(status, null, 2)
  const started = { vertexes: [{ digest: digest('a'), inputs: null, name: '[2/2] RUN npm ci', started: at(0) }] }
  const output = {
    logs: [{ vertex: digest('a'), stream: 1, data: base64('{\n  "logs": [\n}\nnpm error code ENOSPC\n') }],
  }
  const failed = {
    vertexes: [
      { digest: digest('a'), name: '[2/2] RUN npm ci', started: at(0), completed: at(3), error: 'exit code: 1' },
    ],
  }

  test('is put together', () => {
    const { vertices, said } = read(
      indented(started),
      indented(output),
      indented(failed),
      'ERROR: failed to solve: exit code: 1',
    )
    expect(vertices).toEqual([['[2/2] RUN npm ci', 'failed', 3]])
    expect(said.filter(([place]) => place === 'step').map(([, , text]) => text)).toEqual([
      '{',
      '  "logs": [',
      '}',
      'npm error code ENOSPC',
      'exit code: 1',
    ])
    expect(said.at(-1)?.[0]).toBe('error')
  })

  test('other JSON, and a status that never ends, are lines of the job', () => {
    const { builds, said } = read('{', '  "driver": "docker"', '}', '{', '  "vertexes": [', 'npm error', '}')
    expect(builds).toEqual([])
    expect(said.map(([, , text]) => text)).toEqual(['{', '  "driver": "docker"', '}', '{', 'npm error', '}'])
  })

  test('is the same build as on one line each', () => {
    const statuses = [started, output, failed]
    expect(read(...statuses.map(indented)).vertices).toEqual(read(...statuses).vertices)
  })
})

describe('what else a status tells', () => {
  test('the graph, errors where they belong, warnings and progress, each kind once', () => {
    const importing = 'importing cache manifest from r.example/c'
    const { builds, said } = read(
      { vertexes: [{ digest: digest('a'), name: importing, started: at(0) }] },
      { vertexes: [{ digest: digest('a'), name: importing, started: at(0), completed: at(1), error: 'not found' }] },
      { vertexes: [{ digest: digest('b'), inputs: [digest('a')], name: 'exporting to image', started: at(0) }] },
      { statuses: [1, 2].map((current) => ({ id: 'pushing layers', vertex: digest('b'), current })) },
      { warnings: [{ vertex: digest('b'), short: base64('FromAsCasing: x'), range: [{ start: { line: 3 } }] }] },
    )
    expect(said).toEqual([
      ['import', importing, 'not found'],
      ['push', 'exporting to image', 'pushing layers'],
      ['push', 'exporting to image', 'WARN: FromAsCasing: x (line 3)'],
    ])
    expect(builds[0]?.vertices.get(digest('b'))?.inputs).toEqual([digest('a')])
  })

  test('a line of output that came in two pieces, and a colour', () => {
    const { said } = read(
      { vertexes: [{ digest: digest('a'), name: '[2/2] RUN a', started: at(0) }] },
      { logs: [{ vertex: digest('a'), data: base64('\u001b[31mno space') }] },
      { logs: [{ vertex: digest('a'), data: base64(' left\u001b[0m') }] },
      { vertexes: [{ digest: digest('a'), name: '[2/2] RUN a', started: at(0), completed: at(1) }] },
    )
    expect(said).toEqual([['step', '[2/2] RUN a', 'no space left']])
  })
})

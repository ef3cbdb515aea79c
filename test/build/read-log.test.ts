import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lineSplitter } from '../../src/build/log-lines.ts'
import type { PlacedLine } from '../../src/build/place.ts'
import { type LogReading, logReader } from '../../src/build/read-log.ts'

const folder = new URL('../fixtures/lab/', import.meta.url)
const logs = readdirSync(folder).filter((name) => name.endsWith('.log'))

type Read = { reading: LogReading; lines: string[] }

function read(...chunks: Uint8Array[]): Read {
  const lines: string[] = []
  const reader = logReader((line: PlacedLine) =>
    lines.push(`${line.number} ${line.place} ${line.vertex?.key} ${line.text}`),
  )
  for (const chunk of chunks) reader.feed(chunk)
  return { reading: reader.end(), lines }
}

describe('a log in any slices reads the same', () => {
  test.each(logs.filter((name) => name !== 'output-clipped-speed.log'))('%s, cut at every position at once', (name) => {
    const log = readFileSync(new URL(name, folder))
    const single = Array.from({ length: log.length }, (_, at) => log.subarray(at, at + 1))
    expect(read(...single)).toEqual(read(log))
  })

  test.each(logs)('%s, cut once at each position', (name) => {
    // the splitter alone knows of chunks, and remembers no more than the line it is in: two lines around the cut suffice
    const log = readFileSync(new URL(name, folder))
    let from = 0
    while (from < log.length) {
      const lineEnd = endOfLine(log, from)
      const window = log.subarray(from, endOfLine(log, lineEnd))
      const whole = split(window)
      for (let cut = 0; cut <= lineEnd - from; cut++) {
        const pieces = split(window.subarray(0, cut), window.subarray(cut))
        if (pieces.join('\n') !== whole.join('\n')) expect(pieces, `cut at ${from + cut}`).toEqual(whole)
      }
      from = lineEnd
    }
    expect(from).toBe(log.length)
  })

  test.each(['bake-one-target-fails.log', 'tty-run-tsc-error.log', 'gha-503.gha.log', 'classic-run-error.log'])(
    '%s, whole, cut once at each position',
    (name) => {
      const log = readFileSync(new URL(name, folder)).subarray(-2500)
      const whole = read(log)
      for (let cut = 1; cut < log.length; cut++) {
        const { lines } = read(log.subarray(0, cut), log.subarray(cut))
        if (lines.join('\n') !== whole.lines.join('\n')) expect(lines, `cut at ${cut}`).toEqual(whole.lines)
      }
    },
  )
})

function split(...chunks: Uint8Array[]): string[] {
  const lines: string[] = []
  const splitter = lineSplitter((text, number) => lines.push(`${number} ${text}`))
  for (const chunk of chunks) splitter.feed(chunk)
  splitter.end()
  return lines
}

function endOfLine(log: Uint8Array, from: number): number {
  const at = log.indexOf(10, from)
  return at < 0 ? log.length : at + 1
}

describe('any input gives a reading', () => {
  test('bytes of no meaning', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => void read(bytes)))
  })

  test('lines of every dialect in any order', () => {
    const parts = logs
      .slice(0, 60)
      .flatMap((name) => readFileSync(new URL(name, folder), 'utf8').split('\n').slice(0, 80))
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...parts, '------', ' > x:', '#1 DONE', '#0 0.1 x', 'Dockerfile:3'), {
          maxLength: 80,
        }),
        (lines) => {
          const { reading } = read(new TextEncoder().encode(lines.join('\n')))
          expect(reading.lines).toBe(
            lines.length === 0 || lines.join('\n') === '' ? 0 : lines.at(-1) === '' ? lines.length - 1 : lines.length,
          )
        },
      ),
      { numRuns: 300 },
    )
  })

  test.each(logs.filter((_, index) => index % 10 === 0))('%s, truncated anywhere', (name) => {
    const log = readFileSync(new URL(name, folder)).subarray(0, 20_000)
    for (let end = 0; end < log.length; end += 97) expect(read(log.subarray(0, end)).reading.bytes).toBe(end)
  })

  test('a line of thirty million characters', () => {
    const chunk = new Uint8Array(1_000_000).fill(120)
    const { reading } = read(
      new TextEncoder().encode('#1 [2/3] RUN cat x\n#1 0.1 '),
      ...Array.from({ length: 30 }, () => chunk),
    )
    expect(reading.incomplete).toBe(true)
    expect(reading.builds[0]?.vertices.size).toBe(1)
  })
})

const plain = (text: string) => read(new TextEncoder().encode(text))

describe('plain progress', () => {
  test('CANCELED steps, resumed blocks and the closing error are told apart', () => {
    const { reading } = plain(
      [
        '#4 [a 2/2] RUN one',
        '#4 0.1 hello',
        '#4 ...',
        '',
        '#5 [b 2/2] RUN two',
        '#5 0.2 boom',
        '#5 ERROR: process "/bin/sh -c two" did not complete successfully: exit code: 1',
        '',
        '#4 [a 2/2] RUN one',
        '#4 CANCELED',
        '------',
        ' > [b 2/2] RUN two:',
        '0.2 boom',
        '------',
        'ERROR: failed to build: failed to solve: process "/bin/sh -c two" did not complete successfully: exit code: 1',
      ].join('\n'),
    )
    const [build] = reading.builds
    expect([...(build?.vertices.values() ?? [])].map((vertex) => vertex.status)).toEqual(['canceled', 'failed'])
    expect(build?.finalError?.line).toBe(15)
  })

  test('a line without a prefix continues what the running step wrote', () => {
    const { lines } = plain('#4 [2/2] RUN pip install x\n#4 0.1 10%\r20%\r\n30%\n#4 DONE 1.0s\n')
    expect(lines).toEqual(['2 step #4 10%', '2 step #4 20%', '3 step #4 30%'])
  })

  test('two builds in one log are two', () => {
    const build =
      '#1 [internal] load build definition from Dockerfile\n#1 DONE 0.0s\n\n#2 [1/2] FROM a\n#2 DONE 0.1s\n\n#3 [2/2] RUN x\n#3 DONE 1.0s\n\n#4 exporting to image\n#4 DONE 0.1s\n'
    const { reading } = plain(build + build)
    expect(reading.builds.map((one) => one.vertices.size)).toEqual([4, 4])
    expect(reading.builds.every((one) => one.succeeded)).toBe(true)
  })

  test('a Markdown heading is no vertex', () => {
    expect(plain('#1 Introduction\n#2 Usage of the thing\n').reading.builds).toEqual([])
  })
})

describe('a job log', () => {
  const job = [
    '2026-01-01T00:00:00.0000000Z ##[group]Run npm test',
    '2026-01-01T00:00:00.0000000Z npm test',
    '2026-01-01T00:00:00.0000000Z ##[endgroup]',
    '2026-01-01T00:00:01.0000000Z expected 1 to equal 2',
    '2026-01-01T00:00:02.0000000Z ##[error]Process completed with exit code 1.',
    '2026-01-01T00:00:03.0000000Z Post job cleanup.',
  ].join('\n')

  test('knows its steps, and that a script in a header is not output', () => {
    const { reading, lines } = plain(job)
    expect(reading.jobSteps.map((step) => [step.name, step.post, step.errors.length])).toEqual([
      ['npm test', false, 1],
      ['Post job cleanup', true, 0],
    ])
    expect(lines).toEqual([
      '4 job undefined expected 1 to equal 2',
      '5 runner undefined Process completed with exit code 1.',
      '6 runner undefined Post job cleanup.',
    ])
  })
})

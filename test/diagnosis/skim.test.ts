import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PlacedLine } from '../../src/build/place.ts'
import { logReader, skimFor } from '../../src/build/read-log.ts'
import { type Run, textsOf } from '../../src/build/skim/run.ts'
import { explainer } from '../../src/diagnosis/explain.ts'
import { indexSigns } from '../../src/diagnosis/match.ts'
import { loadRunbooks, ownRunbooks } from '../../src/diagnosis/runbooks.ts'
import { writeLog } from '../bench/logs.ts'

const catalogue = await loadRunbooks([ownRunbooks])
const signs = indexSigns(catalogue)

/** Each chunk is lent, and changed as soon as it was read. */
function feed(to: { feed(chunk: Uint8Array): void }, chunks: Uint8Array[]): void {
  for (const chunk of chunks) {
    const lent = Uint8Array.from(chunk)
    to.feed(lent)
    lent.fill(0x2a)
  }
}

/** Everything that is told of a log: with lines passed over, or with every line read. */
function told(chunks: Uint8Array[], skimming: boolean): string {
  const explaining = explainer(signs, skimming ? {} : { onLine: () => undefined })
  feed(explaining, chunks)
  const explanation = explaining.end({ kind: 'file', name: 'log' })
  return JSON.stringify([explanation, explaining.excerpt(), explaining.captures()], null, 1)
}

/** All that was read of the log, and each of its lines with its place, also those that were passed over. */
function read(chunks: Uint8Array[], skimming: boolean): string {
  const lines: string[] = []
  const note = (line: number, text: string, { place, build, vertex, jobStep }: Omit<PlacedLine, 'number' | 'text'>) =>
    lines.push(`${line} ${place} ${build?.firstLine} ${vertex?.key} ${vertex?.line} ${jobStep?.line} ${text}`)
  const onRun = (run: Run) => {
    for (const { line, text } of textsOf(run)) note(line, text, run.steady)
  }
  const reader = logReader((line) => note(line.number, line.text, line), skimming ? { index: signs.skim, onRun } : null)
  feed(reader, chunks)
  const { builds, ...reading } = reader.end()
  const told = builds.map((build) => ({ ...build, showing: build.showing?.key, vertices: [...build.vertices] }))
  return [...lines, JSON.stringify([told, reading], null, 1)].join('\n')
}

function expectSame(chunks: Uint8Array[]): void {
  for (const way of [read, told]) {
    const whole = way(chunks, false)
    const skimmed = way(chunks, true)
    if (skimmed !== whole) expect(skimmed).toBe(whole)
  }
}

const folder = new URL('../fixtures/', import.meta.url)
const real = readFileSync(new URL('corpus/real-logs.jsonl', folder), 'utf8')
const fixtures = [
  ...logsIn(folder),
  ...real
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { id: string; log: string })
    .map(({ id, log }) => ({ name: id, log: Buffer.from(log) })),
]

function logsIn(folder: URL): { name: string; log: Buffer }[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.log'))
    .map((name) => ({ name, log: readFileSync(new URL(name, folder)) }))
}

test('no sign of ours makes a reader read every line', () => {
  expect(signs.skim.readWhole).toEqual(new Set())
})

test.each(fixtures)('$name is explained the same with lines passed over', ({ log }) => {
  expectSame([log])
})

const small = fixtures.filter(({ log }) => log.length < 60_000).map(({ log }) => log.toString())

/** What may stand in the midst of output. */
const secret = ['PRIVATE', 'KEY-----'].join(' ')
const samples = [...catalogue.rows.values()].flatMap((row) => row.samples.flatMap(({ text }) => text.split('\n')))
const oddLines = [
  ...[
    '',
    ' ',
    '\u00a0',
    'plain',
    '  indented',
    '\tmake[1]: Entering',
    'ends with a number: 12',
    'src/app.ts:12',
    '...',
  ],
  ...[
    '\u001b[31mred\u001b[0m',
    '^[[31mred',
    '\u001b]8;;http://x\u001b\\a link',
    '\u001b[31',
    '\u001bM up',
    '\u001b_bk;t=17\u0007timed',
    'é\u001b[0m✓',
    'bar 10%\rbar 20%\r',
    'windows\r',
    'nul\0nul',
    '\ufeffmark',
    '│ framed',
    ' │ #5 [x',
  ],
  ...[
    'Step 2/9 : RUN x',
    ' ---> 0123456789ab',
    ' ---> Using cache',
    'Successfully built 0123456789ab',
    'STEP 3: COPY a b',
  ],
  ...['[2/2] STEP 1/4: FROM x', "The command '/bin/sh -c x' returned a non-zero code: 3", 'COPY failed: no such file'],
  ...[
    '[+] Building 3.2s (4/9)',
    ' => [2/3] RUN x  0.3s',
    ' => => # text',
    '=> CACHED [1/3] FROM a',
    '#0 building with "x" using docker driver',
  ],
  ...[
    '#1 [internal] load build definition from Dockerfile',
    '#5 [a 2/3] RUN x',
    '#5 DONE 0.1s',
    '#5 CACHED',
    '#5 CANCELED',
    '#5 0.1',
  ],
  ...[
    '#5 0.123 text',
    '#5 0.1234 text',
    '#5 -1.2 text',
    '#05 1.2 text',
    '#6 1.2 other',
    '#5 ...',
    '#5 ERROR: process "x" did not complete',
  ],
  ...[
    '> #5 [a 2/3] RUN x',
    '`Step 2/9 : RUN x`',
    '**Step 2/9 : RUN x**',
    'web  | #5 [a 2/3] RUN x',
    '118Step 2/9 : RUN x',
    'L12 #5 [a 2/3] RUN x',
    'remote: Step 2/9 : RUN x',
    'web: #1 [internal] load build definition from Dockerfile',
    'The command &#x27;x&#x27; returned a non-zero code: 3',
    'time="x" level=fatal msg="failed to solve: x"',
    "ERROR: Service 'x' failed to build : Build failed",
    'Step 3/9 : COPY a b',
    'lstat a: no such file',
    '##[error]COPY failed: stat a: file does not exist',
    '##[section]Starting: x',
    '##[command]docker build .',
    'fatal error: runtime: out of memory',
    '12error building image: x',
    '\u2502 error building image: x',
    'INFO[0001] RUN x',
    'INFO[0002] Running: [/bin/sh -c x]',
    'time="x" level=info msg="RUN y"',
    'error building image: x',
  ],
  ...[
    '------',
    ' > [a 2/3] RUN x:',
    '> [a 2/3] RUN x:',
    'Dockerfile:3',
    '--------------------',
    '   3 | >>> RUN x',
    'ERROR: failed to solve: x',
  ],
  ...[
    '{',
    '    "vertexes": [',
    '  ],',
    '}',
    '{"vertexes":[]}',
    'ERROR: unable to prepare context: x',
    'target x: failed to solve: y',
  ],
  ...[
    '##[group]Run docker build .',
    '##[endgroup]',
    '##[error]Process completed with exit code 1.',
    'Post job cleanup.',
    '[command]docker build .',
  ],
  ...[
    'Run actions/checkout@v4',
    'Error: Process completed with exit code 2.',
    'Cleaning up orphan processes',
    '##[warning]odd',
  ],
  ...[
    `-----BEGIN RSA ${secret}`,
    'MIIEowIBAAKCAQEA0123456789abcdef',
    '-----END RSA KEY-----',
    `-----END RSA ${secret}`,
  ],
  ...[
    'job\tstep\t2026-03-04T10:00:00.1234567Z #5 0.2 text',
    'a\tb\t2026-03-04T10:00:00Z',
    '2026-03-04T10:00:00.1Z bare',
    '2026-03-04T10:00:00Z',
  ],
  ...[
    '2026-03-04T10:00:00.12345678901Z x',
    'abcd-ef-ghTij:kl:mn.Z x',
    '12:00:00 #5 0.3 text',
    '[12:00:00] x',
    '01O text',
    '  #5 [x 1/2] RUN y',
  ],
  ...[
    'sha256:'.padEnd(71, 'a'),
    'b'.repeat(64),
    'x'.repeat(5_000),
    'é'.repeat(3_000),
    `fail ${'y'.repeat(5_000)} denied`,
  ],
  ...[
    'DB_PASSWORD=hunter2hunter3',
    'https://user:pa55word99@host/x',
    'hunter2hunter3 again',
    'said pa55word99 once more',
    'TOKEN=***',
    'token: ***',
  ],
]

/** Lines that mean something only one after the other. */
const oddBlocks = [
  [`-----BEGIN RSA ${secret}`, 'MIIEowIBAAKCAQEA0123456789abcdef', 'MIIEowIBAAKCAQEA0123456789abcdef', 'plain'],
  ['{', '    "vertexes": [', '      {}', '    ]', '}'],
  ['{', 'plain', '    "vertexes": [', '      {}', '    ]', '}'],
  ['src/app.ts:12', '--------------------', '  3 | >>> RUN make', '--------------------'],
  ['src/app.ts:12', 'plain', '--------------------', '  3 | >>> RUN make', '--------------------'],
  ['------', ' > [a 2/3] RUN make:', '0.123 text', '#5 0.124 text', '------'],
  ['ERROR: failed to solve: x', 'more of it', 'still more'],
]

const noise = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom(...oddBlocks.map((lines) => lines.join('\n'))) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      'npm http fetch GET 200 https://x.org/y 12ms',
      'Compiling serde v1.0.1',
      '  ✓ keeps it (2 ms)',
      'PASS a',
    ),
  },
  { weight: 2, arbitrary: fc.constantFrom(...oddLines) },
  { weight: 1, arbitrary: fc.constantFrom(...samples) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 30 }).map((text) => text.replaceAll('\n', '')) },
)

/** Output that goes on for a while, in one of the ways in which builders and runners show it. */
const talk = fc
  .record({
    dress: fc.constantFrom(
      (line: string) => line,
      (line: string, at: number) => `#5 ${(at / 10).toFixed(3)} ${line}`,
      (line: string, at: number) => `#12 ${(at / 10).toFixed(1)} ${line}`,
      (line: string, at: number) => (at % 7 < 3 ? line : `#5 ${(at / 10).toFixed(3)} ${line}`),
      (line: string) => `2026-03-04T10:00:00.1234567Z ${line}`,
      (line: string, at: number) =>
        `#5 ${(at / 10).toFixed(3)} \u001b[3${at % 9}m${line.replace(' ', '\u001b[0;1m ')}\u001b[0m`,
      (line: string) => `\u001b[1m${line.replace('a', 'a\u001b[0m')}`,
      (line: string, at: number) => `2026-03-04T10:00:00.1234567Z #5 ${(at / 10).toFixed(3)} ${line}`,
    ),
    opening: fc.constantFrom(
      [],
      ['#5 [a 2/3] RUN make'],
      ['#0 building with "x" instance using docker driver', '#12 [a 2/3] RUN make'],
      ['Step 2/4 : RUN make', ' ---> Running in 0123456789ab'],
      ['Step 1/4 : FROM node:22'],
      ['STEP 2/4: RUN make'],
      ['INFO[0001] Retrieving image manifest x', 'INFO[0002] RUN make', 'INFO[0003] Running: [/bin/sh -c make]'],
      ['##[group]Run docker compose up', 'docker compose up', '##[endgroup]'],
      ['##[group]Run npm test', 'npm test', '##[endgroup]'],
    ),
    lines: fc.array(noise, { maxLength: 60 }),
    blank: fc.boolean(),
  })
  .map(({ dress, opening, lines, blank }) => {
    const undated = (line: string) => dress(line, 0).replace(/#\d+ \d+\.\d+ /, '')
    return [
      ...opening.map(undated),
      ...lines
        .flatMap((text) => text.split('\n'))
        .filter((line) => blank || line !== '')
        .map(dress),
    ]
  })

/** Without a word of docker the first few thousand lines of a log are all read, for they may yet turn out to be a job's. */
const opening = '#0 building with "default" instance using docker driver'

/** Two pieces of real logs with talk between, before and behind. */
const logs = fc
  .record({
    pieces: fc.array(
      fc.record({ log: fc.constantFrom(...small), from: fc.double({ min: 0, max: 1, noNaN: true }), talk }),
      { minLength: 1, maxLength: 3 },
    ),
    opened: fc.integer({ min: 0, max: 4 }).map((dice) => dice > 0),
    repeats: fc.array(
      fc.record({ at: fc.nat(2_000), lines: fc.integer({ min: 1, max: 4 }), times: fc.integer({ min: 1, max: 40 }) }),
      {
        maxLength: 4,
      },
    ),
    ending: fc.constantFrom('\n', '\n', '\n', '\r\n'),
    encoding: fc.constantFrom('utf8', 'utf8', 'utf8', 'utf8', 'bom', 'utf16le') as fc.Arbitrary<
      'utf8' | 'bom' | 'utf16le'
    >,
    damage: fc.array(fc.record({ at: fc.nat(100_000), byte: fc.nat(255) }), { maxLength: 3 }),
  })
  .map(({ pieces, opened, repeats, ending, encoding, damage }) => {
    const lines = pieces.flatMap(({ log, from, talk }) => {
      const own = log.split('\n')
      const cut = Math.floor(own.length * from)
      return [...own.slice(0, cut), ...talk, ...own.slice(cut)]
    })
    if (opened) lines.unshift(opening)
    for (const { at, lines: count, times } of repeats) {
      const block = lines.slice(at, at + count)
      lines.splice(at, 0, ...Array.from({ length: times }, () => block).flat())
    }
    const text = lines.join(ending)
    if (encoding === 'utf16le') return Buffer.from(`\ufeff${text}`, 'utf16le')
    const bytes = Buffer.from(encoding === 'bom' ? `\ufeff${text}` : text)
    for (const { at, byte } of damage) if (at < bytes.length) bytes[at] = byte
    return bytes
  })

const cuts = fc.array(fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 5_000 })), { maxLength: 30 })

function chunked(log: Uint8Array, sizes: number[]): Uint8Array[] {
  const chunks: Uint8Array[] = []
  let at = 0
  for (const size of sizes) {
    chunks.push(log.subarray(at, at + size))
    at += size
  }
  return [...chunks, log.subarray(at)]
}

describe('a log in any slices is explained the same with lines passed over', () => {
  test('made of pieces of real logs, with all kinds of lines in the midst of output', () => {
    fc.assert(
      fc.property(logs, cuts, (log, sizes) => expectSame(chunked(log, sizes))),
      {
        numRuns: Number(process.env.SKIM_RUNS ?? 250),
        ...(process.env.SKIM_SEED ? { seed: Number(process.env.SKIM_SEED) } : {}),
      },
    )
  }, 600_000)
})

test.each(['buildkit', 'classic', 'colours'] as const)('ordinary output bears hardly any sign: %s', (kind) => {
  // a sign whose text stands in lines like these makes every large log slow: give it words of trouble that every match has
  const folder = mkdtempSync(join(tmpdir(), 'layerwise-skim-'))
  try {
    writeLog(join(folder, 'log'), kind, 2)
    let heard = 0
    let passed = 0
    const reader = logReader(() => heard++, { index: signs.skim, onRun: (run) => (passed += run.lines) })
    reader.feed(readFileSync(join(folder, 'log')))
    reader.end()
    expect(heard / (heard + passed)).toBeLessThan(0.1)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('most lines of long output are passed over, and the last of them are known', () => {
  const lines = Array.from(
    { length: 5_000 },
    (_, at) => `2026-03-04T10:00:00.1234567Z #5 ${(at / 10).toFixed(1)} line ${at}`,
  )
  const log = ['##[group]Run docker build .', '##[endgroup]', '#5 [a 2/3] RUN make', ...lines].join('\n')
  let heard = 0
  let passed = 0
  const index = skimFor(['boom'])
  const reader = logReader(() => heard++, { index, onRun: (run) => (passed += run.lines) })
  for (const chunk of chunked(Buffer.from(log), [1000, 70_000])) reader.feed(chunk)
  expect(reader.end().lines).toBe(5_003)
  expect(heard + passed).toBe(5_000)
  expect(heard).toBeLessThan(8)
})

/** A build that fails, of which these lines were among a lot of output. */
function failing(...told: string[]): Uint8Array[] {
  const lots = Array.from({ length: 400 }, (_, at) => `#5 ${(at / 100).toFixed(2)} compiling file ${at}`)
  const log = [
    opening,
    '#5 [a 2/3] RUN make',
    ...lots,
    ...told.flatMap((line) => [`#5 9.1 ${line}`, ...lots]),
    '#5 9.9 the end',
    '#5 ERROR: process "/bin/sh -c make" did not complete successfully: exit code: 2',
    '------',
    'ERROR: failed to solve: process "/bin/sh -c make" did not complete successfully: exit code: 2',
  ]
  return [Buffer.from(log.join('\n'))]
}

test.each([
  ['colours', 'no sp\u001b[31mace left on dev\u001b[0mice'],
  ['links', 'no sp\u001b]8;;x\u0007ace left on dev\u001b]8;;y\u0007ice'],
])('a sign is seen through the %s that stand in its midst', (_, line) => {
  const log = failing(line)
  expect(told(log, true)).toContain('"id": "disk-full')
  expectSame(log)
})

test('a line that was passed over parts the next from a blank line', () => {
  const lines = [
    opening,
    '#5 [a 2/3] RUN make',
    '#5 0.1 one',
    '#5 0.2 two',
    '',
    '#5 0.3 three',
    'ERROR: invalid argument',
    '#5 0.4 four',
  ]
  expectSame([Buffer.from(lines.join('\n'))])
})

test('a password in an address teaches what to mask, however much is passed over', () => {
  const secret = ['pa55', 'Word', '99xy'].join('')
  const chunks = failing(`by way of https://robot:${secret}@git.acme.example/x`)
  const log = Buffer.from(Buffer.concat(chunks).toString().replace('the end', `so much for ${secret}`))
  expect(told([log], true)).toContain('so much for')
  expect(told([log], true)).not.toContain(secret)
  expectSame([log])
})

import { globSync, readFileSync } from 'node:fs'
import fc from 'fast-check'

/** The real logs that are mutated: of each dialect and size, not too long for many rounds. */
export function realLogs(): Buffer[] {
  const lab = globSync('test/fixtures/{lab,dialects}/**/*.log').sort()
  const corpus = readFileSync('test/fixtures/corpus/real-logs.jsonl', 'utf8').trim().split('\n')
  return [
    ...lab.map((file) => readFileSync(file)),
    ...corpus.map((line) => Buffer.from((JSON.parse(line) as { log: string }).log)),
  ].filter(({ length }) => length > 200 && length < 40_000)
}

/** Damage done to a log; numbers are taken modulo what there is. */
type Harm = { kind: (typeof kinds)[number]; at: number; size: number; other: number }
const kinds = ['flip', 'cut', 'drop', 'repeat', 'shuffle', 'splice', 'insert', 'blow up'] as const

/** What no builder writes, and what it would trip over if it did. */
const insertions = [
  ...[
    '\r',
    '\u0000',
    '\u001b[',
    '\u001b]8;;',
    '##[group]Run ',
    '##[endgroup]\n',
    '##[error]',
    '------\n > ',
    '[+] Building 1.0s (1/2)\n => ',
  ],
  ...[
    '#1 ',
    '#0 1.0 ',
    '#7 CACHED\n',
    '#99999 ',
    'ERROR: ',
    'Step 1/0 : ',
    'STEP 1: ',
    '{"vertexes":[{"digest":"',
    '{\n  "logs": [\n',
    'INFO[0001] ',
  ],
  ...[
    '-----BEGIN RSA PRIVATE ',
    'token=',
    '://',
    '<!channel>',
    '```',
    '\ufeff',
    '\u202e',
    '\ud800',
    '__proto__',
    '#1 [constructor 1/2] RUN x\n',
  ],
]

const harm: fc.Arbitrary<Harm> = fc.record({
  kind: fc.constantFrom(...kinds),
  at: fc.nat(),
  size: fc.nat({ max: 4_000 }),
  other: fc.nat(),
})

/** Any real log, damaged in some ways. */
export function mutatedLog(logs: readonly Buffer[]): fc.Arbitrary<Buffer> {
  return fc
    .tuple(fc.nat({ max: logs.length - 1 }), fc.array(harm, { maxLength: 6 }))
    .map(([index, harms]) => harms.reduce((log, each) => done(log, each, logs), logs[index] ?? Buffer.alloc(0)))
}

function done(log: Buffer, { kind, at, size, other }: Harm, logs: readonly Buffer[]): Buffer {
  const from = log.length === 0 ? 0 : at % log.length
  const to = Math.min(from + size, log.length)
  const piece = log.subarray(from, to)
  const before = log.subarray(0, from)
  const after = log.subarray(to)
  switch (kind) {
    case 'flip': {
      const flipped = Buffer.from(log)
      for (let bit = 0; bit < 8; bit++) {
        const index = (from + bit * (other % 997)) % Math.max(1, log.length)
        flipped[index] = (flipped[index] ?? 0) ^ (1 << bit)
      }
      return flipped
    }
    case 'cut':
      return other % 2 === 0 ? before : log.subarray(from)
    case 'drop':
      return Buffer.concat([before, after])
    case 'repeat':
      return Buffer.concat([before, ...Array.from({ length: 1 + (other % 8) }, () => piece), after])
    case 'shuffle':
      return Buffer.concat([
        before,
        Buffer.from(shuffled(piece.toString('latin1').split('\n'), other).join('\n'), 'latin1'),
        after,
      ])
    case 'splice': {
      const stranger = logs[other % logs.length] ?? log
      return Buffer.concat([before, stranger.subarray(at % stranger.length, (at % stranger.length) + size), after])
    }
    case 'insert':
      return Buffer.concat([before, Buffer.from(insertions[other % insertions.length] ?? ''), log.subarray(from)])
    case 'blow up':
      return Buffer.concat([
        before,
        Buffer.alloc(size * 20, piece.subarray(0, 1 + (other % 12)).toString('latin1') || ' '),
        after,
      ])
    default:
      return kind satisfies never
  }
}

/** The same lines in an order that the seed decides. */
function shuffled(lines: string[], seed: number): string[] {
  return lines
    .map((line, index) => ({ line, order: (index * 2_654_435_761 + seed * 40_503) % 4_093 }))
    .sort((a, b) => a.order - b.order)
    .map(({ line }) => line)
}

/** The log in pieces whose sizes go round. */
export function* chunks(log: Buffer, sizes: readonly number[]): Generator<Buffer> {
  for (let at = 0, turn = 0; at < log.length; turn++) {
    const size = Math.max(1, sizes[turn % sizes.length] ?? 1)
    yield log.subarray(at, at + size)
    at += size
  }
}

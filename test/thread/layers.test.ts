import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { printMessage } from '../../src/playground/print-thread.ts'
import { compareLayers } from '../../src/registry/compare.ts'
import type { ImageLayers, LayerRow } from '../../src/thread/layers.ts'
import { planCompared, planLayers, planNoLayers } from '../../src/thread/layers-answer.ts'
import { bytes, cutStep, share, signedBytes } from '../../src/thread/layers-words.ts'
import { violations } from '../../src/thread/limits.ts'
import { printCompared, printLayers } from '../../src/thread/terminal-layers.ts'

const asker = { tag: 'layers:1', askedBy: 'U0PERSON01' }

function image(name: string, rows: Partial<LayerRow>[]): ImageLayers {
  const whole = rows.map((row) => ({
    createdAt: null,
    createdBy: 'RUN x',
    buildArgs: null,
    size: 0,
    empty: false,
    digest: row.createdBy ?? null,
    ...row,
  }))
  return {
    name,
    digest: `sha256:${name}`,
    indexDigest: null,
    platform: 'linux/amd64',
    platforms: ['linux/amd64'],
    createdAt: null,
    size: whole.reduce((sum, { size }) => sum + size, 0),
    layers: whole.filter(({ empty }) => !empty).length,
    rows: whole,
    notes: [],
  }
}

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_000, '1.00 kB'],
  [3_864_123, '3.86 MB'],
  [29_700_000, '29.7 MB'],
  [99_960_000, '100 MB'],
  [999_499_999, '999 MB'],
  [999_500_000, '1.00 GB'],
  [5e12, '5.00 TB'],
])('%d bytes are %s', (size, text) => expect(bytes(size)).toBe(text))

test('changes and shares', () => {
  expect([signedBytes(0), signedBytes(-1_500), signedBytes(2)]).toEqual(['same size', '−1.50 kB', '+2 B'])
  expect([share(0, 0), share(0, 5), share(1, 5_000), share(5, 5)]).toEqual(['', '0 %', '<1 %', '100 %'])
})

test('a long command keeps its beginning, on one line', () => {
  expect(cutStep({ createdBy: `RUN ${'a b\n'.repeat(50)}` }, 20)).toBe('RUN a b a b a b a b…')
  expect(cutStep({ createdBy: '\u001b[31mred\u202e' }, 20)).toBe('red')
})

describe('many layers', () => {
  const many = image(
    'r/many:1',
    Array.from({ length: 127 }, (_, index) => ({
      createdBy: `RUN step ${index}`,
      size: index % 6 === 0 ? 1_000_000 * (index + 1) : 1_000,
    })),
  )

  test('in Slack the largest stay in their order and the others are summed up', () => {
    const text = printMessage({ ts: '', ...planLayers(many, asker) })
    expect(text.split('\n').slice(0, 10).join('\n')).toMatchInlineSnapshot(`
      "Layers of \`r/many:1\`
      linux/amd64, 1.41 GB in 127 layers

             176 MB  13 %  … 48 smaller
            49.0 MB   3 %  RUN step 48
            5.00 kB  <1 %  … 5 smaller
            55.0 MB   4 %  RUN step 54
            5.00 kB  <1 %  … 5 smaller
            61.0 MB   4 %  RUN step 60
            5.00 kB  <1 %  … 5 smaller"
    `)
    expect(text).toContain('linux/amd64, 1.41 GB in 127 layers')
  })

  test('a terminal shows all', () => {
    expect(
      printLayers(many, 120)
        .split('\n')
        .filter((line) => line.includes('RUN step')),
    ).toHaveLength(127)
  })
})

test('where a cheap step changed, the same steps stand side by side', () => {
  const rows = (lock: string, size: number) => [
    { createdBy: 'FROM', digest: 'base', size: 30_000_000 },
    { createdBy: 'COPY yarn.lock ./', digest: `lock ${lock}`, size: 200_000 },
    { createdBy: 'RUN yarn', digest: `deps ${lock}`, size },
  ]
  const compared = compareLayers(
    image('ghcr.io/acme/web:1', rows('1', 161_000_000)),
    image('ghcr.io/acme/web:2', rows('2', 164_000_000)),
  )
  expect(printCompared(compared, 100)).toMatchInlineSnapshot(`
    "ghcr.io/acme/web:1 → ghcr.io/acme/web:2  linux/amd64, 191 MB → 194 MB (+3.00 MB)

    1 of 3 layers is shared (30.0 MB); then they part at "COPY yarn.lock ./": the instruction is the same, what it copies is not.
    Whoever has web:1 pulls 164 MB again for web:2, 85 % of its 194 MB.

                     size  the same steps, built anew
                   200 kB  COPY yarn.lock ./
        161 MB →   164 MB  RUN yarn

    Sizes are compressed, as a registry keeps them and a pull downloads them; \`docker history\` shows them unpacked.
    "
  `)
})

test('where the steps themselves changed, each side is shown', () => {
  const before = image('ghcr.io/acme/web:1', [
    { createdBy: 'ADD rootfs /', size: 30_000_000 },
    { createdBy: 'RUN npm ci', size: 161_000_000 },
  ])
  const after = image('ghcr.io/acme/api:1', [
    { createdBy: 'ADD rootfs /', size: 30_000_000 },
    { createdBy: 'RUN npm ci --omit=dev', size: 61_000_000 },
    { createdBy: 'COPY . .', size: 1_000_000 },
  ])
  expect(printCompared(compareLayers(before, after), 100)).toMatchInlineSnapshot(`
    "ghcr.io/acme/web:1 → ghcr.io/acme/api:1  linux/amd64, 191 MB → 92.0 MB (−99.0 MB)

    1 of 3 layers is shared (30.0 MB); then they part: "RUN npm ci" became "RUN npm ci --omit=dev".
    Whoever has web:1 pulls 62.0 MB again for api:1, 67 % of its 92.0 MB.

    Only in web:1: 1 layer, 161 MB
           size  share  created by
         161 MB   84 %  RUN npm ci

    Only in api:1: 2 layers, 62.0 MB
           size  share  created by
        61.0 MB   66 %  RUN npm ci --omit=dev
        1.00 MB    1 %  COPY . .

    Sizes are compressed, as a registry keeps them and a pull downloads them; \`docker history\` shows them unpacked.
    "
  `)
})

describe('what Slack gets', () => {
  const nasty = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 400 }),
    fc.constantFrom(
      '<!channel>',
      '```',
      '&<>'.repeat(200),
      '<https://evil.example|x>',
      '"\\'.repeat(300),
      '\u202e',
      '',
    ),
  )
  const row = fc.record({
    createdBy: nasty,
    digest: fc.string(),
    size: fc.nat({ max: 2 ** 40 }),
    empty: fc.boolean(),
  })
  const anyImage = fc
    .tuple(nasty, fc.array(row, { maxLength: 150 }), fc.array(nasty, { maxLength: 3 }))
    .map(([name, rows, notes]) => ({
      ...image(`r/${name}`, rows),
      notes,
      platforms: rows.map(({ createdBy }) => createdBy),
    }))

  test('stays within its limits, and mentions nobody', () => {
    fc.assert(
      fc.property(anyImage, anyImage, (one, other) => {
        for (const message of [
          planLayers(one, asker),
          planCompared(compareLayers(one, other), asker),
          planNoLayers(one.name, asker),
        ]) {
          expect(violations(message)).toEqual([])
          expect(JSON.stringify(message)).not.toMatch(/<!|<https?:\/\/evil|\\u202e/)
        }
      }),
      { numRuns: 60, seed: 20_261_122 },
    )
  })
})

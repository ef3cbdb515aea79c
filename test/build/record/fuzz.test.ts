import { readdirSync, readFileSync } from 'node:fs'
import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { layoutsOf } from '../../../src/build/record/layout.ts'
import { RecordBroken, wholeBudget } from '../../../src/build/record/limits.ts'
import { readRecords } from '../../../src/build/record/record.ts'
import { tellRecords } from '../../../src/build/record/tell-record.ts'
import { archiveOf, layoutOf } from './make-record.ts'

/** Real records, damaged at random: they are read or refused with a reason, and tell no more than their size allows. */
const folder = new URL('../../fixtures/lab/', import.meta.url)
const names = readdirSync(folder).filter((name) => name.endsWith('.dockerbuild'))
const bytesOf = (name: string) => readFileSync(new URL(name, folder))
const layouts = (await Promise.all(names.map((name) => layoutsOf(bytesOf(name), wholeBudget())))).flat()

/** One change: some bytes overwritten, cut out, put in, or repeated. */
const damage = fc.record({
  kind: fc.constantFrom('overwrite', 'cut', 'insert', 'repeat', 'end' as const),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.nat(64),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 12 }),
})
type Damage = (typeof damage)['generate'] extends (...args: never[]) => { value: infer T } ? T : never

function damaged(whole: Uint8Array, changes: Damage[]): Uint8Array {
  let bytes = Buffer.from(whole)
  for (const { kind, at, length, bytes: own } of changes) {
    const from = Math.floor(at * bytes.length)
    const [before, after] = [bytes.subarray(0, from), bytes.subarray(from)]
    if (kind === 'overwrite') bytes = Buffer.concat([before, own, after.subarray(own.length)])
    else if (kind === 'cut') bytes = Buffer.concat([before, after.subarray(length)])
    else if (kind === 'insert') bytes = Buffer.concat([before, own, after])
    else if (kind === 'repeat') bytes = Buffer.concat([before, after.subarray(0, length), after])
    else bytes = before
  }
  return bytes
}

async function isReadOrRefused(bytes: Uint8Array): Promise<void> {
  try {
    const records = await readRecords(bytes)
    const { lines } = tellRecords(records, bytes.length, () => {})
    expect(lines).toBeLessThan(100_000)
  } catch (error) {
    if (!(error instanceof RecordBroken)) throw error
    expect(error.message).toMatch(/^[a-z]/)
    expect(error.message.length).toBeLessThan(400)
  }
}

const runs = { numRuns: 1500 }
const changes = fc.array(damage, { minLength: 1, maxLength: 6 })

test('a damaged file', async () => {
  const file = fc.constantFrom(...names)
  await fc.assert(
    fc.asyncProperty(file, changes, async (name, how) => isReadOrRefused(damaged(bytesOf(name), how))),
    runs,
  )
})

test('a damaged tar in a sound gzip', async () => {
  const file = fc.constantFrom(...names)
  await fc.assert(
    fc.asyncProperty(file, changes, async (name, how) =>
      isReadOrRefused(gzipSync(damaged(gunzipSync(bytesOf(name)), how), { level: 1 })),
    ),
    runs,
  )
})

test('damaged content under sound digests', async () => {
  const part = fc.constantFrom('record', 'status', 'error', 'provenance' as const)
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...layouts), part, changes, async (layout, wrong, how) => {
      const broken = (name: typeof wrong, bytes: Uint8Array) => (name === wrong ? damaged(bytes, how) : bytes)
      const files = layoutOf({
        history: broken('record', layout.record),
        status: layout.status && broken('status', layout.status),
        error: layout.error && broken('error', layout.error),
        provenance: layout.provenance.map((bytes) => broken('provenance', bytes)),
      })
      await isReadOrRefused(await archiveOf(files))
    }),
    runs,
  )
})

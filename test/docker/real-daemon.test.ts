import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, test } from 'vitest'
import { openBuilder } from '../../src/docker/builder.ts'
import { childrenFirst } from '../../src/docker/prune.ts'
import { idleProgram, startRealDaemon } from './real-daemon.ts'

/** LAYERWISE_TEST_BIG=1 builds a cache of more than 2 GB instead of some 200 MB. */
const big = process.env.LAYERWISE_TEST_BIG === '1'
const fileBytes = (big ? 44 : 4) * 1024 * 1024

const started = await startRealDaemon()
const daemon = started.kind === 'running' ? started : null
const skipped = started.kind === 'unavailable' ? `SKIPPED, ${started.because}: ` : ''
if (skipped !== '') console.warn(`Pruning a real Docker daemon was NOT TESTED: ${skipped}`)
afterAll(() => daemon?.stop())

type Reported = { ID: string; Size: number; InUse: boolean; Description: string }

/** The daemon's own report of its disk usage, not read by any code of ours. */
async function reported(): Promise<Reported[]> {
  const answer = await daemon?.get('/system/df?type=build-cache')
  return (answer as { BuildCache: Reported[] | null }).BuildCache ?? []
}

/** Waits until a build has taken what it needs: two records or more in use, and the same for half a second. */
async function idsUsedByNow(): Promise<string[]> {
  let inUse: string[] = []
  for (let [tries, same] = [0, 0]; same < 10 && tries < 300; tries++) {
    await sleep(50)
    const now = idsOf((await reported()).filter(({ InUse }) => InUse))
    same = now.length >= 2 && now.join() === inUse.join() ? same + 1 : 0
    inUse = now
  }
  return inUse
}

const total = (records: { Size: number }[]) => records.reduce((sum, { Size }) => sum + Size, 0)
const idsOf = (records: Reported[]) => records.map(({ ID }) => ID).toSorted()

/** Layers of random bytes on each other, and an image that holds none of them. */
const dockerfile = `FROM scratch AS layers
COPY a /a
COPY b /b
COPY c /c
COPY d /d
COPY Dockerfile /small
FROM scratch
COPY --from=layers /small /
`

async function buildLayers(times: number): Promise<void> {
  for (let build = 0; build < times; build++) {
    const files = Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, randomBytes(fileBytes)]))
    await daemon?.build({ Dockerfile: dockerfile, ...files })
  }
}

describe.skipIf(daemon === null)(`${skipped}a real Docker daemon`, () => {
  const url = daemon?.url ?? ''

  test(`half of a cache of ${big ? 'more than 2 GB' : 'some 200 MB'} is pruned: exactly the records and the bytes that were previewed`, {
    timeout: 15 * 60_000,
  }, async () => {
    const began = performance.now()
    await buildLayers(4)
    const built = performance.now()
    await using builder = await openBuilder({ url, certificates: null })
    const before = await reported()
    const usage = await builder.usage()
    expect(usage.records.map(({ id }) => id).toSorted()).toEqual(idsOf(before))
    expect(usage).toMatchObject({ inUse: 0, totalBytes: total(before) })
    expect(usage.totalBytes).toBeGreaterThan(big ? 2_000_000_000 : 180_000_000)

    const order = childrenFirst(usage.records.map((record) => ({ ...record, inUse: false })))
    const chosen = new Set(order.slice(0, Math.ceil(order.length / 2)))
    const previewed = usage.records
      .filter(({ id }) => chosen.has(id))
      .reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
    const done = new Map<string, number>()
    const pruned = await builder.prune([...chosen], (id, bytes) => void done.set(id, bytes))

    const after = await reported()
    expect(total(after)).toBe(total(before) - previewed)
    expect(idsOf(after)).toEqual(idsOf(before).filter((id) => !chosen.has(id)))
    expect(pruned).toMatchObject({ gone: [], left: [], bytes: previewed })
    expect(pruned.deleted.toSorted()).toEqual([...chosen].toSorted())
    expect([...done.values()].reduce((sum, bytes) => sum + bytes, 0)).toBe(previewed)
    const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`
    console.info(
      `real daemon: ${total(before)} bytes in ${before.length} records (built in ${seconds(built - began)}), ${previewed} in ${chosen.size} pruned, ${total(after)} in ${after.length} left; ${seconds(performance.now() - built)}`,
    )
  })

  test('the same list again deletes nothing more, and says that all are gone', async () => {
    await using builder = await openBuilder({ url, certificates: null })
    await buildLayers(1)
    const { records } = await builder.usage()
    const [first, ...others] = childrenFirst(records.map((record) => ({ ...record, inUse: false })))
    const ids = [first ?? '', ...others.slice(0, 1)]
    await builder.prune(ids, () => undefined)
    const before = await reported()
    expect(await builder.prune(ids, () => undefined)).toEqual({ deleted: [], gone: ids, bytes: 0, left: [] })
    expect(idsOf(await reported())).toEqual(idsOf(before))
  })

  test('a record that another one stands on stays, and is told', async () => {
    await using builder = await openBuilder({ url, certificates: null })
    await buildLayers(1)
    const parent = (await builder.usage()).records.flatMap(({ parents }) => parents)[0] ?? ''
    const before = await reported()
    expect(await builder.prune([parent], () => undefined)).toEqual({
      deleted: [],
      gone: [],
      bytes: 0,
      left: [{ id: parent, because: 'needed' }],
    })
    expect(idsOf(await reported())).toEqual(idsOf(before))
  })

  const idle = idleProgram()
  test.skipIf(idle === null)(
    'what a running build uses is not offered, and stays when it is asked for all the same',
    async () => {
      await using builder = await openBuilder({ url, certificates: null })
      const ended = new AbortController()
      const files = { Dockerfile: 'FROM scratch\nCOPY idle /idle\nRUN ["/idle"]\n', idle: idle ?? '' }
      const building = daemon?.build(files, { signal: ended.signal }).catch((error: unknown) => String(error))
      try {
        const inUse = await idsUsedByNow()
        const usage = await builder.usage()
        expect(usage.inUse).toBeGreaterThan(0)
        expect(usage.records.filter(({ id }) => inUse.includes(id))).toEqual([])

        const all = idsOf(await reported())
        const { deleted, left } = await builder.prune(all, () => undefined)
        expect(left.map(({ because }) => because)).toContain('in-use')
        expect(idsOf(await reported())).toEqual(left.map(({ id }) => id).toSorted())
        expect(deleted.length + left.length).toBe(all.length)
        for (const id of inUse) expect(deleted).not.toContain(id)
      } finally {
        ended.abort()
        expect(await building).toMatch(/abort/i)
      }
    },
  )
})

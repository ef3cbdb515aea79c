import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { readDockerAddress } from '../../src/docker/address.ts'
import { openBuilder } from '../../src/docker/builder.ts'
import { openEngine } from '../../src/docker/engine.ts'
import { childrenFirst } from '../../src/docker/prune.ts'
import { builderRecordSchema } from '../../src/remedy/plan.ts'
import { type FakeEngine, type FakeOptions, type RawRecord, recorded, send, startFakeEngine } from './fake-engine.ts'

const engines: FakeEngine[] = []
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close()
  vi.unstubAllEnvs()
})

async function start(options: FakeOptions = {}): Promise<FakeEngine> {
  const engine = await startFakeEngine(options)
  engines.push(engine)
  return engine
}

const open = ({ url }: FakeEngine) => openBuilder({ url, certificates: null })
const nothing = () => undefined

/** A chain: each stands on the one before. */
function chain(length: number, more: Partial<RawRecord> = {}): RawRecord[] {
  return Array.from({ length }, (_, at) => ({
    ...recorded('engine-28.5', 'system-df').BuildCache[0],
    ID: `r${at}`,
    Size: at + 1,
    ...(at === 0 ? {} : { Parents: [`r${at - 1}`] }),
    ...more,
  }))
}

describe('usage', () => {
  test.each(['engine-20.10', 'engine-28.5'])(
    'reads what %s reports, with parents, and without secrets',
    async (like) => {
      const engine = await start({ like })
      await using builder = await open(engine)
      const usage = await builder.usage()
      expect(usage.records.map((record) => builderRecordSchema.parse(record))).toEqual(usage.records)
      expect(usage).toMatchObject({ inUse: 0, totalBytes: 5_949_878 })
      expect(usage.records).toHaveLength(6)
      const run = usage.records.find(({ description }) => description.startsWith('mount / from exec'))
      const copied = usage.records.find(({ id }) => id === run?.parents[0])
      expect(copied).toMatchObject({ sizeBytes: 1_982_256, parents: [] })
      expect(run?.description).toContain('--registry=https://')
      expect(JSON.stringify(usage)).not.toContain('hunter2')
      expect(usage.records.filter(({ shared }) => shared).map(({ sizeBytes }) => sizeBytes)).toEqual([55])
      expect(usage.records.map(({ type }) => type)).toContain('exec.cachemount')
    },
  )

  test('a daemon without a cache has no records', async () => {
    const engine = await start({
      instead: ({ url }, response) => !!url?.includes('df') && send(response, 200, { BuildCache: null }),
    })
    await using builder = await open(engine)
    expect(await builder.usage()).toEqual({ records: [], inUse: 0, ids: [], totalBytes: 0 })
  })

  test('what is in use is not offered, nor what it stands on', async () => {
    const records = [...chain(3), ...chain(1).map((record) => ({ ...record, ID: 'free' }))]
    const [, middle] = records
    if (middle) middle.InUse = true
    await using builder = await open(await start({ records }))
    const usage = await builder.usage()
    expect(usage.records.map(({ id }) => id)).toEqual(['r2', 'free'])
    expect(usage).toMatchObject({ inUse: 2, ids: ['r0', 'r1', 'r2', 'free'], totalBytes: 1 + 2 + 3 + 1 })
  })

  test('a record that was never used says so, a size that is not known counts nothing', async () => {
    const records = [
      { ...chain(1)[0], LastUsedAt: null, Size: -1 },
      { ...chain(1)[0], ID: 'b', LastUsedAt: '0001-01-01T00:00:00Z' },
    ]
    await using builder = await open(await start({ records: records as RawRecord[] }))
    expect((await builder.usage()).records.map(({ lastUsedAt, sizeBytes }) => [lastUsedAt, sizeBytes])).toEqual([
      [null, 0],
      [null, 1],
    ])
  })

  test('an answer of another shape is a fault that says where', async () => {
    const records = [{ ...chain(1)[0], Size: 'big' }] as unknown as RawRecord[]
    await using builder = await open(await start({ records }))
    await expect(builder.usage()).rejects.toMatchObject({
      code: 'malformed',
      message: expect.stringContaining('BuildCache.0.Size'),
    })
  })
})

describe('prune', () => {
  test('asks for exactly the ids of the list, anchored, and for records of every type', async () => {
    const engine = await start({ like: 'engine-20.10' })
    await using builder = await open(engine)
    const { CachesDeleted, SpaceReclaimed } = recorded('engine-20.10', 'build-prune')
    const pruned = await builder.prune(CachesDeleted, nothing)
    expect(pruned).toEqual({ deleted: CachesDeleted, gone: [], bytes: SpaceReclaimed, left: [] })
    expect(engine.prunes).toEqual([`^(${CachesDeleted[0]})$`])
    expect(engine.asked.filter((line) => line.startsWith('POST'))).toEqual([
      expect.stringMatching(/^POST \/v1\.41\/build\/prune\?all=1&filters=/),
    ])
  })

  test('an id that is the beginning of another takes only itself', async () => {
    const engine = await start({ records: chain(12).map((record) => ({ ...record, Parents: [] })) })
    await using builder = await open(engine)
    expect(await builder.prune(['r1'], nothing)).toMatchObject({ deleted: ['r1'], bytes: 2 })
    expect(engine.records.map(({ ID }) => ID)).toContain('r11')
    expect(engine.records).toHaveLength(11)
  })

  test('an empty list prunes nothing', async () => {
    const engine = await start()
    await using builder = await open(engine)
    expect(await builder.prune([], nothing)).toEqual({ deleted: [], gone: [], bytes: 0, left: [] })
    expect(engine.prunes).toEqual([])
  })

  test.each(['', '.*', 'a|b', 'a)|(b', 'ü'])('%j is no id, and nothing is asked', async (id) => {
    const engine = await start()
    await using builder = await open(engine)
    await expect(builder.prune([id], nothing)).rejects.toMatchObject({ code: 'malformed' })
    expect(engine.prunes).toEqual([])
  })

  test('long lists go in chunks, what stands on others first, each told once', async () => {
    const engine = await start({ records: chain(250) })
    await using builder = await open(engine)
    const told: [string, number][] = []
    const ids = engine.records.map(({ ID }) => ID)
    const pruned = await builder.prune(ids, (id, bytes) => void told.push([id, bytes]))
    expect(pruned).toMatchObject({ gone: [], left: [], bytes: (250 * 251) / 2 })
    expect(pruned.deleted.toSorted()).toEqual(ids.toSorted())
    expect(engine.prunes).toHaveLength(3)
    expect(engine.prunes[0]).toContain('^(r249|r248|')
    expect(told.map(([id]) => id).toSorted()).toEqual(ids.toSorted())
    expect(told.every(([id, bytes]) => bytes === Number(id.slice(1)) + 1)).toBe(true)
  })

  test('after a broken connection the same list goes on where it stopped', async () => {
    let breaks = 2
    const engine = await start({
      records: chain(250),
      instead: ({ url, socket }) => !!url?.includes('prune') && --breaks === 0 && !!socket.destroy(),
    })
    await using builder = await open(engine)
    const ids = engine.records.map(({ ID }) => ID)
    const told: string[] = []
    await expect(builder.prune(ids, (id) => void told.push(id))).rejects.toMatchObject({ code: 'unreachable' })
    expect(told).toHaveLength(100)
    const rest = await builder.prune(ids, nothing)
    expect([rest.gone.length, rest.deleted.length, rest.left]).toEqual([100, 150, []])
    expect(rest.gone.toSorted()).toEqual(told.toSorted())
    expect(engine.records).toEqual([])
  })

  test('a daemon that deletes more than it was asked to is stopped at once', async () => {
    const engine = await start({
      records: chain(250).map((record) => ({ ...record, Parents: [] })),
      instead({ url }, response, { records, prunes }) {
        if (!url?.includes('prune')) return false
        prunes.push(url)
        return send(response, 200, { CachesDeleted: records.splice(0, 101).map(({ ID }) => ID), SpaceReclaimed: 1 })
      },
    })
    await using builder = await open(engine)
    const ids = engine.records.map(({ ID }) => ID)
    await expect(builder.prune(ids, nothing)).rejects.toMatchObject({
      code: 'unexpected',
      message: expect.stringContaining('not asked for'),
    })
    expect(engine.prunes).toHaveLength(1)
  })

  test('what cannot go is told with why', async () => {
    const records = [
      ...chain(2),
      ...chain(1).map((record) => ({ ...record, ID: 'used', InUse: true })),
      ...chain(1).map((record) => ({ ...record, ID: 'kept' })),
    ]
    const engine = await start({
      records,
      instead: ({ url }, response) =>
        !!url?.includes('prune') && send(response, 200, { CachesDeleted: null, SpaceReclaimed: 0 }),
    })
    await using builder = await open(engine)
    const { left, deleted } = await builder.prune(['r0', 'used', 'kept'], nothing)
    expect(deleted).toEqual([])
    expect(left).toEqual([
      { id: 'r0', because: 'needed' },
      { id: 'used', because: 'in-use' },
      { id: 'kept', because: 'kept' },
    ])
  })

  test('onDone that fails stops the rest: what is not written down is not gone on with', async () => {
    const engine = await start({ records: chain(250) })
    await using builder = await open(engine)
    const ids = engine.records.map(({ ID }) => ID)
    await expect(builder.prune(ids, () => Promise.reject(new Error('the store is gone')))).rejects.toThrow(
      'the store is gone',
    )
    expect(engine.prunes).toHaveLength(1)
  })

  test('any list and any graph: nothing outside the list goes, and all that can go does', async () => {
    const graphs = fc.integer({ min: 1, max: 25 }).chain((size) =>
      fc.tuple(
        fc.array(
          fc.record({
            parents: fc.array(fc.nat(), { maxLength: 2 }),
            used: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
          }),
          { minLength: size, maxLength: size },
        ),
        fc.uniqueArray(fc.integer({ min: 0, max: size + 2 }), { maxLength: size + 3 }),
      ),
    )
    await fc.assert(
      fc.asyncProperty(graphs, async ([nodes, wanted]) => {
        const base = chain(1)[0]
        const records = nodes.map(({ parents, used }, at) => ({
          ...base,
          ID: `r${at}`,
          Size: at + 1,
          InUse: used,
          Parents: at === 0 ? [] : [...new Set(parents.map((parent) => `r${parent % at}`))],
        })) as RawRecord[]
        const before = records.map(({ ID, Size }) => ({ ID, Size }))
        const ids = wanted.map((at) => `r${at}`)
        const engine = await startFakeEngine({ records })
        try {
          await using builder = await open(engine)
          const { deleted, gone, left, bytes } = await builder.prune(ids, nothing)
          expect([...deleted, ...gone, ...left.map(({ id }) => id)].toSorted()).toEqual(ids.toSorted())
          expect(engine.records.map(({ ID }) => ID)).toEqual(
            before.map(({ ID }) => ID).filter((id) => !deleted.includes(id)),
          )
          expect(bytes).toBe(before.filter(({ ID }) => deleted.includes(ID)).reduce((sum, { Size }) => sum + Size, 0))
          expect(left.every(({ because }) => because !== 'kept')).toBe(true)
        } finally {
          await engine.close()
        }
      }),
      { numRuns: 60 },
    )
  })
})

test('childrenFirst puts a record before all that it stands on', () => {
  const sizes = fc.array(fc.array(fc.nat(), { maxLength: 3 }), { maxLength: 40 })
  fc.assert(
    fc.property(sizes, (nodes) => {
      const records = nodes.map((parents, at) => ({
        ...{ id: `r${at}`, type: 'regular', description: '', sizeBytes: 1, createdAt: '', lastUsedAt: null },
        ...{ shared: false, inUse: false },
        parents: at === 0 ? [] : parents.map((parent) => `r${parent % at}`),
      }))
      const order = childrenFirst(records)
      expect(order.toSorted()).toEqual(records.map(({ id }) => id).toSorted())
      for (const { id, parents } of records)
        for (const parent of parents) expect(order.indexOf(id)).toBeLessThan(order.indexOf(parent))
    }),
  )
})

describe('a daemon that does not answer as it should', () => {
  const message = 'cannot log in with --password hunter2hunter2'
  test.each([
    [409, 'in-use'],
    [403, 'refused'],
    [500, 'unreachable'],
    [404, 'unsupported'],
    [302, 'malformed'],
  ])('status %i is the fault %s, with its own words and no secret', async (status, code) => {
    const engine = await start({
      instead: ({ url }, response) => !!url?.includes('df') && send(response, status, { message }),
    })
    await using builder = await open(engine)
    const fault = await builder.usage().catch((error: unknown) => error)
    expect(fault).toMatchObject({ code, message: expect.stringMatching(`answered ${status}: cannot log in`) })
    expect(String(fault)).not.toContain('hunter2')
  })

  test('nobody there', async () => {
    await expect(openBuilder({ url: 'unix:///nowhere/docker.sock', certificates: null })).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('no such socket'),
    })
    await expect(openBuilder({ url: 'tcp://127.0.0.1:9', certificates: null })).rejects.toMatchObject({
      code: 'unreachable',
    })
  })

  test.each([
    ['Podman', { Components: [{ Name: 'Podman Engine' }] }, 'unsupported'],
    ['too old', { ApiVersion: '1.38' }, 'unsupported'],
    ['too new', { ApiVersion: '1.70', MinAPIVersion: '1.60' }, 'unsupported'],
    ['something else', { ApiVersion: undefined }, 'malformed'],
  ])('%s is refused before anything else is asked', async (_, changes, code) => {
    const version = { ...recorded('engine-28.5', 'version'), ...changes }
    const engine = await start({ instead: (_request, response) => send(response, 200, version) })
    await expect(open(engine)).rejects.toMatchObject({ code })
    expect(engine.asked).toEqual(['GET /version'])
  })

  test.each([
    ['never answers', false],
    ['stops in the middle of its answer', true],
  ])('one that %s is given up', async (_, begins) => {
    const engine = await start({
      instead({ url }, response) {
        if (!url?.includes('df')) return false
        if (begins) response.writeHead(200).write('{"BuildCache": [')
        return true
      },
    })
    const connection = await openEngine(readDockerAddress(engine.url, null))
    const asked = { doing: 'Looking', method: 'GET', path: '/system/df', query: {}, patience: 300 } as const
    await expect(connection.ask(asked)).rejects.toMatchObject({
      code: 'unreachable',
      message: 'Looking: no answer within 1 s.',
    })
    connection.close()
  })

  test('DOCKER_HOST and its kin lead to no other daemon', async () => {
    const [mine, other] = [await start(), await start({ records: [] })]
    for (const host of [other.url, 'tcp://127.0.0.1:9', 'ssh://nobody@127.0.0.1']) {
      vi.stubEnv('DOCKER_HOST', host)
      vi.stubEnv('DOCKER_TLS_VERIFY', '1')
      vi.stubEnv('DOCKER_PATH_PREFIX', '/elsewhere')
      await using builder = await open(mine)
      expect((await builder.usage()).records).toHaveLength(6)
    }
    expect(other.asked).toEqual([])
  })
})

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openStore, type Store } from '../src/store/store.ts'
import { now, request } from './store/remedy-data.ts'
import { begin, end, interleavings, type Model, type World } from './store/remedy-model.ts'
import { startChild } from './support/child.ts'
import { type DatabaseEngine, describeOnEngines } from './support/engines.ts'

/** As many as some seconds hold. INTERLEAVINGS=10000 for all that were promised; quicker with TMPDIR on a memory disk. */
const runs = Number(process.env.INTERLEAVINGS ?? 400)

describeOnEngines('a request for a remedy', (engine) => {
  test(`in ${runs} interleavings is approved before it runs, runs once, and never waits beyond its expiry`, {
    timeout: Math.max(180_000, runs * 100),
  }, async () => {
    const lanes = engine.shared ? 3 : 1
    await Promise.all(Array.from({ length: lanes }, () => interleave(engine, Math.ceil(runs / lanes))))
  })

  test('raced for by processes, some of which are killed, runs once and only when approved', {
    timeout: 120_000,
  }, async () => {
    const count = 200
    await using folder = await openFolder()
    const journal = join(folder.path, 'journal')
    await writeFile(journal, '')
    const url = await engine.create()
    await ask(url, count)

    const stays = engine.shared ? startChild('store/racing-bot.ts', [url, journal, `${count}`, 'stays']) : null
    for (let life = 0; life < 8; life++) {
      await using dies = startChild('store/racing-bot.ts', [url, journal, `${count}`, `life-${life}`])
      await dies.prints('open')
      await sleep(Math.random() * 250)
      await dies.kill()
    }
    await stays?.prints('done')
    await stays?.kill()
    await using last = startChild('store/racing-bot.ts', [url, journal, `${count}`, 'last'])
    await last.prints('done')
    await last.kill()

    await using store = await openStore(url)
    const ran = (await readFile(journal, 'utf8'))
      .split('\n')
      .flatMap((line) => line.split(' ').slice(0, 1).filter(Boolean))
    expect(ran.length).toBeGreaterThan(0)
    expect(new Set(ran).size, 'runs once').toBe(ran.length)
    expect(await store.executions.open()).toEqual([])
    const ended = new Map<string, Pick<Model, 'ended' | 'needed'>>()
    for (let index = 0; index < count; index++) {
      const one = await store.requests.get(`request-${index}`)
      expect(one?.state).toMatch(/approved|rejected/)
      ended.set(`request-${index}`, { ended: one?.state ?? null, needed: 1 })
      if (ran.includes(`request-${index}`)) expect(one?.state).toBe('approved')
    }
    await expectAudited(store, ended)
  })
})

async function interleave(engine: DatabaseEngine, numRuns: number): Promise<void> {
  const url = await engine.create()
  const stores = [await openStore(url), ...(engine.shared ? [await openStore(url)] : [])]
  await stores[0]?.switches.setDryRun(false, 'UADMIN', now)
  const world: World = {
    stores,
    async restart(at) {
      await stores[at]?.close()
      stores[at] = await openStore(url)
    },
  }
  const models = new Map<string, Model>()
  const property = fc.asyncProperty(interleavings, async ({ setting, commands }) => {
    const model = await begin(world, setting, `request-${models.size}`)
    models.set(model.request.id, model)
    await fc.asyncModelRun(() => ({ model, real: world }), commands)
    await end(model, world)
  })
  await fc.assert(property, { numRuns })
  if (stores[0]) await expectAudited(stores[0], models)
  for (const store of stores) await store.close()
}

/** The chain holds, and of each request exactly one row says how it ended. */
async function expectAudited(store: Store, models: Map<string, Pick<Model, 'ended' | 'needed'>>): Promise<void> {
  expect((await store.audit.verify()).broken).toBeNull()
  const endings = new Map<string, string[]>()
  for await (const { requestId, kind, reason } of store.audit.each()) {
    const needed = models.get(requestId ?? '')?.needed
    const isLast = reason === `${needed} of ${needed}` || reason === 'needs nobody else'
    const ends = ['rejected', 'expired', 'cancelled'].includes(kind) || (kind === 'approved' && isLast)
    if (requestId && ends) endings.set(requestId, [...(endings.get(requestId) ?? []), kind])
  }
  for (const [id, { ended }] of models) expect(endings.get(id), id).toEqual([ended])
}

async function ask(url: string, count: number): Promise<void> {
  await using store = await openStore(url)
  await store.switches.setDryRun(false, 'UADMIN', now)
  for (let index = 0; index < count; index++) await store.requests.create(request({ id: `request-${index}` }))
}

async function openFolder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'layerwise-race-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}

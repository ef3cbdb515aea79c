import { expect, test } from 'vitest'
import { openStore, type Store } from '../../src/store/store.ts'
import { describeOnEngines } from '../support/engines.ts'

const now = new Date('2026-03-01T10:00:00.000Z')
const later = (ms: number) => new Date(now.getTime() + ms)
const place = { repository: 'acme/web', workflow: 'CI', jobName: 'build (arm64)' }
const lines = (branch: string | null, runId: number, ...signatures: number[]) => ({
  branch,
  runId,
  readAt: now,
  signatures: Uint32Array.from(signatures),
})

describeOnEngines('the signatures of green lines', (engine) => {
  const open = async (): Promise<Store> => openStore(await engine.create())

  test('are read as they were kept, to the last bit', async () => {
    await using store = await open()
    const wanted = lines('main', 9_700_000_001, 0, 1, 0x7fffffff, 0x80000000, 0xffffffff)
    await store.lineSignatures.keep(place, wanted)
    expect(await store.lineSignatures.of({ ...place, repository: 'ACME/Web' }, 'main')).toEqual(wanted)
  })

  test('are those of the branch asked for, else those read last on any', async () => {
    await using store = await open()
    const { lineSignatures } = store
    await lineSignatures.keep(place, { ...lines('main', 1, 11), readAt: later(5) })
    await lineSignatures.keep(place, lines(null, 2, 22))
    expect((await lineSignatures.of(place, null))?.signatures).toEqual(Uint32Array.of(22))
    expect((await lineSignatures.of(place, 'feature'))?.branch).toBe('main')
  })

  test('of another job, a leg of the same matrix say, are others', async () => {
    await using store = await open()
    await store.lineSignatures.keep(place, lines('main', 1, 11))
    for (const other of [{ jobName: 'build (amd64)' }, { workflow: 'nightly' }, { repository: 'acme/api' }])
      expect(await store.lineSignatures.of({ ...place, ...other }, 'main')).toBeNull()
  })

  test('are replaced by a newer run’s, not by an older one’s', async () => {
    await using store = await open()
    const { lineSignatures } = store
    await lineSignatures.keep(place, lines('main', 5, 11))
    await lineSignatures.keep(place, lines('main', 6, 22))
    await lineSignatures.keep(place, lines('main', 4, 33))
    expect(await lineSignatures.of(place, 'main')).toMatchObject({ runId: 6, signatures: Uint32Array.of(22) })
  })

  test('are forgotten when they are older than asked', async () => {
    await using store = await open()
    await store.lineSignatures.keep(place, lines('main', 1, 11))
    await store.lineSignatures.keep(place, { ...lines('feature', 2, 22), readAt: later(1) })
    expect(await store.lineSignatures.forgetBefore(later(1))).toBe(1)
    expect(await store.lineSignatures.of(place, 'main')).toMatchObject({ branch: 'feature' })
  })
})

import { expect, test, vi } from 'vitest'
import { openStore } from '../../src/store/store.ts'
import { startAuditHead } from '../../src/tasks/remedy/audit-head.ts'
import type { WantedMessage } from '../../src/thread/wanted.ts'

const quiet = { debug() {}, info() {}, warn() {}, error() {} }

test('each day at six the end of the chain is told, once for a day however many processes tell it', async () => {
  vi.useFakeTimers({ now: new Date('2026-11-23T05:58:00Z'), toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  try {
    await using store = await openStore('sqlite::memory:')
    await store.switches.pause('U1', new Date())
    const told: { tag: string; text: string; channel: string }[] = []
    const poster = {
      async deliver({ tag, text }: WantedMessage, { channel }: { channel: string }) {
        told.push({ tag, text, channel })
        return { channel, ts: '1' }
      },
    }
    using _one = startAuditHead({ store, poster, channel: '#audit', logger: quiet, now: () => new Date() })
    using _none = startAuditHead({ store, poster, channel: null, logger: quiet, now: () => new Date() })
    await vi.advanceTimersByTimeAsync(24 * 3_600_000)
    await vi.waitFor(() => expect(told).toHaveLength(1))
    const { hash } = (await store.audit.head()) ?? { hash: '' }
    expect(told[0]).toMatchObject({ tag: 'audit-head:2026-11-23', channel: '#audit' })
    expect(told[0]?.text).toContain(hash.slice(0, 16))
  } finally {
    vi.useRealTimers()
  }
})

import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Request } from '../../src/remedy/request.ts'
import { type Expired, startSweep } from '../../src/tasks/remedy/sweep.ts'

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

test('what expired while nothing ran is told at the start, not at the next full minute', async () => {
  const told: [Expired, string][] = []
  const now = () => new Date('2026-11-23T10:00:30Z')
  const expireDue = async (at: Date) => (at.getTime() === now().getTime() ? [{ id: 'r1' } as Request] : [])
  const requests = { expireDue } as Parameters<typeof startSweep>[0]['requests']
  using _sweep = startSweep({ requests, tell: async (...one) => void told.push(one), logger: silent, now })
  await pause(20)
  expect(told).toEqual([[{ requestId: 'r1' }, 'tell-expired:r1']])
})

import { describe, expect, test } from 'vitest'
import { noPolicy } from '../../src/config/remedies.ts'
import { approvalsNeeded, limitsFor } from '../../src/remedy/limits.ts'
import { planHash } from '../../src/remedy/plan.ts'
import { operations, remedies } from '../../src/remedy/remedy.ts'
import { openRequest, type Request } from '../../src/remedy/request.ts'
import type { Limits } from '../../src/store/admission.ts'
import { mona, pruneBuilder, pruneCaches, rebuild, rerun } from '../thread/remedy-examples.ts'
import { now } from './people.ts'

function request(plan: Request['plan']): Request {
  const place = { channel: 'C1', threadTs: null, storyId: null }
  const asked = { id: 'r1', place, plan, planHash: planHash(plan), requester: mona, needed: 0, ownCounts: false }
  return openRequest({ ...asked, expiresAt: '2026-11-24T00:00:00Z' }, now)
}

describe('how many have to agree', () => {
  test.each(operations)('%s: as many as the remedy itself wants, or the team, whichever is more', (operation) => {
    const remedy = remedies[operation]
    const needed = (own: number | undefined) =>
      approvalsNeeded({ ...noPolicy, approvals: own === undefined ? {} : { [remedy.kind]: own } }, remedy).needed
    expect(needed(undefined)).toBe(remedy.approvals)
    expect(needed(0)).toBe(remedy.approvals)
    expect(needed(3)).toBe(3)
  })

  test('nothing that deletes goes without somebody who agrees', () => {
    const destructive = operations.map((operation) => remedies[operation]).filter((one) => one.class === 'destructive')
    expect(destructive).toHaveLength(3)
    for (const remedy of destructive) {
      expect(approvalsNeeded({ ...noPolicy, approvals: { prune: 0 } }, remedy).needed).toBeGreaterThanOrEqual(1)
    }
  })

  test('the requester’s own word counts only where the configuration says that there is one admin', () => {
    expect(approvalsNeeded(noPolicy, remedies['prune-caches']).ownCounts).toBe(false)
    expect(approvalsNeeded({ ...noPolicy, oneAdmin: true }, remedies['prune-caches']).ownCounts).toBe(true)
  })
})

describe('the limits of a request', () => {
  test('one of a kind at a time on a branch, in the name of who asked', () => {
    const limits: Limits = limitsFor(noPolicy, request({ ...rebuild, repository: 'Acme/Web' }), now)
    expect(limits).toMatchObject({ lock: 'acme/web main rebuild', lockHolder: mona.github, person: mona.githubId })
    expect(limits.lockUntil.getTime()).toBeGreaterThan(now.getTime())
  })

  test('other branches, other kinds and other repositories do not wait for each other', () => {
    const plans = [rebuild, { ...rebuild, branch: 'dev' }, { ...rebuild, repository: 'acme/api' }, rerun, pruneCaches]
    expect(new Set(plans.map((plan) => limitsFor(noPolicy, request(plan), now).lock)).size).toBe(plans.length)
  })

  test('the pause after it is the remedy’s own, unless the team has another', () => {
    const minutes = (policy = noPolicy) => limitsFor(policy, request(rebuild), now).cooldownMinutes
    expect(minutes()).toBe(15)
    expect(minutes({ ...noPolicy, cooldownMinutes: { rebuild: 0, prune: 99 } })).toBe(0)
  })

  test('each builder rests by itself', () => {
    const key = (builder: string) => limitsFor(noPolicy, request({ ...pruneBuilder, builder }), now).cooldownKey
    expect(key('one')).not.toBe(key('two'))
  })

  test('caps are those of the team', () => {
    const hourly = { repository: 1, person: 2, installation: 3 }
    expect(limitsFor({ ...noPolicy, hourly }, request(rerun), now).hourly).toEqual(hourly)
  })
})

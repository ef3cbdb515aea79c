import type { AuditEntry } from '../../src/remedy/audit.ts'
import type { ExecutionResult } from '../../src/remedy/execution.ts'
import { type Plan, planHash } from '../../src/remedy/plan.ts'
import { openRequest, type Person, type Request } from '../../src/remedy/request.ts'
import type { Limits } from '../../src/store/admission.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import type { Checklist } from '../../src/verdict/checklist.ts'
import type { DatabaseEngine } from '../support/engines.ts'

/** Requests, plans and people as tests of the store want them. */

export const now = new Date('2026-03-01T10:00:00.000Z')
export const minutes = (count: number) => new Date(now.getTime() + count * 60_000)

export const alice: Person = { slack: 'UALICE', github: 'alice', githubId: 1 }
export const bob: Person = { slack: 'UBOB', github: 'bob', githubId: 2 }
export const carol: Person = { slack: 'UCAROL', github: 'carol', githubId: 3 }
/** Bob's other account in Slack */
export const bobToo: Person = { slack: 'UBOBTOO', github: 'bob', githubId: 2 }

export function prune(over: Partial<Extract<Plan, { operation: 'prune-caches' }>> = {}): Plan {
  return {
    operation: 'prune-caches',
    repository: 'Acme/Web',
    branch: 'main',
    selection: { scope: 'web', ref: 'refs/heads/main', closedPulls: false, unusedDays: null, kind: 'any' },
    entries: [
      {
        id: 7,
        key: 'buildkit-blob-1-sha256:0a',
        ref: 'refs/heads/main',
        sizeBytes: 1024,
        createdAt: '2026-02-01T00:00:00Z',
        lastUsedAt: '2026-02-02T00:00:00Z',
      },
    ],
    complete: true,
    cold: [],
    ...over,
  }
}

type Asked = Partial<Pick<Request, 'id' | 'plan' | 'requester' | 'needed' | 'ownCounts' | 'expiresAt' | 'place'>>

export function request({ at = now, ...over }: Asked & { at?: Date } = {}): Request {
  const plan = over.plan ?? prune()
  const asked = {
    id: 'request-1',
    place: { channel: 'C1', threadTs: null, storyId: 'story-1' },
    plan,
    planHash: planHash(plan),
    requester: alice,
    needed: 1,
    ownCounts: false,
    expiresAt: minutes(60).toISOString(),
    ...over,
  }
  return openRequest(asked, at)
}

export function limits(over: Partial<Limits> = {}): Limits {
  return {
    lock: 'acme/web main prune',
    lockHolder: 'prune-caches by alice',
    lockUntil: minutes(30),
    cooldownKey: 'prune-caches acme/web main',
    cooldownMinutes: 10,
    hourly: { repository: 10, person: 10, installation: 10 },
    repository: 'Acme/Web',
    person: alice.githubId,
    dryRun: false,
    ...over,
  }
}

export function result(over: Partial<ExecutionResult> = {}): ExecutionResult {
  const nothing = { url: null, runId: null, attempt: null, entriesGone: null, bytesFreed: null }
  return { words: 'Removed 1 entry.', ...nothing, ...over }
}

export function entry(over: Partial<AuditEntry> = {}): AuditEntry {
  return {
    at: now.toISOString(),
    kind: 'denied',
    slackId: 'UBOB',
    githubLogin: 'bob',
    repository: 'acme/web',
    what: 'prune-caches',
    requestId: null,
    planHash: null,
    reason: null,
    result: null,
    link: null,
    ...over,
  }
}

export function checklist(over: Partial<Checklist> = {}): Checklist {
  return {
    id: 'checklist-1',
    channel: 'C1',
    parentTag: 'story-1',
    threadTs: null,
    storyId: 'story-1',
    requestId: 'request-1',
    operation: 'rerun-failed',
    repository: 'Acme/Web',
    workflow: 'CI',
    branch: 'main',
    awaits: { runId: 19_000_000_001, attempt: 2 },
    before: null,
    page: 'disk-full',
    items: [{ text: 'It passes', check: null, state: 'waiting', by: null, at: null, evidence: null, reason: null }],
    seenRun: null,
    verdict: null,
    state: 'open',
    openedAt: now.toISOString(),
    closedAt: null,
    version: 0,
    ...over,
  }
}

export type TwoStores = { both: [Store, Store]; url: string } & AsyncDisposable

/**
 * Two stores over one database, as two processes have them; on SQLite, which serves one process, twice the same. Live:
 * dry run is switched off.
 */
export async function openTwo(engine: DatabaseEngine): Promise<TwoStores> {
  const url = await engine.create()
  const first = await openStore(url)
  const second = engine.shared ? await openStore(url) : first
  await first.switches.setDryRun(false, 'UADMIN', now)
  return {
    both: [first, second],
    url,
    async [Symbol.asyncDispose]() {
      await first.close()
      if (second !== first) await second.close()
    },
  }
}

/** Asks so often at once, in turn through either store. */
export function atOnce<T>(
  both: [Store, Store],
  times: number,
  ask: (store: Store, index: number) => Promise<T>,
): Promise<T[]> {
  return Promise.all(Array.from({ length: times }, (_, index) => ask(both[index % 2 === 0 ? 0 : 1], index)))
}

/** The kinds of all rows, or of those about one request, in order. */
export async function auditKindsOf(store: Store, requestId?: string): Promise<string[]> {
  const kinds: string[] = []
  for await (const row of store.audit.each())
    if (requestId === undefined || row.requestId === requestId) kinds.push(row.kind)
  return kinds
}

/** What the audit has about a request, in order, without the chain. */
export async function rowsAbout(store: Store, requestId: string): Promise<AuditEntry[]> {
  const rows: AuditEntry[] = []
  for await (const { seq: _seq, hash: _hash, previousHash: _previous, ...said } of store.audit.each())
    if (said.requestId === requestId) rows.push(said)
  return rows
}

/** Asks for it and has it approved by Bob. */
export async function approved(store: Store, over: Asked = {}): Promise<Request> {
  const asked = await store.requests.create(request(over))
  if (asked.state === 'approved') return asked
  const click = { person: bob, vote: 'approve' as const, planHash: asked.planHash }
  return (await store.requests.decide(asked.id, click, now)).request
}

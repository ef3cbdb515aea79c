import type { Execution } from '../../src/remedy/execution.ts'
import { type Plan, type PlanOf, planHash } from '../../src/remedy/plan.ts'
import { openRequest, type Person, type Request } from '../../src/remedy/request.ts'
import type { RemediesShown } from '../../src/thread/offers.ts'
import type { Checklist, Item } from '../../src/verdict/checklist.ts'
import type { Verdict } from '../../src/verdict/verdict.ts'
import { later, start } from './examples.ts'

/** Requests, executions and checklists of the failure in examples.ts. */

export const mona: Person = { slack: 'U0MONA0001', github: 'mona', githubId: 1 }
export const hubot: Person = { slack: 'U0HUBOT002', github: 'hubot', githubId: 2 }

const web = { repository: 'acme/web', branch: 'main' }
const daysAgo = (days: number) => later(-days * 24 * 60).toISOString()

export const rerun: PlanOf<'rerun-failed'> = {
  operation: 'rerun-failed',
  ...web,
  runId: 901,
  attempt: 1,
  debug: false,
}

export const rerunJob: PlanOf<'rerun-job'> = {
  ...{ operation: 'rerun-job', ...web, runId: 901, attempt: 1, debug: true },
  jobId: 1,
  jobName: 'build (linux/amd64)',
}

export const rebuild: PlanOf<'rebuild'> = {
  ...{ operation: 'rebuild', ...web },
  ...{ workflow: '.github/workflows/ci.yml', ref: 'main', input: 'no-cache' },
}

export const pruneCaches: PlanOf<'prune-caches'> = {
  ...{ operation: 'prune-caches', ...web, complete: true },
  selection: { scope: 'web', ref: 'refs/heads/main', closedPulls: false, unusedDays: null, kind: 'buildkit' },
  entries: Array.from({ length: 12 }, (_, at) => ({
    id: 7000 + at,
    key: at === 11 ? 'index-web-buildkit-1' : `buildkit-blob-1-sha256:${String(at).padStart(2, '0').repeat(32)}`,
    ref: at % 4 === 3 ? 'refs/pull/12/merge' : 'refs/heads/main',
    sizeBytes: at === 11 ? 4_210 : 412_000_000 - at * 37_000_000,
    createdAt: daysAgo(9),
    lastUsedAt: daysAgo(at),
  })),
  cold: [
    'CI on main builds every step of scope web once; the last cold build took 11 min.',
    'Builds of pull requests that read main’s cache are cold until then.',
  ],
}

export const pruneTags: PlanOf<'prune-tags'> = {
  ...{ operation: 'prune-tags', repository: 'acme/web', branch: null, image: 'ghcr.io/acme/web', tags: ['cache-*'] },
  entries: [
    {
      id: 1,
      tags: ['cache-main', 'cache-old'],
      digest: `sha256:${'a'.repeat(64)}`,
      updatedAt: daysAgo(2),
      sizeBytes: null,
    },
    { id: 2, tags: [], digest: `sha256:${'b'.repeat(64)}`, updatedAt: daysAgo(40), sizeBytes: 88_000_000 },
  ],
  cold: ['The next build imports nothing from ghcr.io/acme/web:cache-main.'],
}

export const pruneBuilder: PlanOf<'prune-builder'> = {
  ...{ operation: 'prune-builder', repository: 'acme/web', branch: null, builder: 'big-one' },
  selection: { unusedDays: 7, all: false },
  entries: [
    { ...record('k1'), description: '[builder 4/5] RUN cargo build --release --locked', sizeBytes: 1_730_000_000 },
    { ...record('k2'), description: 'pulled from docker.io/library/rust:1.89', lastUsedAt: null },
  ],
  inUse: 2,
  cold: ['Whatever was built more than 7 days ago is built again when it is needed.'],
}

function record(id: string) {
  const times = { createdAt: daysAgo(30), lastUsedAt: daysAgo(12) }
  return { id, type: 'regular', description: '', sizeBytes: 240_000_000, ...times, parents: [], shared: false }
}

/** Asked by mona at `start`, open for an hour; what is destructive needs one other person. */
export function request(plan: Plan = pruneCaches, over: Partial<Request> = {}): Request {
  const opened = openRequest(
    {
      id: 'r1',
      place: { channel: 'C1', threadTs: null, storyId: 's1' },
      plan,
      planHash: planHash(plan),
      requester: mona,
      needed: 'entries' in plan ? 1 : 0,
      ownCounts: false,
      expiresAt: later(60).toISOString(),
    },
    start,
  )
  return { ...opened, ...over }
}

/** Hubot's word on it, five minutes later. */
export function decided(
  plan: Plan,
  state: 'approved' | 'rejected' | 'cancelled' | 'expired',
  over: Partial<Request> = {},
): Request {
  const at = later(state === 'expired' ? 60 : 5).toISOString()
  const votes = {
    approved: [{ person: hubot, vote: 'approve' as const, at }],
    rejected: [{ person: hubot, vote: 'reject' as const, at }],
    cancelled: [{ person: mona, vote: 'cancel' as const, at }],
    expired: [],
  }
  return { ...request(plan), state, votes: votes[state], decidedAt: at, ...over }
}

export function execution(state: Execution['state'], over: Partial<Execution> = {}): Execution {
  const ended = state !== 'intended' && state !== 'calling'
  return {
    requestId: 'r1',
    state,
    dryRun: false,
    startedAt: later(5).toISOString(),
    calledAt: state === 'intended' ? null : later(5).toISOString(),
    endedAt: ended ? later(6).toISOString() : null,
    dealtWith: [],
    result: ended ? told('All 12 entries are gone.') : null,
    ...over,
  }
}

export function told(words: string, over: Partial<NonNullable<Execution['result']>> = {}) {
  return { words, url: null, runId: null, attempt: null, entriesGone: null, bytesFreed: null, ...over }
}

export const startedRerun = execution('done', {
  result: told('The failed jobs of run 901 run again as attempt 2.', {
    url: 'https://github.com/acme/web/actions/runs/901/attempts/2',
    runId: 901,
    attempt: 2,
  }),
})

export const ids = {
  approveId: 'aaaaaaaaaaaaaaaaaaaaaa',
  rejectId: 'bbbbbbbbbbbbbbbbbbbbbb',
  cancelId: 'cccccccccccccccccccccc',
}

export function offered(over: Partial<RemediesShown> = {}): RemediesShown {
  const offer = { why: 'the registry answered again a minute later', style: null }
  return {
    offers: [
      {
        ...offer,
        buttonId: 'id-rerun',
        label: 'Re-run failed jobs',
        class: 'reversible',
        style: 'primary',
        kind: 'rerun',
      },
      { ...offer, buttonId: 'id-rebuild', label: 'Rebuild without cache', class: 'costly', kind: 'rebuild' },
      { ...offer, buttonId: 'id-prune', label: 'Prune scope web…', class: 'destructive', kind: 'prune' },
      { ...offer, buttonId: 'id-debug', label: 'Re-run with debug logging', class: 'reversible', kind: 'rerun' },
    ],
    asked: [],
    paused: null,
    verdicts: [],
    ...over,
  }
}

export function verdict(over: Partial<Verdict> = {}): Verdict {
  return { kind: 'fixed', flaky: false, cacheGuilty: 'unknown', minutesWon: null, causeId: null, ...over }
}

export function item(text: string, over: Partial<Item> = {}): Item {
  return { text, check: null, state: 'waiting', by: null, at: null, evidence: null, reason: null, ...over }
}

const steps = { name: 'steps-cached', minutes: null, steps: 'dependencies' } as const

export const items: Item[] = [
  item('A second local build shows `CACHED` for the dependency steps', { check: steps }),
  item('CI builds in less than **10 minutes** when dependencies did not change', {
    ...{ check: { name: 'build-time', minutes: 10, steps: null }, state: 'passed', at: later(20).toISOString() },
    evidence: 'The build took 6 min 2 s; package-lock.json did not change.',
  }),
  item('Nothing was rebuilt that the table of triggers does not explain'),
  item('See the [dashboard](https://grafana.acme.example/d/1): the hit rate is back', {
    ...{ state: 'failed', by: hubot.slack, at: later(22).toISOString(), reason: 'still at 40 %' },
  }),
]

export function checklist(over: Partial<Checklist> = {}): Checklist {
  return {
    id: 'c1',
    channel: 'C1',
    parentTag: 'story:s1',
    threadTs: null,
    storyId: 's1',
    requestId: 'r1',
    operation: 'rebuild',
    repository: 'acme/web',
    workflow: 'CI',
    branch: 'main',
    awaits: null,
    before: null,
    page: 'runbooks/docker-layer-caching.md',
    items,
    seenRun: null,
    verdict: null,
    state: 'open',
    openedAt: later(6).toISOString(),
    closedAt: null,
    version: 1,
    ...over,
  }
}

export function answersTo({ items }: Checklist) {
  return items.map((_, at) => ({ item: at, passedId: `pass-${at}`, failedId: `fail-${at}`, skippedId: `skip-${at}` }))
}

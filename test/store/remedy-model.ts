import fc from 'fast-check'
import { expect } from 'vitest'
import { planHash } from '../../src/remedy/plan.ts'
import type { Click, Decision, Person, Request, VoteKind } from '../../src/remedy/request.ts'
import type { Outcome } from '../../src/store/execution-end.ts'
import type { Store } from '../../src/store/store.ts'
import { limits, prune, request, result, now as start } from './remedy-data.ts'

/**
 * One request, and everything that can happen to it in any order: clicks of several people, stale previews, time,
 * sweeps, processes that carry it out and are killed between any two of their steps, restarts. What holds is checked
 * while it happens and at the end, against a model that knows people by who they are, not by their accounts.
 */

export type Setting = { needed: number; ownCounts: boolean }

export type Model = Setting & {
  request: Request
  minute: number
  /** names of those whose approval was counted */
  agreed: Set<string>
  /** how the request ended, in the words of the audit */
  ended: string | null
  workers: Worker[]
  /** what GitHub was made to do */
  effects: number
  /** somebody was told to call first and was killed before the call */
  lost: boolean
  firsts: number
}

/** `stores` are those of different processes on one database. */
export type World = { stores: Store[]; restart(store: number): Promise<void> }

/** A process that carries the request out, as far as it got. */
type Worker = { store: number; stage: 'admit' | 'calling' | 'effect' | 'look' | 'finish' | 'over'; outcome: Outcome }

/** Two of them have two accounts each. */
const accounts: Record<string, { who: string; person: Person }> = {
  ann: { who: 'ann', person: { slack: 'UANN', github: 'ann', githubId: 1 } },
  'ann by another Slack account': { who: 'ann', person: { slack: 'UANN2', github: 'ann', githubId: 1 } },
  ben: { who: 'ben', person: { slack: 'UBEN', github: 'ben', githubId: 2 } },
  'ben by another login': { who: 'ben', person: { slack: 'UBEN', github: 'ben-work', githubId: 20 } },
  cem: { who: 'cem', person: { slack: 'UCEM', github: 'cem', githubId: 3 } },
  dee: { who: 'dee', person: { slack: 'UDEE', github: 'dee', githubId: 4 } },
}
const requester = 'ann'

export type Move =
  | { do: 'click'; account: string; vote: VoteKind; stale: boolean; store: number }
  | { do: 'sweep' | 'expire'; store: number }
  /** begins at the admission, or where an open execution was found */
  | { do: 'send'; store: number; found: boolean }
  | { do: 'work' | 'kill'; worker: number }

const lifeMinutes = 30

const click = fc.record({
  do: fc.constant('click' as const),
  account: fc.constantFrom(...Object.keys(accounts)),
  vote: fc.oneof(
    { weight: 8, arbitrary: fc.constant('approve' as const) },
    { weight: 1, arbitrary: fc.constantFrom('reject' as const, 'cancel' as const) },
  ),
  stale: fc.oneof({ weight: 8, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  store: fc.nat(1),
})
const sweep = fc.record({ do: fc.constantFrom('sweep' as const, 'expire' as const), store: fc.nat(1) })
const send = fc.record({ do: fc.constant('send' as const), store: fc.nat(1), found: fc.boolean() })
const work = fc.record({ do: fc.constant('work' as const), worker: fc.nat(3) })
const kill = fc.record({ do: fc.constant('kill' as const), worker: fc.nat(3) })
const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 6, arbitrary: click },
  { weight: 1, arbitrary: sweep },
  { weight: 3, arbitrary: send },
  { weight: 9, arbitrary: work },
  { weight: 2, arbitrary: kill },
)

const alone = move.map((one) => command(words(one), (model, world) => make(model, world, one, 'alone')))
const atOnce = fc.array(move, { minLength: 2, maxLength: 4 }).map((some) =>
  command(`at once: ${some.map(words).join(' | ')}`, async (model, world) => {
    await Promise.all(apart(model, some).map(({ one, worker }) => make(model, world, one, 'among others', worker)))
  }),
)
const wait = fc.integer({ min: 1, max: lifeMinutes / 2 }).map((minutes) =>
  command(`${minutes} minutes pass`, async (model) => {
    model.minute += minutes
  }),
)
const startAgain = fc
  .nat(1)
  .map((store) => command(`process ${store} is started again`, (model, world) => restart(model, world, store)))

/** Any order of anything, some of it at once. */
export const interleavings = fc.record({
  setting: fc.record({ needed: fc.constantFrom(0, 1, 1, 1, 2, 2, 3), ownCounts: fc.boolean() }),
  commands: fc.commands<Model, World, true>(
    [
      fc.oneof(
        { weight: 14, arbitrary: alone },
        { weight: 4, arbitrary: atOnce },
        { weight: 2, arbitrary: wait },
        { weight: 1, arbitrary: startAgain },
      ),
    ],
    { maxCommands: 24, size: 'max' },
  ),
})

function command(
  text: string,
  run: (model: Model, world: World) => Promise<void>,
): fc.AsyncCommand<Model, World, true> {
  return {
    check: async () => true,
    async run(model, world) {
      await run(model, world)
      if (model.workers.some(({ stage }) => stage !== 'admit' && stage !== 'over')) expectApproved(model)
    },
    toString: () => text,
  }
}

function words(one: Move): string {
  if (one.do === 'click') return `${one.account}: ${one.vote}${one.stale ? ' (stale)' : ''}`
  return `${one.do} ${'worker' in one ? one.worker : one.store}${one.do === 'send' && one.found ? ' (found)' : ''}`
}

/** Who does what is settled before any of it begins, and a worker does one thing at a time. */
function apart(model: Model, moves: Move[]): { one: Move; worker: Worker | undefined }[] {
  const settled = moves.map((one) => ({ one, worker: 'worker' in one ? workerOf(model, one.worker) : undefined }))
  return settled.filter(({ one, worker }, at) => {
    if (!('worker' in one)) return true
    return worker !== undefined && settled.findIndex((other) => other.worker === worker) === at
  })
}

export async function begin(world: World, { needed, ownCounts }: Setting, id: string): Promise<Model> {
  const person = accounts[requester]?.person
  const expiresAt = new Date(start.getTime() + lifeMinutes * 60_000).toISOString()
  const asked = request({ id, needed, ownCounts, expiresAt, ...(person ? { requester: person } : {}) })
  const kept = await world.stores[0]?.requests.create(asked)
  expect(kept).toEqual(asked)
  const ended = needed === 0 ? 'approved' : null
  const none = { minute: 0, workers: [], effects: 0, lost: false, firsts: 0 }
  return { needed, ownCounts, request: asked, agreed: new Set(), ended, ...none }
}

/** Time goes over, everybody who still works is killed, and one process looks after what is left. */
export async function end(model: Model, world: World): Promise<void> {
  model.minute += lifeMinutes
  for (const worker of model.workers) strike(model, worker)
  const store = storeOf(world, 0)
  for (const each of await store.requests.expireDue(clock(model)))
    told(model, each.id === model.request.id ? each : null)
  const request = await store.requests.get(model.request.id)
  expect(request?.state, 'is not pending after its expiry').not.toBe('pending')
  expect(request?.state).toBe(model.ended)
  for (let step = 0; step < 5; step++)
    await make(model, world, { do: 'work', worker: model.workers.length - 1 }, 'alone')
  const open = await store.executions.open()
  expect(
    open.map(({ requestId }) => requestId),
    'is not left open',
  ).not.toContain(model.request.id)
  expect(model.effects).toBe(request?.state === 'approved' && !model.lost ? 1 : 0)
  expect(model.firsts).toBe(request?.state === 'approved' ? 1 : 0)
}

async function make(
  model: Model,
  world: World,
  one: Move,
  how: 'alone' | 'among others',
  worker = 'worker' in one ? workerOf(model, one.worker) : undefined,
): Promise<void> {
  switch (one.do) {
    case 'click':
      return await press(model, storeOf(world, one.store), one, how)
    case 'sweep':
      for (const each of await storeOf(world, one.store).requests.expireDue(clock(model))) told(model, each)
      return
    case 'expire':
      await storeOf(world, one.store).requests.expire(model.request.id, clock(model))
      if (model.ended === null && isOver(model)) model.ended = 'expired'
      return
    case 'send':
      return await sendWorker(model, world, one)
    case 'work': {
      const busy = worker ?? hire(model, 0)
      return await workOn(model, storeOf(world, busy.store), busy)
    }
    case 'kill':
      if (worker) strike(model, worker)
  }
}

async function press(
  model: Model,
  store: Store,
  { account, vote, stale }: Extract<Move, { do: 'click' }>,
  how: 'alone' | 'among others',
): Promise<void> {
  const { who, person } = accounts[account] ?? { who: '', person: model.request.requester }
  const hash = stale ? planHash(prune({ branch: 'other' })) : model.request.planHash
  const clicked: Click = { person, vote, planHash: hash }
  const expected = mayCount(model, who, vote, stale)
  const decision: Decision = await store.requests.decide(model.request.id, clicked, clock(model))
  const counts = decision.kind !== 'refused'
  if (how === 'alone') expect(counts, `${account} may ${vote}`).toBe(expected)
  if (counts) {
    // asked before: of those that click at once, the answers may come in another order than they were decided in
    expect(expected, `${account} may ${vote}`).toBe(true)
    if (vote === 'approve') expect(model.agreed, 'counts once').not.toContain(who)
    if (vote === 'approve') model.agreed.add(who)
  }
  if (decision.kind === 'decided') {
    expect(model.ended, 'is decided once').toBeNull()
    if (vote === 'approve') expect(decision.request.votes).toHaveLength(model.needed)
    model.ended = { approve: 'approved', reject: 'rejected', cancel: 'cancelled' }[vote]
  }
  if (model.ended === null && isOver(model)) model.ended = 'expired'
}

function mayCount(model: Model, who: string, vote: VoteKind, stale: boolean): boolean {
  if (model.ended !== null || isOver(model) || stale) return false
  if (vote === 'cancel') return who === requester
  if (vote === 'reject') return true
  return !model.agreed.has(who) && (model.ownCounts || who !== requester)
}

/** Somebody's sweep expired it. */
function told(model: Model, expired: Request | null): void {
  if (expired?.id !== model.request.id) return
  expect(model.ended ?? 'expired', 'expires when nothing else has ended it').toBe('expired')
  expect(isOver(model)).toBe(true)
  model.ended = 'expired'
}

async function sendWorker(model: Model, world: World, { store, found }: Extract<Move, { do: 'send' }>): Promise<void> {
  if (!found) return void hire(model, store)
  const open = await storeOf(world, store).executions.open()
  if (open.some(({ requestId }) => requestId === model.request.id))
    model.workers.push({ store, stage: 'calling', outcome: 'done' })
}

function hire(model: Model, store: number): Worker {
  const worker: Worker = { store, stage: 'admit', outcome: 'done' }
  model.workers.push(worker)
  return worker
}

/** The next step of one who carries it out. */
async function workOn(model: Model, store: Store, worker: Worker): Promise<void> {
  const { id } = model.request
  const now = clock(model)
  switch (worker.stage) {
    case 'admit': {
      const mine = { ...ownLimits(id), lockUntil: new Date(now.getTime() + 5 * 60_000) }
      const admission = await store.executions.admit(id, mine, now)
      const goesOn = admission.kind === 'admitted' && admission.execution.endedAt === null
      worker.stage = goesOn ? 'calling' : 'over'
      return
    }
    case 'calling':
      worker.stage = (await store.executions.calling(id, now)) === 'first' ? 'effect' : 'look'
      if (worker.stage === 'effect') model.firsts++
      expect(model.firsts, 'one is told to call first').toBeLessThanOrEqual(1)
      return
    case 'effect':
      model.effects++
      expect(model.effects, 'runs once').toBe(1)
      expectApproved(model)
      worker.stage = 'finish'
      return
    case 'look':
      worker.outcome = model.effects > 0 ? 'done' : 'unclear'
      worker.stage = 'finish'
      return
    case 'finish': {
      const finished = await store.executions.finish(id, worker.outcome, result(), now)
      expect(finished.endedAt).not.toBeNull()
      worker.stage = 'over'
      return
    }
    case 'over':
  }
}

function expectApproved(model: Model): void {
  expect(model.ended, 'is carried out when approved').toBe('approved')
  expect(model.agreed.size, 'has the approvals it needs').toBeGreaterThanOrEqual(model.needed)
}

/** Whoever works in that process is gone with it. */
async function restart(model: Model, world: World, at: number): Promise<void> {
  const store = at % world.stores.length
  for (const worker of model.workers) if (worker.store % world.stores.length === store) strike(model, worker)
  await world.restart(store)
}

function strike(model: Model, worker: Worker): void {
  if (worker.stage === 'effect') model.lost = true
  worker.stage = 'over'
}

/** Each request has a lock and a cooldown of its own here, and no cap is reached. */
function ownLimits(id: string) {
  const most = Number.MAX_SAFE_INTEGER
  return limits({ lock: id, cooldownKey: id, hourly: { repository: most, person: most, installation: most } })
}

function workerOf({ workers }: Model, index: number): Worker | undefined {
  const alive = workers.filter(({ stage }) => stage !== 'over')
  return alive.length > 0 ? alive[index % alive.length] : undefined
}

function storeOf({ stores }: World, index: number): Store {
  const store = stores[index % stores.length]
  if (!store) throw new Error('a world has at least one store')
  return store
}

function clock({ minute }: Model): Date {
  return new Date(start.getTime() + minute * 60_000)
}

function isOver({ minute }: Model): boolean {
  return minute >= lifeMinutes
}

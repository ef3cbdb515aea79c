import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import { expect, test } from 'vitest'
import { type DatabaseEngine, describeOnEngines } from './support/engines.ts'
import { outliveLeases } from './support/postgres.ts'
import { called, eventually, type KillWorld, type Left, type Replica, startKillWorld } from './support/remedy-child.ts'
import type { Gate } from './support/remedy-child-gate.ts'
import { failureOf, first, second, third } from './support/remedy-world.ts'
import { failingRun, greenRun } from './support/start-bot.ts'

/**
 * The real bot, killed with SIGKILL while it carries a remedy out, and started again: what was asked for happens at most
 * once, has an end that the thread tells in one message, and the audit's chain holds.
 */

describeOnEngines('a remedy, its bot killed and started again', (engine) => {
  if (engine.shared) ofTwoReplicas(engine)
  else ofOneProcess(engine)
})

/** Sets the gate of a process before it starts; what it returns resolves when it is time to kill. */
type Moment = (gate: Gate, world: KillWorld) => () => Promise<void>

const held =
  (match: RegExp, when: 'before' | 'after', nth?: number): Moment =>
  (gate) => {
    const { reached } = gate.hold(match, when, nth)
    return () => reached
  }

const rerunCall = /^POST .*\/rerun-failed-jobs$/
const lookAtRun = /^GET .*\/actions\/runs\/\d+(?:\?|$)/

/** Only the look that follows the call: what came before has to know the run as well. */
const lookAfterCall: Moment = (gate) => {
  const call = gate.hold(rerunCall, 'before')
  return async () => {
    await call.reached
    const look = gate.hold(lookAtRun, 'before')
    call.release()
    await look.reached
  }
}

const said =
  (method: string, tag: RegExp, text?: RegExp): Moment =>
  (_, { slack }) =>
  () =>
    called(slack, method, tag, text)

type Rerun = { name: string; moments: Moment[]; prepare?(world: KillWorld): void; done: 0 | 1 }

const reruns: Rerun[] = [
  { name: 'before the call has left', moments: [held(rerunCall, 'before')], done: 0 },
  {
    name: 'when GitHub has done it and its answer is under way, and again while it looks for what came of it',
    moments: [held(rerunCall, 'after'), held(lookAtRun, 'before')],
    done: 1,
  },
  {
    name: 'when the answer got lost',
    moments: [lookAfterCall],
    prepare: ({ github }) => github.failNext({ match: /rerun-failed-jobs/, lost: true }),
    done: 1,
  },
  {
    name: 'when the answer was heard, when it tells the outcome, and when it posts the checklist',
    moments: [lookAfterCall, said('chat.update', /^request:/, /done/), said('chat.postMessage', /^checklist:/)],
    done: 1,
  },
]

function ofOneProcess(engine: DatabaseEngine): void {
  test.concurrent.each(reruns)('re-run, $name', { timeout: 120_000 }, async ({ moments, prepare, done }) => {
    await using world = await startKillWorld(await engine.create())
    prepare?.(world)
    let runId = 0
    await killedAt(world, moments, async () => {
      runId = (await world.github.finishRun(failingRun('gha-429'))).runId
      await world.press('Re-run failed job')
    })
    await world.reads(done === 1 ? /Re-run of the failed jobs: asked by .*done/ : /Nothing runs; ask again/)
    if (done === 1) {
      await world.github.finishRun(greenRun({ runId }))
      await world.reads(/Verdict: fixed/)
    }
    expect(world.github.reruns).toHaveLength(done)
    const left = await leftWith(world, ['request', ...(done === 1 ? ['checklist', 'story:fixed'] : [])])
    expect(kindsOf(left)).toEqual(['asked', 'approved', ...(done === 1 ? ['ran', 'verdict'] : ['failed'])])
  })

  test.concurrent('rebuild, when an old server has started it without a word, and again while its run is looked for', {
    timeout: 120_000,
  }, async () => {
    await using world = await startKillWorld(await engine.create())
    world.github.oldServer = 'silent'
    const sha = world.github.commit({ files: { '.github/workflows/ci.yml': workflow, Dockerfile: 'FROM alpine\n' } })
    const moments = [held(/^POST .*\/dispatches$/, 'after'), held(/^GET .*event=workflow_dispatch/, 'before')]
    await killedAt(world, moments, async () => {
      await world.github.finishRun(failureOf('gha-cache-blob-missing', { sha }))
      await world.press('Rebuild without cache')
    })
    await world.reads(/Rebuild without cache.*: asked by .*done/)
    expect(world.github.dispatches).toHaveLength(1)
    await world.github.finishRun(greenRun({ runId: world.github.dispatches[0]?.runId ?? 0 }))
    await world.reads(/Verdict: fixed/)
    const left = await leftWith(world, ['request', 'checklist', 'story:fixed'])
    expect(kindsOf(left)).toEqual(['asked', 'approved', 'ran', 'verdict'])
    expect(world.github.dispatches).toHaveLength(1)
  })

  test.concurrent('prune, three times in the middle of its list', { timeout: 120_000 }, async () => {
    await using world = await startKillWorld(await engine.create())
    const scopes = Array.from({ length: 12 }, (_, at) => `scope${at}`)
    addIndexes(world, scopes)
    world.github.addCache({ key: 'index-scope0-1-0a1b2c3d#1', ref: 'refs/heads/other', sizeBytes: 4_000 })
    const third = held(/^DELETE .*\/actions\/caches\//, 'after', 3)
    await killedAt(world, [third, third, third], async () => {
      await world.github.finishRun(failureOf('gha-cache-blob-missing'))
      await world.press('Prune cache index of main')
      await world.press('Prune 12 entries', second)
    })
    await world.reads(/All 12 entries are gone/)
    const deleted = world.github.deletedCaches.map(({ key, ref }) => `${key} of ${ref}`)
    expect(deleted.toSorted()).toEqual(
      scopes.map((scope) => `index-${scope}-1-0a1b2c3d#1 of refs/heads/main`).toSorted(),
    )
    // what was cut off is asked for once more, and nothing else is
    expect(world.github.requests.filter(({ method }) => method === 'DELETE')).toHaveLength(12 + 3)
    const left = await leftWith(world, ['request', 'checklist'])
    expect(kindsOf(left)).toEqual(['asked', 'approved', 'ran'])
  })

  test.concurrent('agreement, as soon as it is acknowledged', { timeout: 120_000 }, async () => {
    await using world = await startKillWorld(await engine.create())
    addIndexes(world, ['web', 'api'])
    const acknowledged: Moment = () => async () => {}
    await killedAt(world, [acknowledged], async () => {
      await world.github.finishRun(failureOf('gha-cache-blob-missing'))
      await world.press('Prune cache index of main')
      await world.press('Prune 2 entries', second)
    })
    await world.reads(/All 2 entries are gone/)
    expect(world.github.deletedCaches).toHaveLength(2)
    const left = await leftWith(world, ['request', 'checklist'])
    expect(kindsOf(left).filter((kind) => kind !== 'denied')).toEqual(['asked', 'approved', 'ran'])
  })

  test.concurrent('a request whose time is over before it starts again is expired at once', {
    timeout: 120_000,
  }, async () => {
    await using world = await startKillWorld(await engine.create())
    addIndexes(world, ['web', 'api'])
    const before = await world.start()
    await world.github.finishRun(failureOf('gha-cache-blob-missing'))
    await world.press('Prune cache index of main')
    const { action } = await world.button('Prune 2 entries')
    await before.kill()
    passTheHour(world.database)
    await world.start()
    await world.reads(/Nobody decided in time; it expired/, 20_000)
    await world.slack.as(second).pressRaw(action)
    await eventually(() =>
      world.slack.answers.some(({ to, text }) => to === second && /expired|[Tt]oo late/.test(text)),
    )
    expect(world.github.deletedCaches).toEqual([])
    const left = await leftWith(world, ['request'])
    expect(kindsOf(left).slice(0, 2)).toEqual(['asked', 'expired'])
  })

  test.concurrent('a checklist keeps what people answered, and hears of a run that ended meanwhile', {
    timeout: 120_000,
  }, async () => {
    await using world = await startKillWorld(await engine.create())
    const before = await world.start()
    const { runId } = await world.github.finishRun(failingRun('run-network-dns'))
    await world.press('Re-run failed job')
    await world.press('✓ Passed', second)
    await before.kill()
    const between = await world.start()
    await world.reads(/Passed · 3\..*U0PERSON02/s)
    await between.kill()
    world.github.sendWebhooksTo(null)
    await world.github.finishRun(greenRun({ runId }))
    await world.start()
    await world.reads(/Verdict: fixed/)
    const text = await world.reads(/Passed · 3\..*U0PERSON02/s)
    expect(text).toMatch(/3 of 3 passed|2 of 3 passed/)
    const left = await world.leaves()
    expect(kindsOf(left)).toEqual(['asked', 'approved', 'ran', 'verdict'])
    expect(left).toMatchObject({ pending: [], open: [], broken: null })
  })
}

function ofTwoReplicas(engine: DatabaseEngine): void {
  test.concurrent('re-run, and the other replica sees it to its end', { timeout: 120_000 }, async () => {
    await using world = await startKillWorld(await engine.create())
    const two = await Promise.all([world.start(), world.start()])
    const calls = two.map(({ gate }) => gate.hold(rerunCall, 'after'))
    const { runId } = await world.github.finishRun(failingRun('gha-429'))
    await world.press('Re-run failed job')
    const dead = await Promise.race(calls.map(({ reached }, at) => reached.then(() => at)))
    // the other one has nothing in hand, so the only lease is that of the dead
    await eventually(async () => (await leases(world.database)) === 1)
    await two[dead]?.kill()
    for (const { release } of calls) release()
    const alive = two[1 - dead]?.url ?? ''
    world.slack.botAt(alive)
    world.github.sendWebhooksTo(`${alive}/github/webhooks`)
    await outliveLeases(world.database)
    await world.reads(/Re-run of the failed jobs: asked by .*done/)
    await world.github.finishRun(greenRun({ runId }))
    await world.reads(/Verdict: fixed/)
    expect(world.github.reruns).toHaveLength(1)
    const left = await leftWith(world, ['request', 'checklist', 'story:fixed'])
    expect(kindsOf(left)).toEqual(['asked', 'approved', 'ran', 'verdict'])
  })

  test.concurrent('one button pressed by several people at both replicas at once', { timeout: 120_000 }, async () => {
    await using world = await startKillWorld(await engine.create())
    addIndexes(world, ['web', 'api'])
    const two = await Promise.all([world.start(), world.start()])
    await world.github.finishRun(failureOf('gha-cache-blob-missing'))
    await pressedEverywhere(world, two, { label: 'Prune cache index of main', by: [first, first] })
    await pressedEverywhere(world, two, { label: 'Prune 2 entries', by: [second, third] })
    await world.reads(/All 2 entries are gone/)
    expect(world.github.requests.filter(({ method }) => method === 'DELETE')).toHaveLength(2)
    await eventually(() => world.slack.answers.length === 4)
    const left = await leftWith(world, ['request', 'checklist'])
    expect(kindsOf(left).filter((kind) => kind !== 'denied')).toEqual(['asked', 'approved', 'ran'])
  })
}

/** Each of the people presses, at a replica each, before any of them was answered. */
async function pressedEverywhere(
  { slack, button }: KillWorld,
  two: Replica[],
  { label, by }: { label: string; by: string[] },
): Promise<void> {
  const { message, action } = await button(label)
  const knocked = two.map(({ url }, at) => {
    slack.botAt(url)
    return slack.as(by[at] ?? first).pressRaw(action, { message })
  })
  for (const { status } of await Promise.all(knocked)) expect(status).toBe(200)
}

/** How many tasks are in some process's hands. */
async function leases(url: string): Promise<number> {
  const client = new pg.Client(url)
  await client.connect()
  const { rows } = await client.query(
    "select count(*)::int as held from openworkflow.workflow_runs where worker_id is not null and status = 'running'",
  )
  await client.end()
  return rows[0]?.held ?? 0
}

/** As if more than the hour went by in which a request can be agreed to. */
function passTheHour(database: string): void {
  const db = new DatabaseSync(database.slice('sqlite:'.length))
  const past = new Date(Date.now() - 1_000).toISOString()
  const { changes } = db
    .prepare("update requests set expires_at = :past, request = json_set(request, '$.expiresAt', :past)")
    .run({ past })
  db.close()
  if (changes !== 1) throw new Error(`there is one request to pass the time of, found ${changes}`)
}

function addIndexes({ github }: KillWorld, scopes: string[]): void {
  for (const scope of scopes)
    github.addCache({ key: `index-${scope}-1-0a1b2c3d#1`, ref: 'refs/heads/main', sizeBytes: 4_000 })
}

const workflow = `on:
  workflow_dispatch:
    inputs:
      no-cache: { type: boolean, default: false }
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v6
        with:
          no-cache: \${{ inputs.no-cache }}
`

/** Kills a process at each of the moments and starts the next one; `act` is done while the first one runs. */
async function killedAt(world: KillWorld, moments: Moment[], act: () => Promise<void>): Promise<void> {
  let acted = false
  for (const moment of moments) {
    let comes = async () => {}
    const process = await world.start((gate) => {
      comes = moment(gate, world)
    })
    if (!acted) await act()
    acted = true
    await withinMinute(comes(), world)
    await process.kill()
  }
  await world.start()
}

/** A moment that never comes is told with what stands in the channel. */
async function withinMinute(moment: Promise<void>, world: KillWorld): Promise<void> {
  let came = false
  void moment.then(() => (came = true))
  await eventually(() => came, 60_000).catch(() => world.reads(/^the moment to kill came$/, 0))
}

/** Once these messages stand beside those of the failure: ends everything, and nothing is left half-done or said twice. */
async function leftWith(world: KillWorld, more: string[]): Promise<Left> {
  const tags = ['story', 'story:details', ...more].toSorted()
  // a list in a file of its own is no message with a tag
  const tagged = async () => (await world.messages()).filter(({ blocks }) => blocks !== undefined && blocks.length > 0)
  await eventually(async () => (await tagged()).length >= tags.length)
  const left = await world.leaves()
  const { pending, open, broken } = left
  expect({ pending, open, broken, tags: left.tags }).toEqual({ pending: [], open: [], broken: null, tags })
  expect(await tagged()).toHaveLength(tags.length)
  return left
}

/** What the audit tells of requests. */
function kindsOf({ audit }: Left): string[] {
  return audit.filter(({ requestId }) => requestId !== null).map(({ kind }) => kind)
}

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { type Alert, alertKey } from '../../src/alert/alert.ts'
import { githubClient } from '../../src/github/client.ts'
import { type Poll, pollRepository } from '../../src/github/poll.ts'
import { cursorSchema, type PollCursor } from '../../src/github/poll-cursor.ts'
import { startPolling } from '../../src/github/polling.ts'
import { type LocalGithub, startLocalGithub } from '../../src/playground/github.ts'
import { githubDescription } from '../support/openapi.ts'

const repository = 'acme/platform'
const red = { name: 'build', conclusion: 'failure' }
const green = { name: 'build', conclusion: 'success' }
const minute = 60_000
const day = 24 * 60 * minute

describe('one look after another', () => {
  test('what ended before the first look is history, what ends after it is an alert', async () => {
    await using world = await startWorld()
    await world.github.finishRun({ jobs: [red] })
    world.pass(minute)
    assert.deepEqual(await world.look(), [])
    world.pass(minute)
    const { runId } = await world.github.finishRun({ jobs: [red] })
    world.pass(minute)
    assert.deepEqual(await world.look(), [`${repository}/${runId}/1 failure`])
    assert.deepEqual(await world.look(), [])
  })

  test('an idle minute costs nothing', async () => {
    await using world = await startWorld()
    await world.github.finishRun({ jobs: [red] })
    await world.look()
    // Away so long that every day is due, and thereby known.
    await world.lookAfter(40 * day)
    const { requests, unchanged } = await world.poll()
    assert.equal(requests, 4)
    assert.equal(unchanged, 4)
  })

  test('every request is one GitHub knows', async () => {
    await using world = await startWorld()
    await world.github.finishRun({ jobs: [red] })
    await world.look()
    await world.lookAfter(3 * day)
    assert.deepEqual(githubDescription().problemsOf(world.github.requests), [])
  })

  test('a re-run of a three-week-old run is an alert as soon as it is seen running', async () => {
    await using world = await startWorld()
    const { runId } = await world.github.finishRun({ jobs: [red] })
    await world.lookAfter(21 * day)
    const rerun = await world.github.startRun({ runId, jobs: [green] })
    assert.deepEqual(await world.lookAfter(minute), [])
    await rerun.finish()
    assert.deepEqual(await world.lookAfter(minute), [`${repository}/${runId}/2 success`])
  })

  test('a re-run that begins and ends between two looks is found within the hour', async () => {
    await using world = await startWorld()
    const { runId } = await world.github.finishRun({ jobs: [red] })
    await world.lookAfter(21 * day)
    await world.github.finishRun({ runId, jobs: [red] })
    const found: string[] = []
    for (let round = 0; round < 40; round++) found.push(...(await world.lookAfter(minute)))
    assert.deepEqual(found, [`${repository}/${runId}/2 failure`])
  })

  test('an old run that GitHub touches is still history', async () => {
    await using world = await startWorld()
    const { runId } = await world.github.finishRun({ jobs: [red] })
    world.pass(60 * minute)
    await world.look()
    world.pass(60 * minute)
    world.github.touchRun(runId)
    assert.deepEqual(await world.lookAfter(minute), [])
    assert.deepEqual(githubDescription().problemsOf(world.github.requests), [])
  })

  test('a run that takes three days is an alert at its end', async () => {
    await using world = await startWorld()
    await world.look()
    const run = await world.github.startRun({ jobs: [red] })
    for (let round = 0; round < 3; round++) assert.deepEqual(await world.lookAfter(day), [])
    await run.finish()
    assert.deepEqual(await world.lookAfter(minute), [`${repository}/${run.runId}/1 failure`])
  })

  test('after a week away nothing is missed, oldest first', async () => {
    await using world = await startWorld()
    await world.look()
    const expected: string[] = []
    for (let round = 0; round < 7; round++) {
      world.pass(day)
      const { runId } = await world.github.finishRun({ jobs: [red] })
      expected.push(`${repository}/${runId}/1 failure`)
    }
    assert.deepEqual(await world.lookAfter(minute), expected)
  })

  test('more runs than one page, and more than GitHub shows of one list, are all found', async () => {
    await using world = await startWorld()
    await world.look()
    for (let index = 0; index < 1_150; index++) {
      await world.github.finishRun({ jobs: [red] })
      world.pass(10_000)
    }
    const found = await world.look()
    assert.equal(new Set(found).size, 1_150)
    assert.deepEqual(await world.look(), [])
    const { requests, unchanged } = await world.poll()
    assert.ok(requests > 13)
    // All but the one old day whose first turn it is.
    assert.equal(unchanged, requests - 1)
  })

  test('a look that fails half-way leaves the place where it was', async () => {
    await using world = await startWorld()
    await world.look()
    const { runId } = await world.github.finishRun({ jobs: [red] })
    world.pass(minute)
    world.github.failNext({ match: /created=2026-11-21/, status: 500, times: 2 })
    await assert.rejects(world.look(), { code: 'unavailable' })
    assert.deepEqual(await world.look(), [`${repository}/${runId}/1 failure`])
  })

  test('a run that GitHub describes oddly does not hide the others', async () => {
    await using world = await startWorld()
    await world.look()
    await world.github.finishRun({ jobs: [red], sha: 'not a sha' })
    const { runId } = await world.github.finishRun({ jobs: [red] })
    const poll = await world.poll()
    assert.deepEqual(poll.alerts.map(alertKey), [`${repository}/${runId}/1`])
    assert.equal(poll.odd, 1)
  })

  test("our clock may be wrong: GitHub's counts", async () => {
    await using world = await startWorld({ skew: 3 * 60 * minute })
    await world.look()
    const { runId } = await world.github.finishRun({ jobs: [red] })
    assert.deepEqual(await world.look(), [`${repository}/${runId}/1 failure`])
  })
})

/** What may happen to a repository and to the bot. `crash`: the alerts were heard, but the place was not stored. */
const happening = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('run' as const),
      outcome: fc.constantFrom('failure', 'success', 'cancelled'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('start' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('finish' as const), which: fc.nat() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('rerun' as const), which: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('touch' as const), which: fc.nat() }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.constantFrom(1_000, minute, 60 * minute, 20 * 60 * minute, 2 * day),
    }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('look' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const) }) },
)

test('whatever happens, the last attempt of every run that ended since the start is told of, and nothing before it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 20 }), async (happenings) => {
      await using world = await startWorld()
      const running = new Map<number, () => Promise<unknown>>()
      const ended = new Map<number, { attempt: number; conclusion: string; at: number }>()
      const remember = (run: { runId: number; attempt: number }, conclusion: string) =>
        ended.set(run.runId, { attempt: run.attempt, conclusion, at: world.time() })
      const told: string[] = []
      let crashes = 0

      const old = await world.github.finishRun({ jobs: [red] })
      remember(old, 'failure')
      world.pass(minute)
      const start = world.time()
      await world.look()
      for (const what of happenings) {
        if (what.kind === 'wait') world.pass(what.ms)
        else if (what.kind === 'look') told.push(...(await world.look()))
        else if (what.kind === 'crash') {
          crashes++
          told.push(...(await world.poll()).alerts.map(line))
        } else if (what.kind === 'run')
          remember(await world.github.finishRun({ jobs: [green], conclusion: what.outcome }), what.outcome)
        else if (what.kind === 'touch')
          world.github.touchRun([...ended.keys()][what.which % Math.max(1, ended.size)] ?? 0)
        else if (what.kind === 'start') {
          const run = await world.github.startRun({ jobs: [red] })
          running.set(run.runId, async () => remember(await run.finish(), 'failure'))
        } else if (what.kind === 'finish') {
          const [runId, finish] = [...running][what.which % Math.max(1, running.size)] ?? []
          await finish?.()
          if (runId !== undefined) running.delete(runId)
        } else {
          const [runId, last] = [...ended][what.which % ended.size] ?? []
          // GitHub allows a re-run for 30 days.
          if (runId !== undefined && last && world.time() - last.at < 25 * day) {
            ended.delete(runId)
            const run = await world.github.startRun({ runId, jobs: [red] })
            running.set(runId, async () => remember(await run.finish(), 'failure'))
          }
        }
      }
      const due = [...ended]
        .filter(([, { at, conclusion }]) => at >= start && conclusion !== 'cancelled')
        .map(([runId, { attempt, conclusion }]) => `${repository}/${runId}/${attempt} ${conclusion}`)
      // An old day has its turn within 36 looks at the latest.
      for (let round = 0; round < 36 && (round < 2 || due.some((each) => !told.includes(each))); round++)
        told.push(...(await world.lookAfter(minute)))

      assert.deepEqual(
        due.filter((each) => !told.includes(each)),
        [],
        'not told of',
      )
      assert.ok(!told.includes(`${repository}/${old.runId}/1 failure`), 'told of history')
      if (crashes === 0) assert.equal(new Set(told).size, told.length, 'told twice')
    }),
    { numRuns: 12 },
  )
}, 60_000)

describe('polling on schedule', () => {
  test('restarts go on where the last one stopped, and each repository is asked once', async () => {
    await using world = await startWorld()
    const stored = new Map<string, unknown>()
    const heard: Alert[] = []
    const start = () => startPolling(pollingOptions(world, stored, heard))
    {
      await using first = start()
      await first.pollNow()
    }
    world.pass(minute)
    const { runId } = await world.github.finishRun({ jobs: [red] })
    world.pass(minute)
    {
      await using second = start()
      await second.pollNow()
    }
    assert.deepEqual(heard.map(alertKey), [`${repository}/${runId}/1`])
    assert.deepEqual([...stored.keys()], ['github-poll/acme/platform'])
  })

  test('an alert that could not be kept is found again', async () => {
    await using world = await startWorld()
    const stored = new Map<string, unknown>()
    const heard: Alert[] = []
    let broken = false
    const options = pollingOptions(world, stored, heard)
    const polling = startPolling({
      ...options,
      hear: async (alert) => (broken ? Promise.reject(new Error('store is down')) : options.hear(alert)),
    })
    await polling.pollNow()
    await world.github.finishRun({ jobs: [red] })
    world.pass(minute)
    broken = true
    await polling.pollNow()
    assert.deepEqual(heard, [])
    broken = false
    await polling.pollNow()
    assert.equal(heard.length, 1)
    await polling[Symbol.asyncDispose]()
  })

  test('a rate limit pauses the rounds for as long as GitHub asks', async () => {
    await using world = await startWorld()
    await using polling = startPolling(pollingOptions(world, new Map(), []))
    await polling.pollNow()
    world.github.failNext({
      match: '/actions/runs',
      status: 403,
      headers: { 'retry-after': '120' },
      body: { message: 'secondary rate limit' },
    })
    await polling.pollNow()
    const asked = world.github.requests.length
    world.pass(minute)
    await polling.pollNow()
    assert.equal(world.github.requests.length, asked)
    world.pass(2 * minute)
    await polling.pollNow()
    assert.ok(world.github.requests.length > asked)
  })
})

function pollingOptions(world: World, stored: Map<string, unknown>, heard: Alert[]) {
  const known = new Set<string>()
  return {
    github: world.client,
    watch: [
      { repository, poll: true },
      { repository: 'Acme/Platform', poll: true },
      { repository: 'acme/other', poll: false },
    ],
    cron: '0 0 1 1 *',
    cursors: {
      get: async (name: string, schema: { parse(value: unknown): unknown }) =>
        stored.has(name) ? schema.parse(stored.get(name)) : null,
      set: async (name: string, value: unknown) => void stored.set(name, JSON.parse(JSON.stringify(value))),
    } as Parameters<typeof startPolling>[0]['cursors'],
    async hear(alert: Alert) {
      if (!known.has(alertKey(alert))) heard.push(alert)
      known.add(alertKey(alert))
    },
    logger: { info() {}, warn() {} },
    now: () => new Date(world.time()),
  }
}

type World = Awaited<ReturnType<typeof startWorld>>

/** A local GitHub, a clock to move, and a bot that looks. */
async function startWorld({ skew = 0 } = {}) {
  let time = Date.parse('2026-11-21T08:00:00Z')
  const github: LocalGithub = await startLocalGithub({ now: () => new Date(time) })
  const client = githubClient(
    { kind: 'token', token: github.token, baseUrl: github.baseUrl },
    { retries: 1, retryUnitMs: 1 },
  )
  let cursor: PollCursor | null = null
  const poll = (): Promise<Poll> => pollRepository({ client, repository, cursor, now: new Date(time + skew) })
  const pass = (ms: number) => {
    time += ms
  }
  async function look(): Promise<string[]> {
    const { alerts, cursor: next } = await poll()
    cursor = cursorSchema.parse(JSON.parse(JSON.stringify(next)))
    return alerts.map(line)
  }
  return {
    github,
    client,
    time: () => time,
    pass,
    poll,
    look,
    lookAfter(ms: number) {
      pass(ms)
      return look()
    },
    [Symbol.asyncDispose]: () => github[Symbol.asyncDispose](),
  }
}

function line(alert: Alert): string {
  return `${alertKey(alert)} ${alert.conclusion}`
}

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { z } from 'zod'
import { openStore, type Store } from '../../src/store/store.ts'
import {
  type Engine,
  type EngineOptions,
  openEngine,
  type Step,
  type Task,
  type TaskHandle,
} from '../../src/tasks/engine.ts'
import { startChild } from '../support/child.ts'
import { describeOnEngines } from '../support/engines.ts'
import { outliveLeases, throwOutConnections } from '../support/postgres.ts'

const schema = z.strictObject({ run: z.int() })
type Input = z.infer<typeof schema>

const quick = { tries: 4, firstDelayMs: 5, maxDelayMs: 20 }

describeOnEngines('the task engine', (database) => {
  test('performs a task and hands the results of its steps on', async () => {
    const got: unknown[] = []
    await using bot = await openBot(await database.create(), {
      async perform({ run }, step) {
        const log = await step('read', async () => ({ lines: [`run ${run}`, 'nul \0', 'half a pair \ud800'] }))
        const nothing = await step('post', async () => {})
        got.push(log, nothing)
      },
    })
    await bot.task.add({ run: 7 }, 'a')
    await until(() => expect(got).toEqual([{ lines: ['run 7', 'nul \0', 'half a pair \ud800'] }, undefined]))
  })

  test('takes the same key as the same task, also when it is added 50 times at once', async () => {
    const url = await database.create()
    const performed: number[] = []
    const told = { perform: async ({ run }: Input) => void performed.push(run) }
    await using bot = await openBot(url, told)
    await using other = database.shared ? await openBot(url, told) : bot
    await Promise.all(
      Array.from({ length: 50 }, (_, index) => (index % 2 === 0 ? bot : other).task.add({ run: index }, 'the same')),
    )
    await bot.task.add({ run: 100 }, 'another')
    await until(() => expect(performed).toContain(100))
    await bot.task.add({ run: 101 }, 'the same')
    await bot.task.add({ run: 102 }, 'yet another')
    await until(() => expect(performed).toContain(102))
    expect(performed).toHaveLength(3)
  })

  test('tries a failed task again without performing the steps that ended', async () => {
    const performed: string[] = []
    await using bot = await openBot(await database.create(), {
      async perform(_input, step) {
        const number = await step('read', async () => performed.push('read'))
        await step('post', async () => {
          performed.push(`post ${number}`)
          if (performed.length < 4) throw new Error('Slack is away \0')
        })
        performed.push('end')
      },
    })
    await bot.task.add({ run: 1 }, 'a')
    await until(() => expect(performed).toEqual(['read', 'post 1', 'post 1', 'post 1', 'end']))
    expect(bot.failures).toEqual([
      'story: Slack is away \0: tries again in 5 ms (try 1 failed)',
      'story: Slack is away \0: tries again in 10 ms (try 2 failed)',
    ])
  })

  test('lets a task sleep, performs nothing twice after it, and counts no sleep as a failure', async () => {
    const performed: string[] = []
    await using bot = await openBot(await database.create(), {
      async perform(_input, step, sleep) {
        await step('before', async () => performed.push('before'))
        for (const index of [1, 2, 3, 4, 5, 6]) await sleep(`nap ${index}`, 3).catch((error) => Promise.reject(error))
        await step('after', async () => performed.push('after'))
      },
    })
    await bot.task.add({ run: 1 }, 'a')
    await until(() => expect(performed).toEqual(['before', 'after']))
    expect(bot.failures).toEqual([])
  })

  test('takes a sleeping task up again after a restart, when its time is over', async () => {
    const url = await database.create()
    const performed: string[] = []
    const sleeper: Pick<Task<Input>, 'perform'> = {
      async perform(_input, step, sleep) {
        await step('before', async () => performed.push('before'))
        await sleep('nap', 400)
        await step('after', async () => performed.push('after'))
      },
    }
    {
      await using bot = await openBot(url, sleeper)
      await bot.task.add({ run: 1 }, 'a')
      await until(() => expect(performed).toEqual(['before']))
    }
    await using _bot = await openBot(url, sleeper)
    await until(() => expect(performed).toEqual(['before', 'after']))
  })

  test('lets a task see the very error that its step threw', async () => {
    const seen: unknown[] = []
    const thrown = Object.assign(new TypeError('no such channel'), { code: 'channel_not_found' })
    await using bot = await openBot(await database.create(), {
      perform: (_input, step) => step('post', () => Promise.reject(thrown)).catch((error) => void seen.push(error)),
    })
    await bot.task.add({ run: 1 }, 'a')
    await until(() => expect(seen).toEqual([thrown]))
    expect(seen[0]).toBe(thrown)
  })

  test('waits at least as long as an error asks for', async () => {
    const times: number[] = []
    await using bot = await openBot(await database.create(), {
      async perform() {
        times.push(Date.now())
        if (times.length > 1) return
        throw new Error('Slack said no', { cause: Object.assign(new Error('429'), { retryAfterMs: 400 }) })
      },
    })
    await bot.task.add({ run: 1 }, 'a')
    await until(() => expect(times).toHaveLength(2))
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(399)
  })

  test('gives up once, after the last try, with the last error', async () => {
    const told: unknown[] = []
    let tries = 0
    await using bot = await openBot(await database.create(), {
      perform: () => Promise.reject(Object.assign(new Error(`failure ${++tries} \0`), { code: 'away' })),
      gaveUp: async (input, error) => void told.push(input, error),
    })
    await bot.task.add({ run: 9 }, 'a')
    await until(() => expect(told).toHaveLength(2))
    await bot.engine.stop()
    expect(tries).toBe(4)
    expect(told).toEqual([{ run: 9 }, expect.objectContaining({ message: 'failure 4 \0', code: 'away' })])
    expect(bot.failures.at(-1)).toBe('story: failure 4 \0: gives up after try 4')
  })

  test('tries again to say that it gave up, without performing the task again', async () => {
    const events: string[] = []
    await using bot = await openBot(await database.create(), {
      async perform() {
        events.push('perform')
        throw new Error('GitHub is away')
      },
      async gaveUp(_input, error) {
        events.push(`gave up: ${(error as Error).message}`)
        if (events.length < 7) throw new Error('Slack is away too')
      },
    })
    await bot.task.add({ run: 1 }, 'a')
    await until(() => expect(events).toHaveLength(7))
    await bot.engine.stop()
    expect(events.filter((event) => event === 'perform')).toHaveLength(4)
    expect(events.slice(4)).toEqual(Array(3).fill('gave up: GitHub is away'))
  })

  test('says in the log when it could not even say that it gave up', async () => {
    await using bot = await openBot(await database.create(), {
      perform: () => Promise.reject(new Error('GitHub is away')),
      gaveUp: () => Promise.reject(new Error('Slack is away too')),
    })
    await bot.task.add({ run: 1 }, 'a')
    const last = 'story: Slack is away too: could not even say that it gave up: nobody is told'
    await until(() => expect(bot.failures.at(-1)).toBe(last))
  })

  test('waits for steps begun at once before it tries again', async () => {
    const events: string[] = []
    await using bot = await openBot(await database.create(), {
      async perform(_input, step) {
        events.push('begins')
        await Promise.all([
          step('fails', async () => {
            if (events.length < 3) throw new Error('first time')
          }),
          step('slow', async () => {
            await new Promise((later) => setTimeout(later, 60))
            events.push('slow')
          }),
        ])
        events.push('ends')
      },
    })
    await bot.task.add({ run: 1 }, 'a')
    await until(() => expect(events).toEqual(['begins', 'slow', 'begins', 'ends']))
  })

  test('is woken by a new task and by a free slot, however rarely it looks by itself', async () => {
    let performed = 0
    await using bot = await openBot(
      await database.create(),
      { perform: async (_input, step) => void (await step('count', async () => performed++)) },
      { pollMs: 600_000, concurrency: 2 },
    )
    await Promise.all(Array.from({ length: 30 }, (_, run) => bot.task.add({ run }, `task ${run}`)))
    await until(() => expect(performed).toBe(30))
  })

  test('performs what was added before it was started, or left by an earlier process', async () => {
    const url = await database.create()
    const performed: number[] = []
    {
      await using store = await openStore(url)
      await using engine = await openEngine({ store })
      await engine
        .define<Input>({ name: 'story', schema, perform: async () => {}, gaveUp: async () => {} })
        .add({ run: 3 }, 'a')
    }
    await using _bot = await openBot(url, { perform: async ({ run }) => void performed.push(run) })
    await until(() => expect(performed).toEqual([3]))
  })

  test('finishes running tasks when it is stopped', async () => {
    const events: string[] = []
    const begun = Promise.withResolvers<void>()
    await using bot = await openBot(await database.create(), {
      async perform(_input, step) {
        begun.resolve()
        await step('slow', () => new Promise((later) => setTimeout(later, 100)))
        events.push('ended')
      },
    })
    await bot.task.add({ run: 1 }, 'a')
    await begun.promise
    await bot.engine.stop()
    expect(events).toEqual(['ended'])
  })

  test('does not wait for ever when it is stopped; what was cut off goes on at the next start', async () => {
    const url = await database.create()
    const events: string[] = []
    const begun = Promise.withResolvers<void>()
    const cut = Promise.withResolvers<void>()
    // openworkflow complains there that the stopped one cannot write its failure.
    const quiet = vi.spyOn(console, 'error').mockImplementation(() => {})
    {
      await using bot = await openBot(
        url,
        {
          async perform(_input, step) {
            await step('read', async () => void events.push('read'))
            begun.resolve()
            await cut.promise
            await step('post', async () => void events.push('posted by the stopped one'))
          },
        },
        { graceMs: 20 },
      )
      await bot.task.add({ run: 1 }, 'a')
      await begun.promise
      await bot.engine.stop()
      expect(bot.failures.at(-1)).toMatch(/still running 20 ms after .*they go on at the next start/)
    }
    cut.resolve()
    await outliveLeases(url)
    await using _next = await openBot(url, {
      async perform(_input, step) {
        await step('read', async () => void events.push('read'))
        await step('post', async () => void events.push('posted'))
      },
    })
    await until(() => expect(events).toEqual(['read', 'posted']))
    await until(() => expect(quiet).toHaveBeenCalledOnce())
    quiet.mockRestore()
  })

  test('refuses input that is not what the task takes, when it is added', async () => {
    await using bot = await openBot(await database.create(), {})
    await expect(bot.task.add({ run: 'seven' } as never, 'a')).rejects.toThrow(/expected number/)
  })

  test('refuses a kind of task that is made known too late', async () => {
    await using bot = await openBot(await database.create(), {})
    const late = { name: 'late', schema, perform: async () => {}, gaveUp: async () => {} }
    expect(() => bot.engine.define(late)).toThrow(/"late" was defined after the engine was started/)
  })

  test('performs every task although the database throws its connections out in the middle', async () => {
    if (!database.shared) return
    const url = await database.create()
    const ended = new Set<number>()
    const quiet = vi.spyOn(console, 'error').mockImplementation(() => {})
    const told = {
      async perform({ run }: Input, step: Step) {
        await step('read', async () => {})
        await step('post', async () => {})
        ended.add(run)
      },
    }
    await using bot = await openBot(url, told, { answerMs: 1_000, retry: { ...quick, tries: 50 } })
    await Promise.all(Array.from({ length: 60 }, (_, run) => bot.task.add({ run }, `task ${run}`)))
    await until(() => expect(ended.size).toBeGreaterThanOrEqual(20))
    await throwOutConnections(url)
    await until(async () => {
      await outliveLeases(url)
      expect(ended.size).toBe(60)
    })
    quiet.mockRestore()
  })

  test('loses nothing and repeats no step when the process is killed between two steps', async () => {
    const url = await database.create()
    await using journal = await openJournal()
    {
      await using first = startChild('tasks/crashing-bot.ts', [url, journal.file, '3', 'task-1 explain'])
      await first.prints('stopped before task-1 explain')
      await until(async () =>
        expect(await journal.lines()).toEqual(expect.arrayContaining(['ended task-0', 'ended task-2'])),
      )
      await first.kill()
    }
    await outliveLeases(url)
    await using second = startChild('tasks/crashing-bot.ts', [url, journal.file, '3'])
    await second.prints('done')
    const begun = (await journal.lines()).filter((line) => line.startsWith('begun'))
    const steps = [0, 1, 2].flatMap((task) => ['read', 'explain', 'post'].map((name) => `begun task-${task} ${name}`))
    expect(begun.toSorted()).toEqual(steps.toSorted())
  }, 30_000)

  test('performs every task to its end, and no stored step again, through kills at any moment', async () => {
    const url = await database.create()
    await using journal = await openJournal()
    for (const lines of [5, 40, 75]) {
      await using life = startChild('tasks/crashing-bot.ts', [url, journal.file, '25'])
      await until(async () => expect((await journal.lines()).length).toBeGreaterThanOrEqual(lines))
      await life.kill()
      await outliveLeases(url)
    }
    await using last = startChild('tasks/crashing-bot.ts', [url, journal.file, '25'])
    await last.prints('done')
    const lines = await journal.lines()
    expect(new Set(lines.filter((line) => line.startsWith('ended'))).size).toBe(25)
    expect(
      lines.filter((line, index) => lines.indexOf(line.replace('begun', 'stored')) < index && line.startsWith('begun')),
    ).toEqual([])
    expect(new Set(lines.filter((line) => line.startsWith('stored'))).size).toBe(75)
  }, 60_000)
})

test('a task that ends the process again and again is given up', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'layerwise-tasks-'))
  const quiet = vi.spyOn(console, 'error').mockImplementation(() => {})
  const told: string[] = []
  const cut = Promise.withResolvers<void>()
  const performed: string[] = []
  for (let life = 0; life <= 10; life++) {
    await using bot = await openBot(
      `sqlite:${join(folder, 'test.db')}`,
      {
        perform: (_input, step) =>
          step('explodes', async () => {
            performed.push('explodes')
            await cut.promise
          }),
        gaveUp: async (_input, error) => void told.push((error as Error).message),
      },
      { graceMs: 1 },
    )
    await bot.task.add({ run: 1 }, 'a')
    await until(() => expect(performed.length + told.length).toBe(life + 1))
  }
  cut.resolve()
  await until(() => expect(quiet).toHaveBeenCalledTimes(10))
  expect(told).toEqual([expect.stringMatching(/ended 10 times while this task was performed/)])
  quiet.mockRestore()
  await rm(folder, { recursive: true })
})

type Bot = { store: Store; engine: Engine; task: TaskHandle<Input>; failures: string[] } & AsyncDisposable

/** Store and engine with one kind of task, started; `failures` is what its log would say. */
async function openBot(url: string, task: Partial<Task<Input>>, options: Partial<EngineOptions> = {}): Promise<Bot> {
  const store = await openStore(url)
  const failures: string[] = []
  const onFailure: EngineOptions['onFailure'] = ({ task, error, next }) =>
    void failures.push(`${task}: ${error instanceof Error ? error.message : String(error)}: ${next}`)
  const engine = await openEngine({ store, retry: quick, pollMs: 10, onFailure, ...options })
  const nothing = async () => {}
  const handle = engine.define<Input>({ name: 'story', schema, perform: nothing, gaveUp: nothing, ...task })
  await engine.start()
  return {
    store,
    engine,
    task: handle,
    failures,
    async [Symbol.asyncDispose]() {
      await engine.stop()
      await store.close()
    },
  }
}

async function openJournal() {
  const folder = await mkdtemp(join(tmpdir(), 'layerwise-journal-'))
  const file = join(folder, 'journal')
  return {
    file,
    lines: async () => (await readFile(file, 'utf8').catch(() => '')).split('\n').filter(Boolean),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  }
}

function until(check: () => void | Promise<void>): Promise<void> {
  return vi.waitFor(check, { timeout: 15_000, interval: 5 })
}

import { describe, expect, test } from 'vitest'
import type { Alert } from '../../src/alert/alert.ts'
import type { ScriptedRun } from '../../src/playground/github.ts'
import { diagnoseKey } from '../../src/tasks/diagnose.ts'
import { failing, green, startWorld } from '../support/diagnose-world.ts'
import { alert } from '../thread/examples.ts'

const place = { channel: '#builds', repository: 'acme/platform', workflow: 'CI', branch: 'main' }

describe('a failed attempt', () => {
  test('opens a story and shows it', async () => {
    await using world = await startWorld()
    await world.perform(await world.play(failing()))
    expect(world.parents()).toEqual([expect.stringMatching(/^Failed: acme\/platform · CI · main · build: /)])
    expect(await world.store.stories.open(place)).toMatchObject([{ failures: 1, attempt: 1 }])
  })

  test('is told in every channel that wants to know, each with its own story', async () => {
    await using world = await startWorld(() => ['#builds', '#web'])
    await world.perform(await world.play(failing()))
    expect([world.parents('#builds').length, world.parents('#web').length]).toEqual([1, 1])
    await world.perform(await world.play(green()))
    for (const channel of ['#builds', '#web']) expect(world.parents(channel)[0]).toMatch(/^Fixed/)
  })

  test('that nobody wants to know of is not even read', async () => {
    await using world = await startWorld(() => [])
    const alert = await world.play(failing())
    const before = world.github.requests.length
    await world.perform(alert)
    expect(world.github.requests.length).toBe(before)
    expect(world.standing.size).toBe(0)
  })

  test('with no job at all, because the workflow never started, is silent', async () => {
    await using world = await startWorld()
    await world.perform(await world.play({ conclusion: 'startup_failure', jobs: [] }))
    expect(world.standing.size).toBe(0)
    expect(await world.store.alerts.list({ limit: 10 })).toHaveLength(1)
  })

  test('outside Docker is silent', async () => {
    await using world = await startWorld()
    const log =
      '2026-01-01T00:00:00.0Z ##[group]Run npm test\n2026-01-01T00:00:00.0Z ##[endgroup]\n2026-01-01T00:00:00.0Z ##[error]Process completed with exit code 1.\n'
    await world.perform(await world.play({ workflow: 'CI', jobs: [{ name: 'test', conclusion: 'failure', log }] }))
    expect(world.standing.size).toBe(0)
  })

  test('whose log broke off is told with what came, and says so once', async () => {
    await using world = await startWorld()
    const alert = await world.play(failing())
    world.github.failNext({ match: 'GET /logs/', breakAfter: 4_000 })
    await world.perform(alert)
    const [story] = await world.store.stories.open(place)
    expect(story?.diagnosis.jobs[0]?.explanation?.source.truncated).toBe(true)
    expect(world.parents()).toHaveLength(1)
  })
})

describe('further attempts', () => {
  test('of the same run carry its story on, whatever their cause', async () => {
    await using world = await startWorld()
    const first = await world.play(failing())
    await world.perform(first)
    await world.perform(await world.play(failing('run-network-dns', { runId: first.runId })))
    expect(world.parents()).toEqual([expect.stringMatching(/^Still failing/)])
    expect(await world.store.stories.open(place)).toMatchObject([{ failures: 2, attempt: 2 }])
  })

  test('end as the newest says, when an older message arrives after it', async () => {
    await using world = await startWorld()
    const first = await world.play(failing())
    const second = await world.play(failing('run-tsc-error', { runId: first.runId }))
    world.meanwhile = () => world.perform(second)
    await world.perform(first)
    expect(world.parents()).toEqual([expect.stringContaining('Still failing')])
  })

  test('of another run with the same failure carry it on too', async () => {
    await using world = await startWorld()
    await world.perform(await world.play(failing()))
    await world.perform(await world.play(failing()))
    expect(world.parents()).toHaveLength(1)
    expect(await world.store.stories.open(place)).toMatchObject([{ failures: 2 }])
  })

  test('of another run with another failure are another story', async () => {
    await using world = await startWorld()
    await world.perform(await world.play(failing()))
    await world.perform(await world.play(failing('no-space-run')))
    expect(world.parents()).toHaveLength(2)
    await world.perform(await world.play(green()))
    expect(world.parents()).toEqual([expect.stringMatching(/^Fixed/), expect.stringMatching(/^Fixed/)])
  })

  test('on another branch are another story', async () => {
    await using world = await startWorld()
    await world.perform(await world.play(failing()))
    await world.perform(await world.play(failing('run-tsc-error', { branch: 'fix' })))
    expect(world.parents()).toHaveLength(2)
  })

  test('heard of from a first job, and once more when the run has ended, count once', async () => {
    await using world = await startWorld()
    const alert = await world.play(failing())
    await world.perform({ ...alert, runFinished: false })
    await world.perform(alert)
    expect(await world.store.stories.open(place)).toMatchObject([{ failures: 1 }])
    expect(world.parents()).toEqual([expect.stringMatching(/^Failed/)])
  })
})

describe('a green attempt', () => {
  test('posts nothing where no story is open, and reads nothing', async () => {
    await using world = await startWorld()
    const alert = await world.play(green())
    const before = world.github.requests.length
    await world.perform(alert)
    expect(world.standing.size).toBe(0)
    expect(world.github.requests.length).toBe(before)
  })

  test.each<[string, Partial<ScriptedRun>]>([
    ['branch', { branch: 'fix' }],
    ['workflow', { workflow: 'Release' }],
    ['repository', { repository: 'acme/web' }],
    ['fork', { headRepository: 'robin/platform' }],
  ])('of another %s leaves the story open', async (_, more) => {
    await using world = await startWorld()
    await world.perform(await world.play(failing()))
    const before = [...world.standing]
    await world.perform(await world.play(green(more)))
    expect([...world.standing]).toEqual(before)
    expect(await world.store.stories.open(place)).toHaveLength(1)
  })

  test('of an older run proves nothing', async () => {
    await using world = await startWorld()
    const older = await world.play(green())
    await world.perform(await world.play(failing()))
    await world.perform(older)
    expect(world.parents()).toEqual([expect.stringMatching(/^Failed/)])
  })

  test('of one job only does not end the story', async () => {
    await using world = await startWorld()
    await world.perform(await world.play(failing()))
    await world.perform({ ...(await world.play(green())), runFinished: false })
    expect(await world.store.stories.open(place)).toHaveLength(1)
  })

  test('ends it once: the next one says nothing', async () => {
    await using world = await startWorld()
    await world.perform(await world.play(failing()))
    await world.perform(await world.play(green()))
    const posted = world.deliveries.length
    await world.perform(await world.play(green()))
    expect(world.deliveries.length).toBe(posted)
    // and a failure after it is a new story
    await world.perform(await world.play(failing()))
    expect(world.parents().map((text) => text.split(':')[0])).toEqual(['Fixed', 'Failed'])
  })
})

describe('a task that was cut off and is repeated', () => {
  test('tells a failure as if nothing had happened, wherever Slack went away', async () => {
    const texts = async (slackLasts: number) => {
      await using world = await startWorld()
      const alert = await world.play(failing())
      world.slackLasts = slackLasts
      if (slackLasts < Infinity) await expect(world.perform(alert)).rejects.toThrow('Slack is down')
      await world.perform(alert)
      const [story] = await world.store.stories.open(place)
      expect(story).toMatchObject({ failures: 1 })
      return [...world.standing.values()].map((text) => text.replaceAll(/127\.0\.0\.1:\d+/g, 'github'))
    }
    const undisturbed = await texts(Infinity)
    expect(undisturbed).toHaveLength(2)
    for (let lasts = 0; lasts < undisturbed.length; lasts++) expect(await texts(lasts)).toEqual(undisturbed)
  })

  test('still ends the story when the process died before it knew that it had', async () => {
    await using world = await startWorld()
    await world.perform(await world.play(failing()))
    const alert = await world.play(green())
    world.slackLasts = 0
    await expect(world.perform(alert)).rejects.toThrow('Slack is down')
    world.forget(alert, /^fix /)
    await world.perform(alert)
    expect(world.parents()).toEqual([expect.stringMatching(/^Fixed/)])
    // another green attempt, repeated, takes no part in it
    const posted = world.deliveries.length
    const later = await world.play(green())
    await world.perform(later)
    expect(world.deliveries.length).toBe(posted)
  })

  test('still ends the story, wherever Slack went away', async () => {
    for (const lasts of [0, 1, 2]) {
      await using world = await startWorld()
      await world.perform(await world.play(failing()))
      const alert = await world.play(green())
      world.slackLasts = lasts
      await expect(world.perform(alert)).rejects.toThrow('Slack is down')
      await world.perform(alert)
      expect(world.parents()).toEqual([expect.stringMatching(/^Fixed/)])
      expect([...world.standing.keys()]).toHaveLength(3)
    }
  })
})

describe('when the bot gives up', () => {
  test('every channel is told, with the reason', async () => {
    await using world = await startWorld(() => ['#builds', '#web'])
    await world.gaveUp(alert(), new Error('GitHub answered 502'))
    expect([...world.standing.keys()].map((key) => key.split(' ')[0])).toEqual(['#builds', '#web'])
    for (const text of world.standing.values()) expect(text).toMatch(/gave up/)
  })

  test('on a green attempt, nobody is', async () => {
    await using world = await startWorld()
    await world.gaveUp(alert({ conclusion: 'success' }), new Error('GitHub answered 502'))
    expect(world.standing.size).toBe(0)
  })
})

describe('the key of the task', () => {
  test('is the same whatever the door and the spelling', () => {
    expect(diagnoseKey(alert({ heardFrom: 'poller', repository: 'Acme/Web' }))).toBe(diagnoseKey(alert()))
  })

  test.each<[string, Partial<Alert>]>([
    ['another attempt', { attempt: 2 }],
    ['another run', { runId: 902 }],
    ['another repository', { repository: 'acme/api' }],
    ['a run of which only a job has ended', { runFinished: false }],
  ])('is another one for %s', (_, over) => {
    expect(diagnoseKey(alert(over))).not.toBe(diagnoseKey(alert()))
  })
})

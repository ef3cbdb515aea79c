import { describe, expect, test } from 'vitest'
import type { KeptFailure } from '../../src/store/failures.ts'
import { failing, green, startWorld } from '../support/diagnose-world.ts'

type World = Awaited<ReturnType<typeof startWorld>>

async function kept({ store }: World): Promise<KeptFailure[]> {
  const all: KeptFailure[] = []
  for await (const failure of store.failures.each()) all.push(failure)
  return all.reverse()
}

/** The parent messages as a person reads them. */
const parents = ({ read }: World) => [...read].filter(([key]) => key.split(':').length === 2).map(([, text]) => text)
const last = (world: World) => parents(world).at(-1)

describe('what was seen of a failure before', () => {
  test('is nothing, the first time', async () => {
    await using world = await startWorld()
    await world.perform(await world.play(failing()))
    expect(last(world)).toContain('First seen at this commit')
    expect(await kept(world)).toMatchObject([
      {
        repository: 'acme/platform',
        workflow: 'CI',
        jobName: 'build',
        causeId: 'run-app-compile-error',
        passedAt: null,
      },
    ])
  })

  test('counts other runs and other branches, since the first one', async () => {
    await using world = await startWorld()
    await world.perform(await world.play(failing()))
    await world.perform(await world.play(failing('run-tsc-error', { branch: 'fix' })))
    expect(last(world)).toMatch(/Seen 2 times since /)
    await world.perform(await world.play(failing('no-space-run')))
    expect(last(world)).toContain('First seen at this commit')
  })

  test('is told of the same commit as such, and that it stays when it failed again on re-run', async () => {
    await using world = await startWorld()
    const first = await world.play(failing('run-oom-killed'))
    await world.perform(first)
    await world.perform(await world.play(failing('run-oom-killed', { runId: first.runId })))
    expect(last(world)).toMatch(
      /Seen 2 times, first at this commit; it stays: failed again when the same commit was run again/,
    )
    const [story] = await world.store.stories.open({ ...first, channel: '#builds' })
    expect(story?.diagnosis.jobs[0]?.explanation?.diagnosis?.transient).toBe('no')
  })

  test('says that it comes and goes once it passed when the same commit was run again', async () => {
    await using world = await startWorld()
    for (const times of ['once', '2 times']) {
      const red = await world.play(failing('run-network-dns'))
      await world.perform(red)
      await world.perform(await world.play(green({ runId: red.runId })))
      await world.perform(await world.play(failing('run-network-dns', { branch: `after ${times}` })))
      expect(last(world)).toContain(`it comes and goes: passed ${times} when the same commit was run again`)
    }
  })

  test('does not take another commit’s success for its own', async () => {
    await using world = await startWorld()
    await world.perform(await world.play(failing()))
    await world.perform(await world.play(green()))
    await world.perform(await world.play(failing()))
    expect(last(world)).toMatch(/Seen 2 times since [^;]*$/m)
  })

  test('knows of a job that passed on re-run while another failed again', async () => {
    await using world = await startWorld()
    const jobs = (one: string, other: string) => ({
      jobs: [
        { ...failing('run-network-dns').jobs[0], name: 'one', conclusion: one },
        { ...failing().jobs[0], name: 'other', conclusion: other },
      ],
    })
    const first = await world.play({ workflow: 'CI', ...jobs('failure', 'failure') })
    await world.perform(first)
    await world.perform(await world.play({ runId: first.runId, ...jobs('success', 'failure') }))
    const passed = (await kept(world)).map(({ jobName, attempt, passedAt }) => [jobName, attempt, passedAt !== null])
    expect(passed.sort()).toEqual([
      ['one', 1, true],
      ['other', 1, false],
      ['other', 2, false],
    ])
  })

  test('is the same when the task is cut off and repeated', async () => {
    await using world = await startWorld()
    await world.perform(await world.play(failing()))
    const again = await world.play(failing())
    world.slackLasts = 0
    await expect(world.perform(again)).rejects.toThrow('Slack is down')
    world.forget(again, /^(?:read|remember)/)
    await world.perform(again)
    expect(last(world)).toMatch(/Seen 2 times since /)
    expect(await kept(world)).toHaveLength(2)
  })

  test('is kept redacted, with the log in short', async () => {
    await using world = await startWorld()
    await world.perform(await world.play(failing()))
    const [{ excerpt } = { excerpt: null }] = await kept(world)
    expect(excerpt).toContain('error TS2345')
  })
})

describe('what a job writes when all is well', () => {
  const step = '#7 [build 4/7] RUN make\n'
  const lines = (...texts: string[]) => texts.map((text) => `#7 1.5 ${text}\n`).join('')
  const usual = ['warning: could not find gizmo cache, error 3', 'FAIL: lint is not run here', 'linking in 3 s']
  const red = (conclusion = 'failure') => ({
    name: 'build',
    conclusion,
    log: `${step}${lines(...usual, 'the gizmo bent')}#7 ERROR: process "/bin/sh -c make" did not complete successfully: exit code: 2\nERROR: failed to solve: process "/bin/sh -c make" did not complete successfully: exit code: 2\n`,
  })
  const well = { name: 'build', conclusion: 'success', log: `${step}${lines(...usual)}#7 DONE 3.0s\n` }
  const asked = (world: World) => world.github.requests.filter(({ path }) => /\/runs$|\/logs/.test(path)).length

  test('is learnt from the last green run, once, and sets off what is new', async () => {
    await using world = await startWorld()
    await world.play({ workflow: 'CI', jobs: [well] })
    await world.perform(await world.play({ workflow: 'CI', jobs: [red()] }))
    expect(last(world)).toContain('the gizmo bent')
    expect(last(world)).not.toContain('lint is not run here')
    const before = asked(world)
    await world.perform(await world.play({ workflow: 'CI', jobs: [red()] }))
    // one log, in two requests: GitHub sends on to where logs lie
    expect(asked(world) - before).toBe(2)
    expect(last(world)).not.toContain('lint is not run here')
  })

  test('is that of a pushed branch where the failing one was never green', async () => {
    await using world = await startWorld()
    await world.play({ workflow: 'CI', jobs: [well] })
    await world.perform(await world.play({ workflow: 'CI', branch: 'fix', jobs: [red()] }))
    expect(last(world)).not.toContain('lint is not run here')
    const stored = await world.store.lineSignatures.of(
      { repository: 'acme/platform', workflow: 'CI', jobName: 'build' },
      'fix',
    )
    expect(stored).toMatchObject({ branch: 'main' })
  })

  test('is not asked for when a rule knows the failure', async () => {
    await using world = await startWorld()
    await world.play(green())
    await world.perform(await world.play(failing()))
    expect(world.github.requests.some(({ path }) => /\/runs$/.test(path))).toBe(false)
  })

  test('is done without when GitHub does not tell', async () => {
    await using world = await startWorld()
    const alert = await world.play({ workflow: 'CI', jobs: [red()] })
    world.github.failNext({ match: '/actions/runs?', status: 403, times: 10 })
    await world.perform(alert)
    expect(last(world)).toContain('lint is not run here')
  })
})

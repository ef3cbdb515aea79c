import { describe, expect, test } from 'vitest'
import type { PostedMessage } from '../src/playground/print-thread.ts'
import { failureOf, first, type RemedyWorld, second, startRemedyWorld } from './support/remedy-world.ts'
import { failingRun, labLog, until } from './support/start-bot.ts'

/** What strangers wrote stays words: no mention, no secret, no command, no target. The local Slack holds texts to Slack's limits. */

const secret = `ghp_${'a1B2'.repeat(9)}`
const hostile = `<!channel> \`x\` *b* ${secret}`

/** Everything of the bot's that mark-up is read in, and what only one person was told. */
async function written(world: RemedyWorld): Promise<string> {
  const messages: Pick<PostedMessage, 'text' | 'blocks'>[] = [...(await world.messages()), ...world.slack.answers]
  return JSON.stringify(messages.map(({ text, blocks }) => [text, blocks]))
}

async function expectTame(world: RemedyWorld): Promise<void> {
  const text = await written(world)
  for (const bad of ['<!channel', '<!here', '<@UEVERYONE', secret]) expect(text).not.toContain(bad)
  expect(JSON.stringify(await world.audit())).not.toContain(secret)
  expect(JSON.stringify(world.slack.calls)).not.toContain(secret)
  expect(JSON.stringify(world.logged)).not.toContain(secret)
}

async function form(world: RemedyWorld, command: string) {
  await world.slack.command(command)
  await until(() => world.slack.modals.length > 0)
  const [modal] = world.slack.modals
  if (!modal) throw new Error('no form stands open')
  return modal
}

describe('keys of caches', () => {
  test('that hold mentions, secrets, paths and hundreds of characters are shown tame; ids alone are deleted', async () => {
    await using world = await startRemedyWorld()
    const keys = [hostile, `${'k'.repeat(900)} <!here>`, '../../../../orgs/acme/actions/caches/1?<@UEVERYONE>']
    for (const [at, key] of keys.entries()) world.github.addCache({ key, ref: `refs/heads/${hostile}`, id: 501 + at })
    await world.slack.submit(await form(world, 'prune acme/platform'), { kind: 'any' })
    const text = await world.reads(/Waits for one more person: Prune of 3 cache entries/)
    expect(text).toMatch(/kkkk/)
    expect(text).toMatch(/<!channel> 'x'|<!channel> `x`/)
    await expectTame(world)
    await world.press('Prune 3 entries', second)
    await world.reads(/All 3 entries are gone/, 40_000)
    await expectTame(world)
    expect(
      world
        .changes()
        .map(({ method, path }) => `${method} ${path}`)
        .toSorted(),
    ).toEqual([501, 502, 503].map((id) => `DELETE /repos/acme/platform/actions/caches/${id}`))
  })
})

describe('names of jobs', () => {
  test('stay words on buttons, in requests and in what came of them', async () => {
    await using world = await startRemedyWorld()
    const jobs = [
      { name: hostile, conclusion: 'failure', log: labLog('gha-429') },
      { name: 'b <!here>', conclusion: 'failure', log: labLog('run-test-failed') },
    ]
    await world.github.finishRun(failingRun('gha-429', { jobs }))
    await world.reads(/Re-run 2 failed jobs/)
    const [, label] = /"text":"(Re-run only [^"]*)"/.exec(JSON.stringify(await world.messages())) ?? []
    if (label === undefined) throw new Error('one job alone is not offered')
    expect(label).toContain('!channel')
    await world.press(label)
    await world.reads(/Done: Re-run of job/)
    expect(world.github.reruns).toMatchObject([{ jobId: expect.any(Number), debug: false }])
    await expectTame(world)
  })
})

describe('GitHub’s own words', () => {
  test('about a refusal are shown tame', async () => {
    await using world = await startRemedyWorld()
    await world.github.finishRun(failingRun('gha-429'))
    world.github.failNext({ match: 'rerun-failed-jobs', status: 422, body: { message: `No: ${hostile}` } })
    await world.press('Re-run failed job')
    await world.reads(/GitHub did not start it: No: /)
    await expectTame(world)
  })
})

describe('a branch', () => {
  const workflow =
    'on: { workflow_dispatch: { inputs: { no-cache: { type: boolean } } } }\njobs: { build: { runs-on: ubuntu-latest, steps: [{ uses: docker/build-push-action@v6, with: { no-cache: "${{ inputs.no-cache }}" } }] } }\n'
  const files = { '.github/workflows/ci.yml': workflow }

  test('that is called like a command is started as what it is: the ref of the failure', async () => {
    await using world = await startRemedyWorld()
    const branch = 'main && rm -rf /'
    world.github.commit({ files })
    const sha = world.github.commit({ branch, files })
    await world.github.finishRun(failureOf('gha-cache-blob-missing', { sha, branch }))
    await world.press('Rebuild without cache')
    await until(() => world.github.dispatches.length === 1)
    expect(world.github.dispatches).toMatchObject([{ ref: branch, workflow: '.github/workflows/ci.yml' }])
  })

  test('that the repository does not have starts nothing', async () => {
    await using world = await startRemedyWorld()
    world.github.commit({ files })
    await world.github.finishRun(failureOf('gha-cache-blob-missing', { branch: '$(curl <!channel>)' }))
    await world.press('Rebuild without cache')
    await world.told(first, /cannot be read/)
    await expectTame(world)
    expect(world.changes()).toEqual([])
  })

  test('of a fork is not taken for the one of the same name here, nor taken from a form', async () => {
    await using world = await startRemedyWorld()
    world.github.commit({ files })
    await world.github.finishRun(failureOf('gha-cache-blob-missing', { headRepository: 'evil/platform' }))
    for (const label of ['Rebuild without cache', 'Prune cache index of main']) {
      await world.press(label)
      await world.told(first, /is of a fork \(evil:main\).* Nothing was done/)
    }
    const open = await form(world, 'rebuild acme/platform')
    const { errors } = await world.slack.submit(open, { branch: 'evil:main' })
    expect(Object.keys(errors)).toEqual(['branch'])
    for (const ref of ['a b', '--upload-pack=x', '../../x', 'refs/heads/../main'])
      expect(Object.keys((await world.slack.submit(open, { branch: ref })).errors), ref).toEqual(['branch'])
    expect(world.changes()).toEqual([])
  })
})

import { afterAll, describe, expect, test } from 'vitest'
import { printMessage } from '../src/playground/print-thread.ts'
import { githubDescription } from './support/openapi.ts'
import { failingRun, greenRun, startWorld, until, type World } from './support/start-bot.ts'

const repository = 'acme/platform'
const watchIn = (channel: string, of = repository, more: object = {}) => ({
  ...{ repository: of, channel, branches: null, workflows: null, poll: false, checks: false },
  ...more,
})
const here = [watchIn('#builds')]
const asked: World['github']['requests'] = []
afterAll(() => expect(githubDescription().problemsOf(asked)).toEqual([]))

/** What the person is told in the end; the first answer only says that it is being looked for. */
async function answerTo(world: World, typed: string): Promise<string> {
  world.github.sendWebhooksTo(null)
  const before = world.slack.answers.length
  await world.slack.command(`debug ${typed}`.trim())
  const later = () => world.slack.answers.slice(before + 1)
  await until(() => later().length > 0)
  asked.push(...world.github.requests)
  return later()
    .map((answer) => printMessage({ ts: '', ...answer }))
    .join('\n')
}

describe('/cache debug, from the command to the answer', () => {
  test('without an argument explains the latest run of the repository that reports to the channel', async () => {
    await using world = await startWorld({ config: { watch: here } })
    world.github.sendWebhooksTo(null)
    await world.github.finishRun(failingRun('base-rate-limited'))
    await world.github.finishRun(greenRun())
    const said = await answerTo(world, '')
    expect(said).toContain('Passed: acme/platform')
    expect(said).toContain('steps from the cache')
    expect(await world.slack.postedMessages('builds')).toEqual([])
  })

  test('of several workflows it takes the newest that builds images', async () => {
    await using world = await startWorld({ config: { watch: here } })
    world.github.sendWebhooksTo(null)
    const image = greenRun({ workflow: 'Images', jobs: [{ ...job('docker'), log: greenRun().jobs[0]?.log ?? '' }] })
    const { runId } = await world.github.finishRun(image)
    await world.github.finishRun({ workflow: 'Lint', jobs: [job('lint')] })
    expect(await answerTo(world, 'acme/platform')).toContain(`run ${runId}`)
  })

  test('the workflows that are watched go before others', async () => {
    const watch = [watchIn('#builds', repository, { workflows: ['CI'], branches: ['main'] })]
    await using world = await startWorld({ config: { watch } })
    world.github.sendWebhooksTo(null)
    const { runId } = await world.github.finishRun(greenRun({ branch: 'main' }))
    await world.github.finishRun(greenRun({ branch: 'fix' }))
    await world.github.finishRun(greenRun({ workflow: 'Docker nightly', branch: 'main' }))
    expect(await answerTo(world, '')).toContain(`run ${runId}`)
    expect(await answerTo(world, 'acme/platform@fix')).toContain('`fix`')
  })

  test('#PR explains a failed run of its newest commit before those that passed, and says what still runs', async () => {
    await using world = await startWorld({ config: { watch: here } })
    world.github.sendWebhooksTo(null)
    world.github.commit({ files: { a: 'a\n' } })
    const sha = world.github.commit({ branch: 'fix', files: { a: 'b\n' } })
    const number = world.github.openPull({ head: 'fix' })
    const failed = await world.github.finishRun(failingRun('base-rate-limited', { branch: 'fix', sha }))
    await world.github.finishRun(greenRun({ workflow: 'Other', branch: 'fix', sha }))
    await world.github.startRun(greenRun({ workflow: 'Slow', branch: 'fix', sha }))
    const said = await answerTo(world, `#${number}`)
    expect(said).toContain('The registry limits pulls')
    expect(said).toContain(`run ${failed.runId}`)
    expect(said).toMatch(/Slow \(run \d+\) still runs/)
  })

  test('a pull request whose runs are not done is told so, with what to do', async () => {
    await using world = await startWorld({ config: { watch: here } })
    world.github.sendWebhooksTo(null)
    world.github.commit({ files: { a: 'a\n' } })
    const sha = world.github.commit({ branch: 'fix', files: { a: 'b\n' } })
    const number = world.github.openPull({ head: 'fix' })
    await world.github.startRun(greenRun({ branch: 'fix', sha }))
    const said = await answerTo(world, `${repository}#${number}`)
    expect(said).toMatch(/At commit \w{7} of acme\/platform#1 CI \(run \d+\) still runs\. Ask again when it is done\./)
  })

  test('what GitHub does not have is said in words, at once', async () => {
    await using world = await startWorld()
    expect(await answerTo(world, 'acme/platform#99')).toMatch(
      /I found no build to explain\. Reading pull request #99 of acme\/platform: GitHub has no such thing, or our credentials cannot see it \(404\)/,
    )
    expect(world.github.requests.filter(({ path }) => path.includes('/pulls/'))).toHaveLength(1)
  })

  test('a repository without runs is told so', async () => {
    await using world = await startWorld({ config: { watch: here } })
    expect(await answerTo(world, '')).toContain('No workflow has come to an end yet in acme/platform.')
  })

  test('of several repositories in a channel it asks which, and looks nothing up', async () => {
    await using world = await startWorld({ config: { watch: [...here, watchIn('#builds', 'acme/api')] } })
    await world.slack.command('debug')
    expect(world.slack.answers[0]?.text).toContain('• `/cache debug acme/api`')
    await world.slack.command('debug secret/plans')
    expect(world.slack.answers[1]?.text).toContain('is not among the repositories that I watch')
    expect(world.github.requests).toEqual([])
  })
})

function job(name: string) {
  return { name, conclusion: 'success', log: '' }
}

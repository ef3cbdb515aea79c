import { describe, expect, test } from 'vitest'
import { githubDescription } from './support/openapi.ts'
import { failingRun, greenRun, labLog, startWorld, until } from './support/start-bot.ts'

const hasDetails = ({ replies }: { replies: unknown[] }) => replies.length > 0

describe('a failed run heard of from the webhook', () => {
  test('stands in Slack as one thread, with the cause from the runbook', async () => {
    await using world = await startWorld()
    await world.github.finishRun(failingRun('cargo-locked-mismatch'))
    const { parent, text } = await world.thread(hasDetails)
    expect(parent.text).toBe(
      'Failed: acme/platform · CI · main · build: cargo cannot use the workspace as it was copied',
    )
    expect(text).toContain('error: cannot update the lock file /app/Cargo.lock because --locked was passed')
    expect(text).toContain('[cacher 2/2] RUN cargo chef cook --release --recipe-path recipe.json')
    expect(text).toMatch(/\d+ steps? from the cache/)
    expect(githubDescription().problemsOf(world.github.requests)).toEqual([])
  })

  test('is told once however often GitHub delivers it', async () => {
    await using world = await startWorld()
    const run = await world.github.finishRun(failingRun('gha-429'))
    for (const delivery of run.deliveries) await world.github.redeliver(delivery)
    await world.thread(hasDetails)
    expect(await world.slack.postedMessages('builds')).toHaveLength(1)
    const posts = world.slack.calls.filter(({ method }) => method === 'chat.postMessage')
    expect(posts).toHaveLength(2)
  })

  test('keeps quiet when no image build failed', async () => {
    await using world = await startWorld()
    const log =
      '2026-01-01T00:00:00.0000000Z ##[group]Run npm test\n2026-01-01T00:00:00.0000000Z ##[endgroup]\n2026-01-01T00:00:01.0000000Z 1 failing\n2026-01-01T00:00:02.0000000Z ##[error]Process completed with exit code 1.\n'
    const quiet = { workflow: 'Tests', jobs: [{ name: 'unit', conclusion: 'failure', log }] }
    await world.github.finishRun(quiet)
    await world.github.finishRun(failingRun('gha-429'))
    await world.thread(hasDetails)
    const asked = world.github.requests.filter(({ path }) => /\/jobs\/\d+\/logs/.test(path))
    expect(asked.length).toBeGreaterThanOrEqual(2)
    expect(await world.slack.postedMessages('builds')).toHaveLength(1)
  })

  test('a second failing attempt updates the message, a green one closes it as fixed', async () => {
    await using world = await startWorld()
    const first = await world.github.finishRun(failingRun('gha-429'))
    await world.thread(hasDetails)
    await world.github.finishRun(failingRun('gha-429', { runId: first.runId }))
    const again = await world.thread(({ parent, replies }) => /Still failing/.test(parent.text) && replies.length === 2)
    expect(again.text).toMatch(/[Aa]ttempt 2/)
    await world.github.finishRun(greenRun({ runId: first.runId }))
    const fixed = await world.thread(({ parent, replies }) => /Fixed/.test(parent.text) && replies.length === 3)
    expect(fixed.replies.at(-1)?.text).toMatch(/Fixed/)
    expect(
      world.slack.calls.some(({ method, args }) => method === 'chat.postMessage' && 'reply_broadcast' in args),
    ).toBe(true)
  })

  test('a matrix is one message', async () => {
    await using world = await startWorld()
    const log = labLog('run-network-dns')
    const jobs = ['amd64', 'arm64', 'arm'].map((platform) => ({
      name: `build (${platform})`,
      conclusion: 'failure',
      log,
    }))
    await world.github.finishRun({ workflow: 'CI', jobs })
    const { text } = await world.thread(({ text }) => /amd64/.test(text) && /arm64/.test(text) && hasDetailsIn(text))
    expect(text).toContain('amd64')
    expect(await world.slack.postedMessages('builds')).toHaveLength(1)
  })

  test('a log that cannot be fetched is named with its reason', async () => {
    await using world = await startWorld()
    await world.github.finishRun({
      workflow: 'CI',
      jobs: [{ name: 'build', conclusion: 'failure', log: { status: 410 } }],
    })
    const { text } = await world.thread(({ text }) => /410/.test(text))
    expect(text).toMatch(/could not read job build: it expired or was deleted \(410\)/)
  })
})

const hasDetailsIn = (text: string) => /cached|executed/.test(text)

describe('when something is down', () => {
  test('GitHub answers 502 for a while: nothing is lost', async () => {
    await using world = await startWorld()
    world.github.failNext({ match: /\/jobs/, status: 502, times: 3 })
    await world.github.finishRun(failingRun('gha-429'))
    const { text } = await world.thread(hasDetails)
    expect(text).toContain('resource_exhausted')
  }, 60_000)

  test('Slack is busy and then broken: the message still arrives, once', async () => {
    await using world = await startWorld()
    world.slack.failNext({ method: 'chat.postMessage', status: 429, retryAfter: 1, times: 1 })
    world.slack.failNext({ method: 'chat.postMessage', status: 500, times: 2 })
    await world.github.finishRun(failingRun('gha-429'))
    await world.thread(hasDetails)
    expect(await world.slack.postedMessages('builds')).toHaveLength(1)
  }, 60_000)

  test('when GitHub stays down the bot says that it gave up', async () => {
    await using world = await startWorld({ retry: { tries: 2, firstDelayMs: 20, maxDelayMs: 50 } })
    world.github.failNext({ match: /\/jobs/, status: 404, times: 50 })
    await world.github.finishRun(failingRun('gha-429'))
    await until(async () => (await world.slack.postedMessages('builds')).length === 1, 30_000)
    const [message] = await world.slack.postedMessages('builds')
    expect(message?.text).toMatch(/gave up finding out why/)
  }, 60_000)
})

describe('other doors', () => {
  test('the poller hears of a failed run without a webhook', async () => {
    await using world = await startWorld({
      webhooks: false,
      config: {
        watch: [
          {
            repository: 'acme/platform',
            channel: '#builds',
            branches: null,
            workflows: null,
            poll: true,
            checks: false,
          },
        ],
        poll: '* * * * * *',
      },
    })
    // the first poll only notes what is there
    await until(() => world.github.requests.some(({ path }) => path.includes('/actions/runs')))
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    await world.github.finishRun(failingRun('cargo-locked-mismatch'))
    const { parent } = await world.thread(hasDetails)
    expect(parent.text).toContain('cargo')
  }, 30_000)

  test('a run that webhook, poller and a re-delivery all tell of is one thread', async () => {
    const watch = [
      { repository: 'acme/platform', channel: '#builds', branches: null, workflows: null, poll: true, checks: false },
    ]
    await using world = await startWorld({ config: { watch, poll: '* * * * * *' } })
    await until(() => world.github.requests.some(({ path }) => path.includes('/actions/runs')))
    const run = await world.github.finishRun(failingRun('gha-429'))
    await world.thread(hasDetails)
    const polls = () => world.github.requests.filter(({ path }) => path.endsWith('/actions/runs')).length
    const before = polls()
    await until(() => polls() > before + 4)
    for (const delivery of run.deliveries) await world.github.redeliver(delivery)
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(await world.slack.postedMessages('builds')).toHaveLength(1)
    expect(world.slack.calls.filter(({ method }) => method === 'chat.postMessage')).toHaveLength(2)
  }, 30_000)

  test.each(['http', 'socket'] as const)('/cache debug answers the person who asks, over %s', async (door) => {
    await using world = await startWorld({ door })
    world.github.sendWebhooksTo(null)
    const run = await world.github.finishRun(failingRun('base-rate-limited'))
    await world.slack.command(`debug ${run.url}`)
    await until(() => world.slack.answers.some(({ text }) => /The registry limits pulls/.test(text)))
    expect(await world.slack.postedMessages('builds')).toHaveLength(0)
  })

  test('"Explain this build" answers in the thread of the message', async () => {
    await using world = await startWorld()
    world.github.sendWebhooksTo(null)
    const run = await world.github.finishRun(failingRun('run-test-failed'))
    const message = await world.slack.say(`why is this red? ${run.url}`)
    await world.slack.shortcut(message)
    await until(async () => (await world.slack.thread('builds', message.ts)).some(({ text }) => /test/i.test(text)))
  })

  test('a mention with a link is answered in its thread', async () => {
    await using world = await startWorld()
    world.github.sendWebhooksTo(null)
    const run = await world.github.finishRun(failingRun('run-test-failed'))
    const { message } = await world.slack.mention(`look at ${run.url}`)
    await until(async () => (await world.slack.thread('builds', message.ts)).length > 0)
  })

  test('a webhook that is not signed by GitHub is refused and queues nothing', async () => {
    await using world = await startWorld()
    const refused = await fetch(`${world.bot.url}/github/webhooks`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-github-event': 'workflow_run',
        'x-github-delivery': 'a-b-c',
        'x-hub-signature-256': 'sha256=00',
      },
      body: '{}',
    })
    expect(refused.status).toBe(401)
    expect((await fetch(`${world.bot.url}/healthz`)).status).toBe(200)
    expect((await fetch(`${world.bot.url}/nowhere`)).status).toBe(404)
  })
})

import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { type LocalGithub, startLocalGithub } from '../src/playground/github.ts'
import { type LocalSlack, startLocalSlack } from '../src/playground/slack.ts'
import { type Child, startChild } from './support/child.ts'
import { describeOnEngines } from './support/engines.ts'
import { failingRun, until, waitForThread, webhookSecret } from './support/start-bot.ts'

/**
 * The real bot as a process of its own (`src/main.ts`), killed with SIGKILL at moments that are seen from outside, then
 * started again: no alert is lost and no message stands twice.
 */
type Moment = {
  name: string
  reached(world: { slack: LocalSlack; github: LocalGithub }): boolean
  before?(slack: LocalSlack): void
}

const asked =
  (path: RegExp) =>
  ({ github }: { github: LocalGithub }) =>
    github.requests.some((request) => path.test(request.path))
const posted =
  (times: number) =>
  ({ slack }: { slack: LocalSlack }) =>
    slack.calls.filter(({ method }) => method === 'chat.postMessage').length >= times

const moments: Moment[] = [
  { name: 'as soon as the webhook is answered', reached: () => true },
  { name: 'when it has asked for the jobs', reached: asked(/\/attempts\/1\/jobs/) },
  { name: 'when it has asked for the log', reached: asked(/\/jobs\/\d+\/logs/) },
  { name: 'when it has sent the first message', reached: posted(1) },
  {
    name: 'when the first message stands and the answer never came',
    before: (slack) => slack.failNext({ method: 'chat.postMessage', lost: true, times: 1 }),
    reached: posted(1),
  },
  { name: 'when it has sent the second message', reached: posted(2) },
  {
    name: 'when it has uploaded the picture',
    reached: ({ slack }) => slack.calls.some(({ method }) => method === 'files.completeUploadExternal'),
  },
]

describeOnEngines('killed and started again', (engine) => {
  // PostgreSQL cannot know that the dead process is dead, so its leases run out first; one moment there is enough
  const tried = engine.name === 'SQLite' ? moments : moments.slice(3, 4)
  test.concurrent.each(tried)('$name', { timeout: 120_000 }, async ({ reached, before }) => {
    await using slack = await startLocalSlack()
    await using github = await startLocalGithub({ webhookSecret })
    const port = await freePort()
    const environment = environmentOf({ slack, github, port, database: await engine.create() })
    slack.botAt(`http://127.0.0.1:${port}`)
    github.sendWebhooksTo(`http://127.0.0.1:${port}/github/webhooks`)
    before?.(slack)

    await using first = await startBotProcess(environment, port)
    await github.finishRun(failingRun('cargo-locked-mismatch'))
    while (!reached({ slack, github })) await new Promise((resolve) => setImmediate(resolve))
    await first.kill()

    await using _second = await startBotProcess(environment, port)
    const { replies } = await waitForThread(slack, (thread) => thread.replies.length > 1, 100_000)
    // whatever was still to come would come now
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    const parents = await slack.postedMessages('builds')
    expect(parents).toHaveLength(1)
    expect(await slack.thread('builds', parents[0]?.ts ?? '')).toHaveLength(replies.length)
    // the details, and the picture
    expect(replies.map(({ text }) => text.split(':')[0])).toEqual(['Details', 'Waterfall'])
  })
})

type Place = { slack: LocalSlack; github: LocalGithub; port: number; database: string }

function environmentOf({ slack, github, port, database }: Place): Record<string, string> {
  return {
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_SIGNING_SECRET: slack.signingSecret,
    SLACK_API_URL: slack.apiUrl,
    GITHUB_TOKEN: github.token,
    GITHUB_URL: github.baseUrl,
    GITHUB_API_URL: github.baseUrl,
    GITHUB_WEBHOOK_SECRET: webhookSecret,
    DATABASE_URL: database,
    LAYERWISE_CHANNEL: '#builds',
    HOST: '127.0.0.1',
    PORT: String(port),
    LOG_LEVEL: 'warn',
  }
}

async function startBotProcess(environment: Record<string, string>, port: number): Promise<Child> {
  const child = startChild('../src/main.ts', [], environment)
  await until(() => answers(`http://127.0.0.1:${port}/healthz`), 40_000)
  return child
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok
  } catch {
    return false
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Alert } from '../../src/alert/alert.ts'
import { hearRun } from '../../src/alert/from-run.ts'
import { indexSigns } from '../../src/diagnosis/match.ts'
import { loadRunbooks } from '../../src/diagnosis/runbooks.ts'
import { githubClient } from '../../src/github/client.ts'
import { githubRuns } from '../../src/github/runs.ts'
import { type LocalGithub, type ScriptedRun, startLocalGithub } from '../../src/playground/github.ts'
import { printMessage } from '../../src/playground/print-thread.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { diagnoseKey, diagnoseTask } from '../../src/tasks/diagnose.ts'
import { greenLines } from '../../src/tasks/green-lines.ts'
import type { Step } from '../../src/tasks/turn.ts'
import type { WantedMessage } from '../../src/thread/wanted.ts'

const signs = indexSigns(await loadRunbooks([fileURLToPath(new URL('../../runbooks', import.meta.url))]))
export const lab = (name: string) => readFileSync(new URL(`../fixtures/lab/${name}.gha.log`, import.meta.url))

/** The task between a GitHub on loopback and a store in memory; what it would post is kept by tag, as Slack would. */
export type World = AsyncDisposable & {
  github: LocalGithub
  store: Store
  /** the texts that stand, by channel and tag */
  standing: Map<string, string>
  /** the same with their blocks, as a person reads them */
  read: Map<string, string>
  deliveries: string[]
  /** how many deliveries still work; then Slack is down, once */
  slackLasts: number
  /** what another task does while the next message is on its way to Slack, once */
  meanwhile: (() => Promise<void>) | null
  play(script: Partial<ScriptedRun> & { jobs: ScriptedRun['jobs'] }): Promise<Alert>
  perform(alert: Alert): Promise<void>
  /** The results of these steps were not kept before the process died. */
  forget(alert: Alert, steps: RegExp): void
  gaveUp(alert: Alert, error: unknown): Promise<void>
  parents(channel?: string): string[]
}

export async function startWorld(
  channels: (run: { branch: string | null }) => string[] = () => ['#builds'],
): Promise<World> {
  const parts = new AsyncDisposableStack()
  const github = parts.use(await startLocalGithub())
  const store = parts.use(await openStore('sqlite::memory:'))
  const patience = { retries: 1, retryUnitMs: 1, timeoutMs: 5_000 }
  const runs = githubRuns(githubClient({ kind: 'token', token: github.token, baseUrl: github.baseUrl }, patience))
  const turns = new Map<string, Map<string, unknown>>()
  const world: World = {
    github,
    store,
    standing: new Map(),
    read: new Map(),
    deliveries: [],
    slackLasts: Infinity,
    meanwhile: null,
    async play(script) {
      const { repository, runId, attempt } = await github.finishRun(script)
      const heard = hearRun(await runs.run(repository, runId, attempt), 'webhook')
      if (heard.kind === 'ignored') throw new Error(heard.because)
      return heard.alert
    },
    perform(alert) {
      const key = diagnoseKey(alert)
      const kept = turns.get(key) ?? new Map()
      turns.set(key, kept)
      return task.perform(task.schema.parse(JSON.parse(JSON.stringify(alert))), steps(kept), noSleep)
    },
    forget(alert, steps) {
      const kept = turns.get(diagnoseKey(alert))
      for (const name of [...(kept?.keys() ?? [])]) if (steps.test(name)) kept?.delete(name)
    },
    gaveUp: (alert, error) => task.gaveUp(alert, error),
    parents: (channel = '#builds') =>
      [...world.standing]
        .filter(([key]) => key.startsWith(`${channel} story:`) && key.split(':').length === 2)
        .map(([, text]) => text),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
  const deliver = async ({ tag, text, blocks }: WantedMessage, { channel }: { channel: string }) => {
    if (world.slackLasts-- <= 0) {
      world.slackLasts = Infinity
      throw new Error('Slack is down')
    }
    const meanwhile = world.meanwhile
    world.meanwhile = null
    await meanwhile?.()
    world.standing.set(`${channel} ${tag}`, text)
    world.read.set(`${channel} ${tag}`, printMessage({ ts: '1', text, blocks }))
    world.deliveries.push(tag)
    return { channel, ts: '1' }
  }
  const poster = { deliver, deliverAll: () => Promise.reject(new Error('one message is one step')) }
  const now = () => new Date()
  const task = diagnoseTask({
    runs,
    signs,
    store,
    green: greenLines({ runs, lineSignatures: store.lineSignatures, now }),
    poster,
    now,
    channelsFor: channels,
    runbooksUrl: null,
  })
  return world
}

/** Steps as the engine gives them: each name once in a turn, results through JSON, and kept for the next turn. */
function steps(kept: Map<string, unknown>): Step {
  const names = new Set<string>()
  return async <T>(name: string, perform: () => Promise<T>) => {
    if (names.has(name)) throw new Error(`two steps are called "${name}"`)
    names.add(name)
    if (!kept.has(name)) kept.set(name, JSON.parse(JSON.stringify((await perform()) ?? null)))
    return kept.get(name) as T
  }
}

/** Nothing this task does waits. */
export const noSleep = () => Promise.reject(new Error('a task that is not meant to sleep wants to'))

export const failing = (log = 'run-tsc-error', more: Partial<ScriptedRun> = {}): ScriptedRun => ({
  workflow: 'CI',
  jobs: [{ name: 'build', conclusion: 'failure', log: lab(log) }],
  ...more,
})
export const green = (more: Partial<ScriptedRun> = {}): ScriptedRun => ({
  workflow: 'CI',
  jobs: [{ name: 'build', conclusion: 'success', log: lab('web-warm') }],
  ...more,
})

import { schedule } from 'node-cron'
import type { Alert } from '../alert/alert.ts'
import type { Cursors } from '../store/cursors.ts'
import type { GithubClient } from './client.ts'
import { GithubFault } from './fault.ts'
import { pollRepository } from './poll.ts'
import { cursorSchema } from './poll-cursor.ts'
import { pollPulls } from './poll-pulls.ts'
import type { PullNews } from './pull-event.ts'
import type { Log } from './webhook.ts'

export type PollerOptions = {
  github: GithubClient
  /** of these, the repositories (`owner/name`) that ask for it, each once */
  watch: { repository: string; poll: boolean; checks?: boolean }[]
  /** when, as a cron expression */
  cron: string
  /** where the poller's places live across restarts */
  cursors: Cursors
  /** adds the task; does nothing the second time for the same `alertKey` */
  hear(alert: Alert): Promise<unknown>
  /** the same for pull requests of repositories that want checks */
  hearPull?: (pull: PullNews) => Promise<unknown>
  logger: Log
  now?: () => Date
}

export type Poller = AsyncDisposable & {
  /** One round over all repositories; while one is under way, that one. Never rejects: what fails is logged and tried again. */
  pollNow(): Promise<void>
}

/** Polls on schedule, the first time at once: what ended while we were down is found then. */
export function startPolling(options: PollerOptions): Poller {
  const { logger, now = () => new Date() } = options
  const repositories = polled(options.watch)
  let round: Promise<void> | null = null
  let pausedUntil = 0
  let stopped = false

  async function pollAll(): Promise<void> {
    for (const repository of repositories) {
      if (stopped || now().getTime() < pausedUntil) return
      try {
        await pollOne(repository, options, now())
      } catch (error) {
        logger.warn({ repository, problem: wordsOf(error) }, 'polling GitHub failed; the next round tries again')
        if (error instanceof GithubFault && error.retryAfterMs !== undefined)
          pausedUntil = now().getTime() + error.retryAfterMs
      }
    }
  }

  function pollNow(): Promise<void> {
    round ??= pollAll().finally(() => {
      round = null
    })
    return round
  }

  const task = repositories.length > 0 ? schedule(options.cron, () => pollNow(), { suppressMissedWarning: true }) : null
  void pollNow()
  return {
    pollNow,
    async [Symbol.asyncDispose]() {
      stopped = true
      await task?.destroy()
      await round
    },
  }
}

async function pollOne(repository: string, options: PollerOptions, now: Date): Promise<void> {
  const { github, cursors, hear, hearPull, logger } = options
  const name = `github-poll/${repository.toLowerCase()}`
  const poll = await pollRepository({ client: github, repository, cursor: await cursors.get(name, cursorSchema), now })
  // The tasks first, the place second: a crash in between repeats the tasks, which their keys make harmless.
  for (const alert of poll.alerts) await hear(alert)
  await cursors.set(name, poll.cursor)
  const { alerts, requests, unchanged, odd } = poll
  logger[odd > 0 ? 'warn' : 'info']({ repository, alerts: alerts.length, requests, unchanged, odd }, 'polled GitHub')
  if (hearPull && wantsChecks(options, repository)) await pollPulls({ github, cursors, hear: hearPull }, repository)
}

function wantsChecks({ watch }: PollerOptions, repository: string): boolean {
  return watch.some((entry) => entry.checks && entry.repository.toLowerCase() === repository.toLowerCase())
}

function polled(watch: PollerOptions['watch']): string[] {
  const wanted = watch
    .filter(({ poll }) => poll)
    .map(({ repository }) => [repository.toLowerCase(), repository] as const)
  return [...new Map(wanted).values()]
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

import type { WantedCheck } from '../github/checks.ts'
import { GithubFault } from '../github/fault.ts'
import { type PullNews, pullNewsSchema } from '../github/pull-event.ts'
import type { Log } from '../github/webhook.ts'
import { judgePull } from '../lint/judge-pull.ts'
import type { Builds } from '../store/builds.ts'
import type { CheckHands } from './check/hands.ts'
import { readPull } from './check/read-pull.ts'
import type { Task } from './turn.ts'

export type CheckWorld = {
  hands: CheckHands
  builds: Pick<Builds, 'ofRepository'>
  logger: Log
  now: () => Date
}

/** The same commit heard of twice is one task, and has one check run. */
export function checkPullKey({ repository, headSha }: PullNews): string {
  return `check-pull/${repository.toLowerCase()}/${headSha}`
}

/**
 * A pull request has a new commit: what it touches of Dockerfiles, ignore files and workflows is held against the runbook,
 * and what it takes out of the cache is foretold, in one check run. Silent when it touches none of them.
 */
export function checkPullTask(world: CheckWorld): Task<PullNews> {
  const { hands, logger } = world
  const refused = new Set<string>()
  const say = (news: PullNews, problem: string, message: string) => {
    if (refused.has(problem)) return
    refused.add(problem)
    logger.warn({ repository: news.repository, pull: news.number, problem }, message)
  }
  return {
    name: 'check-pull',
    schema: pullNewsSchema,
    async perform(news, step) {
      try {
        const wanted = await step('judge', () => judge(world, news))
        if (wanted === null) return
        await step('publish', async () => {
          await hands.checks.publish(news.repository, wanted)
          return null
        })
      } catch (error) {
        // Somebody has to grant it first, and the next commit asks again.
        if (!(error instanceof GithubFault) || (error.code !== 'forbidden' && error.code !== 'not-found')) throw error
        say(news, withoutNumbers(error.message), 'no check run: GitHub does not let us')
      }
    },
    async gaveUp(news, error) {
      logger.warn({ repository: news.repository, pull: news.number, problem: wordsOf(error) }, 'no check run: gave up')
    },
  }
}

/** Enough for an average of what a step takes. */
const buildsRead = 60

async function judge({ hands, builds, now }: CheckWorld, news: PullNews): Promise<WantedCheck | null> {
  const { repository, number, headSha } = news
  const pull = await hands.pulls.pullRequest(repository, number)
  if (pull.headSha !== headSha) {
    // A newer commit has a task of its own; an answer older than the news is worth another try.
    if (Date.parse(pull.updatedAt) >= Date.parse(news.updatedAt)) return null
    throw new Error(`GitHub does not show ${headSha.slice(0, 7)} in pull request #${number} of ${repository} yet`)
  }
  if (!pull.isOpen) return null
  const files = await readPull(hands, repository, pull)
  if (files === null) return null
  const history = await builds.ofRepository(repository, { before: now(), limit: buildsRead })
  const { remarks, ...verdict } = judgePull(files, history)
  return { headSha, externalId: `pull ${headSha}`, ...verdict, annotations: remarks }
}

/** The same refusal for another commit is not said again. */
function withoutNumbers(message: string): string {
  return message.replace(/\b[0-9a-f]{7}\b|#?(?<!\d)\d+(?= of )/g, '…')
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

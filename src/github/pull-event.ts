import { z } from 'zod'
import { commitSha, githubId, readPayload, repositoryName } from '../alert/from-run.ts'

/** A pull request has a new commit, or is new. */
export type PullNews = {
  repository: string
  number: number
  headSha: string
  /** ISO 8601, of GitHub's clock: tells whether another answer is older than these news */
  updatedAt: string
}

export const pullNewsSchema = z.object({
  repository: repositoryName,
  number: githubId,
  headSha: commitSha,
  updatedAt: z.string().max(50),
})

export type HeardPull =
  | { kind: 'pull'; pull: PullNews }
  | { kind: 'ignored'; because: string }
  | { kind: 'malformed'; because: string }

/** GitHub's webhook `pull_request` → the news in it. https://docs.github.com/webhooks/webhook-events-and-payloads#pull_request */
export function hearPullEvent(payload: unknown): HeardPull {
  const action = readPayload(z.object({ action: z.string().max(100) }), payload)
  if (action.kind === 'malformed') return action
  if (!newCommits.includes(action.value.action))
    return { kind: 'ignored', because: 'the pull request has no new commit' }
  const read = readPayload(eventSchema, payload)
  if (read.kind === 'malformed') return read
  const { repository, pull_request: pull } = read.value
  const { number, head, updated_at: updatedAt } = pull
  return { kind: 'pull', pull: { repository: repository.full_name, number, headSha: head.sha, updatedAt } }
}

const newCommits = ['opened', 'synchronize', 'reopened', 'ready_for_review']

const eventSchema = z.object({
  pull_request: z.object({
    number: githubId,
    head: z.object({ sha: commitSha }),
    updated_at: z.iso.datetime({ offset: true }),
  }),
  repository: z.object({ full_name: repositoryName }),
})

import type { LocalPull } from './github-code.ts'
import type { LocalCommit } from './github-commits.ts'
import { type Addresses, fullRepositoryPayload, nodeId, surroundings, userPayload } from './github-repository.ts'
import { numberFrom } from './github-world.ts'

type Around = { repository: string; head: LocalCommit; base: LocalCommit; at: Addresses }

/** A pull request in GitHub's words, much of which is about reviews. */
export function pullPayload(pull: LocalPull, { repository, head, base, at }: Around): Record<string, unknown> {
  const { number } = pull
  const id = numberFrom(`${repository}#${number}`)
  const time = secondOf(pull.createdAt)
  const moved = secondOf(new Date(Math.max(head.at.getTime(), pull.createdAt.getTime(), pull.closedAt?.getTime() ?? 0)))
  const closed = pull.closedAt && secondOf(pull.closedAt)
  const user = userPayload('robin-doe', 'User', at)
  const ends = {
    head: endPayload(pull.headRepository, pull.head, head.sha, at),
    base: endPayload(repository, pull.base, base.sha, at),
  }
  const review = { assignee: null, labels: [], milestone: null, auto_merge: null, maintainer_can_modify: false }
  const merge = { merged: false, mergeable: null, mergeable_state: 'unknown', merge_commit_sha: null, merged_by: null }
  const counts = { additions: 1, deletions: 1, changed_files: 1, comments: 0, commits: 1, review_comments: 0 }
  return {
    ...{
      id,
      number,
      node_id: nodeId('PR', id),
      title: 'Tidy the build',
      body: null,
      user,
      state: closed === null ? 'open' : 'closed',
      locked: false,
    },
    ...{ created_at: time, updated_at: moved, closed_at: closed, merged_at: null, author_association: 'MEMBER' },
    ...review,
    ...merge,
    ...counts,
    ...ends,
    ...addresses(repository, number, head.sha, at),
  }
}

/** The webhook that tells of it. */
export function pullEvent(action: string, pull: LocalPull, around: Around): Record<string, unknown> {
  const between = action === 'synchronize' ? { before: around.base.sha, after: around.head.sha } : {}
  const pull_request = pullPayload(pull, around)
  return { action, number: pull.number, pull_request, ...between, ...surroundings(around.repository, around.at) }
}

function secondOf(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`
}

function endPayload(repository: string, ref: string, sha: string, at: Addresses): Record<string, unknown> {
  const owner = repository.split('/')[0] ?? repository
  const user = userPayload(owner, 'Organization', at)
  return { label: `${owner}:${ref}`, ref, sha, user, repo: fullRepositoryPayload(repository, at) }
}

function addresses(repository: string, number: number, headSha: string, at: Addresses): Record<string, unknown> {
  const api = `${at.api}/repos/${repository}`
  const page = `${at.pages}/${repository}/pull/${number}`
  const urls = {
    url: `${api}/pulls/${number}`,
    issue_url: `${api}/issues/${number}`,
    html_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    comments_url: `${api}/issues/${number}/comments`,
    commits_url: `${api}/pulls/${number}/commits`,
    review_comments_url: `${api}/pulls/${number}/comments`,
    review_comment_url: `${api}/pulls/comments{/number}`,
    statuses_url: `${api}/statuses/${headSha}`,
  }
  const links = {
    self: urls.url,
    html: page,
    issue: urls.issue_url,
    comments: urls.comments_url,
    commits: urls.commits_url,
    statuses: urls.statuses_url,
    review_comments: urls.review_comments_url,
    review_comment: urls.review_comment_url,
  }
  const _links = Object.fromEntries(Object.entries(links).map(([name, href]) => [name, { href }]))
  return { ...urls, _links }
}

import type { LocalPull } from './github-code.ts'
import { type Addresses, fullRepositoryPayload, nodeId, userPayload } from './github-repository.ts'
import { numberFrom } from './github-world.ts'

type Around = { repository: string; headSha: string; baseSha: string; at: Addresses }

/** An open pull request in GitHub's words, much of which is about reviews. */
export function pullPayload(pull: LocalPull, { repository, headSha, baseSha, at }: Around): Record<string, unknown> {
  const { number } = pull
  const id = numberFrom(`${repository}#${number}`)
  const time = `${pull.createdAt.toISOString().slice(0, 19)}Z`
  const user = userPayload('robin-doe', 'User', at)
  const ends = {
    head: endPayload(pull.headRepository, pull.head, headSha, at),
    base: endPayload(repository, pull.base, baseSha, at),
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
      state: 'open',
      locked: false,
    },
    ...{ created_at: time, updated_at: time, closed_at: null, merged_at: null, author_association: 'MEMBER' },
    ...review,
    ...merge,
    ...counts,
    ...ends,
    ...addresses(repository, number, headSha, at),
  }
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

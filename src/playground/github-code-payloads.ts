import type { LocalCommit, LocalFile } from './github-commits.ts'
import type { LocalChange } from './github-compare.ts'
import { type Addresses, nodeId, userPayload } from './github-repository.ts'
import { numberFrom } from './github-world.ts'

/** Commits and files in GitHub's words. */
export type Whereabouts = { repository: string; at: Addresses }

export function commitPayload(commit: LocalCommit, { repository, at }: Whereabouts): Record<string, unknown> {
  const url = `${at.api}/repos/${repository}/commits/${commit.sha}`
  const git = `${at.api}/repos/${repository}/git`
  const person = { name: 'Robin Doe', email: 'robin@acme.example', date: `${commit.at.toISOString().slice(0, 19)}Z` }
  const author = userPayload('robin-doe', 'User', at)
  const parents = commit.parent === null ? [] : [commit.parent]
  return {
    sha: commit.sha,
    node_id: nodeId('C', numberFrom(commit.sha)),
    url,
    html_url: `${at.pages}/${repository}/commit/${commit.sha}`,
    comments_url: `${url}/comments`,
    commit: {
      message: 'Tidy the build',
      author: person,
      committer: person,
      tree: { sha: commit.sha, url: `${git}/trees/${commit.sha}` },
      url: `${git}/commits/${commit.sha}`,
      comment_count: 0,
    },
    author,
    committer: author,
    parents: parents.map((sha) => ({ sha, url: `${at.api}/repos/${repository}/commits/${sha}` })),
  }
}

export function diffEntryPayload(change: LocalChange, { repository, at }: Whereabouts): Record<string, unknown> {
  const lines = { added: linesOf(change.after), removed: linesOf(change.before) }
  const isTold = change.before?.sha !== change.after?.sha && lines.added !== null && lines.removed !== null
  const [additions, deletions] = isTold ? [lines.added?.length ?? 0, lines.removed?.length ?? 0] : [0, 0]
  const page = `${at.pages}/${repository}`
  return {
    sha: (change.after ?? change.before)?.sha ?? null,
    filename: change.path,
    status: change.status,
    additions,
    deletions,
    changes: additions + deletions,
    blob_url: `${page}/blob/HEAD/${encodeURI(change.path)}`,
    raw_url: `${page}/raw/HEAD/${encodeURI(change.path)}`,
    contents_url: `${at.api}/repos/${repository}/contents/${encodeURI(change.path)}`,
    ...(isTold && additions + deletions > 0 && { patch: patchOf(lines.removed ?? [], lines.added ?? []) }),
    ...(change.movedFrom !== null && { previous_filename: change.movedFrom }),
  }
}

/** Null for a binary file, of which no lines are told. */
function linesOf(file: LocalFile | null): string[] | null {
  if (file === null) return []
  if (file.mode === '160000') return [`Subproject commit ${file.sha}`]
  const text = file.content.toString()
  if (text.includes('\0')) return null
  return text === '' ? [] : text.replace(/\n$/, '').split('\n')
}

/** All lines out, all lines in: right, though not the shortest. */
function patchOf(removed: string[], added: string[]): string {
  const range = ({ length }: string[]) => (length === 0 ? '0,0' : length === 1 ? '1' : `1,${length}`)
  const head = `@@ -${range(removed)} +${range(added)} @@`
  return [head, ...removed.map((line) => `-${line}`), ...added.map((line) => `+${line}`)].join('\n')
}

/** A file as an object; `content` up to 1 MB. */
export function contentPayload(path: string, file: LocalFile, where: Whereabouts): Record<string, unknown> {
  const common = { ...namePayload(path, file.sha, where), size: file.content.length }
  if (file.mode === '160000')
    return { ...common, type: 'submodule', size: 0, submodule_git_url: 'https://github.com/acme/other.git' }
  if (file.mode === '120000') return { ...common, type: 'symlink', target: file.content.toString() }
  const isLarge = file.content.length > 1024 * 1024
  const content = isLarge ? '' : file.content.toString('base64').replaceAll(/.{60}/g, '$&\n')
  return { ...common, type: 'file', encoding: isLarge ? 'none' : 'base64', content }
}

export function namePayload(path: string, sha: string, { repository, at }: Whereabouts): Record<string, unknown> {
  const self = `${at.api}/repos/${repository}/contents/${encodeURI(path)}`
  const git = `${at.api}/repos/${repository}/git/blobs/${sha}`
  const html = `${at.pages}/${repository}/blob/HEAD/${encodeURI(path)}`
  return {
    name: path.split('/').at(-1),
    path,
    sha,
    url: self,
    git_url: git,
    html_url: html,
    download_url: null,
    _links: { self, git, html },
  }
}

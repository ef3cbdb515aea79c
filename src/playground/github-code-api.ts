import { type ApiAnswer, type ApiRequest, ok, type Route, refusal, type Scene } from './github-answers.ts'
import { findCommit, type LocalRepository } from './github-code.ts'
import { commitPayload, contentPayload, diffEntryPayload, namePayload } from './github-code-payloads.ts'
import { foldersOf, inside, type LocalCommit, type LocalFile, treeEntries, treeSha } from './github-commits.ts'
import { changesBetween, compareCommits } from './github-compare.ts'
import { fullRepositoryPayload } from './github-repository.ts'

const repo = '/repos/([^/]+/[^/]+)'

/** Repositories, their commits and files. */
export const codeRoutes: Route[] = [
  { path: new RegExp(`^${repo}$`), answer: ([name = ''], _, { at }) => ok(fullRepositoryPayload(name, at)) },
  {
    path: new RegExp(`^${repo}/compare/([^/]+)$`),
    answer: ([name = '', pair = ''], request, scene) => compare(scene.code.of(name), pair, request, scene),
  },
  {
    path: new RegExp(`^${repo}/git/trees/([^/]+)$`),
    answer: ([name = '', sha = ''], request, scene) => showTree(scene.code.of(name), sha, request, scene),
  },
  {
    path: new RegExp(`^${repo}/contents(?:/(.*))?$`),
    answer: ([name = '', path = ''], request, scene) => showContent(scene.code.of(name), path, request, scene),
  },
]

/** From the merge base on, with at most 300 files, all of them on the first page. */
function compare(repository: LocalRepository, pair: string, { query }: ApiRequest, { at }: Scene): ApiAnswer {
  const [from = '', to = ''] = pair.split('...')
  const [base, head] = [findCommit(repository, from), findCommit(repository, to)]
  if (!base || !head) return refusal(404, 'Not Found')
  const compared = compareCommits(repository, base, head)
  if (compared === null) return refusal(404, `No common ancestor between ${from} and ${to}.`)
  const where = { repository: repository.name, at }
  const number = Number(query.get('page') ?? 1)
  const size = Number(query.get('per_page') ?? 250)
  const url = `${at.api}/repos/${repository.name}/compare/${from}...${to}`
  const page = `${at.pages}/${repository.name}/compare/${from}...${to}`
  return ok({
    url,
    html_url: page,
    permalink_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    base_commit: commitPayload(base, where),
    merge_base_commit: commitPayload(compared.mergeBase, where),
    status: compared.status,
    ahead_by: compared.commits.length,
    behind_by: compared.behindBy,
    total_commits: compared.commits.length,
    commits: compared.commits.slice((number - 1) * size, number * size).map((commit) => commitPayload(commit, where)),
    ...(number === 1 && {
      files: changesBetween(compared.mergeBase, head)
        .slice(0, 300)
        .map((change) => diffEntryPayload(change, where)),
    }),
  })
}

/** By a commit, or by a folder's own sha. */
function showTree(repository: LocalRepository, sha: string, { query }: ApiRequest, { at, code }: Scene): ApiAnswer {
  const files = findCommit(repository, sha)?.files ?? findFolder(repository, sha)
  if (!files) return refusal(404, 'Not Found')
  const entries = treeEntries(files, query.has('recursive'))
  const git = `${at.api}/repos/${repository.name}/git`
  const urlOf = (type: string, of: string) => (type === 'commit' ? {} : { url: `${git}/${type}s/${of}` })
  const tree = entries.slice(0, code.treeLimit).map((entry) => ({ ...entry, ...urlOf(entry.type, entry.sha) }))
  return ok({ sha: treeSha(files), url: `${git}/trees/${sha}`, truncated: entries.length > tree.length, tree })
}

function findFolder({ commits }: LocalRepository, sha: string): Map<string, LocalFile> | null {
  for (const { files } of commits.values()) {
    const folder = foldersOf(files).find((path) => treeSha(inside(files, path)) === sha)
    if (folder !== undefined) return inside(files, folder)
  }
  return null
}

/** In the object form, whatever was asked for: it is the one the bot uses. */
function showContent(repository: LocalRepository, path: string, { query }: ApiRequest, { at }: Scene): ApiAnswer {
  const commit = findCommit(repository, query.get('ref') ?? 'main')
  const file = commit?.files.get(path)
  const where = { repository: repository.name, at }
  if (commit && file) return ok(contentPayload(path, followed(commit, file), where))
  const files = commit && path !== '' ? inside(commit.files, path) : commit?.files
  if (!files || files.size === 0) return refusal(404, 'Not Found')
  const entries = treeEntries(files, false).map((entry) => ({
    ...namePayload(path === '' ? entry.path : `${path}/${entry.path}`, entry.sha, where),
    // GitHub calls a submodule a file here, for the sake of old clients.
    type: entry.mode === '040000' ? 'dir' : entry.mode === '120000' ? 'symlink' : 'file',
    size: entry.size ?? 0,
  }))
  return ok({ ...namePayload(path, treeSha(files), where), type: 'dir', size: 0, entries })
}

/** A link to a file of the repository gives that file. */
function followed({ files }: LocalCommit, file: LocalFile): LocalFile {
  const target = file.mode === '120000' ? files.get(file.content.toString()) : undefined
  return target?.mode.startsWith('100') ? target : file
}

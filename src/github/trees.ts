import { z } from 'zod'
import type { ChangedFile, ChangedFiles } from '../cache/changed-files.ts'
import { ask } from './ask.ts'
import type { GithubClient } from './client.ts'
import { GithubFault } from './fault.ts'
import { changedFolders, leafChanges, type Sides, type Tree } from './tree-diff.ts'

/** Two commits of a repository, as shas. */
export type Pair = { repository: string; base: string; head: string }

/**
 * What differs between the trees of two commits. A tree of more than 100,000 entries comes truncated; then only folders that
 * differ are walked. https://docs.github.com/rest/git/trees#get-a-tree
 */
export async function treeChanges(client: GithubClient, { repository, base, head }: Pair): Promise<ChangedFiles> {
  const trees = treeReader(client, repository)
  const found: Found = { files: [], unread: [] }
  await walk(trees, found, '', { before: base, after: head })
  const between = { base, head }
  if (trees.gone.size > 0) return { files: [], complete: false, because: goneWords([...trees.gone]), between }
  if (found.unread.length === 0) return { files: found.files, complete: true, because: null, between }
  const folders = found.unread.filter((path) => path !== '').map((path): ChangedFile => ({ path, change: 'modified' }))
  const because = `the repository is too large to be compared whole: of ${found.unread.length} folders it is only known that they differ`
  return { files: [...found.files, ...folders], complete: false, because, between }
}

/** The blobs of a commit by their paths, as far as one call tells; empty when it is gone. */
export async function blobsOf(client: GithubClient, repository: string, sha: string): Promise<Map<string, string>> {
  const { entries } = await treeReader(client, repository).read(sha, 'deep')
  return new Map(entries.filter(({ type }) => type === 'blob').map((entry) => [entry.path, entry.sha]))
}

type Found = { files: ChangedFile[]; unread: string[] }
type Trees = ReturnType<typeof treeReader>

/** Against a monorepo in which everything differs. */
const mostCalls = 60

async function walk(trees: Trees, found: Found, folder: string, shas: Sides<string | null>): Promise<void> {
  const whole = await trees.both(shas, 'deep')
  if (!isTruncated(whole)) return void found.files.push(...leafChanges(whole, folder))
  const level = await trees.both(shas, 'shallow')
  if (isTruncated(level)) return void found.unread.push(folder)
  found.files.push(...leafChanges(level, folder))
  for (const { name, ...inner } of changedFolders(level)) {
    const path = `${folder}${name}/`
    if (trees.calls() + 4 > mostCalls) found.unread.push(path)
    else await walk(trees, found, path, inner)
  }
}

function isTruncated({ before, after }: Sides<Tree>): boolean {
  return before.truncated || after.truncated
}

const nothing: Tree = { truncated: false, entries: [] }

function treeReader(client: GithubClient, repository: string) {
  let calls = 0
  const gone = new Set<string>()
  const read = async (sha: string | null, depth: 'deep' | 'shallow'): Promise<Tree> => {
    if (sha === null) return nothing
    calls++
    try {
      return await readTree(client, repository, sha, depth)
    } catch (error) {
      if (!(error instanceof GithubFault) || ![404, 409, 422].includes(error.status ?? 0)) throw error
      gone.add(sha)
      return nothing
    }
  }
  return {
    /** shas that GitHub does not have */
    gone,
    calls: () => calls,
    read,
    async both({ before, after }: Sides<string | null>, depth: 'deep' | 'shallow'): Promise<Sides<Tree>> {
      const [first, second] = await Promise.all([read(before, depth), read(after, depth)])
      return { before: first, after: second }
    },
  }
}

function readTree(client: GithubClient, repository: string, sha: string, depth: 'deep' | 'shallow'): Promise<Tree> {
  const doing = `Listing the files of ${sha.slice(0, 7)} of ${repository}`
  return ask(client, { repository, doing, needs: 'Contents: read', schema }, async ({ rest }, place) => {
    // Whatever value `recursive` has, it is taken for yes.
    const wanted = { ...place, tree_sha: sha, ...(depth === 'deep' && { recursive: '1' }) }
    return (await rest.git.getTree(wanted)).data
  })
}

const schema = z
  .object({
    truncated: z.boolean(),
    tree: z.array(z.object({ path: z.string(), mode: z.string(), type: z.string(), sha: z.string() })),
  })
  .transform(({ truncated, tree }): Tree => ({ truncated, entries: tree }))

function goneWords(shas: string[]): string {
  const commits = shas.map((sha) => sha.slice(0, 7)).join(' and ')
  return `GitHub has no commit ${commits} that we can see: it was force-pushed away, or lies in a repository we cannot read`
}

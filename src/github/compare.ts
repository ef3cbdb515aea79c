import { z } from 'zod'
import type { ChangedFile, ChangedFiles } from '../cache/changed-files.ts'
import { ask } from './ask.ts'
import type { GithubClient } from './client.ts'
import { changesOf, type DiffEntry, diffEntries, mayBeModeOnly } from './diff-entry.ts'
import { GithubFault } from './fault.ts'
import { blobsOf, type Pair, treeChanges } from './trees.ts'

/** The files that differ between two commits, whatever way leads from one to the other. Needs *Contents: read*. */
export function changedFiles(
  client: GithubClient,
): (repository: string, base: string, head: string) => Promise<ChangedFiles> {
  return async (repository, base, head) => {
    const odd = [base, head].find((sha) => !/^[0-9a-f]{7,64}$/.test(sha))
    if (odd !== undefined)
      return { files: [], complete: false, because: 'it is not known which commits to compare', between: null }
    if (base === head) return { files: [], complete: true, because: null, between: { base, head } }
    // Not installed here: that is to be said as it is, not taken for a commit that is gone.
    await client.forRepository(repository)
    const pair = { repository, base, head }
    const entries = await compare(client, pair)
    if (entries === null) return treeChanges(client, pair)
    const files = await withModes(client, pair, entries)
    return { files, complete: true, because: null, between: { base, head } }
  }
}

/** GitHub lists no more, and all of them on the first page. https://docs.github.com/rest/commits/commits#compare-two-commits */
const mostFiles = 300

/** What GitHub's comparison lists; null when that is not what differs between the two. */
async function compare(client: GithubClient, { repository, base, head }: Pair): Promise<DiffEntry[] | null> {
  const question = {
    repository,
    doing: `Comparing ${short(base)} with ${short(head)} of ${repository}`,
    needs: 'Contents: read' as const,
    schema: comparison,
  }
  try {
    // Further pages hold commits, and of those we want none.
    const { status, files } = await ask(client, question, async ({ rest }, place) => {
      const wanted = { ...place, basehead: `${base}...${head}`, per_page: 1, page: 1 }
      return (await rest.repos.compareCommitsWithBasehead(wanted)).data
    })
    // The list begins at the merge base. That is `base` only when `head` grew out of it.
    const isWhole = (status === 'ahead' || status === 'identical') && files.length < mostFiles
    return isWhole ? files : null
  } catch (error) {
    // Gone, no common ancestor, or a comparison too large for GitHub: the trees know.
    if (error instanceof GithubFault && [404, 409, 422, 500, 503].includes(error.status ?? 0)) return null
    throw error
  }
}

const comparison = z.object({ status: z.string().max(50), files: diffEntries.default([]) })

/** Tells another mode from another content of a binary file: the blobs before, one call. */
async function withModes(client: GithubClient, pair: Pair, entries: DiffEntry[]): Promise<ChangedFile[]> {
  const before = entries.some(mayBeModeOnly) ? await blobsOf(client, pair.repository, pair.base) : null
  return entries.flatMap((entry): ChangedFile[] => {
    const blob = before?.get(entry.path)
    if (!mayBeModeOnly(entry) || blob === undefined) return changesOf(entry)
    return [{ path: entry.path, change: blob === entry.sha ? 'mode' : 'modified' }]
  })
}

function short(sha: string): string {
  return sha.slice(0, 7)
}

import { z } from 'zod'
import type { ChangedFile } from '../cache/changed-files.ts'

/** A file of a comparison or of a pull request, in GitHub's words. */
export type DiffEntry = {
  path: string
  /** where a renamed file was before */
  movedFrom: string | null
  status: string
  /** of the blob after the change; null for a submodule at times */
  sha: string | null
  isSubmodule: boolean
  /** No line differs as far as GitHub says: another mode, or a binary file. */
  isWithoutLines: boolean
}

const schema = z
  .object({
    filename: z.string().min(1),
    previous_filename: z.string().min(1).nullish(),
    status: z.string().max(50),
    sha: z.string().nullable(),
    changes: z.int(),
    patch: z.string().nullish(),
  })
  .transform(
    (entry): DiffEntry => ({
      path: entry.filename,
      movedFrom: entry.previous_filename ?? null,
      status: entry.status,
      sha: entry.sha,
      isSubmodule: submodulePatch.test(entry.patch ?? ''),
      isWithoutLines: entry.changes === 0 && !entry.patch,
    }),
  )

export const diffEntries = z.array(schema)

/** git shows a submodule as a file of one line: https://git-scm.com/docs/git-diff#Documentation/git-diff.txt---submodule */
const submodulePatch =
  /^@@ -\d(?:,\d)? \+\d(?:,\d)? @@\n[-+]Subproject commit [0-9a-f]{40,64}(?:\n\+Subproject commit [0-9a-f]{40,64})?\n?$/

/** A renamed file is gone from its old place and new in the other. */
export function changesOf(entry: DiffEntry): ChangedFile[] {
  const path = entry.isSubmodule ? `${entry.path}/` : entry.path
  if (entry.status === 'unchanged') return []
  if (entry.status === 'renamed')
    return [
      ...(entry.movedFrom === null ? [] : [{ path: entry.movedFrom, change: 'deleted' as const }]),
      { path, change: 'added' },
    ]
  return [{ path, change: words.get(entry.status) ?? 'modified' }]
}

const words = new Map<string, ChangedFile['change']>([
  ['added', 'added'],
  ['copied', 'added'],
  ['removed', 'deleted'],
  ['changed', 'mode'],
])

/** Only the blobs tell whether it was the mode or the content of a binary file that changed. */
export function mayBeModeOnly({ status, isWithoutLines }: DiffEntry): boolean {
  return status === 'changed' || (status === 'modified' && isWithoutLines)
}

import type { ChangedFile } from '../cache/changed-files.ts'

export type Sides<T> = { before: T; after: T }
export type Tree = { truncated: boolean; entries: TreeEntry[] }
/** `type`: blob, tree, commit (a submodule) */
export type TreeEntry = { path: string; mode: string; type: string; sha: string }

/** What differs between two listings of the same folder, but for folders. */
export function leafChanges({ before, after }: Sides<Tree>, folder: string): ChangedFile[] {
  const old = new Map(before.entries.filter(isLeaf).map((entry) => [pathOf(entry), entry]))
  const changes: ChangedFile[] = []
  for (const entry of after.entries.filter(isLeaf)) {
    const path = pathOf(entry)
    const change = changeOf(old.get(path), entry)
    old.delete(path)
    if (change) changes.push({ path: folder + path, change })
  }
  for (const path of old.keys()) changes.push({ path: folder + path, change: 'deleted' })
  return changes
}

/** The sub-folders that differ, with the shas of their trees. */
export function changedFolders({ before, after }: Sides<Tree>): ({ name: string } & Sides<string | null>)[] {
  const [old, now] = [foldersOf(before), foldersOf(after)]
  return [...new Set([...old.keys(), ...now.keys()])]
    .map((name) => ({ name, before: old.get(name) ?? null, after: now.get(name) ?? null }))
    .filter((folder) => folder.before !== folder.after)
}

function changeOf(before: TreeEntry | undefined, after: TreeEntry): ChangedFile['change'] | null {
  if (before === undefined) return 'added'
  if (before.sha !== after.sha) return 'modified'
  if (before.mode === after.mode) return null
  // 100644, 100755; another mode is that of a symbolic link, whose text is something else than a file's.
  return before.mode.startsWith('100') && after.mode.startsWith('100') ? 'mode' : 'modified'
}

function foldersOf({ entries }: Tree): Map<string, string> {
  return new Map(entries.filter(({ type }) => type === 'tree').map(({ path, sha }) => [path, sha]))
}

function isLeaf({ type }: TreeEntry): boolean {
  return type !== 'tree'
}

/** A submodule is a folder of which git knows the commit only. */
function pathOf({ path, type }: TreeEntry): string {
  return type === 'commit' ? `${path}/` : path
}

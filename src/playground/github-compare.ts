import type { LocalRepository } from './github-code.ts'
import type { LocalCommit, LocalFile } from './github-commits.ts'

export type Comparison = {
  status: 'ahead' | 'behind' | 'diverged' | 'identical'
  mergeBase: LocalCommit
  /** after the merge base, oldest first */
  commits: LocalCommit[]
  behindBy: number
}

/** How two commits stand to each other; null when they have no ancestor in common. */
export function compareCommits(repository: LocalRepository, base: LocalCommit, head: LocalCommit): Comparison | null {
  const [ofBase, ofHead] = [ancestry(repository, base), ancestry(repository, head)]
  const mergeBase = ofHead.find(({ sha }) => ofBase.some((commit) => commit.sha === sha))
  if (mergeBase === undefined) return null
  const aheadBy = ofHead.indexOf(mergeBase)
  const behindBy = ofBase.findIndex(({ sha }) => sha === mergeBase.sha)
  const status = aheadBy > 0 ? (behindBy > 0 ? 'diverged' : 'ahead') : behindBy > 0 ? 'behind' : 'identical'
  return { status, mergeBase, commits: ofHead.slice(0, aheadBy).toReversed(), behindBy }
}

/** The commit and those before it, newest first. */
function ancestry({ commits }: LocalRepository, from: LocalCommit): LocalCommit[] {
  const all: LocalCommit[] = []
  for (let at: LocalCommit | undefined = from; at; at = at.parent === null ? undefined : commits.get(at.parent))
    all.push(at)
  return all
}

export type LocalChange = {
  path: string
  status: 'added' | 'removed' | 'modified' | 'renamed' | 'changed'
  movedFrom: string | null
  before: LocalFile | null
  after: LocalFile | null
}

/** The files that differ, by name. A blob that went from one path to another was renamed. */
export function changesBetween(before: LocalCommit, after: LocalCommit): LocalChange[] {
  const gone = [...before.files].filter(([path]) => !after.files.has(path))
  const changes = [...after.files].flatMap(([path, file]): LocalChange[] => {
    const old = before.files.get(path) ?? null
    if (old && old.sha === file.sha && old.mode === file.mode) return []
    const moved = old === null ? gone.findIndex(([, { sha }]) => sha === file.sha) : -1
    const [from] = moved < 0 ? [] : gone.splice(moved, 1)
    const status = from ? 'renamed' : old === null ? 'added' : old.sha === file.sha ? 'changed' : 'modified'
    return [{ path, status, movedFrom: from?.[0] ?? null, before: from?.[1] ?? old, after: file }]
  })
  const removed = gone.map(
    ([path, file]): LocalChange => ({ path, status: 'removed', movedFrom: null, before: file, after: null }),
  )
  return [...changes, ...removed].toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

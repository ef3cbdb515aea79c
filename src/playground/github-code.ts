import { commitFiles, type LocalCommit, type ScriptedFile } from './github-commits.ts'
import { numberFrom } from './github-world.ts'

/** What a repository of our local GitHub holds beside runs. */
export type LocalRepository = {
  name: string
  commits: Map<string, LocalCommit>
  /** by their bare names; the default one is `main` */
  branches: Map<string, string>
  pulls: LocalPull[]
  caches: LocalCache[]
  checks: LocalCheck[]
}

export type LocalPull = {
  number: number
  head: string
  base: string
  /** `owner/name`; another repository for a pull request from a fork */
  headRepository: string
  createdAt: Date
  /** null while it is open */
  closedAt: Date | null
}

export type LocalCache = { id: number; key: string; ref: string; sizeBytes: number; createdAt: Date; lastUsedAt: Date }

export type LocalCheck = {
  id: number
  name: string
  headSha: string
  externalId: string
  detailsUrl: string | null
  conclusion: string | null
  title: string
  summary: string
  annotations: LocalAnnotation[]
  completedAt: Date
}
export type LocalAnnotation = {
  path: string
  start_line: number
  end_line: number
  annotation_level: string
  title?: string
  message: string
}

export type ScriptedCommit = {
  repository?: string
  /** default: main. It begins at main's end when there is none of that name. */
  branch?: string
  /** instead of the branch's end; null: none, a history of its own */
  parent?: string | null
  /** what differs from the parent; null deletes */
  files: Record<string, ScriptedFile>
}
export type ScriptedPull = { repository?: string; head: string; base?: string; headRepository?: string }
export type ScriptedCache = Partial<LocalCache> & Pick<LocalCache, 'key'> & { repository?: string }

export type LocalCode = {
  of(repository: string): LocalRepository
  readonly treeLimit: number
  commit(script: ScriptedCommit, now: Date): string
  forget(sha: string): void
  openPull(script: ScriptedPull, now: Date): number
  closePull(number: number, repository: string, now: Date): void
  addCache(script: ScriptedCache, now: Date): void
}

const home = 'acme/platform'

export function localCode(treeLimit = 100_000): LocalCode {
  const repositories = new Map<string, LocalRepository>()
  const of = (name: string): LocalRepository => {
    const known = repositories.get(name.toLowerCase())
    if (known) return known
    const made = { name, commits: new Map(), branches: new Map(), pulls: [], caches: [], checks: [] }
    repositories.set(name.toLowerCase(), made)
    return made
  }
  return {
    of,
    treeLimit,
    commit({ repository = home, branch = 'main', parent, files }, now) {
      const { commits, branches } = of(repository)
      const before = parent === undefined ? (branches.get(branch) ?? branches.get('main') ?? null) : parent
      const commit = commitFiles(before === null ? null : (commits.get(before) ?? null), files, now)
      commits.set(commit.sha, commit)
      branches.set(branch, commit.sha)
      return commit.sha
    },
    forget(sha) {
      for (const { commits } of repositories.values()) commits.delete(sha)
    },
    openPull({ repository = home, head, base = 'main', headRepository = repository }, now) {
      const { pulls } = of(repository)
      pulls.push({ number: pulls.length + 1, head, base, headRepository, createdAt: now, closedAt: null })
      return pulls.length
    },
    closePull(number, repository, now) {
      const pull = of(repository).pulls.find((each) => each.number === number)
      if (!pull) throw new Error(`${repository} has no pull request #${number} to close`)
      pull.closedAt = now
    },
    addCache({ repository = home, key, ref = 'refs/heads/main', ...more }, now) {
      const { caches } = of(repository)
      const id = numberFrom(`${repository} ${key} ${ref}`)
      caches.push({ id, key, ref, sizeBytes: 1_000, createdAt: now, lastUsedAt: now, ...more })
    },
  }
}

/** The commit of a sha, a branch, `refs/heads/…` or `refs/pull/…/head`. */
export function findCommit({ commits, branches, pulls }: LocalRepository, ref: string): LocalCommit | null {
  const pull = /^refs\/pull\/(\d+)\/head$/.exec(ref)?.[1]
  const branch = pull ? pulls.find(({ number }) => number === Number(pull))?.head : ref.replace(/^refs\/heads\//, '')
  return commits.get(branches.get(branch ?? '') ?? ref) ?? null
}

import type { ChangedFiles } from '../cache/changed-files.ts'
import { folderOf, isDockerfile, type LintFiles } from './files.ts'
import { dockerfileOfBuild, readWorkflows } from './workflows.ts'

/** What a pull request changes, and the files that images are built from on both its ends. */
export type PullFiles = {
  changed: ChangedFiles
  /** with what the same files are at the base in `base` */
  head: LintFiles
  /** where the pull request left its base branch */
  base: LintFiles
  /** what could not be read */
  missing: string[]
}

export function changedPaths({ changed }: PullFiles): Set<string> {
  return new Set(changed.files.map(({ path }) => path))
}

/**
 * Dockerfiles that the pull request has to do with: it changes them, an ignore file that may be theirs, or a workflow or
 * bake file that builds them.
 */
export function dockerfilesConcerned(pull: PullFiles): string[] {
  const touched = changedPaths(pull)
  const builds = readWorkflows(pull.head).builds
  const built = builds.filter(({ source }) => touched.has(source)).map(dockerfileOfBuild)
  const named = new Set(builds.map(dockerfileOfBuild))
  const all = [...pull.head.texts.keys()].filter((path) => isDockerfile(path) || named.has(path))
  return all.filter(
    (path) => touched.has(path) || built.includes(path) || [...touched].some((one) => isIgnoreOf(one, path)),
  )
}

/** Beside it, or at the root of a context that it may lie in. */
function isIgnoreOf(path: string, dockerfile: string): boolean {
  if (path === `${dockerfile}.dockerignore`) return true
  if (!/(?:^|\/)\.dockerignore$/.test(path)) return false
  const folder = folderOf(path)
  return folder === '' || dockerfile.startsWith(`${folder}/`)
}

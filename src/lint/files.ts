/** What is linted: a folder, or a repository at a commit. Paths are relative to it, with `/`. */
export type LintFiles = {
  /** all files; folders that were not looked into end in `/`; null when nobody knows which there are */
  paths: string[] | null
  /** the texts of the files that `wantedFiles` names */
  texts: ReadonlyMap<string, string>
  /** the same files as they are on the base branch; null when nothing is compared */
  base: ReadonlyMap<string, string> | null
}

/** Of all files those that have to be read. */
export function wantedFiles(paths: string[]): string[] {
  return paths.filter((path) => isDockerfile(path) || isWorkflow(path) || isBake(path) || isIgnoreFile(path))
}

export function isDockerfile(path: string): boolean {
  const name = nameOf(path)
  if (/\.(?:dockerignore|md|txt|rst|in|j2|tmpl|tpl|template|erb|bak|orig)$/i.test(name) || isMaterial(path))
    return false
  return /^(?:Dockerfile|Containerfile)(?:\.[\w.-]+)?$/.test(name) || /\.dockerfile$/i.test(name)
}

/** What tests are fed with, and the code of others: nobody builds it here, and it is often wrong on purpose. */
function isMaterial(path: string): boolean {
  return /(?:^|\/)(?:testdata|test-data|testfiles|[._]{0,2}fixtures(?:__)?|third_party|vendor)\//.test(path)
}

export function isWorkflow(path: string): boolean {
  return /^\.github\/workflows\/[^/]+\.ya?ml$/.test(path)
}

/** Bake files by their usual names, and compose files: https://docs.docker.com/build/bake/reference/#file-lookup */
export function isBake(path: string): boolean {
  return /^(?:docker-bake(?:\.override)?\.(?:hcl|json)|(?:docker-)?compose\.ya?ml)$|^.+\.bake\.hcl$/.test(nameOf(path))
}

function isIgnoreFile(path: string): boolean {
  return /(?:^|\.)dockerignore$/.test(nameOf(path))
}

/** Folders that hold nobody's Dockerfile; what is in them is not looked at. */
export const skippedFolders: ReadonlySet<string> = new Set(
  '.git .hg .svn node_modules target .venv venv __pycache__ .gradle .next .nuxt coverage .tox .pytest_cache .terraform'.split(
    ' ',
  ),
)

/** Paths with all that lies in a skipped folder left out, and the folder itself in its stead. */
export function withoutSkipped(paths: string[]): string[] {
  const kept = new Set<string>()
  for (const path of paths) {
    const segments = path.split('/')
    const skipped = segments.findIndex((segment, at) => at < segments.length - 1 && skippedFolders.has(segment))
    kept.add(skipped === -1 ? path : `${segments.slice(0, skipped + 1).join('/')}/`)
  }
  return [...kept]
}

export function nameOf(path: string): string {
  return path.split('/').at(-1) ?? ''
}

export function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : ''
}

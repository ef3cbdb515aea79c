import type { Dockerfile } from '../dockerfile/dockerfile.ts'
import { readIgnore } from '../dockerfile/ignore.ts'
import type { ImageBuild } from '../workflow/workflow.ts'
import { isWholeContext, sourcesOf } from './copied.ts'
import { folderOf, type LintFiles, nameOf } from './files.ts'
import type { Context } from './rule.ts'
import { contextOfBuild } from './workflows.ts'

/** The contexts that a Dockerfile is built in: as the workflows say, else where its files are. */
export function contextsOf(files: LintFiles, dockerfile: Dockerfile, builds: ImageBuild[]): Context[] {
  const told = new Map(builds.map((build) => [contextOfBuild(build), build.gitContext]))
  if (told.size === 0) return [contextAt(files, dockerfile, likelyFolder(files, dockerfile), false)]
  return [...told].map(([folder, cloned]) => contextAt(files, dockerfile, folder, cloned))
}

function contextAt(files: LintFiles, { file }: Dockerfile, folder: string | null, cloned: boolean): Context {
  if (folder === null) return { folder, files: null, ignore: null, ignoreFile: null, cloned }
  const prefix = folder === '' ? '' : `${folder}/`
  const path = [`${file}.dockerignore`, `${prefix}.dockerignore`].find((one) => files.texts.has(one))
  const text = path === undefined ? undefined : files.texts.get(path)
  const inside =
    files.paths?.flatMap((one) => (one.startsWith(prefix) && one !== prefix ? [one.slice(prefix.length)] : [])) ?? null
  return {
    folder,
    files: inside,
    ignore: text === undefined ? null : readIgnore(text, path),
    ignoreFile: path === undefined || text === undefined ? null : { path, text },
    cloned,
  }
}

/** The folder of the Dockerfile, or the nearest above it in which all is that it copies by name. */
function likelyFolder(files: LintFiles, dockerfile: Dockerfile): string {
  const own = folderOf(dockerfile.file)
  const named = dockerfile.stages
    .flatMap(({ instructions }) => instructions.flatMap((instruction) => sourcesOf(dockerfile, instruction)))
    .filter((source) => !isWholeContext(source) && !/[*?[]/.test(source))
  const there = thingsIn(files)
  const missing = (folder: string) =>
    named.filter((source) => !there.has(folder === '' ? source : `${folder}/${source}`)).length
  const folders = [own, ...ancestors(own)].filter((folder) => named.length > 0 || !isForDockerfiles(folder))
  const least = Math.min(...folders.map(missing))
  return folders.find((folder) => missing(folder) === least) ?? own
}

/** `docker/Dockerfile` that names no file: the context is rather above it. */
function isForDockerfiles(folder: string): boolean {
  return /^(?:\.?docker|dockerfiles?|ci|\.devcontainer)$/i.test(nameOf(folder))
}

const things = new WeakMap<LintFiles, Set<string>>()

/** All files, and the folders that they are in. */
function thingsIn(files: LintFiles): Set<string> {
  const known = things.get(files)
  if (known) return known
  const found = new Set<string>()
  for (const path of files.paths ?? [])
    for (let part = path.replace(/\/$/, ''); part !== '' && !found.has(part); part = folderOf(part)) found.add(part)
  things.set(files, found)
  return found
}

function ancestors(folder: string): string[] {
  if (folder === '') return []
  const above = folderOf(folder)
  return [above, ...ancestors(above)]
}

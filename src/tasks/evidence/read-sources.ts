import type { Run } from '../../alert/from-run.ts'
import type { Build } from '../../build/build.ts'
import { contextOf } from '../../build/command-words.ts'
import { cacheSetup } from '../../cache/cache-setup.ts'
import type { ChangedFiles } from '../../cache/changed-files.ts'
import type { CacheSetup, Held, Sources } from '../../cache/evidence.ts'
import { readGhaKey } from '../../cache/gha-caches.ts'
import { bestSource } from '../../cache/match-source.ts'
import type { Dockerfile } from '../../dockerfile/dockerfile.ts'
import { type Ignore, ignoreFileOf, readIgnore } from '../../dockerfile/ignore.ts'
import { readDockerfile } from '../../dockerfile/read-dockerfile.ts'
import type { Job } from '../../github/runs.ts'
import { fixesOf } from '../../lint/fixes.ts'
import type { ImageBuild, Workflow } from '../../workflow/workflow.ts'
import type { Attempt } from './attempt.ts'
import type { EvidenceHands } from './hands.ts'
import { type JobImage, readJobBuilds } from './job-builds.ts'

export type SourcesWanted = {
  run: Run
  job: Job
  builds: Build[]
  previousSha: string | null
  changed: ChangedFiles | null
}

export type SourcesRead = {
  sourcesOf: (build: Build, target: string | null) => Sources | null
  missing: string[]
}

/** `path`s are of the repository. */
type FilesRead = {
  build: ImageBuild | null
  target: string | null
  path: string
  context: string
  dockerfile: Dockerfile | null
  previousDockerfile: Dockerfile | null
  ignore: Ignore | null
  ignoreFile: { path: string; text: string } | null
  cache: CacheSetup | null
}

/** A job with more images than this is a matter of its own. */
const filesRead = 6

/** Reads what the builds of a job were made from, at the commit of the run and at that of the run before. */
export async function readSources(hands: EvidenceHands, attempt: Attempt, wanted: SourcesWanted): Promise<SourcesRead> {
  const { run, builds } = wanted
  const { workflow, images, missing } = await readJobBuilds(hands, attempt, run, wanted.job)
  const places = placesOf(images, builds)
  const held = (await attempt('its caches', () => heldOf(hands, run, images))) ?? (() => null)
  const files: FilesRead[] = []
  for (const { build, target, path, context } of places.slice(0, filesRead)) {
    const read = await readFiles(hands, attempt, { ...wanted, path, context })
    const cache = build && workflow ? { ...cacheSetup(workflow, build), held: held(build) } : null
    files.push({ build, target, path, context, ...read, cache })
    missing.push(...read.missing)
  }
  const texts = textsOf(workflow, files)
  return {
    missing,
    sourcesOf(build, target) {
      const meant = meantBy(build, target, files)
      const found = meant.length === 1 ? meant[0] : bestSource(build, target, meant)
      return found ? { ...found, buildArgs: null, fixesFor: (misses) => fixesOf(misses, texts) } : null
    },
  }
}

/** By the name of the bake target, else by the context that the command line ends with: files may read the same. */
function meantBy({ command }: Build, target: string | null, files: FilesRead[]): FilesRead[] {
  const context = command === null ? null : contextOf(command)
  const named = files.filter((file) => file.target !== null && file.target === target)
  const told = context === null ? [] : files.filter((file) => file.context === folder(context))
  return [named, told].find(({ length }) => length > 0) ?? files
}

function textsOf(workflow: Workflow | null, files: FilesRead[]): Map<string, string> {
  const texts = new Map(workflow ? [[workflow.file, workflow.text]] : [])
  for (const { path, dockerfile, ignoreFile } of files) {
    if (dockerfile) texts.set(path, dockerfile.text)
    if (ignoreFile) texts.set(ignoreFile.path, ignoreFile.text)
  }
  return texts
}

type Place = { build: ImageBuild | null; target: string | null; path: string; context: string }

/** As the workflow tells; else as the echoed command lines do; else where nearly everybody has it. */
function placesOf(images: JobImage[], builds: Build[]): Place[] {
  const told = images.flatMap(({ target, build }): Place[] => {
    const context = folder(build.context ?? '.')
    const path = build.file === null ? join(context, 'Dockerfile') : clean(build.file)
    return [path, context].some((part) => part.includes('${{')) ? [] : [{ build, target, path, context }]
  })
  if (told.length > 0) return distinct(told)
  const commands = builds.flatMap(({ command }) => (command === null ? [] : (contextOf(command) ?? [])))
  const contexts = commands.length > 0 ? commands.map(folder) : ['']
  return distinct(
    contexts.map((context) => ({ build: null, target: null, path: join(context, 'Dockerfile'), context })),
  )
}

function distinct(places: Place[]): Place[] {
  return [
    ...new Map(
      places.map((place) => [JSON.stringify([place.path, place.context, place.target, place.build?.line]), place]),
    ).values(),
  ]
}

type ReadFiles = Pick<FilesRead, 'dockerfile' | 'previousDockerfile' | 'ignore' | 'ignoreFile'> & { missing: string[] }

async function readFiles(
  { contents }: EvidenceHands,
  attempt: Attempt,
  { run, previousSha, changed, path, context }: SourcesWanted & { path: string; context: string },
): Promise<ReadFiles> {
  const read = async (file: string, sha: string) => {
    const found = await contents.readText(run.repository, file, sha)
    return found.kind === 'file' ? found.text : null
  }
  const now = await attempt(path, () => contents.readText(run.repository, path, run.sha))
  const text = now?.kind === 'file' ? now.text : null
  const dockerfile = text === null ? null : readDockerfile(text, path)
  const isSame = changed?.complete === true && !changed.files.some((file) => file.path === path)
  const earlier = async () => (isSame ? text : previousSha && attempt(`${path} before`, () => read(path, previousSha)))
  const before = (await earlier()) || null
  // null: GitHub did not say; what it says is not there is there to be known
  const found = await attempt('the ignore file', async () => ({
    file: await firstOf(ignoreFilesOf(path, context), (file) => read(file, run.sha)),
  }))
  const ignoreFile = found?.file ?? null
  const ignore = found && readIgnore(ignoreFile?.text ?? '', ignoreFile?.path ?? '.dockerignore')
  return {
    dockerfile,
    previousDockerfile: before === null ? null : readDockerfile(before, path),
    ignore,
    ignoreFile,
    missing: [
      ...(now?.kind === 'missing' ? [now.because] : []),
      ...[...(dockerfile?.problems ?? []), ...(ignore?.problems ?? [])]
        .slice(0, problemsTold)
        .map(({ file, line, message }) => `${file}:${line}: ${message}`),
    ],
  }
}

/** What is no Dockerfile at all has one in every line. */
const problemsTold = 5

/** That of the Dockerfile lies beside it, the other at the root of the context. */
function ignoreFilesOf(path: string, context: string): string[] {
  return ignoreFileOf(path).map((file) => (file.startsWith(path) ? file : join(context, file)))
}

async function firstOf(paths: string[], read: (path: string) => Promise<string | null>) {
  for (const path of paths) {
    const text = await read(path)
    if (text !== null) return { path, text }
  }
  return null
}

/** What GitHub's cache holds for the scopes that the builds import from, asked once for all of them. */
async function heldOf(hands: EvidenceHands, run: Run, images: JobImage[]) {
  const nobodyAsked = () => null
  if (!images.some(({ build }) => build.cacheFrom.some(({ type }) => type === 'gha'))) return nobodyAsked
  const { caches, complete } = await hands.listCaches(run.repository, { key: 'index-' })
  const home = await hands.defaultBranch(run.repository)
  const readable = new Set([home, run.branch].map((branch) => `refs/heads/${branch}`))
  return ({ cacheFrom }: ImageBuild): Held | null => {
    const scope = cacheFrom.find(({ type }) => type === 'gha')?.scope ?? 'buildkit'
    const refs = caches.flatMap(({ key, ref }) => {
      const read = readGhaKey(key)
      return read.kind === 'index' && read.scope === scope ? [ref] : []
    })
    if (scope.includes('${{') || (refs.length === 0 && !complete)) return null
    if (refs.length === 0) return 'nothing'
    // of a pull request's own ref the run does not tell the number
    return refs.some((ref) => readable.has(ref) || (isOfPull(run) && ref.startsWith('refs/pull/')))
      ? 'readable'
      : 'only-on-other-refs'
  }
}

function isOfPull({ event }: Run): boolean {
  return event.startsWith('pull_request')
}

function folder(path: string): string {
  const plain = clean(path)
  return plain === '.' ? '' : plain
}

function clean(path: string): string {
  return (
    path
      .replaceAll('\\', '/')
      .replace(/^(?:\.\/)+/, '')
      .replace(/(?<!\/)\/+$/, '') || '.'
  )
}

function join(context: string, file: string): string {
  return context === '' ? file : `${context}/${file}`
}

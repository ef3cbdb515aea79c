import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { Build } from './build/build.ts'
import { contextOf } from './build/command-words.ts'
import { cacheSetup } from './cache/cache-setup.ts'
import { type ChangedFiles, readChangedFiles } from './cache/changed-files.ts'
import type { Evidence, Sources } from './cache/evidence.ts'
import { wordsOf } from './cli-words.ts'
import type { Dockerfile, Problem } from './dockerfile/dockerfile.ts'
import { type Ignore, readIgnore } from './dockerfile/ignore.ts'
import { readDockerfile } from './dockerfile/read-dockerfile.ts'
import { fixesOf } from './lint/fixes.ts'
import { joinPath } from './workflow/context-path.ts'
import { expand, legsOf } from './workflow/expand.ts'
import { readWorkflow } from './workflow/read-workflow.ts'
import type { ImageBuild, Workflow } from './workflow/workflow.ts'

/** What the options of `layerwise debug` say beside the log, by file names. */
export type EvidenceOptions = {
  dockerfile?: string
  previousDockerfile?: string
  dockerignore?: string
  changedFiles?: string
  context?: string
  workflow?: string
}

export type GivenEvidence = { evidence: Evidence; problems: string[] } | { unreadable: string }

/**
 * Evidence from files. A Dockerfile that does not parse is a problem to tell, and what is left of it is used. With a
 * build before and no `--previous-dockerfile` the Dockerfile is taken to be the same, unless it is listed as changed.
 */
export function readGivenEvidence(options: EvidenceOptions, previous: Build[] | null): GivenEvidence {
  try {
    const changed = options.changedFiles === undefined ? null : readChangedFiles(read(options.changedFiles))
    const given = readGiven(options)
    const { dockerfile, previousDockerfile, ignore, workflow } = given
    const problems = [dockerfile, previousDockerfile, ignore, workflow].flatMap((read) => told(read?.problems ?? []))
    return {
      evidence: { previous, changed, sourcesOf: (build, target) => sourcesOf(given, { build, target, changed }) },
      problems,
    }
  } catch (error) {
    if (error instanceof Unreadable) return { unreadable: error.message }
    throw error
  }
}

/** What is no Dockerfile at all has one in every line. */
const problemsTold = 10

function told(problems: Problem[]): string[] {
  const lines = problems.slice(0, problemsTold).map(({ file, line, message }) => `${file}:${line}: ${message}`)
  const more = problems.length - lines.length
  return more > 0 ? [...lines, `${problems[0]?.file}: ${more} further problems`] : lines
}

type Given = {
  dockerfile: Dockerfile | null
  previousDockerfile: Dockerfile | null
  ignore: Ignore | null
  ignoreText: string | null
  context: string | null
  workflow: Workflow | null
}

function readGiven(options: EvidenceOptions): Given {
  const { dockerfile, previousDockerfile, dockerignore, context, workflow } = options
  const ignoreText = dockerignore === undefined ? null : read(dockerignore)
  return {
    dockerfile: dockerfile === undefined ? null : readDockerfile(read(dockerfile), basename(dockerfile)),
    previousDockerfile:
      previousDockerfile === undefined ? null : readDockerfile(read(previousDockerfile), basename(previousDockerfile)),
    ignore: ignoreText === null ? null : readIgnore(ignoreText, basename(dockerignore ?? '')),
    ignoreText,
    context: context === undefined ? null : folderOf(context),
    workflow: workflow === undefined ? null : readWorkflow(read(workflow), workflow),
  }
}

type Wanted = { build: Build; target: string | null; changed: ChangedFiles | null }

function sourcesOf({ workflow, context, ...given }: Given, { build: { command }, target, changed }: Wanted): Sources {
  const folder = context ?? (command === null ? folderOfTarget(target, changed) : folderOf(contextOf(command) ?? ''))
  const build = workflow && buildMeant(workflow, folder, given.dockerfile?.file ?? null)
  return {
    ...given,
    context: folder,
    buildArgs: null,
    cache: workflow && build ? cacheSetup(workflow, build) : null,
    fixesFor: (misses) => fixesOf(misses, textsOf({ ...given, workflow }, folder)),
  }
}

/** Where these files stand in a repository, as far as their names and the context tell. */
function textsOf(given: Omit<Given, 'context'>, context: string): Map<string, string> {
  const inContext = (name: string) => (context === '' ? name : `${context}/${name}`)
  const { dockerfile, ignoreText, workflow } = given
  const texts = new Map<string, string>()
  if (dockerfile) texts.set(inContext(dockerfile.file), dockerfile.text)
  if (ignoreText !== null) texts.set(inContext('.dockerignore'), ignoreText)
  if (workflow) texts.set(`.github/workflows/${basename(workflow.file)}`, workflow.text)
  return texts
}

/** A bake target is mostly built in the folder of its name; only its bake file could tell. */
function folderOfTarget(target: string | null, changed: ChangedFiles | null): string {
  return target !== null && changed?.files.some(({ path }) => path.startsWith(`${target}/`)) ? target : ''
}

/** Of the builds in a workflow the one of this context and Dockerfile; the only one, if there is but one. */
function buildMeant(workflow: Workflow, context: string, dockerfile: string | null): ImageBuild | null {
  const builds = workflow.builds.flatMap((build) => legsOf(build).map((leg) => expand(build, leg)))
  const fitting = builds.filter(
    (build) =>
      folderOf(build.context ?? '.') === context &&
      (dockerfile === null || build.file === null || basename(build.file) === dockerfile),
  )
  return fitting[0] ?? (builds.length === 1 ? (builds[0] ?? null) : null)
}

/** `./web/` and `web` are the same folder; so is what a Windows shell writes. */
function folderOf(context: string): string {
  const plain = joinPath('.', context.replaceAll('\\', '/')).replace(/(?<!\/)\/+$/, '')
  return plain === '.' ? '' : plain
}

class Unreadable extends Error {}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new Unreadable(`cannot read ${file}: ${wordsOf(error)}`, { cause: error })
  }
}

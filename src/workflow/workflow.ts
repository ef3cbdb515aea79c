import type { Problem } from '../dockerfile/dockerfile.ts'
import type { CacheOption } from './cache-option.ts'

/**
 * A GitHub Actions workflow file, as far as image builds and their cache are concerned. Nothing in here fails: what cannot
 * be understood is a `Problem` with its line. Expressions stay as written; `expand` fills in what a leg of the matrix decides.
 */
export type Workflow = {
  file: string
  text: string
  name: string | null
  triggers: Triggers
  permissions: Permissions
  cacheMode: string | null
  jobs: Job[]
  builds: ImageBuild[]
  problems: Problem[]
}

export type Triggers = {
  /** every event it listens to */
  events: string[]
  /** null: not an event of this workflow. A list is null when everything is let in */
  push: { branches: string[] | null; tags: string[] | null } | null
  pullRequest: { branches: string[] | null } | null
  /** cron lines */
  schedule: string[]
  dispatch: DispatchInput[] | null
}

export type DispatchInput = { name: string; type: string; default: string | null; required: boolean; line: number }

/** By permission; `*` for `read-all` and `write-all`; null when nothing is said. */
export type Permissions = Record<string, string> | null

export type Job = {
  id: string
  name: string | null
  line: number
  runsOn: string[]
  permissions: Permissions
  cacheMode: string | null
  if: string | null
  matrix: Matrix | null
  /** a reusable workflow that stands in the place of steps */
  uses: { workflow: string; line: number } | null
  steps: JobStep[]
}

/** GitHub's step. `script` is the text of `run`. */
export type JobStep = {
  name: string | null
  id: string | null
  index: number
  line: number
  endLine: number
  uses: string | null
  script: string | null
  if: string | null
  with: Record<string, string>
}

export type Matrix = {
  line: number
  legs: Leg[]
  /** an expression decides: there may be other legs, with other values */
  symbolic: boolean
}

export type Value = string | number | boolean | null | Value[] | { [key: string]: Value }
export type Leg = Record<string, Value>

/** One place where images are built. */
export type ImageBuild = {
  job: string
  step: Pick<JobStep, 'name' | 'id' | 'index' | 'line'>
  how: {
    kind: 'build-push-action' | 'bake-action' | 'docker-build' | 'buildx-build' | 'bake' | 'compose' | 'other'
    /** action without its version, or the command's words */
    name: string
  }
  /** file whose lines are meant: the workflow, or a bake file that it builds from */
  source: string
  line: number
  /** null when it is not said here (bake, compose) */
  context: string | null
  /** the action's default: the repository at the commit, read by BuildKit itself; `.dockerignore` is obeyed, a checkout is not needed */
  gitContext: boolean
  file: string | null
  target: string | null
  platforms: string[]
  buildArgs: BuildArg[]
  cacheFrom: CacheOption[]
  cacheTo: CacheOption[]
  noCache: Answer
  noCacheLine: number | null
  noCacheFilters: string[]
  push: Answer
  tags: string[]
  /** of setup-buildx before it; null is the daemon's own builder; `unknown` when another action may have made one */
  driver: string | null
  if: string | null
  bake: BakeCall | null
  /** the command holds words that only the runner knows: there may be more options than are seen here */
  opaque: boolean
  matrix: Matrix | null
  /** literal `env` of workflow, job and step */
  env: Record<string, string>
  place: InputsPlace | null
}

/** What a build takes over from where it stands. */
export type KnownOfStep = Pick<ImageBuild, 'job' | 'step' | 'source' | 'driver' | 'matrix' | 'if' | 'env'>

export type Answer = 'no' | 'yes' | 'conditional'

export type BuildArg = { name: string; value: string | null; line: number }

/** What a bake or compose command asks for. No files: the tool's default ones. */
export type BakeCall = {
  files: string[]
  targets: string[]
  set: { pattern: string; key: string; value: string; line: number }[]
}

/** Where an action's inputs stand, so that one can be added. */
export type InputsPlace = {
  /** line of `with:`, or of `uses:` when there is none */
  line: number
  hasWith: boolean
  /** columns from 0 */
  indent: number
  /** inputs in braces on one line */
  flow: boolean
}

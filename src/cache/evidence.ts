import type { Build } from '../build/build.ts'
import type { Dockerfile } from '../dockerfile/dockerfile.ts'
import type { Ignore } from '../dockerfile/ignore.ts'
import type { ChangedFiles } from './changed-files.ts'
import type { Miss } from './miss.ts'

/** What is known beside the log when a miss is to be explained. Anything may be missing, and then it says so. */
export type Evidence = {
  /** the builds of the last comparable run; empty: there was none; null: nobody knows */
  previous: Build[] | null
  changed: ChangedFiles | null
  /** what a build was made from; asked once for each build of the log, and for each target of a bake */
  sourcesOf: (build: Build, target: string | null) => Sources | null
}

/** A line of a runbook's table of what invalidates what. */
export type Trigger = { change: string; invalidates: string }

export type Sources = {
  dockerfile: Dockerfile | null
  /** of the build before; null when it is not known, also not whether it differs */
  previousDockerfile: Dockerfile | null
  /** null: not known */
  ignore: Ignore | null
  /** relative to the repository root, without `./`; empty for the root; null when the context is no folder of it */
  context: string | null
  /** of the workflow or command line, with the values of this build and of the build before */
  buildArgs: BuildArgs | null
  cache: CacheSetup | null
  /** proposes edits of these files and of the workflow; null when nobody can */
  fixesFor: ((misses: Miss[]) => Fix[]) | null
}

/** An edit that would end misses, as a unified diff; `line` is where the fault stands. */
export type Fix = { rule: string; file: string; line: number; why: string; diff: string }

/** Values may be symbolic (`${{ github.sha }}`); they are compared, and shown only when they are no secrets. */
export type BuildArgs = { now: Map<string, string>; before: Map<string, string> | null }

/** How the build is told to use caches. */
export type CacheSetup = {
  /** where it is written, for messages: `.github/workflows/ci.yml:31`, `the command line` */
  written: string
  imports: CacheEntry[]
  exports: CacheEntry[]
  noCache: boolean | string[]
  /** other images that write to the same place */
  rivals: string[]
  /** what the repository's cache holds for the scope; null when nobody asked GitHub */
  held: Held | null
}

export type CacheEntry = { type: string; scope: string | null; ref: string | null; mode: string | null }

export type Held = 'readable' | 'only-on-other-refs' | 'nothing'

export const noEvidence: Evidence = { previous: null, changed: null, sourcesOf: () => null }

import type { Dockerfile, Instruction } from '../dockerfile/dockerfile.ts'
import type { Ignore } from '../dockerfile/ignore.ts'
import type { ImageBuild } from '../workflow/workflow.ts'
import type { Finding, Level } from './finding.ts'

/** A check of one Dockerfile, in the light of what lies around it. */
export type Rule = RuleWords & { check: (scene: Scene) => Draft[] }

export type RuleWords = {
  id: string
  /** a finding may say a milder one */
  level: Level
  /** one line, for lists of rules */
  summary: string
  runbook: { file: string; anchor: string }
  /** only when asked for: a matter of taste, or of how much one wants to pin */
  strict?: true
}

/** What a rule says; the rest of a finding follows from the rule and the file. */
export type Draft = Pick<Finding, 'line' | 'endLine' | 'message' | 'why' | 'edit'> & {
  level?: Level
  /** what runs again because of it: their time is its cost */
  reruns?: Instruction[]
}

export type Scene = {
  dockerfile: Dockerfile
  /** of the base branch; null when there is none, or nobody compares */
  previous: Dockerfile | null
  context: Context
  /** what the workflows build from it, one for each leg of a matrix */
  builds: ImageBuild[]
}

/** The build context. Paths in it are relative to it. */
export type Context = {
  /** from the root of what is linted, empty for the root; null when it is no folder of it */
  folder: string | null
  /** files, and folders that nobody looked into, with a `/` at the end; null when nobody knows */
  files: string[] | null
  ignore: Ignore | null
  /** path from the root of what is linted */
  ignoreFile: { path: string; text: string } | null
  /** BuildKit clones it by itself: what is not committed is not in it, and neither is `.git` */
  cloned: boolean
}

/** For a finding about an instruction. */
export function linesOf({ line, endLine }: Instruction): { line: number; endLine: number } {
  return { line, endLine }
}

import type { Dockerfile } from '../dockerfile/dockerfile.ts'
import type { Bake } from './bake.ts'
import { exportDisabled } from './trouble/export-disabled.ts'
import { ghaNeedsDriver } from './trouble/gha-needs-driver.ts'
import { markIgnored } from './trouble/ignored.ts'
import { localNeverRotated } from './trouble/local-never-rotated.ts'
import { modeTrouble } from './trouble/mode.ts'
import { noCacheAlways } from './trouble/no-cache-always.ts'
import { notConfigured } from './trouble/not-configured.ts'
import { oneSided } from './trouble/one-sided.ts'
import { placeBuilds } from './trouble/scene.ts'
import { scopeClobbered } from './trouble/scope-clobbered.ts'
import { unreachableFromRef } from './trouble/unreachable-from-ref.ts'
import type { ImageBuild, Workflow } from './workflow.ts'

/** Something about the cache settings of a workflow that makes builds slower than they need to be. */
export type CacheTrouble = {
  kind: TroubleKind
  file: string
  line: number
  job: string
  message: string
  /** how the cache works, so that the message can be believed */
  why: string
  /** lines of `file` to write in the place of others; null when a person has to decide */
  edit: Edit | null
  /** someone wrote beside it that it is meant so */
  ignored: { reason: string } | null
}

export type Edit = { startLine: number; endLine: number; replacement: string[] }

export type TroubleKind =
  | 'not-configured'
  | 'import-without-export'
  | 'export-without-import'
  | 'scope-clobbered'
  | 'mode-min-multi-stage'
  | 'mode-invalid'
  | 'unreachable-from-ref'
  | 'export-disabled'
  | 'no-cache-always'
  | 'gha-needs-driver'
  | 'local-never-rotated'
  | 'ignore-without-reason'

export type TroubleOptions = {
  /** null: not known; then nothing is said that depends on it */
  dockerfileOf?: (build: ImageBuild) => Dockerfile | null
  bakeOf?: (build: ImageBuild) => Bake | null
  /** the repository's other workflows, which may write what this one reads */
  others?: Workflow[]
}

/** What is wrong, in the order of lines. What an expression could make right is passed over in silence. */
export function cacheTrouble(workflow: Workflow, options: TroubleOptions = {}): CacheTrouble[] {
  const scene = placeBuilds(workflow, options)
  const found = rules.flatMap((rule) => rule(scene))
  const seen = new Set<string>()
  const once = found.filter(({ kind, file, line }) => {
    const key = `${kind} ${file} ${line}`
    return !seen.has(key) && seen.add(key)
  })
  return markIgnored(once, scene).sort((left, right) => left.line - right.line)
}

const rules = [
  ...[notConfigured, oneSided, scopeClobbered, modeTrouble, unreachableFromRef],
  ...[exportDisabled, noCacheAlways, ghaNeedsDriver, localNeverRotated],
]

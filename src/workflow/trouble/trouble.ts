import type { Dockerfile } from '../../dockerfile/dockerfile.ts'
import type { Bake } from '../bake-target.ts'
import type { ImageBuild, Workflow } from '../workflow.ts'

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

import type { Problem } from '../dockerfile/dockerfile.ts'
import type { CacheOption } from './cache-option.ts'
import type { BuildArg } from './workflow.ts'

/** What a bake or compose file builds. Variables stand as their defaults; what only a run knows stays as written. */
export type Bake = {
  file: string
  text: string
  kind: 'bake' | 'compose'
  targets: BakeTarget[]
  groups: BakeGroup[]
  problems: Problem[]
}

export type BakeGroup = { name: string; targets: string[]; line: number }

export type BakeTarget = BakeSettings & { name: string; line: number; inherits: string[] }

export type BakeSettings = {
  context: string | null
  dockerfile: string | null
  /** a Dockerfile that is written in the bake file itself */
  inlineDockerfile: string | null
  target: string | null
  platforms: string[]
  args: BuildArg[]
  cacheFrom: CacheOption[]
  cacheTo: CacheOption[]
  noCache: boolean
  noCacheFilters: string[]
  tags: string[]
}

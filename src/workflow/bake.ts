import type { Problem } from '../dockerfile/dockerfile.ts'
import { inheritAll } from './bake-inherits.ts'
import { composeTargets, treeGroups, treeTargets } from './bake-tree.ts'
import type { CacheOption } from './cache-option.ts'
import { readHcl } from './hcl.ts'
import type { BuildArg } from './workflow.ts'
import { child, readYamlSource } from './yaml-source.ts'

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

/** A bake file in any of its three languages. JSON is YAML too, with the lines that a JSON parser would not tell. */
export function readBake(text: string, file: string): Bake {
  if (isHcl(text, file)) {
    const { root, problems } = readHcl(text, file)
    return { file, text, kind: 'bake', targets: inheritAll(treeTargets(root)), groups: treeGroups(root), problems }
  }
  const { root, problems } = readYamlSource(text, file)
  const kind = child(root, 'services') === null ? 'bake' : 'compose'
  const targets = inheritAll(kind === 'compose' ? composeTargets(root) : treeTargets(root))
  return { file, text, kind, targets, groups: treeGroups(root), problems }
}

function isHcl(text: string, file: string): boolean {
  return (
    /\.hcl$/.test(file) || (!/\.(?:json|ya?ml)$/.test(file) && /^\s*(?:target|group|variable|function)\s+"/m.test(text))
  )
}

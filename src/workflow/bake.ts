import { inheritAll } from './bake-inherits.ts'
import type { Bake } from './bake-target.ts'
import { composeTargets, treeGroups, treeTargets } from './bake-tree.ts'
import { readHcl } from './hcl.ts'
import { child, readYamlSource } from './yaml-source.ts'

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
    /\.hcl$/.test(file) ||
    (!/\.(?:json|ya?ml)$/.test(file) && /^[ \t]*(?:target|group|variable|function)[ \t]+"/m.test(text))
  )
}

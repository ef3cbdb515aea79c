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
import type { CacheTrouble, TroubleOptions } from './trouble/trouble.ts'
import { unreachableFromRef } from './trouble/unreachable-from-ref.ts'
import type { Workflow } from './workflow.ts'

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

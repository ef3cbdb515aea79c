import type { Instruction } from '../../dockerfile/dockerfile.ts'
import { installsDependencies, isManifest } from '../../dockerfile/package-managers.ts'
import { isByProduct } from '../by-product.ts'
import type { Found } from '../found.ts'

/** Whether what will run should run for such a change: dependencies only for their own manifests. Null: cannot tell. */
export function isForeseen({ reason, files, follows }: Found, running: Instruction[]): boolean | null {
  const installs = running.some((one) => installsDependencies(one) !== null)
  switch (reason) {
    case 'file-changed':
    case 'file-metadata-changed':
    case 'upstream-stage-changed':
      if (files.length === 0) return follows === undefined ? null : !installs || null
      return installs ? files.some((path) => isManifest(path).length > 0) : files.some((path) => !isByProduct(path))
    case 'build-arg-changed':
      return !installs
    default:
      return true
  }
}

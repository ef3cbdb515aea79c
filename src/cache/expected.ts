import { fitsName, installsDependencies, isManifest } from '../dockerfile/package-managers.ts'
import { isByProduct } from './by-product.ts'
import type { Trigger } from './evidence.ts'
import type { Found, Reasons } from './found.ts'
import { instructionOf, type Scene } from './scene.ts'
import { hasRun, type StageRun } from './stage-run.ts'

/**
 * Whether the runbooks' tables of triggers (change → what it invalidates) foresee a miss. Null when there is no table,
 * or no reason that it could be held against.
 */
export function expectedOf(scene: Scene, run: StageRun, reason: Found, reasons: Reasons): boolean | null {
  const { triggers } = scene
  if (triggers.length === 0) return null
  switch (reason.reason) {
    case 'unknown':
      return null
    case 'no-cache-requested':
    case 'first-build':
      return true
    case 'base-image-moved':
      return triggers.some(({ change }) => /base image/i.test(change))
    case 'instruction-changed':
    case 'env-changed':
      return triggers.some(({ change }) => /dockerfile/i.test(change))
    case 'build-arg-changed':
      return !installs(scene, run) && triggers.some(({ change }) => /argument/i.test(change))
    case 'file-changed':
    case 'file-metadata-changed':
      return filesExpected(scene, run, reason.files)
    case 'remote-file-changed':
      return !installs(scene, run)
    case 'upstream-stage-changed':
    case 'parent-step-changed':
      return followedExpected(scene, run, reason, reasons)
    default:
      return false
  }
}

/** What it follows answers for it; but dependencies are not to be installed anew for anything but their own files. */
function followedExpected(scene: Scene, run: StageRun, { follows, files }: Found, reasons: Reasons): boolean | null {
  const other = scene.runs.find(({ stage, platform }) => (stage ?? 'stage-0') === follows && platform === run.platform)
  const reason = other && reasons(other)
  if (!other || !reason) return null
  const before = expectedOf(scene, other, reason, reasons)
  return before && files.length > 0 ? filesExpected(scene, run, files) : before
}

/** A layer of dependencies is built anew for a manifest or lock file, any other layer for whatever it copies. */
function filesExpected(scene: Scene, run: StageRun, files: string[]): boolean | null {
  if (files.length === 0) return null
  const listed = scene.triggers.flatMap(({ change }) => fileNames(change))
  const isListed = (path: string) =>
    listed.some((pattern) => fitsName(pattern, path.split('/').at(-1) ?? '')) || isManifest(path).length > 0
  if (installs(scene, run)) return files.some(isListed)
  const sources = scene.triggers.some(({ change }: Trigger) => /source/i.test(change))
  return files.some((path) => !isByProduct(path)) ? sources || files.every(isListed) : false
}

function installs(scene: Scene, run: StageRun): boolean {
  return run.steps.some((vertex) => {
    const instruction = hasRun(vertex) ? instructionOf(scene, run, vertex) : null
    return instruction !== null && installsDependencies(instruction) !== null
  })
}

/** ``Cargo.toml` / `Cargo.lock`` as a reader of the table sees it, or the names with `*` in them. */
function fileNames(change: string): string[] {
  return change.split(/[\s,/|]+/).filter((word) => /^[\w*-]+(?:\.[\w*-]+)+$/.test(word))
}

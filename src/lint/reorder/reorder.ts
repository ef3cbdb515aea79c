import type { Dockerfile, Instruction } from '../../dockerfile/dockerfile.ts'
import { isManifest } from '../../dockerfile/package-managers.ts'
import { commentsAbove, inOneStage, rawLines } from '../chain.ts'
import type { FileEdit } from '../finding.ts'
import { type Install, installOf } from '../install.ts'
import type { Scene } from '../rule.ts'
import { manifestCopies } from './manifests.ts'
import { getsByWithoutSources } from './no-sources.ts'
import { partRun } from './part-run.ts'

/**
 * The copy of the sources moved below the installs, with the manifests in its old place. Null when what stands between
 * may need the sources, or when it is not certain which manifests there are.
 */
export function reorder(scene: Scene, { copy, installs }: { copy: Instruction; installs: Install[] }): FileEdit | null {
  const { dockerfile } = scene
  const last = installs.at(-1)
  if (!last || !inOneStage(dockerfile, copy, last.instruction)) return null
  const between = instructionsBetween(dockerfile, copy, last.instruction)
  if (!between.every((one) => mayStandBefore(one, copy))) return null
  const manifests = manifestCopies(scene, copy, installs)
  const parted = installs.map((install) => partRun(dockerfile, install))
  const final = parted.at(-1)
  // what an earlier install does with the project would have to wait for the sources, behind the later ones
  if (
    !manifests ||
    !final ||
    parted.some((one, at) => one === null || (at < parted.length - 1 && one.after.length > 0))
  )
    return null
  const comments = commentsAbove(dockerfile, copy)
  const startLine = copy.line - comments
  const lines = dockerfile.text.split(/\r?\n/)
  const moved = lines.slice(startLine - 1, copy.endLine)
  const kept = lines.slice(copy.endLine, last.instruction.endLine)
  const gap = lines[copy.endLine]?.trim() === '' ? [''] : []
  for (const [at, { instruction }] of [...installs.entries()].toReversed())
    kept.splice(
      instruction.line - copy.endLine - 1,
      rawLines(dockerfile, instruction).length,
      ...(parted[at]?.install ?? []),
    )
  return {
    file: dockerfile.file,
    startLine,
    endLine: last.instruction.endLine,
    replacement: [
      ...manifests,
      ...(manifests.length > 0 ? gap : []),
      ...withoutEmptyStart(kept),
      ...gap,
      ...moved,
      ...final.after,
    ],
  }
}

function instructionsBetween({ stages }: Dockerfile, copy: Instruction, last: Instruction): Instruction[] {
  const all = stages[copy.stage]?.instructions ?? []
  return all.filter(({ line }) => line > copy.line && line < last.line)
}

/** What may come to stand before the copy: it does not look at the sources, and what it makes is not overwritten by them. */
function mayStandBefore(between: Instruction, { copy }: Instruction): boolean {
  if (between.keyword === 'RUN') return installOf(between) !== null || getsByWithoutSources(between)
  if (between.keyword === 'WORKDIR') return copy?.destination.startsWith('/') ?? false
  if (between.copy === null) return true
  const brought = [...between.copy.sources, between.copy.destination]
  return (
    brought.some((path) => /(?:^|\/)recipe\.json$/.test(path)) ||
    between.copy.sources.every((path) => isManifest(path).length > 0)
  )
}

function withoutEmptyStart(lines: string[]): string[] {
  const first = lines.findIndex((line) => line.trim() !== '')
  return first === -1 ? lines : lines.slice(first)
}

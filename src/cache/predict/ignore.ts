import type { Instruction } from '../../dockerfile/dockerfile.ts'
import { selected } from '../../dockerfile/selects.ts'
import type { Change } from '../change.ts'
import type { ChangedFile } from '../changed-files.ts'

/** Files that an edited ignore file lets into the build context, and those that it keeps out from now on. */
export function ignoreSwitches(change: Change): { entering: ChangedFile[]; leaving: ChangedFile[] } {
  const { ignore, previousIgnore, context } = change
  const [entering, leaving]: [ChangedFile[], ChangedFile[]] = [[], []]
  if (!ignore || !previousIgnore || context === null) return { entering, leaving }
  const folder = context === '' || context === '.' ? '' : `${context.replace(/\/$/, '')}/`
  const paths = new Set([...(change.files ?? []), ...change.changed.files.map(({ path }) => path)])
  for (const path of paths) {
    if (!path.startsWith(folder)) continue
    const [before, now] = [previousIgnore, ignore].map((one) => one.ignores(path.slice(folder.length)))
    if (before && !now) entering.push({ path, change: 'added' })
    if (!before && now) leaving.push({ path, change: 'deleted' })
  }
  return { entering, leaving }
}

/** It copies all of the context, and nobody knows which files lie there. */
export function mayTakeOthers({ previousIgnore, files, context }: Change, instruction: Instruction): boolean {
  if (!previousIgnore || files !== undefined || context === null) return false
  return selected(instruction, ['**'], null).includes('./')
}

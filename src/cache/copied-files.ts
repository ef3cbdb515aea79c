import type { Instruction } from '../dockerfile/dockerfile.ts'
import { selected } from '../dockerfile/selects.ts'
import type { ChangedFile } from './changed-files.ts'
import type { Evidence, Sources } from './evidence.ts'

/** Of what is known, as much as it takes to tell which files an instruction copies. */
type Copied = { evidence: Pick<Evidence, 'changed'>; sources: Pick<Sources, 'context' | 'ignore'> }

/** Changed files that an instruction takes in, as paths of the repository. One that it cannot copy is never among them. */
export function copiedChanges({ evidence, sources }: Copied, instruction: Instruction): ChangedFile[] {
  const context = sources.context
  if (!evidence.changed || context === null) return []
  const taken = evidence.changed.files.flatMap(({ path, change }) => {
    const inside = insideOf(context, path)
    const parts = inside === null ? [] : selected(instruction, [inside], sources.ignore)
    return parts.map((part) => ({ path: outsideOf(context, part), change }))
  })
  // one path may be listed twice, and several patterns come down to the same part: more than its mode counts
  const modesFirst = taken.toSorted((a, b) => Number(b.change === 'mode') - Number(a.change === 'mode'))
  const changes = new Map(modesFirst.map((file) => [file.path, file.change]))
  return [...new Set(taken.map(({ path }) => path))].map((path) => ({ path, change: changes.get(path) ?? 'unknown' }))
}

/** Null as well for what lies outside of the repository. */
function insideOf(context: string, path: string): string | null {
  if (path.split('/').includes('..')) return null
  if (context === '' || context === '.') return path
  const folder = `${context.replace(/\/$/, '')}/`
  if (path.startsWith(folder)) return path.slice(folder.length)
  // all of a folder that holds the context
  return path.endsWith('/') && folder.startsWith(path) ? './' : null
}

function outsideOf(context: string, path: string): string {
  const plain = path.replace(/^\.\//, '')
  if (context === '' || context === '.') return plain === '' ? './' : plain
  return `${context.replace(/\/$/, '')}/${plain}`
}

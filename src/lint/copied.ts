import type { Dockerfile, Instruction } from '../dockerfile/dockerfile.ts'
import { environmentAt } from '../dockerfile/environment.ts'
import { expandKnown } from '../dockerfile/expand.ts'
import { cleanSegments } from '../dockerfile/path-pattern.ts'
import { isSure, selectorOf } from '../dockerfile/selects.ts'
import type { Context } from './rule.ts'

/** Files of the context that an instruction takes in; null when it cannot be told. */
export function copiedFiles(dockerfile: Dockerfile, instruction: Instruction, context: Context): string[] | null {
  const known = listed.get(context) ?? new WeakMap<Instruction, string[] | null>()
  listed.set(context, known)
  const files = known.get(instruction)
  if (files !== undefined) return files
  const found = listFiles(dockerfile, instruction, context)
  known.set(instruction, found)
  return found
}

/** Listed once: there may be thousands of files, and several rules that ask. */
const listed = new WeakMap<Context, WeakMap<Instruction, string[] | null>>()

function listFiles(dockerfile: Dockerfile, instruction: Instruction, { files, ignore }: Context): string[] | null {
  if (files === null) return null
  const values = environmentAt(dockerfile, instruction)
  if (!isSure(instruction, values)) return null
  const takes = selectorOf(instruction, ignore, values)
  return files.filter((file) => takes(file) !== null)
}

/** Sources of a COPY or ADD from the context as clean paths (empty: all of it); those with unknown variables left out. */
export function sourcesOf(dockerfile: Dockerfile, instruction: Instruction): string[] {
  const { copy, onbuild } = instruction
  if (copy === null || copy.from !== null || onbuild) return []
  const values = environmentAt(dockerfile, instruction)
  return copy.sources.flatMap((source) => {
    const known = expandKnown(source, (name) => values.get(name)?.value ?? null, dockerfile.escape)
    return known === null || isAddress(known) ? [] : [cleanSegments(known).join('/')]
  })
}

export function isWholeContext(source: string): boolean {
  return source === '' || source === '*' || source === '**'
}

export function copiesWholeContext(dockerfile: Dockerfile, instruction: Instruction): boolean {
  return sourcesOf(dockerfile, instruction).some(isWholeContext)
}

function isAddress(source: string): boolean {
  return /^[a-z+]+:\/\/|^git@/i.test(source)
}

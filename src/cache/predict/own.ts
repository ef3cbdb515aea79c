import type { Instruction } from '../../dockerfile/dockerfile.ts'
import { environmentAt } from '../../dockerfile/environment.ts'
import { isSure } from '../../dockerfile/selects.ts'
import type { Change } from '../change.ts'
import { copiedChanges } from '../copied-files.ts'
import { editBefore } from '../dockerfile-edits.ts'
import { type Found, found } from '../found.ts'
import { ignoreSwitches, mayTakeOthers } from './ignore.ts'
import { knownPaths } from './paths.ts'

/** Why an instruction will miss, looked for in itself and what stands before it in its stage. */
export type OwnReason = (instruction: Instruction) => Found | null

export function ownReasons(change: Change): OwnReason {
  const edited = edits(change)
  const argued = argumentEdits(change)
  const copied = copies(change)
  return (instruction) => edited(instruction) ?? argued(instruction) ?? copied(instruction)
}

/** What stood on the same instructions before is in the cache, whatever its stage was called. */
function edits(change: Change): OwnReason {
  const { dockerfile, previousDockerfile } = change
  if (!previousDockerfile) return () => found('first-build', 'high', `${dockerfile.file} is new`)
  const isKnown = knownPaths(previousDockerfile, dockerfile)
  return (instruction) => {
    if (isKnown(instruction)) return null
    const edit = editBefore(dockerfile, previousDockerfile, instruction) ?? otherBase(change, instruction, isKnown)
    // Its layer stands on nothing, so only its own words count.
    return edit && instruction.copy?.link && wordsStay(previousDockerfile.stages, instruction) ? null : edit
  }
}

/** FROM reads as before, and the arguments in it have other values. */
function otherBase(
  { dockerfile, buildArgs }: Change,
  instruction: Instruction,
  isKnown: (instruction: Instruction) => boolean,
): Found | null {
  let stage = dockerfile.stages[instruction.stage]
  while (stage && stage.base.stage !== null) stage = dockerfile.stages[stage.base.stage]
  const from = stage?.instructions[0]
  if (!stage || !from || isKnown(from)) return null
  // what the build gives is not known to have changed here, and it wins over what is written
  if ([...(buildArgs?.now.keys() ?? [])].some((name) => mentions(from, name))) return null
  const image = stage.base.image ?? stage.base.text
  return found('base-image-moved', 'high', `${dockerfile.file}:${from.line}: FROM is ${image} now`)
}

function wordsStay(stages: { instructions: Instruction[] }[], { text }: Instruction): boolean {
  return stages.some(({ instructions }) => instructions.some((one) => one.text === text))
}

/** Another value of an argument or variable: RUN has all of them in its key, others what they spell out. */
function argumentEdits({ dockerfile, previousDockerfile, buildArgs }: Change): OwnReason {
  const now = buildArgs?.now ?? new Map<string, string>()
  const before = buildArgs?.before ?? now
  const globalArgs = previousDockerfile?.globalArgs ?? dockerfile.globalArgs
  const sameDefaults = JSON.stringify(valuesOf(globalArgs)) === JSON.stringify(valuesOf(dockerfile.globalArgs))
  const given = [...new Set([...now.keys(), ...before.keys()])].filter((name) => now.get(name) !== before.get(name))
  if (sameDefaults && given.length === 0) return () => null
  const earlier = { ...dockerfile, globalArgs }
  return (instruction) => {
    const base = given.includes('SOURCE_DATE_EPOCH') ? ['SOURCE_DATE_EPOCH'] : []
    const values = environmentAt(dockerfile, instruction, now)
    const old = environmentAt(earlier, instruction, before)
    const other = [...values.keys()].filter((name) => values.get(name)?.value !== old.get(name)?.value)
    const names = [...base, ...other.filter((name) => instruction.keyword === 'RUN' || mentions(instruction, name))]
    if (names.length === 0) return null
    return found('build-arg-changed', 'high', `${names.join(', ')} will have another value than before`)
  }
}

function valuesOf(variables: { name: string; value: string | null }[]): unknown {
  return variables.map(({ name, value }) => [name, value])
}

function mentions({ text }: Instruction, name: string): boolean {
  return new RegExp(`\\$\\{?${name.replace(/[^\w]/g, '\\$&')}\\b`).test(text)
}

function copies(change: Change): OwnReason {
  const { changed, context, ignore, previousIgnore } = change
  const { entering, leaving } = ignoreSwitches(change)
  const listed = new Set(changed.files.map(({ path }) => path))
  const now = { ...changed, files: [...changed.files, ...entering.filter(({ path }) => !listed.has(path))] }
  return (instruction) => {
    const taken = copiedChanges({ evidence: { changed: now }, sources: { context, ignore } }, instruction)
    const gone =
      leaving.length === 0
        ? []
        : copiedChanges(
            {
              evidence: { changed: { ...changed, files: leaving } },
              sources: { context, ignore: previousIgnore ?? null },
            },
            instruction,
          )
    const files = [...taken, ...gone]
    if (files.length > 0) return tellFiles(files, ignore !== null && isSure(instruction))
    return mayTakeOthers(change, instruction)
      ? found('file-changed', 'low', 'the ignore file changed, and with it perhaps which files are copied here')
      : null
  }
}

function tellFiles(changes: { path: string; change: string }[], sure: boolean): Found {
  const paths = [...new Set(changes.map(({ path }) => path))]
  const modes = changes.every(({ change }) => change === 'mode')
  const more = paths.length > 1 ? ` and ${paths.length - 1} more` : ''
  const how = modes
    ? 'other permission bits'
    : (words.get(changes.length > 1 ? '' : (changes[0]?.change ?? '')) ?? 'changed')
  return found(
    modes ? 'file-metadata-changed' : 'file-changed',
    sure ? 'high' : 'medium',
    `${paths[0]}${more}: ${how}`,
    paths.slice(0, filesNamed),
  )
}

const filesNamed = 100
const words = new Map([
  ['added', 'added'],
  ['deleted', 'deleted'],
])

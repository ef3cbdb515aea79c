import type { Instruction } from './dockerfile.ts'
import { expand } from './expand.ts'
import type { Ignore } from './ignore.ts'
import { cleanSegments, type PathPattern, pathPattern, unknownText } from './path-pattern.ts'

/** Relative to the context root, with `/`. A folder ends in `/`; `web/**` stands for all files in it. */
export type ContextPath = string

/**
 * The changed paths that an instruction may take in from the build context. A folder is handed back as it came; a
 * pattern narrowed to what is copied. Without a value (`values`) a variable in a source may be any text, see `isSure`.
 */
export function selected(
  instruction: Instruction,
  paths: ContextPath[],
  ignore: Ignore | null,
  values?: Values,
): ContextPath[] {
  const selection = selectionOf(instruction, values)
  return selection.sources.length === 0 ? [] : paths.flatMap((path) => select(path, selection, ignore))
}

/** The same for one path after the other: what the instruction takes in of it, the first when a pattern gives several. */
export function selectorOf(
  instruction: Instruction,
  ignore: Ignore | null,
  values?: Values,
): (path: ContextPath) => ContextPath | null {
  const selection = selectionOf(instruction, values)
  return (path) => select(path, selection, ignore)[0] ?? null
}

/** False when a source holds a variable without a known value, so that more may be selected than is copied. */
export function isSure(instruction: Instruction, values?: Values): boolean {
  return selectionOf(instruction, values).sure
}

/** As `environmentAt` gives them. */
export type Values = ReadonlyMap<string, { value: string | null }>

type Selection = { sources: PathPattern[]; excludes: PathPattern[]; sure: boolean }

const noValues: Values = new Map()
const compiled = new WeakMap<Instruction, { values: Values; selection: Selection }>()

/** Compiled once for an instruction: there may be thousands of paths. */
function selectionOf(instruction: Instruction, values: Values = noValues): Selection {
  const known = compiled.get(instruction)
  if (known?.values === values) return known.selection
  const selection = compile(instruction, values)
  compiled.set(instruction, { values, selection })
  return selection
}

function compile({ copy, mounts, onbuild, json }: Instruction, values: Values): Selection {
  const fill = (word: string) => expand(word, (name) => values.get(name)?.value ?? unknownText)
  const patternsOf = (words: string[], parents = false) =>
    words.map((word) => pathPattern(word, parents ? 'any depth' : 'one level'))
  if (onbuild) return { sources: [], excludes: [], sure: true }
  const bound = mounts.filter(({ type, from }) => type === 'bind' && from === null).map(({ source }) => fill(source))
  const copied = copy && copy.from === null ? copy.sources.map((word) => (json ? word : fill(word))) : []
  const local = copied.filter((source) => !isRemote(source))
  const sources = [...patternsOf(local, copy?.parents), ...patternsOf(bound)]
  const sure = ![...bound, ...local].some((source) => source.includes(unknownText))
  return { sources, excludes: patternsOf((copy?.exclude ?? []).map(fill), true), sure }
}

/** What ADD fetches itself (`isHTTPSource`, `isGitSource` in BuildKit's `dockerfile2llb/convert.go`). */
function isRemote(source: string): boolean {
  return /^(?:https?|git|ssh|ftp):\/\//i.test(source) || /^[\w.-]+@[\w.-]+:/.test(source)
}

function select(written: ContextPath, { sources, excludes }: Selection, ignore: Ignore | null): ContextPath[] {
  const glob = /[*?[]/.test(written)
  const folder = written === '' || /[\\/]$/.test(written)
  const path = cleanSegments(glob ? folderOf(written) : written).join('/')
  if (!glob && !folder) {
    const taken = sources.some((source) => source.covers(path)) && !isLeftOut(path, excludes, ignore)
    return taken ? [written] : []
  }
  if (ignore?.ignoresAll(path)) return []
  if (sources.some((source) => source.covers(path))) return [glob ? wholeFolder(written, path) : written]
  const inside = sources.filter((source) => source.reachesInto(path))
  const narrowed = inside.map(({ text }) => text).filter((text) => !isLeftOut(text, excludes, ignore))
  if (narrowed.length === 0) return []
  return glob ? narrowed : [written]
}

function isLeftOut(path: string, excludes: PathPattern[], ignore: Ignore | null): boolean {
  return (ignore?.ignores(path) ?? false) || excludes.some((pattern) => pattern.covers(path))
}

/** The part of a pattern before its first wildcard. */
function folderOf(glob: string): string {
  const segments = glob.split(/[\\/]/)
  return segments
    .slice(
      0,
      segments.findIndex((segment) => /[*?[]/.test(segment)),
    )
    .join('/')
}

/** `web/**` is all of `web/`; `web/*.ts` is not, and stays as it is. */
function wholeFolder(glob: string, folder: string): string {
  if (!/(?:^|[\\/])\*\*$/.test(glob)) return glob
  return folder === '' ? './' : `${folder}/`
}

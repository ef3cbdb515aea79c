import type { Instruction } from './dockerfile.ts'
import { expand } from './expand.ts'
import { type Ignore, matcherOf, readRule } from './ignore.ts'
import { cleanPath, cleanSegments, type PathPattern, pathPattern, patternOf, unknownText } from './path-pattern.ts'

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

type Selection = { sources: Chosen[]; sure: boolean }

type Chosen = { pattern: PathPattern; excludes: (path: string) => boolean }

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

function compile({ copy, mounts, onbuild }: Instruction, values: Values): Selection {
  if (onbuild) return { sources: [], sure: true }
  const fill = (word: string) => expand(word, (name) => values.get(name)?.value ?? unknownText)
  const bound = mounts.filter(({ type, from }) => type === 'bind' && from === null).map(({ source }) => fill(source))
  const written = copy && copy.from === null ? copy.sources : []
  const copied = written.map(fill)
  const local = copied.filter((source) => !isRemote(source))
  const rules = (copy?.exclude ?? []).map(fill).flatMap((line) => readRule(line, () => undefined))
  const excluded = rules.length > 0 ? matcherOf(rules).ignores : null
  const sources = [
    ...local.map((source) => choose(source, excluded, copy?.parents ?? false)),
    ...bound.map((source) => ({ pattern: pathPattern(source), excludes: () => false })),
  ]
  return { sources, sure: ![...bound, ...local].some((source) => source.includes(unknownText)) }
}

/**
 * `--exclude` is relative to the folder that is copied (`copier.copy` in `tonistiigi/fsutil`), for a file to its own
 * name. With `--parents` that folder is what stands before `/./`, else the context, and `**` crosses slashes.
 */
function choose(source: string, ignores: ((path: string) => boolean) | null, parents: boolean): Chosen {
  const pattern = pathPattern(source, parents ? 'any depth' : 'one level')
  const pivot = source.includes('/./') ? cleanSegments(source.slice(0, source.indexOf('/./'))).length : 0
  const depth = parents ? pivot : pattern.depth
  if (!ignores) return { pattern, excludes: () => false }
  const excludes = (path: string) => {
    if (depth === null) return ignores(path)
    const segments = path.split('/')
    return ignores(segments.slice(Math.min(depth, segments.length - 1)).join('/'))
  }
  return { pattern, excludes }
}

/** What ADD fetches itself (`isHTTPSource`, `isGitSource` in BuildKit's `dockerfile2llb/convert.go`). */
function isRemote(source: string): boolean {
  return /^(?:https?|git|ssh|ftp):\/\//i.test(source) || /^[\w.-]+@[\w.-]+:/.test(source)
}

function select(written: ContextPath, { sources }: Selection, ignore: Ignore | null): ContextPath[] {
  const glob = written.includes('*')
  const folder = written === '' || /[\\/]$/.test(written)
  const path = cleanPath(glob ? folderOf(written) : written)
  if (!glob && !folder) return takes(sources, path) && !ignore?.ignores(path) ? [written] : []
  if (ignore?.ignoresAll(path)) return []
  if (takes(sources, path)) return [glob ? wholeFolder(written, path) : written]
  const narrowed = sources
    .filter(({ pattern, excludes }) => pattern.reachesInto(path) && !excludes(pattern.text))
    .map(({ pattern }) => pattern.text)
    .filter((text) => !ignore?.ignores(text) && (!glob || mayMeet(cleanSegments(written), cleanSegments(text))))
  return glob || narrowed.length === 0 ? narrowed : [written]
}

function takes(sources: Chosen[], path: string): boolean {
  return sources.some(({ pattern, excludes }) => pattern.covers(path) && (path === '' || !excludes(path)))
}

/** `*.md` is never below `src`; `web/**` may be `web/package.json`. */
function mayMeet(glob: string[], source: string[]): boolean {
  const deep = glob.findIndex((segment) => segment.includes('**'))
  return source.every((segment, at) => {
    const pattern = glob[at]
    return (
      (deep !== -1 && at >= deep) ||
      pattern === undefined ||
      segment.includes('*') ||
      patternOf(pattern, false).test(segment)
    )
  })
}

/** The part of a pattern before its first wildcard. */
function folderOf(glob: string): string {
  const segments = glob.split(/[\\/]/)
  return segments
    .slice(
      0,
      segments.findIndex((segment) => segment.includes('*')),
    )
    .join('/')
}

/** `web/**` is all of `web/`; `web/*.ts` is not, and stays as it is. */
function wholeFolder(glob: string, folder: string): string {
  if (!/(?:^|[\\/])\*\*$/.test(glob)) return glob
  return folder === '' ? './' : `${folder}/`
}

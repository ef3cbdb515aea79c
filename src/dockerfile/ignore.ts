import type { Problem } from './dockerfile.ts'
import { cleanPath, cleanSegments, type PathTest, patternOf } from './path-pattern.ts'

/** What `.dockerignore` keeps out of the build context, by Docker's rules (`moby/patternmatcher`). */
export type Ignore = {
  /** a path relative to the context root */
  ignores: (path: string) => boolean
  /** a folder with all that may be in it; false as soon as an exception might reach into it */
  ignoresAll: (folder: string) => boolean
  problems: Problem[]
}

export function readIgnore(text: string, file = '.dockerignore'): Ignore {
  const problems: Problem[] = []
  const rules = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .flatMap((line, at) => readRule(line, (message) => problems.push({ file, line: at + 1, message })))
  return { ...matcherOf(rules), problems }
}

/** Where BuildKit looks for it, in this order (`frontend/dockerui/config.go`). Only the first one found counts. */
export function ignoreFileOf(dockerfilePath: string): string[] {
  return [`${dockerfilePath}.dockerignore`, '.dockerignore']
}

export type IgnoreRule = { segments: string[]; pattern: PathTest; exception: boolean }

/** The last rule that matches a path, or a folder above it, decides. */
export function matcherOf(rules: IgnoreRule[]): Pick<Ignore, 'ignores' | 'ignoresAll'> {
  const known = new Map<string, boolean>()
  const ignores = (path: string) => {
    const clean = cleanPath(path)
    const ignored = known.get(clean) ?? decide(rules, clean)
    known.set(clean, ignored)
    return ignored
  }
  const exceptions = rules.filter(({ exception }) => exception)
  const ignoresAll = (folder: string) =>
    ignores(`${folder}/${probe}`) && !exceptions.some(({ segments }) => mayReachInto(segments, cleanSegments(folder)))
  return { ignores, ignoresAll }
}

function decide(rules: IgnoreRule[], path: string): boolean {
  const last = path === '' ? undefined : rules.findLast(({ pattern }) => pattern.test(path))
  return last !== undefined && !last.exception
}

/** A name that only a wildcard matches. */
const probe = '\u0001'

export function readRule(line: string, problem: (message: string) => void): IgnoreRule[] {
  const written = line.trim()
  if (line.startsWith('#') || written === '') return []
  const exception = written.startsWith('!')
  const pattern = (exception ? written.slice(1) : written).trim()
  if (pattern === '') problem('illegal exclusion pattern: "!"')
  else if (!isPattern(pattern)) problem(`syntax error in pattern: ${pattern}`)
  else {
    const segments = cleaned(pattern)
    if (segments) return [{ segments, pattern: patternOf(segments.join('/'), true), exception }]
  }
  return []
}

/** Go refuses a class that does not end and an escape of nothing; Docker then stops. */
function isPattern(pattern: string): boolean {
  return /^(?:\\.|\[\^?(?:\\.|[^\]\\])+\]|[^[\\])*$/s.test(pattern)
}

/** Null for what is outside of the context, and for the context itself, which cannot be ignored. */
function cleaned(pattern: string): string[] | null {
  const segments: string[] = []
  for (const segment of pattern.split('/')) {
    if (segment === '' || segment === '.') continue
    if (segment !== '..') segments.push(segment)
    else if (segments.pop() === undefined && !pattern.startsWith('/')) return null
  }
  return segments.length === 0 ? null : segments
}

function mayReachInto(exception: string[], folder: string[]): boolean {
  const deep = exception.findIndex((segment) => segment.includes('**'))
  return folder.every((segment, at) => {
    const pattern = exception[at]
    return (deep !== -1 && at >= deep) || pattern === undefined || patternOf(pattern, false).test(segment)
  })
}

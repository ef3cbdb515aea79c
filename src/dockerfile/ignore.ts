import dockerignore from '@balena/dockerignore'
import type { Problem } from './dockerfile.ts'
import { cleanSegments } from './path-pattern.ts'

/** What `.dockerignore` keeps out of the build context, by Docker's rules. */
export type Ignore = {
  /** a path relative to the context root */
  ignores: (path: string) => boolean
  /** a folder with all that may be in it; false as soon as an exception might reach into it */
  ignoresAll: (folder: string) => boolean
  problems: Problem[]
}

export function readIgnore(text: string, file = '.dockerignore'): Ignore {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  const matcher = dockerignore.default({ ignorecase: false })
  const problems = lines.flatMap((line, at) => add(matcher, line) ?? { file, line: at + 1, message: badPattern(line) })
  const exceptions = lines.flatMap((line) => /^\s*!\s*(.+?)\s*$/.exec(line)?.[1] ?? []).map(cleanSegments)
  const known = new Map<string, boolean>()
  const ignores = (path: string) => {
    const clean = cleanSegments(path).join('/')
    const ignored = known.get(clean) ?? (clean !== '' && matches(matcher, clean))
    known.set(clean, ignored)
    return ignored
  }
  const ignoresAll = (folder: string) =>
    ignores(`${folder}/${probe}`) && !exceptions.some((exception) => mayReachInto(exception, cleanSegments(folder)))
  return { ignores, ignoresAll, problems }
}

/** Where BuildKit looks for it, in this order (`frontend/dockerui/config.go`). Only the first one found counts. */
export function ignoreFileOf(dockerfilePath: string): string[] {
  return [`${dockerfilePath}.dockerignore`, '.dockerignore']
}

type Matcher = ReturnType<typeof dockerignore.default>

/** A name that only a wildcard matches. */
const probe = '\u0001'

/** The library throws on patterns that Go would refuse. Adding nothing keeps the rest. */
function add(matcher: Matcher, line: string): [] | null {
  try {
    matcher.add([line])
    return []
  } catch {
    return null
  }
}

function badPattern(line: string): string {
  return `not a pattern that Docker understands: ${line.trim()}`
}

function matches(matcher: Matcher, path: string): boolean {
  try {
    return matcher.ignores(path)
  } catch {
    return false
  }
}

function mayReachInto(exception: string[], folder: string[]): boolean {
  return folder.every((segment, at) => {
    const pattern = exception[at]
    return (
      pattern === undefined || /[*?[\\]/.test(pattern) || exception.slice(0, at).includes('**') || pattern === segment
    )
  })
}

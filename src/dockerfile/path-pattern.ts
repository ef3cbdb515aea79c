import { RE2JS } from 're2js'

/**
 * A pattern over paths of the build context: a source of COPY, with the wildcards of Go's `filepath.Match` that do not
 * cross a `/`; or, at any depth, a line of an ignore file, where `**` does. What lies under a match is matched too.
 */
export type PathPattern = {
  /** as a path without `./`; empty for the whole context */
  text: string
  covers: (path: string) => boolean
  /** a folder above what the pattern names, in which a match may lie */
  reachesInto: (folder: string) => boolean
  /** how many segments it matches; null when that is not fixed */
  depth: number | null
}

/** Stands in a word for a variable that nobody knows the value of: any text, slashes too. */
export const unknownText = '\uE000'

export function pathPattern(source: string, wildcards: 'one level' | 'any depth' = 'one level'): PathPattern {
  const anyDepth = wildcards === 'any depth'
  const segments = cleanSegments(source)
  const open = segments.findIndex((segment) => segment.includes(unknownText) || (anyDepth && segment.includes('**')))
  const whole = patternOf(segments.join('/'), anyDepth)
  const fixed = open === -1 ? segments : segments.slice(0, open)
  const above = fixed.map((_, at) => patternOf(fixed.slice(0, at + 1).join('/'), anyDepth))
  return {
    text: segments.join('/').replaceAll(unknownText, '*'),
    covers: (path) => segments.length === 0 || whole.test(path),
    reachesInto: (folder) => reaches(folder, above, open !== -1),
    depth: open === -1 ? segments.length : null,
  }
}

/** `..` stops at the root. A backslash that is still there is Windows's slash. */
export function cleanSegments(path: string): string[] {
  const segments: string[] = []
  for (const segment of path.replaceAll('\\', '/').split('/')) {
    if (segment === '..') segments.pop()
    else if (segment !== '' && segment !== '.') segments.push(segment)
  }
  return segments
}

/** Nearly every path is clean already. */
export function cleanPath(path: string): string {
  return unclean.test(path) ? cleanSegments(path).join('/') : path
}

const unclean = /\\|^\/|\/$|\/\/|(?:^|\/)\.\.?(?:\/|$)/

function reaches(folder: string, above: PathTest[], open: boolean): boolean {
  if (folder === '') return above.length > 0 || open
  const depth = folder.split('/').length
  const known = Math.min(depth, above.length)
  // `a/b` lies in the folder `a`, itself it is no folder above; behind something open anything may lie.
  if (depth >= above.length && !open) return false
  return known === 0 || (above[known - 1]?.test(folder) ?? false)
}

export type PathTest = { test: (path: string) => boolean }

/**
 * The grammar of `compile` in `moby/patternmatcher`, which is `filepath.Match` but for `**`. Throws nothing and is
 * never slow, whoever wrote the pattern: most have no wildcard, and RE2 takes those that have many.
 */
export function patternOf(pattern: string, anyDepth: boolean): PathTest {
  let body = ''
  let wild = 0
  for (let at = 0; at < pattern.length; ) {
    const rest = pattern.slice(at)
    const token = tokens.find(({ sign, deep }) => (anyDepth || !deep) && sign.test(rest))
    const sign = token?.sign.exec(rest)?.[0] ?? pattern[at] ?? ''
    body += token ? token.means(sign) : escaped(sign)
    if (token) wild++
    at += sign.length
  }
  const under = `${pattern}/`
  if (wild === 0) return { test: (path) => path === pattern || path.startsWith(under) }
  const source = `^${body}(?:/|$)`
  return wild > 2 ? RE2JS.compile(source, RE2JS.DOTALL) : new RegExp(source, 's')
}

/** In this order: what stands first is tried first. Repeated wildcards are one, so that no pattern is slow. */
const tokens: { sign: RegExp; deep?: true; means: (sign: string) => string }[] = [
  { sign: /^(?:\*\*\/?)+$/, deep: true, means: () => '.*' },
  { sign: /^(?:\*\*\/?)+/, deep: true, means: () => '(?:.*/)?' },
  { sign: /^\*+/, means: () => '[^/]*' },
  { sign: /^\?/, means: () => '[^/]' },
  { sign: new RegExp(`^${unknownText}+`), means: () => '.*' },
  { sign: /^\[\^?(?:\\.|[^\]\\])+\]/, means: classPattern },
  { sign: /^\\./s, means: (sign) => escaped(sign.slice(1)) },
]

/** A class that makes no sense, like `[z-a]`, matches nothing. */
function classPattern(sign: string): string {
  const negated = sign.startsWith('[^') ? '^' : ''
  const body = sign.slice(negated.length + 1, -1).replace(/\\(.)/gs, '$1')
  const pattern = `[${negated}${body.replace(/[[\]\\^]/g, '\\$&')}]`
  try {
    new RegExp(pattern)
    return pattern
  } catch {
    return '[^\\s\\S]'
  }
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
}

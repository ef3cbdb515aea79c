/**
 * A source of COPY as a pattern over paths of the context. Wildcards are those of Go's `filepath.Match`, which do not
 * cross a `/`; whatever lies under a match is copied with it.
 */
export type PathPattern = {
  /** as a path without `./`; empty for the whole context */
  text: string
  /** a file or folder that is copied, itself or with something above it */
  covers: (path: string) => boolean
  /** a folder above what the pattern names, in which a match may lie */
  reachesInto: (folder: string) => boolean
  /** length of the match in segments, for patterns relative to the source; null when nothing matches */
  depth: number | null
}

/** Stands in a word for a variable that nobody knows the value of: any text, slashes too. */
export const unknownText = '\uE000'

/** `wildcards: 'any depth'` lets `**` cross slashes, as in ignore files, `--exclude` and `--parents`. */
export function pathPattern(source: string, wildcards: 'one level' | 'any depth' = 'one level'): PathPattern {
  const segments = cleanSegments(source)
  const anyDepth = wildcards === 'any depth'
  const crossing = segments.findIndex((segment) => segment.includes(unknownText) || (anyDepth && segment === '**'))
  const whole = compile(segments, anyDepth)
  const fixed = crossing === -1 ? segments : segments.slice(0, crossing)
  const above = fixed.map((_, at) => compile(fixed.slice(0, at + 1), anyDepth))
  return {
    text: segments.join('/').replaceAll(unknownText, '*'),
    covers: (path) => segments.length === 0 || whole.test(path),
    reachesInto: (folder) => reaches(folder, above, crossing !== -1),
    depth: crossing === -1 ? segments.length : null,
  }
}

/** `..` stops at the root; a backslash is a slash to Windows and was an escape that is gone to the others. */
export function cleanSegments(path: string): string[] {
  const segments: string[] = []
  for (const segment of path.replaceAll('\\', '/').split('/')) {
    if (segment === '..') segments.pop()
    else if (segment !== '' && segment !== '.') segments.push(segment)
  }
  return segments
}

function reaches(folder: string, above: RegExp[], open: boolean): boolean {
  if (folder === '') return above.length > 0 || open
  const depth = folder.split('/').length
  if (depth < above.length || (depth === above.length && open)) return above[depth - 1]?.test(folder) ?? false
  return open && (above.at(-1)?.test(folder) ?? true)
}

function compile(segments: string[], anyDepth: boolean): RegExp {
  const body = segments.map((segment, at) => {
    const last = at === segments.length - 1
    if (anyDepth && segment === '**') return last ? '.*' : '(?:.*/)?'
    return `${segmentPattern(segment)}${last ? '' : '/'}`
  })
  return new RegExp(`^${body.join('')}(?:/|$)`, 's')
}

function segmentPattern(segment: string): string {
  let pattern = ''
  for (let at = 0; at < segment.length; at++) {
    const char = segment[at] ?? ''
    const group = char === '[' ? /^\[(\^?)([^\]]+)\]/.exec(segment.slice(at)) : null
    if (char === '*') pattern += '[^/]*'
    else if (char === '?') pattern += '[^/]'
    else if (char === unknownText) pattern += '.*'
    else if (group) {
      pattern += classPattern(group[1] ?? '', group[2] ?? '')
      at += group[0].length - 1
    } else pattern += char.replace(/[.+^${}()|[\]\\/]/g, '\\$&')
  }
  return pattern.replaceAll(/(?:\.\*){2,}/g, '.*').replaceAll(/(?:\[\^\/\]\*){2,}/g, '[^/]*')
}

/** A range that runs backwards (`[z-a]`) matches nothing in Go; a class that RegExp refuses never takes part. */
function classPattern(negated: string, body: string): string {
  const pattern = `[${negated}${body.replace(/[[\]\\^]/g, '\\$&')}]`
  try {
    new RegExp(pattern)
    return pattern
  } catch {
    return '(?!)'
  }
}

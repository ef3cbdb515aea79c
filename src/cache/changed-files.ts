/** A file that differs between the commit of the build before and that of this build. */
export type ChangedFile = {
  /** relative to the repository root, with `/`; one that ends in `/` is a folder, `*` makes it a pattern of many */
  path: string
  /** `mode`: the content is the same, the permission bits are not; `unknown`: some list only named it */
  change: 'added' | 'modified' | 'deleted' | 'mode' | 'unknown'
}

export type ChangedFiles = {
  files: ChangedFile[]
  /** false when the list is known to lack some; `because` says why */
  complete: boolean
  because: string | null
  /** the commits between which they changed, when that is known */
  between: { base: string; head: string } | null
}

/**
 * Reads a list of changed files as people and git write it: plain paths, `git diff --name-status`, `git diff --raw`,
 * `git status --short`; a path may be followed by `(mode only)` or `(mtime only)`, which changes nothing.
 */
export function readChangedFiles(text: string): ChangedFiles {
  const files = text.split(/\r\n|[\n\r\0]/).flatMap(readLine)
  return { files, complete: true, because: null, between: null }
}

function readLine(line: string): ChangedFile[] {
  const trimmed = line.trim()
  if (trimmed === '' || trimmed.startsWith('#') || /\(mtime only\)$/.test(trimmed)) return []
  const marked = /^(.*\S)\s+\(mode only\)$/.exec(trimmed)
  if (marked?.[1]) return [{ path: unquoted(marked[1]), change: 'mode' }]
  return rawLine(trimmed) ?? shortLine(line) ?? statusLine(trimmed) ?? [{ path: unquoted(trimmed), change: 'unknown' }]
}

/** `:100644 100755 1a2b3c4 1a2b3c4 M<tab>path`: same blob and another mode is a change of mode. */
function rawLine(line: string): ChangedFile[] | null {
  const raw = /^:(\d{6}) (\d{6}) ([0-9a-f]{1,64})\.{0,3} ([0-9a-f]{1,64})\.{0,3} ([A-Z])\d{0,3}\t(.+)$/.exec(line)
  if (!raw) return null
  const [, before = '', after = '', from = '', to = '', status = '', paths = ''] = raw
  if (before === '160000' || after === '160000')
    return paths.split('\t').map((path) => ({ path: `${unquoted(path)}/`, change: 'modified' }))
  const sameContent = status === 'M' && from === to && !/^0+$/.test(to)
  return sameContent && before !== after
    ? [{ path: unquoted(paths), change: 'mode' }]
    : changes(status, paths.split('\t'))
}

function statusLine(line: string): ChangedFile[] | null {
  const status = /^([ACDMRTU])\d{0,3}(?:\t| {2,})(\S.*)$/.exec(line)
  return status ? changes(status[1] ?? '', (status[2] ?? '').split('\t')) : null
}

/** ` M path`, `?? path`, `R  old -> new`: what differs in the index, then in the work tree. */
function shortLine(line: string): ChangedFile[] | null {
  const [, places = '', paths] = /^([ACDMRT] | [ADMT]|[AMR][DM]|\?\?) (\S.*)$/.exec(line) ?? []
  if (paths === undefined) return null
  const status = places.trim().at(0) ?? ''
  return changes(status === '?' ? 'A' : status, paths.split(' -> '))
}

/** A renamed file is gone from its old place and new in the other. */
function changes(status: string, paths: string[]): ChangedFile[] {
  const [first = '', second] = paths.map(unquoted)
  if (status === 'R' && second !== undefined)
    return [
      { path: first, change: 'deleted' },
      { path: second, change: 'added' },
    ]
  if (status === 'C' && second !== undefined) return [{ path: second, change: 'added' }]
  const change = status === 'A' ? 'added' : status === 'D' ? 'deleted' : 'modified'
  return [{ path: first, change }]
}

/** git quotes what is not plain ASCII, with octal bytes (`core.quotePath`); Windows tools write `\`. */
function unquoted(path: string): string {
  const quoted = /^"(.*)"$/.exec(path.trim())
  if (!quoted) return path.trim().replaceAll('\\', '/').replace(/^\.\//, '')
  // with `core.quotePath=false` other letters stand as they are
  const bytes = Buffer.from(quoted[1] ?? '', 'utf8').toString('latin1')
  const plain = bytes.replace(/\\(?:([0-7]{3})|(.))/g, (_, octal, one) =>
    octal ? String.fromCharCode(Number.parseInt(octal, 8)) : (escapes.get(one) ?? one),
  )
  return Buffer.from(plain, 'latin1').toString('utf8')
}

const escapes = new Map([
  ['n', '\n'],
  ['t', '\t'],
])

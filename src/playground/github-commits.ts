import { createHash } from 'node:crypto'

/** A commit with the whole of its files: small repositories need no more. */
export type LocalCommit = { sha: string; parent: string | null; files: Map<string, LocalFile>; at: Date }
/** `mode` as in git: 100644, 100755, 120000 (a symbolic link), 160000 (a submodule, whose `sha` is a commit) */
export type LocalFile = { mode: string; sha: string; content: Buffer }

/** A text, bytes, an executable, a symbolic link, a submodule at a commit, or nothing any more. */
export type ScriptedFile =
  | string
  | Uint8Array
  | { content: string | Uint8Array; executable: boolean }
  | { linkTo: string }
  | { submodule: string }
  | null

/** The commit that `files` make of its parent. */
export function commitFiles(parent: LocalCommit | null, files: Record<string, ScriptedFile>, at: Date): LocalCommit {
  const all = new Map(parent?.files)
  for (const [path, file] of Object.entries(files)) {
    if (file === null) all.delete(path)
    else all.set(path, fileOf(file))
  }
  const listing = [...all].map(([path, { mode, sha }]) => `${mode} ${path} ${sha}`).toSorted()
  const sha = hash([parent?.sha ?? 'root', ...listing].join('\n'))
  return { sha, parent: parent?.sha ?? null, files: all, at }
}

function fileOf(file: NonNullable<ScriptedFile>): LocalFile {
  if (typeof file === 'string' || file instanceof Uint8Array) return blob('100644', file)
  if ('linkTo' in file) return blob('120000', file.linkTo)
  if ('submodule' in file) return { mode: '160000', sha: file.submodule, content: Buffer.alloc(0) }
  return blob(file.executable ? '100755' : '100644', file.content)
}

/** Its sha is the one git gives it. */
function blob(mode: string, text: string | Uint8Array): LocalFile {
  const content = Buffer.from(text)
  return { mode, content, sha: hash(Buffer.concat([Buffer.from(`blob ${content.length}\0`), content])) }
}

export type LocalEntry = { path: string; mode: string; type: 'blob' | 'tree' | 'commit'; sha: string; size?: number }

/** What lies in a folder: all that is below it, or the first level only. Equal folders have equal shas, as in git. */
export function treeEntries(files: Map<string, LocalFile>, deep: boolean): LocalEntry[] {
  const leaves = [...files].map(([path, { mode, sha, content }]): LocalEntry => {
    const isCommit = mode === '160000'
    return { path, mode, sha, type: isCommit ? 'commit' : 'blob', ...(!isCommit && { size: content.length }) }
  })
  const trees = foldersOf(files).map(
    (path): LocalEntry => ({ path, mode: '040000', type: 'tree', sha: treeSha(inside(files, path)) }),
  )
  const all = [...leaves, ...trees].toSorted((a, b) => (a.path < b.path ? -1 : 1))
  return deep ? all : all.filter(({ path }) => !path.includes('/'))
}

export function treeSha(files: Map<string, LocalFile>): string {
  return hash(
    [...files]
      .map(([path, { mode, sha }]) => `${mode} ${path} ${sha}`)
      .toSorted()
      .join('\n'),
  )
}

export function foldersOf(files: Map<string, LocalFile>): string[] {
  const folders = [...files.keys()].flatMap((path) => {
    const parts = path.split('/').slice(0, -1)
    return parts.map((_, at) => parts.slice(0, at + 1).join('/'))
  })
  return [...new Set(folders)]
}

/** The files of a folder, by their paths in it. */
export function inside(files: Map<string, LocalFile>, folder: string): Map<string, LocalFile> {
  const prefix = `${folder}/`
  return new Map(
    [...files].filter(([path]) => path.startsWith(prefix)).map(([path, file]) => [path.slice(prefix.length), file]),
  )
}

function hash(bytes: string | Uint8Array): string {
  return createHash('sha1').update(bytes).digest('hex')
}

import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { textsAt } from './cli-git.ts'
import { complain, wordsOf } from './cli-words.ts'
import { type LintFiles, skippedFolders, wantedFiles } from './lint/files.ts'

/** A folder as `layerwise lint` looks at it; `base` is a folder, or a commit of git. Throws `Unreadable`. */
export async function readLintFiles(dir: string, base: string | undefined): Promise<LintFiles> {
  if (!isFolder(dir))
    throw new Unreadable(`${dir}: ${isThere(dir) ? 'it is no folder; name the one that it is in' : 'no such folder'}`)
  const paths = listFolder(dir)
  const texts = readTexts(dir, wantedFiles(paths))
  return { paths, texts, base: base === undefined ? null : await baseOf(dir, base, [...texts.keys()]) }
}

export class Unreadable extends Error {}

/** No repository is that large; a folder that is none of a project may be. */
const mostFiles = 300_000

/** Paths below a folder; links are not followed, and folders that hold nobody's Dockerfile are named and not read. */
function listFolder(dir: string): string[] {
  const found: string[] = []
  const waiting = ['']
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    for (const entry of entriesOf(join(dir, folder), folder === '')) {
      const path = `${folder}${entry.name}`
      if (!entry.isDirectory()) found.push(path)
      else if (skippedFolders.has(entry.name)) found.push(`${path}/`)
      else waiting.push(`${path}/`)
    }
    if (found.length > mostFiles) throw new Unreadable(`${dir} holds more than ${mostFiles} files; name a folder in it`)
  }
  return found.sort()
}

/** A folder below that we may not read is left out. */
function entriesOf(folder: string, isTop: boolean): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    if (isTop) throw new Unreadable(`cannot read ${folder}: ${wordsOf(error)}`, { cause: error })
    return []
  }
}

const largestText = 1024 * 1024

function readTexts(dir: string, paths: string[]): Map<string, string> {
  const texts = new Map<string, string>()
  for (const path of paths) {
    try {
      const file = join(dir, path)
      const about = statSync(file)
      if (about.isFile() && about.size <= largestText) texts.set(path, readFileSync(file, 'utf8'))
    } catch (error) {
      complain(`layerwise: cannot read ${path}: ${wordsOf(error)}`)
    }
  }
  return texts
}

async function baseOf(dir: string, base: string, paths: string[]): Promise<LintFiles['base']> {
  if (isFolder(base)) {
    const known = paths.filter((path) => isThere(join(base, path)))
    return readTexts(base, known)
  }
  const found = await textsAt(dir, base, paths)
  if ('problem' in found) throw new Unreadable(found.problem)
  return found.texts
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined
}

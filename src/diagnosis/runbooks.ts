import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type { Row, Runbook } from './runbook.ts'
import { type Problem, printProblem } from './runbook-problem.ts'

/** The folder of the pages that come with Layerwise. */
export const ownRunbooks = join(import.meta.dirname, '..', '..', 'runbooks')

/** Folders to read for the pages of `dir`: a team's stand over ours. `copy` holds those pages as of another day. */
export function foldersInForce(dir: string, copy = dir): string[] {
  return resolve(dir) === ownRunbooks ? [copy] : [ownRunbooks, copy]
}

export type Catalogue = { runbooks: Runbook[]; rows: Map<string, Row> }

/** Some pages cannot be used; `problems` has every mistake of every page. */
export class RunbookProblems extends Error {
  readonly code = 'RUNBOOK_PROBLEMS' as const
  readonly problems: Problem[]

  constructor(problems: Problem[]) {
    super(
      `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'} in the runbooks:\n${problems.map(printProblem).join('\n')}`,
    )
    this.name = 'RunbookProblems'
    this.problems = problems
  }
}

/**
 * Reads all pages of these folders. An id in a later folder (a team's own) replaces the one of an earlier folder.
 *
 * Reading a hundred causes out of Markdown takes most of a second. With `compiledIn`, a folder of our own, the result is
 * kept there under the hash of the pages and of the code that reads them: a changed page is read anew, an unchanged one
 * within milliseconds.
 */
export async function loadRunbooks(dirs: string[], { compiledIn }: { compiledIn?: string } = {}): Promise<Catalogue> {
  const folders = await Promise.all(dirs.map(readFolder))
  if (compiledIn === undefined) return catalogueOf(await readPages(folders))
  const file = join(compiledIn, `${await hashOf(folders)}.json`)
  const compiled = await readCompiled(file)
  if (compiled) return catalogueOf(compiled)
  const runbooks = await readPages(folders)
  await writeCompiled(file, runbooks)
  return catalogueOf(runbooks)
}

function catalogueOf(runbooks: Runbook[]): Catalogue {
  return { runbooks, rows: new Map(runbooks.flatMap((page) => page.rows.map((row) => [row.id, row]))) }
}

async function readPages(folders: PageFile[][]): Promise<Runbook[]> {
  // Markdown, YAML and zod are loaded only when there is something to read with them.
  const { readRunbook } = await import('./runbook.ts')
  /** A diagnosis names a page by its folder (`runbooks/disk.md`), a problem by the path its author can open. */
  const readPageFile = ({ path, file, text }: PageFile) => {
    const { runbook, problems } = readRunbook(file, text)
    return { path, runbook, problems: problems.map((problem) => ({ ...problem, file: path })) }
  }
  const read = folders.map((pages) => pages.map(readPageFile))
  const problems = read.flatMap((pages) => [...pages.flatMap((page) => page.problems), ...twins(pages)])
  if (problems.length > 0) throw new RunbookProblems(problems)
  return read.flat().flatMap(({ runbook }) => runbook ?? [])
}

async function hashOf(folders: PageFile[][]): Promise<string> {
  const here = import.meta.dirname
  const readers = (await readdir(here)).filter((name) => /^runbook.*\.ts$/.test(name)).sort()
  const code = await Promise.all(readers.map((name) => readFile(join(here, name), 'utf8')))
  const pages = folders.map((folder) => folder.map(({ file, text }) => [file, text]))
  return createHash('sha256')
    .update(JSON.stringify([code, pages]))
    .digest('hex')
    .slice(0, 32)
}

/** Null when it is not there or cannot be read: then the pages are. */
async function readCompiled(file: string): Promise<Runbook[] | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch {
    return null
  }
}

/** A folder that cannot be written costs time at the next start, nothing else. */
async function writeCompiled(file: string, runbooks: Runbook[]): Promise<void> {
  const half = `${file}.${process.pid}`
  try {
    await mkdir(join(file, '..'), { recursive: true })
    await writeFile(half, JSON.stringify(runbooks))
    await rename(half, file)
  } catch {
    return
  }
}

type PageFile = { path: string; file: string; text: string }

async function readFolder(dir: string): Promise<PageFile[]> {
  const names = await readdir(dir).catch((cause: unknown) => {
    throw new Error(`reading the runbooks in ${dir}`, { cause })
  })
  // README.md tells people how to write a page; it is not one.
  const pages = names.filter((name) => name.endsWith('.md') && name !== 'README.md').sort()
  return Promise.all(
    pages.map(async (name) => {
      const path = join(dir, name)
      return { path, file: join(basename(resolve(dir)), name), text: await readFile(path, 'utf8') }
    }),
  )
}

/** The same id on two pages of one folder: neither is meant to win. */
function twins(pages: { path: string; runbook: Runbook | null }[]): Problem[] {
  const first = new Map<string, string>()
  return pages.flatMap(({ path, runbook }) =>
    (runbook?.rows ?? []).flatMap(({ id, line }) => {
      const earlier = first.get(id)
      if (earlier === undefined) first.set(id, path)
      if (earlier === undefined || earlier === path) return []
      return [
        {
          file: path,
          line,
          message: `the id ${id} is also used in ${earlier}, expected an id of its own for each cause`,
        },
      ]
    }),
  )
}

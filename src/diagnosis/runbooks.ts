import { readdir, readFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { type Problem, printProblem, type Row, type Runbook, readRunbook } from './runbook.ts'

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

/** Reads all pages of these folders. An id in a later folder (a team's own) replaces the one of an earlier folder. */
export async function loadRunbooks(dirs: string[]): Promise<Catalogue> {
  const folders = await Promise.all(dirs.map(readFolder))
  const read = folders.map((pages) => pages.map(readPageFile))
  const runbooks = read.map((pages) => pages.flatMap(({ runbook }) => runbook ?? []))
  const problems = read.flatMap((pages) => [...pages.flatMap((page) => page.problems), ...twins(pages)])
  if (problems.length > 0) throw new RunbookProblems(problems)
  return {
    runbooks: runbooks.flat(),
    rows: new Map(runbooks.flat().flatMap((page) => page.rows.map((row) => [row.id, row]))),
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

/** A diagnosis names a page by its folder (`runbooks/disk.md`), a problem by the path its author can open. */
function readPageFile({ path, file, text }: PageFile) {
  const { runbook, problems } = readRunbook(file, text)
  return { path, runbook, problems: problems.map((problem) => ({ ...problem, file: path })) }
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

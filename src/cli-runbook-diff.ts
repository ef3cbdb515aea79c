import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { print } from './cli-words.ts'
import { type Case, type Change, changeKinds, compareRows, comparer } from './diagnosis/compare.ts'
import { type Catalogue, foldersInForce, loadRunbooks, ownRunbooks } from './diagnosis/runbooks.ts'
import type { KeptFailure } from './store/failures.ts'
import { printChange, printSummary } from './thread/terminal-diff.ts'

/**
 * `layerwise runbook diff`: what a changed page would say otherwise of failures that happened, before anyone merges it.
 */
export type DiffOptions = {
  /** a folder or a git revision that holds the pages as they are in force; unset: `HEAD`, or none outside git */
  base?: string
  /** the bot's database; unset: no stored failures */
  database?: string
  /** log files, folders of them, or JSON lines with a `log` each */
  logs: string[]
  json?: boolean
  exitCode?: boolean
}

/** Exit status 0, or 1 with `--exit-code` when something would be said otherwise. Bad input is thrown. */
export async function diffRunbooks(dir: string, options: DiffOptions): Promise<number> {
  const after = await loadRunbooks(foldersInForce(dir))
  const before = await loadBase(dir, options.base)
  const compare = comparer(before, after)
  const changes: Change[] = []
  let compared = 0
  for await (const log of casesOf([before, after], options)) {
    compared++
    const change = compare(log)
    if (!change) continue
    changes.push(change)
    if (options.json) await print(`${JSON.stringify(change)}\n`)
  }
  if (!options.json) {
    const gravest = changes.toSorted((a, b) => changeKinds.indexOf(a.kind) - changeKinds.indexOf(b.kind))
    for (const change of gravest) await print(printChange(change))
    await print(
      printSummary({ rows: compareRows(before, after), changes, compared, stored: options.database !== undefined }),
    )
  }
  return options.exitCode && changes.length > 0 ? 1 : 0
}

async function loadBase(dir: string, base: string | undefined): Promise<Catalogue> {
  if (base !== undefined && (await isFolder(base))) return loadRunbooks(foldersInForce(base))
  const committed = await checkOut(dir, base ?? 'HEAD').catch((error: unknown) => {
    if (base === undefined) return null
    throw new Error(`--base ${base} is neither a folder nor a git revision that holds ${dir}`, { cause: error })
  })
  if (committed === null) return loadRunbooks([ownRunbooks])
  try {
    return await loadRunbooks(foldersInForce(dir, committed))
  } finally {
    await rm(join(committed, '..'), { recursive: true, force: true })
  }
}

const git = promisify(execFile)

/** The pages of `dir` as of a revision, in a folder of their own with the same name. */
async function checkOut(dir: string, revision: string): Promise<string> {
  const run = async (...args: string[]) => (await git('git', ['-C', dir, ...args], { maxBuffer: 64e6 })).stdout
  const commit = (await run('rev-parse', '--verify', '--end-of-options', `${revision}^{commit}`)).trim()
  const names = (await run('ls-tree', '-z', '--name-only', commit, './'))
    .split('\0')
    .filter((name) => name.endsWith('.md'))
  const folder = join(await mkdtemp(join(tmpdir(), 'layerwise-base-')), basename(resolve(dir)))
  await mkdir(folder)
  for (const name of names)
    await writeFile(join(folder, basename(name)), await run('show', `${commit}:./${basename(name)}`))
  return folder
}

async function* casesOf(catalogues: Catalogue[], { database, logs }: DiffOptions): AsyncGenerator<Case> {
  if (database !== undefined) yield* storedFailures(database)
  for (const path of logs) yield* logsAt(path)
  yield* samplesOf(catalogues)
}

/** Loaded when asked for: without a database the terminal starts faster. */
async function* storedFailures(database: string): AsyncGenerator<Case> {
  const { readFailures } = await import('./store/store.ts')
  const failures = readFailures(database)
  try {
    for await (const failure of failures.each({ withExcerpt: true }))
      yield { name: nameOf(failure), text: failure.excerpt ?? '' }
  } finally {
    await failures.close()
  }
}

function nameOf({ repository, workflow, jobName, runId, attempt, at }: KeptFailure): string {
  const day = at.toISOString().slice(0, 10)
  return `${repository} · ${workflow} · ${jobName} · run ${runId}, attempt ${attempt} (${day})`
}

async function* logsAt(path: string): AsyncGenerator<Case> {
  if (await isFolder(path)) {
    for (const name of (await readdir(path)).filter((name) => name.endsWith('.log')).sort())
      yield* logsAt(join(path, name))
    return
  }
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new Error(`reading ${path}`, { cause })
  })
  if (path.endsWith('.jsonl')) yield* labelled(path, text)
  else yield { name: path, text }
}

function* labelled(path: string, text: string): Generator<Case> {
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const { log, id } = parseLine(line) as { log?: unknown; id?: unknown }
    if (typeof log !== 'string') throw new Error(`${path}:${index + 1}: expected a JSON object with a text "log"`)
    yield { name: typeof id === 'string' ? id : `${path}:${index + 1}`, text: log }
  }
}

function parseLine(line: string): object {
  try {
    return Object(JSON.parse(line))
  } catch {
    return {}
  }
}

/** The samples of both catalogues, each once. */
function* samplesOf(catalogues: Catalogue[]): Generator<Case> {
  const seen = new Set<string>()
  for (const { rows } of catalogues.toReversed())
    for (const row of rows.values())
      for (const { text, line } of row.samples) {
        if (seen.has(text)) continue
        seen.add(text)
        yield { name: `sample of ${row.id} (${row.runbook.file}:${line})`, text }
      }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() ?? false
}

import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import about from '../package.json' with { type: 'json' }
import { complain, print, wordsOf } from './cli-words.ts'
import type { LintFiles } from './lint/files.ts'
import type { LintReport } from './lint/lint.ts'

/** `layerwise lint`: exit status 0 nothing to mend, 3 there is, 2 it could not be read or the call was wrong. */
export function addLintCommand(program: Command, ended: (status: number) => void): void {
  program
    .command('lint')
    .description('the prohibited actions and tips of the runbook, held against Dockerfiles and workflows')
    .argument('[dir]', 'a folder, best the root of a repository', '.')
    .option('--base <dir or ref>', 'the state to compare with, a folder or a commit of git, e.g. origin/main')
    .option('--strict', 'also what is a matter of taste: bases without digest, the Dockerfile in the context')
    .option('--json', 'one JSON object')
    .option('--sarif', 'SARIF 2.1.0, for code scanning and editors')
    .addHelpText(
      'after',
      '\nExit status: 0 nothing to mend, 3 something prohibited or a warning, 2 not readable.\nA line `# layerwise ignore=<rule> <reason>` above an instruction keeps a rule from it.\n\nExamples:\n  layerwise lint\n  layerwise lint --base origin/main\n  layerwise lint --sarif services > lint.sarif',
    )
    .action(async (dir: string, options: LintOptions) => {
      ended(await lintFolder(dir, options))
    })
}

type LintOptions = { base?: string; strict?: boolean; json?: boolean; sarif?: boolean }

const somethingToMend = 3

/** Loaded when asked for: the other commands start faster without. */
async function lintFolder(dir: string, options: LintOptions): Promise<number> {
  const { lint } = await import('./lint/lint.ts')
  const { counts } = await import('./lint/finding.ts')
  const { wantedFiles } = await import('./lint/files.ts')
  if (options.json && options.sarif) return refuse('--json and --sarif: one of them')
  try {
    if (!statSync(dir).isDirectory()) return refuse(`${dir} is no folder; name the one that it is in`)
    const paths = await listFolder(dir)
    const texts = readTexts(dir, wantedFiles(paths))
    const files: LintFiles = { paths, texts, base: await baseOf(dir, options.base, [...texts.keys()]) }
    const report = lint(files, { strict: options.strict ?? false })
    await print(await shown(report, files, dir, options))
    return report.findings.some(counts) ? somethingToMend : 0
  } catch (error) {
    if (error instanceof Unreadable) return refuse(error.message)
    if (error instanceof Error && 'code' in error) return refuse(`cannot read ${dir}: ${wordsOf(error)}`)
    throw error
  }
}

async function shown(report: LintReport, files: LintFiles, dir: string, options: LintOptions): Promise<string> {
  if (options.json) return `${JSON.stringify({ version: 1, ...report })}\n`
  if (options.sarif) {
    const { sarifOf } = await import('./lint/sarif.ts')
    return `${JSON.stringify(sarifOf(report.findings, about), null, 2)}\n`
  }
  const { printLint } = await import('./thread/terminal-lint.ts')
  const under = /^\.?\/*$/.test(dir) ? '' : `${dir.replace(/\/+$/, '')}/`
  return printLint(report, files.texts, under)
}

class Unreadable extends Error {}

/** No repository is that large; a folder that is none of a project may be. */
const mostFiles = 300_000

/** Paths below a folder; links are not followed, and folders that hold nobody's Dockerfile are named and not read. */
async function listFolder(dir: string): Promise<string[]> {
  const { skippedFolders } = await import('./lint/files.ts')
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
    if (isTop) throw error
    return []
  }
}

const largestText = 1024 * 1024

function readTexts(dir: string, paths: string[]): Map<string, string> {
  const texts = new Map<string, string>()
  for (const path of paths) {
    try {
      const file = join(dir, path)
      if (statSync(file).isFile() && statSync(file).size <= largestText) texts.set(path, readFileSync(file, 'utf8'))
    } catch (error) {
      complain(`layerwise: cannot read ${path}: ${wordsOf(error)}`)
    }
  }
  return texts
}

async function baseOf(dir: string, base: string | undefined, paths: string[]): Promise<LintFiles['base']> {
  if (base === undefined) return null
  if (isFolder(base))
    return readTexts(
      base,
      paths.filter((path) => isThere(join(base, path))),
    )
  const { textsAt } = await import('./cli-git.ts')
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

function refuse(because: string): number {
  complain(`layerwise: ${because}`)
  return 2
}

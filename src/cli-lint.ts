import type { Command } from 'commander'
import about from '../package.json' with { type: 'json' }
import type { KeptBuild } from './cache/kept-build.ts'
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
    .option('--database <url>', 'the database of a bot: what a finding cost in the builds that it remembers')
    .option('--repository <owner/name>', 'whose builds those are (default: as the remote origin of git says)')
    .addHelpText(
      'after',
      '\nExit status: 0 nothing to mend, 3 something prohibited or a warning, 2 not readable.\nA line `# layerwise ignore=<rule> <reason>` above an instruction keeps a rule from it.\n\nExamples:\n  layerwise lint\n  layerwise lint --base origin/main\n  layerwise lint --sarif services > lint.sarif',
    )
    .action(async (dir: string, options: LintOptions) => {
      ended(await lintFolder(dir, options))
    })
}

type LintOptions = {
  base?: string
  strict?: boolean
  json?: boolean
  sarif?: boolean
  database?: string
  repository?: string
}

const somethingToMend = 3

/** Loaded when asked for: the other commands start faster without. */
async function lintFolder(dir: string, options: LintOptions): Promise<number> {
  if (options.json && options.sarif) return refuse('--json and --sarif: one of them')
  const { counts } = await import('./lint/finding.ts')
  const { lint } = await import('./lint/lint.ts')
  const { readLintFiles, Unreadable } = await import('./cli-lint-files.ts')
  try {
    const files = await readLintFiles(dir, options.base)
    const history = await historyOf(dir, options)
    if ('problem' in history) return refuse(history.problem)
    const report = lint(files, { strict: options.strict ?? false, history: history.builds })
    await print(await shown(report, files, dir, options))
    return report.findings.some(counts) ? somethingToMend : 0
  } catch (error) {
    if (error instanceof Unreadable) return refuse(error.message)
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
  const under = /^\.?\/*$/.test(dir) ? '' : `${dir.replace(/(?<!\/)\/+$/, '')}/`
  return printLint(report, files.texts, under)
}

/** As many builds as `/cache lint` looks at. */
const buildsRead = 60

async function historyOf(dir: string, options: LintOptions): Promise<{ builds: KeptBuild[] } | { problem: string }> {
  const { database } = options
  if (database === undefined) return { builds: [] }
  const { originOf } = await import('./cli-git.ts')
  const repository = options.repository ?? (await originOf(dir))
  if (repository === null)
    return { problem: '--database needs --repository owner/name: git names no remote origin here' }
  const { readBuilds } = await import('./store/store.ts')
  try {
    const builds = readBuilds(database)
    try {
      return { builds: await builds.ofRepository(repository, { before: new Date(), limit: buildsRead }) }
    } finally {
      await builds.close()
    }
  } catch (error) {
    return { problem: `--database: ${wordsOf(error)}` }
  }
}

function refuse(because: string): number {
  complain(`layerwise: ${because}`)
  return 2
}

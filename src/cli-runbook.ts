import { basename, dirname, resolve } from 'node:path'
import type { Command } from 'commander'
import type { DiffOptions } from './cli-runbook-diff.ts'
import type { StatsOptions } from './cli-runbook-stats.ts'
import { collect, complain, count, print, wordsOf } from './cli-words.ts'
import { checkSamples } from './diagnosis/check-samples.ts'
import { foldersInForce, loadRunbooks, ownRunbooks, RunbookProblems } from './diagnosis/runbooks.ts'

/** `layerwise runbook …`: for those who write pages. `ended` is told the exit status. */
export function addRunbookCommands(program: Command, ended: (status: number) => void): void {
  const runbook = program.command('runbook').description('look after runbook pages')
  runbook
    .command('check')
    .description('every page is well-formed and recognises its own samples; all problems as file:line')
    .argument('[dir]', 'folder of pages', ownRunbooks)
    .action(async (dir: string) => ended(await checkRunbooks(dir)))
  runbook
    .command('list')
    .description('the causes that the pages name')
    .argument('[dir]', 'folder of pages', ownRunbooks)
    .action(async (dir: string) => ended(await listCauses(dir)))
  runbook
    .command('diff')
    .description('what changed pages would say otherwise of stored failures, logs and samples')
    .argument('[dir]', 'folder of pages', ownRunbooks)
    .option('--base <dir or revision>', 'the pages in force: a folder, or a git revision (default: HEAD)')
    .option('--database <url>', 'where the bot keeps its failures (default: DATABASE_URL)')
    .option('--logs <path>', 'further logs: a file, a folder of .log files, JSON lines; repeatable', collect, [])
    .option('--json', 'one JSON object a line for each log that would be told otherwise')
    .option('--exit-code', 'exit with 1 when something would be told otherwise')
    .action(async (dir: string, options: DiffOptions) => ended(await diff(dir, options)))
  runbook
    .command('stats')
    .description('how right the diagnoses of each cause were, by the thumbs of people and the verdicts of remedies')
    .option('--database <url>', "the bot's database (default: DATABASE_URL)")
    .option('--json', 'one JSON object a line for each cause')
    .action(async (options: Partial<StatsOptions>) => ended(await stats(options)))
}

async function stats(options: Partial<StatsOptions>): Promise<number> {
  try {
    const { environment } = await import('./config.ts')
    const { showRunbookStats } = await import('./cli-runbook-stats.ts')
    await showRunbookStats({ ...options, database: options.database ?? environment().DATABASE_URL })
    return 0
  } catch (error) {
    return refuse(error)
  }
}

/** Read from the environment only here: the other commands need no database. */
async function diff(dir: string, options: DiffOptions): Promise<number> {
  try {
    const { environment } = await import('./config.ts')
    const { diffRunbooks } = await import('./cli-runbook-diff.ts')
    return await diffRunbooks(dir, { ...options, database: options.database ?? environment().DATABASE_URL })
  } catch (error) {
    return refuse(error)
  }
}

async function checkRunbooks(dir: string): Promise<number> {
  try {
    const catalogue = await loadRunbooks(foldersInForce(dir))
    const problems = checkSamples(catalogue, basename(resolve(dir)))
    if (problems.length > 0) throw new RunbookProblems(problems)
    const pages = catalogue.runbooks.filter((page) => dirname(page.file) === basename(resolve(dir)))
    const rows = pages.flatMap((page) => page.rows)
    await print(`${count(pages.length, 'page')}, ${count(rows.length, 'cause')}, no problem\n`)
    return 0
  } catch (error) {
    return refuse(error)
  }
}

async function listCauses(dir: string): Promise<number> {
  try {
    const { rows } = await loadRunbooks([dir])
    for (const row of rows.values())
      await print(`${row.id.padEnd(36)} ${row.family.padEnd(14)} ${row.runbook.file}#${row.runbook.anchor}\n`)
    return 0
  } catch (error) {
    return refuse(error)
  }
}

function refuse(error: unknown): number {
  complain(error instanceof RunbookProblems ? error.message : `layerwise: ${wordsOf(error)}`)
  return 2
}

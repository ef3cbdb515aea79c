import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Command, CommanderError } from 'commander'
import about from '../package.json' with { type: 'json' }
import { readTarget } from './alert/target.ts'
import type { RedactOptions } from './build/redact-log.ts'
import { addAuditCommands } from './cli-audit.ts'
import { type ExplainFileOptions, explainFile, type Unreadable } from './cli-explain.ts'
import { addLayersCommand } from './cli-layers.ts'
import { addLintCommand } from './cli-lint.ts'
import { addPruneCommand } from './cli-prune.ts'
import { addRunbookCommands } from './cli-runbook.ts'
import { collect, complain, print, wordsOf } from './cli-words.ts'
import type { Explanation } from './diagnosis/explanation.ts'
import { indexSigns, type SignIndex } from './diagnosis/match.ts'
import { loadRunbooks, ownRunbooks } from './diagnosis/runbooks.ts'
import { printExplanation } from './thread/terminal.ts'

/**
 * The commands at a terminal. Exit status: 0 explained, 2 an input could not be read or the call was wrong (said on
 * stderr, nothing on stdout for that input), 1 our own fault; of `lint` also 3, there is something to mend, and of
 * `audit verify`, the chain is broken.
 */
export async function runCli(argv: string[]): Promise<number> {
  let status = 0
  const program = new Command('layerwise')
    .description('Says why an image build failed in CI, and which layers missed their cache.')
    .version(about.version)
    .exitOverride()
  program
    .command('debug')
    .description('explain the log or the build record of a job or build')
    .argument(
      '<input...>',
      'a log file, a .dockerbuild file or its zip, - for standard input, or at GitHub the address of a run, job, pull request or repository, owner/repository, owner/repository#12',
    )
    .option('--json', 'one JSON object a line for each input, in order')
    .option('--redact-random', 'mask also long words that look random, though nothing says that they are secrets')
    .option('--runbooks <dir>', 'a folder with pages of your own; repeatable', collect, [])
    .option(
      '--previous <log>',
      'log or record of the build before: tells why a step missed its cache, and what is new in an unknown failure',
    )
    .option('--dockerfile <file>', 'the Dockerfile of this build')
    .option('--previous-dockerfile <file>', 'the Dockerfile of the build before')
    .option('--dockerignore <file>', 'its ignore file')
    .option('--changed-files <file>', 'files changed since the build before, one path a line')
    .option('--context <dir>', 'build context relative to the repository root')
    .option('--workflow <file>', 'the workflow file')
    .addHelpText(
      'after',
      '\nExamples:\n  layerwise debug build.log\n  docker buildx build . 2>&1 | layerwise debug -\n  layerwise debug acme/web#12\n  layerwise debug --json https://github.com/acme/web/actions/runs/123456789',
    )
    .action(async (inputs: string[], options: DebugOptions) => {
      status = await debug(inputs, options)
    })
  addLayersCommand(program, (ended) => {
    status = ended
  })
  addLintCommand(program, (ended) => {
    status = ended
  })
  addRunbookCommands(program, (ended) => {
    status = ended
  })
  addPruneCommand(program, (ended) => {
    status = ended
  })
  addAuditCommands(program, (ended) => {
    status = ended
  })
  try {
    await program.parseAsync(argv, { from: 'user' })
    return status
  } catch (error) {
    // commander has said what is wrong; help and version are no mistakes
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    return ownFault(error)
  }
}

type DebugOptions = ExplainFileOptions & { json?: boolean; runbooks: string[] }

/** Pages that were read once are kept here: most of the time of a short call would go into Markdown. */
const compiledIn = fileURLToPath(new URL('../node_modules/.cache/layerwise', import.meta.url))

async function debug(inputs: string[], options: DebugOptions): Promise<number> {
  const signs = await signsOf([ownRunbooks, ...options.runbooks])
  if (!signs) return 2
  let status = 0
  for (const input of inputs) {
    const read = await explainInput(input, signs, options)
    if ('unreadable' in read) {
      complain(`layerwise: ${read.unreadable}`)
      status = 2
    } else {
      await print(options.json ? `${JSON.stringify(read)}\n` : `${printExplanation(read)}\n`)
    }
  }
  return status
}

async function signsOf(dirs: string[]): Promise<SignIndex | null> {
  try {
    return indexSigns(await loadRunbooks(dirs, { compiledIn }))
  } catch (error) {
    complain(`layerwise: ${wordsOf(error)}`)
    return null
  }
}

function explainInput(input: string, signs: SignIndex, options: DebugOptions): Promise<Explanation | Unreadable> {
  const elsewhere = /^https?:\/\//.test(input) || (namesRepository(input) && !existsSync(input))
  if (elsewhere) return explainLink(input, signs, { random: options.redactRandom ?? false })
  return explainFile(input, signs, options)
}

/** `acme/web#12`; a path of folders is told by its second slash or its end. */
function namesRepository(input: string): boolean {
  return (
    !/\.(?:log|txt|gz|zip|dockerbuild)$/i.test(input) && readTarget(input, 'https://github.com')?.repository != null
  )
}

/** Loaded when asked for: a file on disk needs no GitHub client, and starts faster without. */
async function explainLink(
  link: string,
  signs: SignIndex,
  redaction: RedactOptions,
): Promise<Explanation | Unreadable> {
  const { explainAddress } = await import('./tasks/explain-address.ts')
  const { ConfigProblems, environment, readGithubConfig } = await import('./config.ts')
  try {
    const github = readGithubConfig(environment())
    return await explainAddress(link, signs, github && { ...github.credentials, baseUrl: github.apiUrl }, redaction)
  } catch (error) {
    if (error instanceof ConfigProblems) return { unreadable: `${link}: ${error.message}` }
    throw error
  }
}

function ownFault(error: unknown): number {
  complain(`layerwise: this is our fault, please report it: ${error instanceof Error ? error.stack : String(error)}`)
  return 1
}

// a reader that closes the pipe early (`| head`) is no failure of ours
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await runCli(process.argv.slice(2))

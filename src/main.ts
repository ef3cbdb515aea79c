import { pino } from 'pino'
import { type Bot, startBot } from './bot.ts'
import { redact } from './build/redact.ts'
import { describeConfig } from './config/describe.ts'
import { ConfigProblems, environment, type LiveConfig, type LocalConfig, readConfig } from './config.ts'
import { RunbookProblems } from './diagnosis/runbooks.ts'
import type { Logger } from './slack/log.ts'

/**
 * Starts the bot: with credentials against Slack and GitHub, without them in local mode, beside a Slack and a GitHub
 * of its own. Runs until it is told to stop.
 */
async function main(): Promise<void> {
  const config = readConfig(environment())
  const logger = pino({ level: config.logLevel, base: null }, pino.destination(2))
  logger.info(`Layerwise starts\n${describeConfig(config)}`)
  const running = config.kind === 'live' ? await startBot(config, { logger }) : await startLocally(config, logger)
  stopOnSignal(running, logger)
}

/** Loaded only here: a bot in production needs no local Slack. */
async function startLocally(config: LocalConfig, logger: Logger): Promise<Pick<Bot, 'stop'>> {
  const { startPlayground } = await import('./playground/playground.ts')
  const print = (text: string) => process.stdout.write(`${text}\n`)
  return startPlayground({ command: config.command, print }, (addresses) => {
    // the local GitHub lets whatever client people link by
    const github = { ...addresses.github, clientId: 'local', packagesToken: null }
    const live: LiveConfig = { ...config, kind: 'live', watch: [], poll: '* * * * *', ...addresses, github }
    return startBot(live, { logger })
  })
}

/** The first signal lets the work in hand end, a second one does not wait. */
function stopOnSignal(running: Pick<Bot, 'stop'>, logger: Logger): void {
  let stopping = false
  const stop = async (signal: NodeJS.Signals) => {
    if (stopping) process.exit(130)
    stopping = true
    logger.info({ signal }, 'stopping')
    await running.stop()
    process.exit(0)
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
}

try {
  await main()
} catch (error) {
  const expected = error instanceof ConfigProblems || error instanceof RunbookProblems
  process.stderr.write(`${redact(expected ? error.message : wordsOf(error))}\n`)
  process.exit(expected ? 2 : 1)
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : `${error.message}: ${wordsOf(error.cause)}`
}

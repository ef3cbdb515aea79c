import { commands } from '../commands/commands.ts'
import { type Alert, alertKey } from './alert/alert.ts'
import type { Run } from './alert/from-run.ts'
import { runLinks } from './alert/from-text.ts'
import { readTarget } from './alert/target.ts'
import { type Remedies, type RemedyPatience, remedies as remediesOf } from './bot-remedies.ts'
import { channelsFor, type LiveConfig, wantsChecks, watchedBy } from './config.ts'
import { indexSigns } from './diagnosis/match.ts'
import { loadRunbooks, ownRunbooks } from './diagnosis/runbooks.ts'
import { githubClient } from './github/client.ts'
import { startPolling } from './github/polling.ts'
import type { PullNews } from './github/pull-event.ts'
import { githubPulls } from './github/pulls.ts'
import { githubRuns } from './github/runs.ts'
import { webhookHandler, webhookPath } from './github/webhook.ts'
import { healthListener, type Listener, startServer } from './server.ts'
import { slackSide } from './slack/app.ts'
import { type Logger, maskedLogger } from './slack/log.ts'
import { slackPath } from './slack/receiver.ts'
import { openStore, type Store } from './store/store.ts'
import { checkHands } from './tasks/check/hands.ts'
import { checkPullKey, checkPullTask } from './tasks/check-pull.ts'
import { diagnoseKey, diagnoseTask } from './tasks/diagnose.ts'
import { type EngineOptions, openEngine, type TaskFailure, type TaskHandle } from './tasks/engine.ts'
import { evidenceHands } from './tasks/evidence/hands.ts'
import { explainLinkTask } from './tasks/explain-link.ts'
import { greenLines } from './tasks/green-lines.ts'
import { lintHands, lintRepositoryTask } from './tasks/lint-repository.ts'
import { pictureTask } from './tasks/picture.ts'
import { showStory } from './tasks/show-story.ts'
import { registriesOfBot, tellLayersTask } from './tasks/tell-layers.ts'

/** The running bot. */
export type Bot = AsyncDisposable & {
  /** where webhooks and Slack over HTTP are answered */
  url: string
  stop(): Promise<void>
}

export type BotOptions = {
  logger: Logger
  now?: () => Date
  /** for tests: how patient the tasks are */
  engine?: Pick<EngineOptions, 'retry' | 'pollMs'>
  /** for tests: how patient remedies are */
  remedies?: RemedyPatience
}

/**
 * Puts the parts together: runbooks → store → GitHub and Slack → tasks → doors. Doors open last and close first, so
 * that nothing is heard that could not be kept.
 */
export async function startBot(config: LiveConfig, options: BotOptions): Promise<Bot> {
  const parts = new AsyncDisposableStack()
  const stop = () => parts.disposeAsync()
  try {
    const url = await openParts(parts, config, options)
    return { url, stop, [Symbol.asyncDispose]: stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Returns where the bot listens; what is open is in `parts`, to be closed in reverse. */
async function openParts(parts: AsyncDisposableStack, config: LiveConfig, options: BotOptions): Promise<string> {
  const { now = () => new Date() } = options
  const logger = maskedLogger(options.logger)
  const catalogue = await loadRunbooks([ownRunbooks, ...config.runbooks])
  const signs = indexSigns(catalogue)
  const store = parts.use(await openStore(config.database))
  await holdToAudit(config, store)
  const engine = parts.use(await openEngine({ store, ...options.engine, onFailure: logFailure(logger) }))
  const github = githubClient(
    { ...config.github.credentials, baseUrl: config.github.apiUrl },
    { warn: (message) => logger.warn({ from: 'github' }, message) },
  )
  const world = {
    runs: githubRuns(github),
    hands: evidenceHands(github),
    builds: store.builds,
    signs,
    runbooksUrl: config.runbooksUrl,
    redaction: { random: config.redactRandom },
    now,
  }
  const slack = slackSide({
    config: { ...config.slack, command: config.command },
    ask: (ask, key) => {
      if ('images' in ask) return layers.add(ask, key)
      if ('lint' in ask) return lint.add(ask, key)
      return 'links' in ask ? explainLink.add(ask, key) : remedies.ask(ask, key)
    },
    press: (...pressed) => remedies.doors.press(...pressed),
    formOf: (...pressed) => remedies.doors.formOf(...pressed),
    openForm: (...asked) => remedies.doors.openForm(...asked),
    submit: (...sent) => remedies.doors.submit(...sent),
    firstTime: store.seen.firstTime,
    isKnown: store.seen.has,
    messages: store.messages,
    commands,
    findLinks: (text) => runLinks(text, config.github.url),
    readTarget: (text) => readTarget(text, config.github.url),
    watched: (channel) => watchedBy(config, channel),
    logger,
    now,
  })
  const wanting = (run: Pick<Alert, 'repository' | 'branch' | 'workflow'>) => channelsFor(config, run)
  const green = greenLines({ ...world, lineSignatures: store.lineSignatures })
  const picture = engine.define(pictureTask({ store, poster: slack.poster, upload: slack.upload, logger }))
  const pictures = config.pictures ? { orderPicture: picture.add } : {}
  const { pullRequest } = githubPulls(github)
  const isWatched = (run: Run) => wanting(run).length > 0
  const explainLink = engine.define(
    explainLinkTask({ ...world, ...pictures, pullRequest, isWatched, reply: slack.reply }),
  )
  const layers = engine.define(tellLayersTask({ reply: slack.reply, registries: registriesOfBot(config.registries) }))
  const { url: githubUrl } = config.github
  const lint = engine.define(
    lintRepositoryTask({ reply: slack.reply, hands: lintHands(github), builds: store.builds, githubUrl, now }),
  )
  const showing = { ...world, ...pictures, store, poster: slack.poster }
  const remedies: Remedies = remediesOf({
    ...{ config, github, slack, store, engine, logger, now },
    reading: world,
    runbooks: catalogue.runbooks,
    showStory: (id, step) => showStory({ ...showing, aroundOf: remedies.aroundOf }, id, step),
    ...(options.remedies && { patience: options.remedies }),
  })
  const diagnose = engine.define(diagnoseTask({ ...showing, green, aroundOf: remedies.aroundOf, channelsFor: wanting }))
  const checkPull = engine.define(checkPullTask({ ...world, hands: checkHands(github), logger }))
  await engine.start()

  const hear = hearing({ store, diagnose, wanting, remedies })
  const hearPull = async (pull: PullNews) => {
    if (wantsChecks(config, pull.repository)) await checkPull.add(pull, checkPullKey(pull))
  }
  const doors = { hear, hearPull, logger, now }
  const server = await startServer(routes(config, { ...doors, store, slack: slack.listener }), config)
  parts.defer(() => server.close())
  await slack.start()
  parts.defer(() => slack.stop())
  parts.use(remedies.start())
  parts.use(startPolling({ ...doors, github, cursors: store.cursors, watch: config.watch, cron: config.poll }))
  return server.url
}

/**
 * With remedies on, everything that was done must be on record unbroken. Without them the chain may be looked at in peace:
 * failures are still explained.
 */
async function holdToAudit({ remedies }: LiveConfig, { audit }: Store): Promise<void> {
  if (remedies.roles.length === 0) return
  const { broken } = await audit.verify()
  if (broken !== null)
    throw new Error(
      `The audit chain is broken: ${broken}. Somebody has changed the database, or an old backup was put back. ` +
        'Look with `layerwise audit verify`; until it is settled start without `remedies.roles`, so that nothing can be carried out.',
    )
}

type Hear = (alert: Alert) => Promise<void>

/**
 * What every door does with an alert: a task, unless nobody wants to know of that run, or the attempt was dealt with
 * longer ago than the engine remembers keys.
 */
function hearing(parts: {
  store: Store
  diagnose: TaskHandle<Alert>
  wanting: (run: Alert) => string[]
  remedies: Pick<Remedies, 'heard'>
}): Hear {
  const { store, diagnose, wanting, remedies } = parts
  return async (alert) => {
    const { repository, runId, attempt, workflow, branch } = alert
    if (alert.runFinished) await remedies.heard({ repository, runId, attempt, workflow, branch })
    if (wanting(alert).length === 0) return
    const known = await store.alerts.get(alertKey(alert))
    if (known && (known.alert.runFinished || !alert.runFinished)) return
    await diagnose.add(alert, diagnoseKey(alert))
  }
}

type Doors = {
  store: Store
  slack: Listener | null
  hear: Hear
  hearPull: (pull: PullNews) => Promise<void>
  logger: Logger
  now: () => Date
}

function routes(config: LiveConfig, { store, slack, ...doors }: Doors): Record<string, Listener> {
  const secrets = config.github.webhookSecrets
  return {
    '/healthz': healthListener(async () => {
      await store.seen.has('health')
    }),
    ...(slack ? { [slackPath]: slack } : {}),
    ...(secrets.length > 0
      ? { [webhookPath]: webhookHandler({ ...doors, secrets, seen: store.seen, log: doors.logger }) }
      : {}),
  }
}

function logFailure(logger: Logger): (failure: TaskFailure) => void {
  return ({ task, error, next }) =>
    logger.warn({ task, error: error instanceof Error ? error.message : String(error) }, `task failed, ${next}`)
}

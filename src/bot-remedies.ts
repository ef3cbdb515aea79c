import { randomBytes } from 'node:crypto'
import type { ModalView } from '@slack/types'
import type { LiveConfig } from './config.ts'
import type { Runbook } from './diagnosis/runbook.ts'
import { type Builder, openBuilder } from './docker/builder.ts'
import type { GithubClient } from './github/client.ts'
import { deviceLogin } from './github/device-login.ts'
import { deletePackageVersion, listPackageVersions, packageHome, packagesClient } from './github/packages.ts'
import type { SlackSide, SlackSideOptions } from './slack/app.ts'
import { pruneView, reasonView, rebuildView } from './slack/forms.ts'
import type { Logger } from './slack/log.ts'
import type { RemedyAsk } from './slack/remedy-ask.ts'
import type { Store } from './store/store.ts'
import type { Engine, TaskHandle } from './tasks/engine.ts'
import type { Reading } from './tasks/read-run.ts'
import { askRemedyTask } from './tasks/remedy/ask-remedy.ts'
import { startAuditHead } from './tasks/remedy/audit-head.ts'
import { carryOutTask } from './tasks/remedy/carry-out.ts'
import { flipSwitchTask } from './tasks/remedy/flip-switch.ts'
import { followEvery, followTask } from './tasks/remedy/follow.ts'
import { remedyHands } from './tasks/remedy/hands.ts'
import { linkTask } from './tasks/remedy/link.ts'
import { type AskRemedy, type Attempt, type CarryOut, verifyKey } from './tasks/remedy/orders.ts'
import { pressTask } from './tasks/remedy/press.ts'
import { remediesShown, thumbsOf } from './tasks/remedy/remedies-shown.ts'
import { submitTask } from './tasks/remedy/submit.ts'
import { startSweep, tellExpiredTask } from './tasks/remedy/sweep.ts'
import { tellStatsTask } from './tasks/remedy/tell-stats.ts'
import { verifyTask } from './tasks/remedy/verify.ts'
import { verifyLinkTask } from './tasks/remedy/verify-link.ts'
import type { PackageHands, RemedyWorld } from './tasks/remedy/world.ts'
import type { Around } from './tasks/show-story.ts'
import type { Step } from './tasks/turn.ts'
import type { Story } from './thread/story.ts'

/** How patient remedies are; tests are less so. */
export type RemedyPatience = Partial<Pick<RemedyWorld, 'looks' | 'followEvery'>>

export type RemedyParts = {
  config: LiveConfig
  github: GithubClient
  slack: SlackSide
  store: Store
  engine: Pick<Engine, 'define'>
  reading: Reading
  runbooks: Runbook[]
  logger: Logger
  now(): Date
  showStory(id: string, step: Step): Promise<void>
  patience?: RemedyPatience
}

export type Remedies = {
  /** what Slack's doors ask of remedies */
  doors: Pick<SlackSideOptions, 'press' | 'formOf' | 'openForm' | 'submit'>
  ask(ask: RemedyAsk, key: string): Promise<void>
  /** what a failure's message shows beside the failure */
  aroundOf(story: Story): Promise<Around>
  /** An attempt has ended: checklists that wait for it are walked. */
  heard(attempt: Attempt & { workflow: string; branch: string | null }): Promise<void>
  /** Whatever runs by the clock. */
  start(): Disposable
}

/** Remedies, from the button to the verdict, put together. Before the engine is started. */
export function remedies(parts: RemedyParts): Remedies {
  const { config, store, engine, now, showStory } = parts
  const world = worldOf(parts)
  const verify = engine.define(verifyTask({ ...world, showStory }))
  const follow = engine.define(followTask({ ...world, verify: verify.add }))
  const after = { runbooks: parts.runbooks, follow: follow.add }
  // Each of the two may lead to the other.
  const carryOut: TaskHandle<CarryOut> = engine.define(
    carryOutTask({ ...world, ...after, showStory, askRemedy: (order, key) => askRemedy.add(order, key) }),
  )
  const askRemedy: TaskHandle<AskRemedy> = engine.define(askRemedyTask({ ...world, showStory, carryOut: carryOut.add }))
  const tasks = { ...world, showStory, askRemedy: askRemedy.add, carryOut: carryOut.add }
  const press = engine.define(pressTask(tasks))
  const submit = engine.define(submitTask(tasks))
  const { clientId, url: githubUrl, apiUrl } = config.github
  const login = clientId === null ? null : deviceLogin({ githubUrl, apiUrl, clientId }, { now })
  const link = engine.define(linkTask({ ...world, login, githubUrl }))
  const flip = engine.define(flipSwitchTask(world))
  const stats = engine.define(tellStatsTask(world))
  const tellExpired = engine.define(tellExpiredTask({ ...world, showStory }))
  const verifyLink = engine.define(verifyLinkTask({ ...world, ...after }))
  const titles = new Map(parts.reading.signs.rows.map(({ id, title }) => [id, title]))
  const offering = { store, policy: config.remedies, titleOf: (id: string) => titles.get(id) ?? null, now }
  return {
    doors: { press: press.add, submit: submit.add, ...forms(parts) },
    async ask(ask, key) {
      if ('link' in ask) return link.add(ask, key)
      if ('flip' in ask) return flip.add(ask, key)
      return 'stats' in ask ? stats.add(ask, key) : verifyLink.add(ask, key)
    },
    aroundOf: async (story) => ({
      remedies: await remediesShown(offering, story),
      feedback: await thumbsOf(offering, story),
    }),
    async heard({ workflow, branch, ...attempt }) {
      const waiting = await store.checklists.waitingFor({ ...attempt, workflow, branch, now: now() })
      if (waiting.length > 0) await verify.add(attempt, verifyKey(attempt))
    },
    start() {
      const { logger } = parts
      const running = new DisposableStack()
      running.use(startAuditHead({ ...world, logger, channel: config.remedies.auditChannel }))
      running.use(startSweep({ requests: store.requests, tell: tellExpired.add, logger, now }))
      return running
    },
  }
}

function worldOf({ config, github, slack, store, reading, now, patience }: RemedyParts): RemedyWorld {
  return {
    ...reading,
    store,
    policy: config.remedies,
    github: remedyHands(github),
    packages: packageHands(config),
    builder: builders(config),
    people: slack.people,
    poster: slack.poster,
    respond: slack.respond,
    share: slack.share,
    looks: [1_000, 3_000, 10_000],
    followEvery,
    newId: () => randomBytes(16).toString('base64url'),
    runbooksUrl: config.runbooksUrl,
    githubUrl: config.github.url,
    now,
    ...patience,
  }
}

function packageHands({ github: { packagesToken: token, apiUrl } }: LiveConfig): PackageHands | null {
  if (token === null) return null
  const client = packagesClient({ token, apiUrl })
  return { home: packageHome(client), list: listPackageVersions(client), remove: deletePackageVersion(client) }
}

/** Opened for each use: between two of them lie days. */
function builders({ remedies }: LiveConfig): RemedyWorld['builder'] {
  const using = async <T>(name: string, use: (builder: Builder) => Promise<T>): Promise<T> => {
    const found = remedies.builders.find((builder) => builder.name === name)
    if (!found) throw new Error(`There is no builder ${name} under remedies.builders in the configuration`)
    const builder = await openBuilder(found)
    try {
      return await use(builder)
    } finally {
      builder.close()
    }
  }
  return (name) => ({
    usage: () => using(name, (builder) => builder.usage()),
    prune: (ids, onDone) => using(name, (builder) => builder.prune(ids, onDone)),
  })
}

/** Forms are opened within Slack's three seconds, so from what is known already. */
function forms({ config, store, now }: RemedyParts): Pick<SlackSideOptions, 'formOf' | 'openForm'> {
  const idOf = (meaning: Parameters<Store['buttons']['idFor']>[1]) =>
    store.buttons.idFor(`form:${randomBytes(16).toString('base64url')}`, meaning, now())
  return {
    async formOf({ buttonId, responseUrl }): Promise<ModalView | null> {
      const meaning = await store.buttons.meaning(buttonId)
      if (meaning?.do !== 'check' || meaning.answer === 'passed') return null
      const { checklistId, item, answer } = meaning
      const id = await idOf({ do: 'reason', checklistId, item, answer, responseUrl })
      return reasonView({ id, question: answer === 'failed' ? 'What is not right?' : 'Why is it left out?' })
    },
    async openForm({ form, repository, branch }, { channel, channelName, responseUrl }) {
      const id = await idOf({ do: 'form', form, channel, channelName: `#${channelName}`, responseUrl })
      const repositories = [...new Set(config.watch.map((watch) => watch.repository))]
      const given = { id, repositories, repository, branch }
      return form === 'rebuild' ? rebuildView(given) : pruneView({ ...given, builders: config.remedies.builders })
    },
  }
}

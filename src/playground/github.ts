import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Asker } from './github-answers.ts'
import {
  type LocalCheck,
  localCode,
  type ScriptedCache,
  type ScriptedCommit,
  type ScriptedPull,
} from './github-code.ts'
import { type Deeds, noDeeds } from './github-deeds.ts'
import { type LocalDevices, localDevices } from './github-device.ts'
import { type Outage, outages } from './github-outages.ts'
import { type LocalPackages, localPackages, type ScriptedVersion } from './github-packages.ts'
import { pingEvent, runEvent } from './github-payloads.ts'
import { type LocalPeople, localPeople } from './github-people.ts'
import { type PlayedRun, startRun } from './github-play.ts'
import { endsOf } from './github-pull-api.ts'
import { pullEvent } from './github-pull-payload.ts'
import type { Addresses } from './github-repository.ts'
import { fileLinks, type RecordedRequest, rateLimit, serveApi, serveFile } from './github-server.ts'
import { type Delivery, type Sender, webhookSender } from './github-webhooks.ts'
import {
  currentAttempt,
  type LocalAttempt,
  type LocalRun,
  localWorld,
  type ScriptedRun,
  type StoredKind,
} from './github-world.ts'

export type { Delivery, LocalCheck, Outage, PlayedRun, RecordedRequest, ScriptedRun }

export type LocalGithub = AsyncDisposable & {
  /** address of the API and of the pages */
  baseUrl: string
  /** the other origin, where logs and artifacts lie */
  logsUrl: string
  /** the only token the API accepts */
  token: string
  /** the latest requests, at most 1,000 */
  requests: RecordedRequest[]
  /** the latest webhooks, at most 1,000 */
  deliveries: Delivery[]
  /** From now on webhooks go there; null: nowhere. */
  sendWebhooksTo(url: string | null): void
  /** Plays an attempt from its start to its end, with every webhook GitHub would send. */
  finishRun(script: ScriptedRun): Promise<PlayedRun>
  /** Plays an attempt's start; `finish` plays the rest. */
  startRun(script: ScriptedRun): Promise<PlayedRun & { finish(): Promise<PlayedRun> }>
  /** What GitHub does now and then: the run's `updated_at` moves, though nothing ended. */
  touchRun(runId: number): void
  ping(repository?: string): Promise<Delivery>
  redeliver(delivery: Delivery): Promise<Delivery>
  /** Commits to a branch and gives the sha. `finishRun` takes it as `sha`. */
  commit(script: ScriptedCommit): string
  /** What GitHub does with commits that nothing leads to any more, in the end. */
  forgetCommit(sha: string): void
  /** Opens a pull request and gives its number. */
  openPull(script: ScriptedPull): number
  /** Sends the webhook that tells of a pull request: `opened`, `synchronize`… */
  tellPull(number: number, action?: string, repository?: string): Promise<Delivery>
  closePull(number: number, repository?: string): void
  addCache(script: ScriptedCache): void
  /** The check runs that somebody wrote, oldest first. */
  checkRuns(repository?: string): LocalCheck[]
  failNext(outage: Outage): void
  /** `octo-admin`, `octo-second` (write), `octo-reader`, and whoever is added; what each may do where */
  people: LocalPeople
  /** A person types the code of a device, signed in under this login, and agrees; or does not. */
  authorizeDevice(userCode: string, login: string): void
  denyDevice(userCode: string): void
  devices: Pick<LocalDevices, 'enabled' | 'waiting'>
  /** the classic token for container packages */
  packagesToken: string
  /** Adds a version of a container package and gives its id. */
  addVersion(version: ScriptedVersion): number
  packages: Pick<LocalPackages, 'scopes' | 'addPersonal' | 'versionsOf' | 'link'>
} & Pick<Deeds, 'reruns' | 'dispatches' | 'deletedCaches' | 'deletedVersions' | 'oldServer'>

export type LocalGithubOptions = {
  /** 0: any free one */
  port?: number
  webhookUrl?: string | null
  webhookSecret?: string
  token?: string
  now?: () => Date
  packagesToken?: string
  /** how long a device is to wait between two questions */
  deviceIntervalSeconds?: number
  /** a tree of more entries comes truncated; GitHub's limit is 100,000 */
  treeLimit?: number
}

/**
 * A GitHub on loopback for trying the bot and testing it: real HTTP, GitHub's own shapes, no state on disk. It knows
 * what the bot asks for (runs, attempts, jobs, logs and artifacts behind a redirect to another origin, commits and their
 * files, pull requests, caches, check runs, people and their access, container packages), does what it is asked to
 * (re-runs, dispatches, deletions) and sends signed webhooks.
 */
export async function startLocalGithub(options: LocalGithubOptions = {}): Promise<LocalGithub> {
  const { port = 0, webhookSecret = 'local-webhook-secret', token = 'local-token', now = () => new Date() } = options
  const { packagesToken = 'local-packages-token' } = options
  let webhookUrl = options.webhookUrl ?? null
  const world = localWorld()
  const code = localCode(options.treeLimit)
  const people = localPeople()
  const devices = localDevices(now, options.deviceIntervalSeconds)
  const packages = localPackages()
  const deeds = noDeeds()
  const faults = outages()
  const requests: RecordedRequest[] = []
  const deliveries: Delivery[] = []
  const links = fileLinks(now)
  const record = (request: RecordedRequest) => keepLatest(requests, request)

  const logs = createServer((request, response) => serveFile({ request, response, world, faults, links, record }))
  const logsUrl = await listen(logs, 0)
  const quota = rateLimit(now)
  const api = createServer((request, response) => {
    const fileLink = (kind: StoredKind, id: number) => `${logsUrl}${links.pathOf(kind, id)}`
    const scene = { world, code, people, packages, deeds, at, now, fileLink, tellQueued }
    void serveApi({ request, response, scene, faults, askerOf, devices, quota, record })
  })
  const baseUrl = await listen(api, port)
  const at: Addresses = { api: baseUrl, pages: baseUrl }

  const sender = remembering(
    webhookSender(() => webhookUrl, webhookSecret),
    deliveries,
  )
  const tellQueued = (run: LocalRun, attempt: LocalAttempt) =>
    void sender.send('workflow_run', runEvent('requested', run, attempt, at))
  const askerOf = (given: string): Asker | null => {
    if (given === token) return { kind: 'bot' }
    if (given === packagesToken) return { kind: 'packages' }
    const login = devices.loginOf(given)
    return login === null ? null : { kind: 'user', login }
  }
  const start = (script: ScriptedRun) => startRun({ script, world, sender, at, now })
  return {
    baseUrl,
    logsUrl,
    token,
    requests,
    deliveries,
    sendWebhooksTo(url) {
      webhookUrl = url
    },
    startRun: start,
    finishRun: async (script) => (await start(script)).finish(),
    touchRun(runId) {
      for (const run of world.runs()) if (run.id === runId) currentAttempt(run).updatedAt = now()
    },
    ping: (repository = 'acme/platform') => sender.send('ping', pingEvent(repository, webhookUrl ?? baseUrl, at)),
    redeliver: (delivery) => sender.again(delivery),
    commit: (script) => code.commit(script, now()),
    forgetCommit: code.forget,
    openPull: (script) => code.openPull(script, now()),
    tellPull(number, action = 'opened', name = 'acme/platform') {
      const repository = code.of(name)
      const pull = repository.pulls.find((each) => each.number === number)
      const ends = pull && endsOf(repository, pull)
      if (!pull || !ends) throw new Error(`${name} has no pull request #${number}`)
      return sender.send('pull_request', pullEvent(action, pull, { repository: name, ...ends, at }))
    },
    addCache: (script) => code.addCache(script, now()),
    checkRuns: (repository = 'acme/platform') => code.of(repository).checks,
    closePull: (number, name = 'acme/platform') => code.closePull(number, name, now()),
    failNext: faults.add,
    people,
    authorizeDevice: devices.authorize,
    denyDevice: devices.deny,
    devices,
    packagesToken,
    addVersion: (script) => packages.add(script, now()),
    packages,
    ...deeds,
    get oldServer() {
      return deeds.oldServer
    },
    set oldServer(is) {
      deeds.oldServer = is
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([close(api), close(logs)])
    },
  }
}

function remembering(sender: Sender, deliveries: Delivery[]): Sender {
  const remember = async (sent: Promise<Delivery>) => {
    const delivery = await sent
    keepLatest(deliveries, delivery)
    return delivery
  }
  return {
    send: (event, payload) => remember(sender.send(event, payload)),
    again: (delivery) => remember(sender.again(delivery)),
  }
}

function keepLatest<T>(list: T[], item: T): void {
  list.push(item)
  if (list.length > 1_000) list.shift()
}

/** Loopback only: nothing here is meant for a network. */
async function listen(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function close(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

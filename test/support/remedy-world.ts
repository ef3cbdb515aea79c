import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { z } from 'zod'
import { localPolicy } from '../../src/config/remedies.ts'
import type { LiveConfig } from '../../src/config.ts'
import { loadRunbooks, ownRunbooks } from '../../src/diagnosis/runbooks.ts'
import { permissions } from '../../src/github/permissions.ts'
import type { RecordedRequest, ScriptedRun } from '../../src/playground/github.ts'
import { type PostedMessage, printThread } from '../../src/playground/print-thread.ts'
import { actionIn } from '../../src/playground/slack-buttons.ts'
import type { AuditRow } from '../../src/remedy/audit.ts'
import { readAudit } from '../../src/store/store.ts'
import { startBotBetween, startWorld, until, type World, type WorldOptions } from './start-bot.ts'

export const first = 'U0PERSON01'
export const second = 'U0PERSON02'
export const third = 'U0PERSON03'

/** The whole bot, with people who have linked their accounts and buttons that do what they say. */
export type RemedyWorld = World & {
  /** What a person is told alone from now on, until one fits. */
  told(who: string, fits: RegExp): Promise<string>
  /** Presses a button by its words, in the newest message that has it. */
  press(label: string, by?: string): Promise<void>
  /** All of the channel's threads as text, once it fits. */
  reads(fits: RegExp, ms?: number): Promise<string>
  /** all that stands in the channel */
  messages(): Promise<PostedMessage[]>
  /** The newest message with this button, once there is one, and what the button sends. */
  button(label: string): Promise<{ message: PostedMessage; action: { action_id: string; value: string } }>
  /** every row of the audit, as it stands in the bot's database */
  audit(): Promise<AuditRow[]>
  /** The audit's rows of one kind, once there are so many. */
  audited(kind: AuditRow['kind'], count?: number): Promise<AuditRow[]>
  /** where the bot's data is: `sqlite:PATH` */
  database: string
  /** Ends the bot and starts it anew on the same database; returns where it listens now. */
  restart(policy?: Partial<LiveConfig['remedies']>): Promise<string>
  /** what GitHub was asked to change; not who somebody is */
  changes(): RecordedRequest[]
}

const { rows } = await loadRunbooks([ownRunbooks])

/** A failed job whose log is the first sample of this cause's row. */
export function failureOf(causeId: string, more: Partial<ScriptedRun> = {}): ScriptedRun {
  const text = rows.get(causeId)?.samples.find(({ kind }) => kind === 'match')?.text
  if (text === undefined) throw new Error(`no sample of ${causeId}`)
  return { workflow: 'CI', jobs: [{ name: 'build', conclusion: 'failure', log: dressed(text) }], ...more }
}

function dressed(text: string): string {
  const lines = [
    '##[group]Run docker buildx build .',
    '##[endgroup]',
    ...text.split('\n'),
    '##[error]Process completed with exit code 1.',
  ]
  return `${lines.map((line, index) => `2026-11-23T10:00:${String(index % 60).padStart(2, '0')}.0000000Z ${line}`).join('\n')}\n`
}

export type RemedyWorldOptions = Omit<WorldOptions, 'config'> & {
  config?: WorldOptions['config']
  policy?: Partial<LiveConfig['remedies']>
  /** leave the dry run on */
  dry?: boolean
  /** who links their account, and to which */
  linked?: Record<string, string>
}

export async function startRemedyWorld(options: RemedyWorldOptions = {}): Promise<RemedyWorld> {
  const { policy, dry = false, linked = { [first]: 'octo-admin', [second]: 'octo-second' }, config, ...rest } = options
  const folder = await mkdtemp(join(tmpdir(), 'layerwise-remedies-'))
  const database = `sqlite:${join(folder, 'bot.db')}`
  const settings = { ...rest, config: { database, remedies: { ...localPolicy, ...policy }, ...config } }
  const world = await startWorld(settings)
  const { slack, github } = world
  let bot = world.bot
  const remedy: RemedyWorld = {
    ...world,
    told: (who, fits) => told(world, who, fits),
    press: (label, by = first) => press(world, label, by),
    reads: (fits, ms) => reads(world, fits, ms),
    messages: () => messages(world),
    button: (label) => button(world, label),
    audit: () => auditIn(database),
    audited: (kind, count = 1) => audited(database, kind, count),
    database,
    async restart(changed) {
      await bot.stop()
      const remedies = { ...settings.config.remedies, ...changed }
      bot = await startBotBetween(world, { ...settings, config: { ...settings.config, remedies } })
      return bot.url
    },
    changes: () => github.requests.filter(({ method, path }) => method !== 'GET' && !path.startsWith('/login/')),
    async [Symbol.asyncDispose]() {
      await bot.stop()
      await world[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
      const found = [...beyondRights(github.requests), ...secretsIn(world.logged, secretsOf(world))]
      if (found.length > 0) throw new Error(`what must hold whatever a test does: ${found.join('; ')}`)
    },
  }
  github.people.setAccess('octo-second', 'admin')
  for (const [who, login] of Object.entries(linked)) await linkAccount(remedy, who, login)
  if (!dry) {
    await slack.command('dry-run off')
    await remedy.reads(/Dry run is off/)
  }
  return remedy
}

/** `/cache link`, and the code typed at GitHub by whoever is signed in there as `login`. */
export async function linkAccount(
  world: Pick<RemedyWorld, 'slack' | 'github' | 'told'>,
  who: string,
  login: string,
  answer: RegExp = new RegExp(`You are \`${login}\``),
): Promise<void> {
  await world.slack.as(who).command('link')
  const typed = /\b[A-Z0-9]{4}-[A-Z0-9]{4}\b/
  const code = typed.exec(await world.told(who, typed))?.[0] ?? ''
  world.github.authorizeDevice(code, login)
  await world.told(who, answer)
}

/** What the bot asked of GitHub that its table of permissions does not have, as `METHOD /path`. */
export function beyondRights(requests: Pick<RecordedRequest, 'to' | 'method' | 'path'>[]): string[] {
  const known = Object.keys(permissions).map((endpoint) => {
    const [method, template = ''] = endpoint.split(' ')
    return { method, path: new RegExp(`^${template.replaceAll(/\{path\}/g, '.+').replaceAll(/\{[^}]+\}/g, '[^/]+')}$`) }
  })
  return requests
    .filter(({ to }) => to === 'api' || to === 'login')
    .filter(({ method, path }) => !known.some((each) => each.method === method && each.path.test(path)))
    .map(({ method, path }) => `${method} ${path} is in no table of permissions`)
}

/** What of these stands in the bot's log. */
export function secretsIn(logged: World['logged'], secrets: string[]): string[] {
  const text = inspect(logged, { depth: 20, maxStringLength: Infinity, maxArrayLength: Infinity })
  return secrets.filter((secret) => text.includes(secret)).map((secret) => `the log holds ${secret.slice(0, 8)}…`)
}

/** What the bot was given, and what GitHub gave out while somebody linked an account. */
export function secretsOf({ slack, github }: Pick<World, 'slack' | 'github'>): string[] {
  const given = z.looseObject({ device_code: z.string().optional(), access_token: z.string().optional() })
  const lent = github.requests.flatMap(({ to, answer }) => {
    const read = given.safeParse(to === 'login' ? answer : null)
    return read.success ? [read.data.device_code ?? [], read.data.access_token ?? []].flat() : []
  })
  return [slack.botToken, slack.appToken, slack.signingSecret, github.token, github.packagesToken, ...lent]
}

async function auditIn(database: string): Promise<AuditRow[]> {
  const audit = readAudit(database)
  try {
    const rows: AuditRow[] = []
    for await (const row of audit.each()) rows.push(row)
    return rows
  } finally {
    await audit.close()
  }
}

async function audited(database: string, kind: AuditRow['kind'], count: number): Promise<AuditRow[]> {
  let found: AuditRow[] = []
  await until(async () => {
    found = (await auditIn(database)).filter((row) => row.kind === kind)
    return found.length >= count
  })
  return found
}

async function told({ slack }: World, who: string, fits: RegExp): Promise<string> {
  let found = ''
  const said = () => slack.answers.filter(({ to }) => to === who).map(({ text }) => text)
  await until(() => {
    found = said().findLast((text) => fits.test(text)) ?? ''
    return found !== ''
  }).catch((error: unknown) => {
    throw new Error(`${error instanceof Error ? error.message : error}\n${said().join('\n')}`)
  })
  // heard: the next wait is for something new
  slack.answers.splice(
    slack.answers.findLastIndex(({ text }) => text === found),
    1,
  )
  return found
}

async function messages({ slack }: World): Promise<PostedMessage[]> {
  const parents = await slack.postedMessages('builds')
  const threads = await Promise.all(
    parents.map(async (parent) => [parent, ...(await slack.thread('builds', parent.ts))]),
  )
  return threads.flat()
}

async function press(world: World, label: string, by: string): Promise<void> {
  const { message } = await button(world, label)
  await world.slack.as(by).press({ message, label })
}

async function button(world: World, label: string): ReturnType<RemedyWorld['button']> {
  let holder: PostedMessage | undefined
  await until(async () => {
    holder = (await messages(world)).findLast(({ blocks }) => holds(blocks, label))
    return holder !== undefined
  }).catch(async (error: unknown) => {
    throw new Error(`no message has the button "${label}": ${error}\n${await textOf(world)}`)
  })
  if (!holder) throw new Error('unreachable: it was waited for')
  const { action_id, value, selected_option: line } = actionIn(holder.blocks ?? [], { label })
  return { message: holder, action: { action_id, value: String(value ?? (line as { value: string }).value) } }
}

function holds(blocks: unknown, label: string): boolean {
  return JSON.stringify(blocks ?? []).includes(`"text":${JSON.stringify(label)}`)
}

async function reads(world: World, fits: RegExp, ms?: number): Promise<string> {
  let text = ''
  await until(async () => {
    text = await textOf(world)
    return fits.test(text)
  }, ms).catch((error: unknown) => {
    throw new Error(`${error instanceof Error ? error.message : error} ${fits}\n${text}`)
  })
  return text
}

async function textOf({ slack }: World): Promise<string> {
  const parents = await slack.postedMessages('builds')
  const threads = parents.map(async (parent) => printThread(parent, await slack.thread('builds', parent.ts)))
  return (await Promise.all(threads)).join('\n=====\n')
}

/** A prune of two cache indexes, previewed and waiting for somebody to agree. */
export async function askForPrune(world: RemedyWorld, by = first): Promise<void> {
  for (const scope of ['web', 'api'])
    world.github.addCache({ key: `index-${scope}-1-0a1b2c3d#1`, ref: 'refs/heads/main', sizeBytes: 4_000 })
  await world.github.finishRun(failureOf('gha-cache-blob-missing'))
  await world.press('Prune cache index of main', by)
  await world.reads(/Waits for (one|\d) more (person|people): Prune of 2 cache entries/)
}

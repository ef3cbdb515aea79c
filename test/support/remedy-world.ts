import type { LiveConfig } from '../../src/config.ts'
import { localPolicy } from '../../src/config/remedies.ts'
import { loadRunbooks, ownRunbooks } from '../../src/diagnosis/runbooks.ts'
import type { ScriptedRun } from '../../src/playground/github.ts'
import { type PostedMessage, printThread } from '../../src/playground/print-thread.ts'
import { startWorld, until, type World, type WorldOptions } from './start-bot.ts'

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
}

const { rows } = await loadRunbooks([ownRunbooks])

/** A failed job whose log is the first sample of this cause's row. */
export function failureOf(causeId: string, more: Partial<ScriptedRun> = {}): ScriptedRun {
  const text = rows.get(causeId)?.samples.find(({ kind }) => kind === 'match')?.text
  if (text === undefined) throw new Error(`no sample of ${causeId}`)
  return { workflow: 'CI', jobs: [{ name: 'build', conclusion: 'failure', log: dressed(text) }], ...more }
}

function dressed(text: string): string {
  const lines = ['##[group]Run docker buildx build .', '##[endgroup]', ...text.split('\n'), '##[error]Process completed with exit code 1.']
  return `${lines.map((line, index) => `2026-11-23T10:00:${String(index % 60).padStart(2, '0')}.0000000Z ${line}`).join('\n')}\n`
}

export async function startRemedyWorld(
  options: Omit<WorldOptions, 'config'> & {
    config?: WorldOptions['config']
    policy?: Partial<LiveConfig['remedies']>
    /** leave the dry run on */
    dry?: boolean
    /** who links their account, and to which */
    linked?: Record<string, string>
  } = {},
): Promise<RemedyWorld> {
  const { policy, dry = false, linked = { [first]: 'octo-admin', [second]: 'octo-second' }, config, ...rest } = options
  const world = await startWorld({ ...rest, config: { remedies: { ...localPolicy, ...policy }, ...config } })
  const { slack, github } = world
  const remedy = {
    ...world,
    told: (who: string, fits: RegExp) => told(world, who, fits),
    press: (label: string, by = first) => press(world, label, by),
    reads: (fits: RegExp, ms?: number) => reads(world, fits, ms),
    messages: () => messages(world),
  }
  github.people.setAccess('octo-second', 'admin')
  for (const [who, login] of Object.entries(linked)) {
    await slack.as(who).command('link')
    const code = /\b[A-Z0-9]{4}-[A-Z0-9]{4}\b/.exec(await remedy.told(who, /\b[A-Z0-9]{4}-[A-Z0-9]{4}\b/))?.[0] ?? ''
    github.authorizeDevice(code, login)
    await remedy.told(who, new RegExp(`You are \`${login}\``))
  }
  if (!dry) {
    await slack.command('dry-run off')
    await remedy.reads(/Dry run is off/)
  }
  return remedy
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
  slack.answers.splice(slack.answers.findLastIndex(({ text }) => text === found), 1)
  return found
}

async function messages({ slack }: World): Promise<PostedMessage[]> {
  const parents = await slack.postedMessages('builds')
  const threads = await Promise.all(parents.map(async (parent) => [parent, ...(await slack.thread('builds', parent.ts))]))
  return threads.flat()
}

async function press(world: World, label: string, by: string): Promise<void> {
  let holder: PostedMessage | undefined
  await until(async () => {
    holder = (await messages(world)).findLast(({ blocks }) => holds(blocks, label))
    return holder !== undefined
  }).catch(async (error: unknown) => {
    throw new Error(`no message has the button "${label}": ${error}\n${await textOf(world)}`)
  })
  if (holder) await world.slack.as(by).press({ message: holder, label })
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

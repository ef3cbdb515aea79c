import type { RunLink } from '../alert/from-text.ts'
import type { TypedTarget } from '../alert/target.ts'
import { code, cut, join, type Mrkdwn, md } from '../thread/escape.ts'
import type { Ask, ReplyTo } from './ask.ts'
import type { Answer, Command, CommandRequest } from './command.ts'
import { nearest } from './nearest.ts'

/** What the doors say and ask for. Plain data in, plain data out; app.ts carries it out. */

type Typed = Omit<CommandRequest, 'text' | 'links' | 'target'> & { typed: string }

/** What of GitHub may stand in a text. */
export type TextReader = {
  findLinks(text: string): RunLink[]
  readTarget(text: string): TypedTarget | null
}

/** `/cache debug https://…`: the subcommand decides; an unknown one gets the nearest and its usage. */
export function hearCommand({ typed, ...request }: Typed, read: TextReader): Answer {
  const [name = ''] = typed.trim().split(/\s/, 1)
  const text = typed.trim().slice(name.length).trim()
  const { commands, slash } = request
  const command = commands.find((each) => each.name === (name || 'help').toLowerCase())
  if (command) return command.slack({ ...request, text, links: read.findLinks(text), target: read.readTarget(text) })
  const close = commands.find(
    (each) =>
      each.name ===
      nearest(
        name.toLowerCase(),
        commands.map((each) => each.name),
      ),
  )
  const known = close ? [close] : commands
  return {
    say: join(
      [md`There is no ${code(cut(`${slash} ${name}`, 100))}.`, ...known.map((each) => usageLine(slash, each))],
      '\n',
    ),
    ask: null,
  }
}

/** "Explain this build" on a message, or our name in one: explain what it links to, in its thread. */
export function hearMessage(message: {
  links: RunLink[]
  replyTo: ReplyTo
  user: string
  slash: string
  said: string
}): Answer {
  const { links, replyTo, user, slash, said } = message
  if (links.length === 0)
    return {
      say: join([md`${said}`, whatALinkLooksLike, md`Or use ${code(`${slash} debug <link>`)}.`], '\n'),
      ask: null,
    }
  return askFor(links, { replyTo, askedBy: user })
}

/** The task for these links, and what to say meanwhile. */
export function askFor(links: RunLink[], rest: Omit<Ask, 'links' | 'target'>): Answer {
  const taken = links.slice(0, mostAtOnce[rest.replyTo.kind])
  const names = taken.map(({ repository, runId }) => `${repository} run ${runId}`).join(', ')
  const more = links.length > taken.length ? md`Only the first ${taken.length} of ${links.length} links.` : null
  const place = rest.replyTo.kind === 'thread' ? 'in the thread of that message' : 'here'
  return {
    say: join([md`Reading the log of ${cut(names, 400)}. The answer comes ${place} in a moment.`, more], ' '),
    ask: { links: taken, ...rest },
  }
}

/** Every text of a message in which a link may stand: its own, its blocks', its attachments'. */
export function textsOf(message: unknown): string {
  const found: string[] = []
  const visit = (value: unknown, depth: number) => {
    if (typeof value === 'string') found.push(value)
    else if (typeof value === 'object' && value !== null && depth < 12)
      for (const each of Object.values(value)) visit(each, depth + 1)
  }
  if (typeof message === 'object' && message !== null) {
    for (const key of ['text', 'blocks', 'attachments'] as const)
      if (key in message) visit(message[key as keyof typeof message], 0)
  }
  return found.join('\n')
}

/** `/cache debug <link>: what it does` */
export function usageLine(slash: string, { name, usage, summary, example }: Command): Mrkdwn {
  const line = code(`${slash} ${name}${usage === '' ? '' : ` ${usage}`}`)
  return example === ''
    ? md`• ${line}: ${summary}`
    : md`• ${line}: ${summary}, e.g. ${code(`${slash} ${name} ${example}`)}`
}

/** How a link must look, said wherever one was missing. */
const whatALinkLooksLike = md`I need the address of a GitHub Actions run or job, such as ${code('https://github.com/acme/web/actions/runs/123456789')} or, of one job, ${code('https://github.com/acme/web/actions/runs/123456789/job/987654321')}.`

/** Said when the task could not be written down: the person can try again, nothing runs. */
export const notTaken = md`I could not take that down, so nothing was started. It is not your mistake; please try again in a minute.`

/** The manifest names another slash command than the configuration. */
export function otherName(slash: string): Mrkdwn {
  return md`This bot is set up to listen to ${code(slash)}; ask whoever installed it to make ${code('LAYERWISE_COMMAND')} and the manifest agree.`
}

/** Slack was too slow with us, or we with it. */
export const formNotOpened = md`Slack did not open the form in time, so nothing was started. Please try again.`

export const unknownButton = md`I don't know that button (any more). Nothing was done.`

// Privately Slack takes five messages, and each link needs two.
const mostAtOnce = { thread: 3, response: 2 } as const

import type { RunLink } from '../alert/from-text.ts'
import type { TypedTarget } from '../alert/target.ts'
import type { Mrkdwn } from '../thread/escape.ts'
import type { AnyAsk } from './ask.ts'
import type { FormOrder } from './forms.ts'

/** A subcommand of `/cache`. The terminal has the same names and usages. */
export type Command = {
  /** the word after the slash command: `debug` */
  name: string
  /** the rest of the line: `<link to a run or job>`; empty when there is none */
  usage: string
  /** one line for the help */
  summary: string
  /** arguments that can be copied */
  example: string
  /** `roles`: whom the configuration gives the right; asked when it is carried out, not here */
  whoMay: 'everyone' | 'roles' | 'admins'
  /** Decides; carries out nothing. */
  slack(request: CommandRequest): Answer
}

export type Watched = { here: string[]; all: string[] }

export type CommandRequest = {
  /** what was typed after the name */
  text: string
  /** run and job links in it */
  links: RunLink[]
  /** what else it may name; null when it names nothing that we know */
  target: TypedTarget | null
  /** repositories that the configuration names: those that report to this channel, and all */
  watched: Watched
  /** name of the slash command, `/cache` unless configured */
  slash: string
  /** all subcommands, for the help */
  commands: Command[]
  user: string
  /** Slack's id of the person's workspace */
  teamId: string | null
  channel: string
  responseUrl: string
}

/** What to say at once, to that person only, what to have done, and which form to open. With a form `say` may be empty. */
export type Answer = { say: Mrkdwn; ask: AnyAsk | null; form?: FormOrder }

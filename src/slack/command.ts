import type { RunLink } from '../alert/from-text.ts'
import type { TypedTarget } from '../alert/target.ts'
import type { Mrkdwn } from '../thread/escape.ts'
import type { AnyAsk } from './ask.ts'

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
  whoMay: 'everyone'
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
  channel: string
  responseUrl: string
}

/** What to say at once, to that person only, and what to have done. */
export type Answer = { say: Mrkdwn; ask: AnyAsk | null }

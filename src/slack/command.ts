import type { RunLink } from '../alert/from-text.ts'
import type { Mrkdwn } from '../thread/escape.ts'
import type { Ask, LayersAsk } from './ask.ts'

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

export type CommandRequest = {
  /** what was typed after the name */
  text: string
  /** run and job links in it */
  links: RunLink[]
  /** name of the slash command, `/cache` unless configured */
  slash: string
  /** all subcommands, for the help */
  commands: Command[]
  user: string
  channel: string
  responseUrl: string
}

/** What to say at once, to that person only, and what to have done. */
export type Answer = { say: Mrkdwn; ask: Ask | LayersAsk | null }

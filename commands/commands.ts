import type { Command } from '../src/slack/command.ts'
import { debug } from './debug.ts'
import { help } from './help.ts'

/** All subcommands, in the order of the help. */
export const commands: Command[] = [debug, help]

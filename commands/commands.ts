import type { Command } from '../src/slack/command.ts'
import { debug } from './debug.ts'
import { help } from './help.ts'
import { layers } from './layers.ts'
import { lint } from './lint.ts'

/** All subcommands, in the order of the help. */
export const commands: Command[] = [debug, layers, lint, help]

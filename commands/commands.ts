import type { Command } from '../src/slack/command.ts'
import { debug } from './debug.ts'
import { help } from './help.ts'
import { layers } from './layers.ts'
import { link, unlink } from './link.ts'
import { lint } from './lint.ts'
import { prune, rebuild } from './remedies.ts'
import { runbook } from './runbook.ts'
import { dryRun, pause, resume } from './switches.ts'
import { verify } from './verify.ts'

/** All subcommands, in the order of the help. */
export const commands: Command[] = [
  ...[debug, layers, lint, verify],
  ...[rebuild, prune, link, unlink],
  ...[pause, resume, dryRun, runbook],
  help,
]

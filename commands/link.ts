import type { Command } from '../src/slack/command.ts'
import { md } from '../src/thread/escape.ts'
import { askedBy } from './remedy-asks.ts'

/** Tells us who somebody is at GitHub, which buttons ask for. */
export const link: Command = {
  name: 'link',
  usage: '',
  summary: 'tells me who you are at GitHub, with a code that you type there',
  example: '',
  whoMay: 'everyone',
  slack: (request) => ({
    say: md`Asking GitHub for a code. It comes here in a moment.`,
    ask: { link: 'link', ...askedBy(request) },
  }),
}

export const unlink: Command = {
  name: 'unlink',
  usage: '',
  summary: 'forgets who you are at GitHub',
  example: '',
  whoMay: 'everyone',
  slack: (request) => ({ say: md`Forgetting it.`, ask: { link: 'unlink', ...askedBy(request) } }),
}

import type { Command } from '../src/slack/command.ts'
import { code, md } from '../src/thread/escape.ts'
import { askedBy } from './remedy-asks.ts'

/** How often the rules were right. */
export const runbook: Command = {
  name: 'runbook',
  usage: 'stats',
  summary: 'shows how often each rule was right, as people and later builds said',
  example: 'stats',
  whoMay: 'everyone',
  slack(request) {
    if (request.text.toLowerCase() !== 'stats')
      return { say: md`There is ${code(`${request.slash} runbook stats`)}.`, ask: null }
    return { say: md`Counting.`, ask: { stats: true, ...askedBy(request) } }
  },
}

import type { Command } from '../src/slack/command.ts'
import { code, md } from '../src/thread/escape.ts'
import { askedBy } from './remedy-asks.ts'

/** Walks the runbook's checklist for a run. */
export const verify: Command = {
  name: 'verify',
  usage: '<link to a run>',
  summary: 'walks the checklist of the runbook for a run, here in the channel',
  example: 'https://github.com/acme/web/actions/runs/123456789',
  whoMay: 'everyone',
  slack(request) {
    const [run] = request.links
    if (run === undefined) {
      const example = code(`${request.slash} verify https://github.com/acme/web/actions/runs/123456789`)
      return { say: md`I need the address of a run: ${example}`, ask: null }
    }
    const { repository, runId, attempt } = run
    return {
      say: md`The checklist comes into this channel in a moment.`,
      ask: { verify: { repository, runId, attempt }, ...askedBy(request) },
    }
  },
}

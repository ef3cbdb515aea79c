import type { Command } from '../src/slack/command.ts'
import { code, cut, md } from '../src/thread/escape.ts'
import { askedBy } from './remedy-asks.ts'

/** Holds everything up that changes anything anywhere. */
export const pause: Command = {
  name: 'pause',
  usage: '',
  summary: 'holds up all re-runs, rebuilds and prunes until they are resumed',
  example: '',
  whoMay: 'admins',
  slack: (request) => ({ say: md`One moment.`, ask: { flip: 'pause', ...askedBy(request) } }),
}

export const resume: Command = {
  name: 'resume',
  usage: '',
  summary: 'lets re-runs, rebuilds and prunes work again',
  example: '',
  whoMay: 'admins',
  slack: (request) => ({ say: md`One moment.`, ask: { flip: 'resume', ...askedBy(request) } }),
}

/** Until it is off, a remedy only says what it would have done. */
export const dryRun: Command = {
  name: 'dry-run',
  usage: 'on|off',
  summary: 'says whether buttons do what they say, or only show it',
  example: 'off',
  whoMay: 'admins',
  slack(request) {
    const word = request.text.toLowerCase()
    if (word !== 'on' && word !== 'off') {
      const how = md`${code(`${request.slash} dry-run on`)} or ${code(`${request.slash} dry-run off`)}`
      return { say: md`${word === '' ? 'On or off?' : `${cut(request.text, 80)} is neither.`} ${how}.`, ask: null }
    }
    return { say: md`One moment.`, ask: { flip: `dry-run-${word}`, ...askedBy(request) } }
  },
}

import type { Command } from '../src/slack/command.ts'
import { usageLine } from '../src/slack/doors.ts'
import { join, md } from '../src/thread/escape.ts'

/** Lists what can be asked, with examples to copy. */
export const help: Command = {
  name: 'help',
  usage: '',
  summary: 'shows this list',
  example: '',
  whoMay: 'everyone',
  slack({ commands, slash }) {
    const intro = md`I read the logs of failed image builds and say what went wrong. When a watched workflow fails I say so in its channel; otherwise ask me:`
    const elsewhere = [
      md`• On any message with a link to a run: *More actions* → *Explain this build*`,
      md`• Mention me with a link; I answer in the thread`,
    ]
    return {
      say: join([intro, ...commands.map((command) => usageLine(slash, command)), ...elsewhere], '\n'),
      ask: null,
    }
  },
}

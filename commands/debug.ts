import type { Command } from '../src/slack/command.ts'
import { askFor, whatALinkLooksLike } from '../src/slack/doors.ts'
import { code, cut, join, md } from '../src/thread/escape.ts'

/** Explains a run or job, failed or not, to the person who asks. */
export const debug: Command = {
  name: 'debug',
  usage: '<link to a run or job>',
  summary: 'says why the build failed and which steps came from the cache',
  example: 'https://github.com/acme/web/actions/runs/123456789',
  whoMay: 'everyone',
  slack({ text, links, slash, user, channel, responseUrl }) {
    if (links.length > 0)
      return askFor(links, { replyTo: { kind: 'response', url: responseUrl, channel, user }, askedBy: user })
    const found =
      text === ''
        ? md`${code(`${slash} debug`)} needs a link.`
        : md`${code(cut(text, 200))} is not a link I can follow.`
    return { say: join([found, whatALinkLooksLike], ' '), ask: null }
  },
}

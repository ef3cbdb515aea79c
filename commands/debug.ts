import { type Target, type TypedTarget, targetName } from '../src/alert/target.ts'
import type { Answer, Command, CommandRequest } from '../src/slack/command.ts'
import { askFor } from '../src/slack/doors.ts'
import { code, cut, join, type Mrkdwn, md } from '../src/thread/escape.ts'

/** Explains a run or job, failed or not, to the person who asks: by its link, or the newest of what they name. */
export const debug: Command = {
  name: 'debug',
  usage: '[repository|link|#PR]',
  summary: 'says why the build failed, which steps missed the cache and what would end it',
  example: 'acme/web#12',
  whoMay: 'everyone',
  slack(request) {
    const { text, links, user, channel, responseUrl, watched, slash } = request
    const rest = { replyTo: { kind: 'response', url: responseUrl, channel, user }, askedBy: user } as const
    if (links.length > 0) return askFor(links, rest)
    const typed = text === '' ? ofChannel : request.target
    if (typed === null) return refuse(md`${code(cut(text, 200))} is nothing I can follow.`, howToAsk(slash))
    const target = completed(typed, request)
    if ('say' in target) return target
    const { all } = watched
    const known = all.find((name) => name.toLowerCase() === target.repository.toLowerCase())
    if (all.length > 0 && known === undefined)
      return refuse(md`${code(target.repository)} is not among the repositories that I watch.`, whereWatched(request))
    const found = { ...target, repository: known ?? target.repository }
    const say = md`Looking for the latest build of ${code(cut(targetName(found), 300))}. The answer comes here in a moment.`
    return { say, ask: { links: [], target: found, ...rest } }
  },
}

const ofChannel = { kind: 'repository', repository: null, branch: null } as const

/** What names no repository means the one that reports to this channel. */
function completed(typed: TypedTarget | typeof ofChannel, { watched, slash, text }: CommandRequest): Target | Answer {
  if (typed.repository !== null) return typed
  const [only, ...others] = watched.here
  if (only === undefined) return refuse(md`No repository reports to this channel, so I need its name.`, howToAsk(slash))
  if (others.length === 0) return { ...typed, repository: only }
  const shown = watched.here.slice(0, mostNamed)
  const lines = shown.map((name) => md`• ${code(`${slash} debug ${name}${text}`)}`)
  const more = watched.here.length - shown.length
  const rest = more > 0 ? md`and ${more} more` : null
  return refuse(md`${watched.here.length} repositories report to this channel. Which one?`, ...lines, rest)
}

const mostNamed = 10

function whereWatched({ watched, slash }: CommandRequest): Mrkdwn {
  const [name] = watched.here
  return name === undefined
    ? md`Whoever installed me can add it under ${code('watch')}. A link to one of its runs works anyway.`
    : md`In this channel ${code(`${slash} debug ${name}`)} works; others stand under ${code('watch')} in my configuration.`
}

function howToAsk(slash: string): Mrkdwn {
  const examples = ['acme/web', 'acme/web@main', 'acme/web#12'].map((each) => code(`${slash} debug ${each}`))
  const named = md`Name a repository, a branch or a pull request: ${join(examples, ', ')}.`
  const linked = md`Or give me the link to a run or job: ${code(`${slash} debug https://github.com/acme/web/actions/runs/123456789`)}.`
  return join([named, linked], '\n')
}

function refuse(...lines: (Mrkdwn | null)[]): Answer {
  return { say: join(lines, '\n'), ask: null }
}

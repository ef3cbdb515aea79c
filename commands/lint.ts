import { type Target, targetName } from '../src/alert/target.ts'
import type { Answer, Command, CommandRequest } from '../src/slack/command.ts'
import { code, cut, join, type Mrkdwn, md } from '../src/thread/escape.ts'

/** The prohibited actions and tips of the runbook, held against the Dockerfiles and workflows of a repository. */
export const lint: Command = {
  name: 'lint',
  usage: '[owner/repository[@ref]]',
  summary: 'checks Dockerfiles and workflows for what costs cache hits, and proposes edits',
  example: 'acme/web@main',
  whoMay: 'everyone',
  slack(request) {
    const { user, channel, responseUrl, watched } = request
    const target = targetOf(request)
    if ('say' in target) return target
    const known = watched.all.find((name) => name.toLowerCase() === target.repository.toLowerCase())
    if (watched.all.length > 0 && known === undefined)
      return refuse(md`${code(cut(target.repository, 200))} is not among the repositories that I watch.`)
    const repository = known ?? target.repository
    const ref = target.kind === 'commit' ? target.sha : target.kind === 'repository' ? target.branch : null
    return {
      say: md`Reading the Dockerfiles and workflows of ${code(cut(targetName({ ...target, repository }), 300))}. The answer comes here in a moment.`,
      ask: {
        lint: { repository, ref },
        replyTo: { kind: 'response', url: responseUrl, channel, user },
        askedBy: user,
      },
    }
  },
}

/** What was named; else the one repository that reports to this channel. */
function targetOf({ text, target, watched, slash }: CommandRequest): Exclude<Target, { kind: 'pull' }> | Answer {
  if (target?.kind === 'pull')
    return refuse(md`Pull requests get a check of their own. Here I read branches, tags and commits.`)
  if (target) return target
  const example = md`Name a repository, or a branch of one: ${code(`${slash} lint acme/web`)}, ${code(`${slash} lint acme/web@main`)}.`
  if (text !== '') return refuse(md`${code(cut(text, 200))} is no repository that I can read.`, example)
  const [only, ...others] = watched.here
  if (only === undefined) return refuse(md`No repository reports to this channel, so I need its name.`, example)
  if (others.length === 0) return { kind: 'repository', repository: only, branch: null }
  const names = watched.here.slice(0, 10).map((name) => md`• ${code(`${slash} lint ${name}`)}`)
  return refuse(md`${watched.here.length} repositories report to this channel. Which one?`, ...names)
}

function refuse(...lines: Mrkdwn[]): Answer {
  return { say: join(lines, '\n'), ask: null }
}

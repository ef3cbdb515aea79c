import type { Answer, Command, CommandRequest } from '../src/slack/command.ts'
import type { FormOrder } from '../src/slack/forms.ts'
import { code, cut, md } from '../src/thread/escape.ts'

/** Asks for a cache to be emptied, in part: a form, then a preview, then somebody else agrees. */
export const prune: Command = {
  name: 'prune',
  usage: '[repository]',
  summary: 'deletes cache entries, after a preview that somebody else agrees to',
  example: 'acme/web',
  whoMay: 'roles',
  slack: (request) => open('prune', request),
}

/** Starts a workflow with its own input that turns the cache off. */
export const rebuild: Command = {
  name: 'rebuild',
  usage: '[repository[@branch]]',
  summary: 'builds without the cache, by the input that the workflow has for it',
  example: 'acme/web@main',
  whoMay: 'roles',
  slack: (request) => open('rebuild', request),
}

function open(form: FormOrder['form'], { text, target, watched, slash }: CommandRequest): Answer {
  const [only, ...others] = watched.here
  const here = others.length === 0 ? (only ?? null) : null
  if (text === '') return { say: md``, ask: null, form: { form, repository: here, branch: null } }
  if (target?.kind !== 'repository') {
    const how = code(`${slash} ${form} acme/web${form === 'rebuild' ? '@main' : ''}`)
    return { say: md`${cut(text, 200)} names no repository. ${how}, or nothing, and I ask.`, ask: null }
  }
  return { say: md``, ask: null, form: { form, repository: target.repository ?? here, branch: target.branch } }
}

import type { CacheOption } from '../cache-option.ts'
import { expand, lookupIn } from '../expand.ts'
import { evaluateCondition, type Lookup } from '../expression.ts'
import type { Triggers, Value, Workflow } from '../workflow.ts'
import type { Placed } from './scene.ts'

/** A run that may happen, with what the `github` context says in it. */
export type World = { kind: 'default' | 'pull-request' | 'tag'; lookup: Lookup }

/** The runs on the default branch: one for each event that has them and each name that the branch may have. */
export function defaultWorlds({ triggers, text }: Workflow): World[] {
  const named = [...text.matchAll(/refs\/heads\/([\w./-]+)/g)].flatMap(([, branch]) => branch ?? [])
  const events = ['schedule', 'workflow_dispatch', 'repository_dispatch'].filter((event) =>
    triggers.events.includes(event),
  )
  const free = events.flatMap((event) => ['main', 'master', ...named].map((branch) => branchWorld(event, branch)))
  return [...pushedDefaults(triggers, named).map((branch) => branchWorld('push', branch)), ...free]
}

export function worldsOf(workflow: Workflow): World[] {
  const { triggers } = workflow
  const tags = triggers.push !== null && triggers.push.tags?.length !== 0
  return [
    ...defaultWorlds(workflow),
    ...(triggers.pullRequest ? [pullRequestWorld] : []),
    ...(tags ? [tagWorld('push')] : []),
    ...(triggers.events.includes('release') ? [tagWorld('release')] : []),
  ]
}

/** False only when a condition says so for certain. */
export function mayRun({ written, leg }: Placed, { lookup }: World): boolean {
  return written.if === null || evaluateCondition(written.if, lookupIn(written, leg, lookup)) !== false
}

export function exportsIn(placed: Placed, world: World): CacheOption[] {
  return mayRun(placed, world) ? expand(placed.written, placed.leg, world.lookup).cacheTo : []
}

export function importsIn(placed: Placed, world: World): CacheOption[] {
  return mayRun(placed, world) ? expand(placed.written, placed.leg, world.lookup).cacheFrom : []
}

/** Names that the default branch may have, of those whose pushes come in. */
function pushedDefaults({ push }: Triggers, named: string[]): string[] {
  if (push === null) return []
  if (push.branches === null) return ['main', 'master', ...named]
  const usual = ['main', 'master'].filter((branch) => push.branches?.some((pattern) => letsIn(pattern, branch)))
  return usual.length > 0 ? usual : push.branches.filter((pattern) => /^[\w./-]+$/.test(pattern))
}

function letsIn(pattern: string, branch: string): boolean {
  return pattern === branch || pattern === '**' || pattern === '*'
}

export function branchWorld(event: string, branch: string, sha = 'a'.repeat(40)): World {
  const ref = { ref: `refs/heads/${branch}`, ref_name: branch, ref_type: 'branch', head_ref: '', base_ref: '' }
  return { kind: 'default', lookup: github({ ...ref, event_name: event, sha }, 'push') }
}

const pullRequestWorld: World = {
  kind: 'pull-request',
  lookup: github({
    ...{ event_name: 'pull_request', ref: 'refs/pull/1/merge', ref_name: '1/merge', ref_type: 'branch' },
    ...{ head_ref: 'feature', base_ref: undefined },
  }),
}

function tagWorld(event: string): World {
  const ref = { ref: 'refs/tags/v1.2.3', ref_name: 'v1.2.3', ref_type: 'tag', head_ref: '', base_ref: '' }
  return { kind: 'tag', lookup: github({ ...ref, event_name: event }, 'push') }
}

/** In a run without a pull request, everything that is said of one is empty. */
function github(known: Record<string, Value | undefined>, withoutPullRequest?: 'push'): Lookup {
  return ([head, ...path]) => {
    if (head === 'inputs' && known.event_name !== 'workflow_dispatch') return null
    if (head !== 'github') return undefined
    const name = path.join('.')
    if (Object.hasOwn(known, name)) return known[name]
    if (withoutPullRequest && name.startsWith('event.pull_request')) return null
    if (withoutPullRequest && name === 'event.repository.default_branch') return known.ref_name
    return undefined
  }
}

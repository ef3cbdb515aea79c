import type { CacheSelection } from '../../remedy/plan.ts'
import type { Wanted } from './wanted.ts'

type Values = Record<string, string | null>

/** What a form asks for; its fields were held to their rules when it was sent (slack/forms.ts). */
export function wantedIn(form: 'prune' | 'rebuild', values: Values): Wanted {
  const { repository = null, branch = null, workflow = null } = values
  const place = { repository: repository ?? '', branch }
  return form === 'rebuild'
    ? { operation: 'rebuild', ...place, workflow: workflow === null ? null : pathOf(workflow), runId: null }
    : pruneIn(place, values)
}

function pathOf(workflow: string): string {
  return workflow.includes('/') ? workflow : `.github/workflows/${workflow}`
}

function pruneIn(place: { repository: string; branch: string | null }, values: Values): Wanted {
  const { what = 'caches', scope = null, days = null, pulls = 'all', image = null, tags = null } = values
  const unusedDays = days === null ? null : Number(days)
  if (what?.startsWith('builder:'))
    return { operation: 'prune-builder', ...place, builder: what.slice(8), selection: { unusedDays, all: false } }
  if (what === 'tags')
    return { operation: 'prune-tags', ...place, image: image ?? '', tags: (tags ?? '').split(/[\s,]+/).filter(Boolean) }
  const ref = place.branch === null ? null : refOf(place.branch)
  const selection = { scope, ref, closedPulls: pulls === 'closed', unusedDays, kind: kindOf(values.kind ?? null) }
  return { operation: 'prune-caches', ...place, selection }
}

function refOf(branch: string): string {
  return branch.startsWith('refs/') ? branch : `refs/heads/${branch}`
}

function kindOf(text: string | null): CacheSelection['kind'] {
  return kinds.find((kind) => kind === text) ?? 'buildkit'
}

const kinds = ['any', 'buildkit', 'blob', 'index', 'other'] as const

/** What the bot can do about a failure. An operation that is not in this table is refused. */
export const operations = [
  'rerun-failed',
  'rerun-job',
  'rebuild',
  'prune-caches',
  'prune-tags',
  'prune-builder',
] as const
export type Operation = (typeof operations)[number]

/** As runbooks speak of them. */
export type RemedyKind = 'rerun' | 'rebuild' | 'prune'

/** What a person may do in a repository, least first, as GitHub has it. */
export const accessLevels = ['none', 'read', 'triage', 'write', 'maintain', 'admin'] as const
export type Access = (typeof accessLevels)[number]

export type Remedy = {
  kind: RemedyKind
  /** reversible: runs at once. costly: asks once more, has a cooldown. destructive: preview and a second person */
  class: 'reversible' | 'costly' | 'destructive'
  /** what GitHub must let the person do in the repository */
  access: Access
  /** others who have to agree, unless the configuration asks for more */
  approvals: number
  /** until the same may be done again to the same repository and branch */
  cooldownMinutes: number
}

export const remedies: Record<Operation, Remedy> = {
  'rerun-failed': { kind: 'rerun', class: 'reversible', access: 'write', approvals: 0, cooldownMinutes: 0 },
  'rerun-job': { kind: 'rerun', class: 'reversible', access: 'write', approvals: 0, cooldownMinutes: 0 },
  rebuild: { kind: 'rebuild', class: 'costly', access: 'write', approvals: 0, cooldownMinutes: 15 },
  'prune-caches': { kind: 'prune', class: 'destructive', access: 'write', approvals: 1, cooldownMinutes: 10 },
  'prune-tags': { kind: 'prune', class: 'destructive', access: 'admin', approvals: 1, cooldownMinutes: 10 },
  'prune-builder': { kind: 'prune', class: 'destructive', access: 'admin', approvals: 1, cooldownMinutes: 10 },
}

export function hasAccess(has: Access, needs: Access): boolean {
  return accessLevels.indexOf(has) >= accessLevels.indexOf(needs)
}

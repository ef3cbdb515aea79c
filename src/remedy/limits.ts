import type { Policy } from './policy.ts'
import { type Remedy, remedies } from './remedy.ts'
import type { Request } from './request.ts'

/** How many others have to agree, and whether the requester's own word counts. What deletes never goes by one person's wish alone. */
export function approvalsNeeded(
  { approvals, oneAdmin }: Policy,
  remedy: Remedy,
): { needed: number; ownCounts: boolean } {
  return { needed: Math.max(remedy.approvals, approvals[remedy.kind] ?? 0), ownCounts: oneAdmin }
}

/** What an approved request must meet when it is carried out. The lock ends by itself, should nobody give it back. */
export function limitsFor(policy: Policy, { plan, requester }: Request, now: Date) {
  const remedy = remedies[plan.operation]
  const where = `${plan.repository.toLowerCase()} ${plan.branch ?? '*'}`
  return {
    lock: `${where} ${remedy.kind}`,
    lockHolder: requester.github,
    lockUntil: new Date(now.getTime() + lockMs),
    cooldownKey: `${where} ${plan.operation}${'builder' in plan ? ` ${plan.builder}` : ''}`,
    cooldownMinutes: policy.cooldownMinutes[remedy.kind] ?? remedy.cooldownMinutes,
    hourly: policy.hourly,
    repository: plan.repository,
    person: requester.githubId,
    dryRun: false,
  }
}

/** Longer than a prune of ten thousand entries takes, one a second, three times over. */
const lockMs = 9 * 3_600_000

import type { Request } from '../../remedy/request.ts'
import type { Step } from '../turn.ts'
import type { Outcome } from './outcome.ts'
import { performPrune } from './perform-prune.ts'
import { performRebuild } from './perform-rebuild.ts'
import { performRerun } from './perform-rerun.ts'
import type { RemedyWorld } from './world.ts'

/**
 * Carries a request out that was let through. Safe to repeat after a crash at any point: what may have been called is
 * looked for and never called again, and what was deleted is gone.
 */
export async function perform(world: RemedyWorld, request: Request, step: Step): Promise<Outcome> {
  const { plan } = request
  switch (plan.operation) {
    case 'rerun-failed':
    case 'rerun-job':
      return step('re-run', () => performRerun(world, { ...request, plan }))
    case 'rebuild':
      return step('rebuild', () => performRebuild(world, { ...request, plan }))
    case 'prune-caches':
    case 'prune-tags':
    case 'prune-builder':
      return performPrune(world, { ...request, plan }, step)
    default:
      return plan satisfies never
  }
}

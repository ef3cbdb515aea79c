import type { JobStep } from './workflow.ts'

/**
 * The driver of the builder that a step meets: `docker-container` is what setup-buildx makes by default; null is the
 * daemon's own builder; `unknown` when something that we cannot see into may have made one.
 */
export function driverBefore(steps: JobStep[], index: number): string | null {
  return steps
    .slice(0, index + 1)
    .reduce<string | null>((driver, step) => driverAfter(step, step.index < index) ?? driver, null)
}

function driverAfter(step: JobStep, finished: boolean): string | null {
  const action = step.uses?.split('@', 1)[0] ?? null
  if (finished && action !== null && /(?:^|\/)setup-buildx-action$/.test(action)) {
    const driver = step.with.driver ?? 'docker-container'
    return driver.includes('${{') || step.with.endpoint !== undefined ? 'unknown' : driver
  }
  // Another action may do it on the way: one of the repository itself, or one that is made for image builds.
  if (finished && action !== null && mayMakeBuilder(action)) return 'unknown'
  if (step.script === null) return null
  if (/buildx\s+use\b|BUILDX_BUILDER|buildx\s+install/.test(step.script) && !/buildx\s+create/.test(step.script))
    return 'unknown'
  if (!/buildx\s+create/.test(step.script)) return null
  return /--driver[= ]+["']?([\w-]+)/.exec(step.script)?.[1] ?? 'docker-container'
}

function mayMakeBuilder(action: string): boolean {
  if (/build-push-action$|(?:^|\/)bake-action$|login-action$|metadata-action$|setup-qemu-action$/.test(action))
    return false
  return action.startsWith('./') || /docker|buildx|buildkit|container|depot|namespacelabs|blacksmith/i.test(action)
}

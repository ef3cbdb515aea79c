import type { Check } from '../diagnosis/runbook-check.ts'
import { type Checked, cannotTell, failed, listed, passed, quoted } from './evidence.ts'
import type { Asked, Facts } from './facts.ts'
import { becauseOf, buildsOf, followers, madeWithoutCache, type SeenStep, seenSteps, whyNoBuild } from './seen-steps.ts'

/** Were the steps found in the cache? One that ran as the trigger table foresees is not held against it. */
export function checkStepsCached({ steps }: Pick<Check, 'steps'>, { jobs }: Facts, { operation }: Asked): Checked {
  const builds = buildsOf(jobs)
  if (builds.length === 0) return cannotTell(whyNoBuild(jobs))
  const all = builds.flatMap((build) => seenSteps(build, operation))
  const wanted = withoutTwins(steps === 'all' ? all : all.filter(({ installs }) => installs))
  if (wanted.length === 0) return cannotTell(whyNoSteps(steps, all))
  const [wrong] = whichRan(wanted, 'unexpected')
  if (wrong) return failed(`${ranBecause(wrong)}. The table of triggers does not foresee that.`)
  if (whichRan(wanted, 'without-cache').length > 0) return cannotTell(madeWithoutCache)
  const [unknown] = whichRan(wanted, 'unknown')
  if (unknown) return cannotTell(`${ranBecause(unknown)}. Whether that was to be expected is not known.`)
  const cached = wanted.filter(({ status }) => status === 'cached')
  const ran = whichRan(wanted, 'expected')
  const seen = [
    cached.length === 0 ? null : `${listed(cached.map(({ name }) => quoted(name)))} CACHED`,
    ran[0] ? `${ranBecause(ran[0])}, as expected${ran.length > 1 ? ` (and ${ran.length - 1} more)` : ''}` : null,
  ].filter((part) => part !== null)
  if (builds.some(({ job }) => job.conclusion !== 'success'))
    return cannotTell(`${sentence(seen)} The job did not pass, so other steps may not have been reached.`.trim())
  if (cached.length === 0) return cannotTell(`${sentence(seen)} A build without that change will show.`)
  return passed(sentence(seen))
}

/** The same step on several platforms and in several jobs, and alike: one of them tells. */
function withoutTwins(steps: SeenStep[]): SeenStep[] {
  const unlike = new Map(steps.map((step) => [JSON.stringify([step.name, step.status, step.why]), step]))
  return [...unlike.values()]
}

function whyNoSteps(steps: Check['steps'], all: SeenStep[]): string {
  if (steps === 'all' || all.length === 0) return 'The build shows no RUN, COPY or ADD.'
  return `None of the ${all.length} steps that the build shows is known to install dependencies only.`
}

/** Those that missed themselves before those that only follow. */
function whichRan(steps: SeenStep[], why: SeenStep['why']): SeenStep[] {
  const follows = ({ name, miss }: SeenStep) => Number(miss?.step !== name || followers.has(miss.reason))
  return steps
    .filter((step) => step.status === 'ran' && step.why === why)
    .toSorted((one, other) => follows(one) - follows(other))
}

function ranBecause({ name, miss }: SeenStep): string {
  if (miss === null) return `${quoted(name)} ran`
  const first = miss.step === name ? '' : ` after ${quoted(miss.step, 50)},`
  return `${quoted(name)} ran${first} because ${becauseOf(miss)}`
}

function sentence(parts: string[]): string {
  return parts.length === 0 ? '' : `${parts.join('; ')}.`
}

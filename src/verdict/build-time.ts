import { type Checked, cannotTell, failed, passed, quoted, timeShown } from './evidence.ts'
import type { Asked, Facts } from './facts.ts'
import { becauseOf, buildsOf, madeWithoutCache, type SeenBuild, seenSteps, whyNoBuild } from './seen-steps.ts'

/**
 * Did the steps of the images take less? Where it is fast enough in spite of changed dependencies, or without any cache,
 * it is so all the more with them; where it is not, such a build says nothing.
 */
export function checkBuildTime(minutes: number, { run, jobs }: Facts, { operation }: Asked): Checked {
  const builds = buildsOf(jobs)
  if (builds.length === 0) return cannotTell(whyNoBuild(jobs))
  if (builds.some(({ job }) => job.conclusion !== 'success'))
    return cannotTell('The job did not pass, so how long its build took says nothing.')
  const limit = minutes * 60
  const { least, most } = secondsOfAll(builds)
  if (most !== null && most < limit) return passed(`${took(least, most)}; the limit is ${timeShown(limit)}.`)
  if (run.seconds !== null && run.seconds < limit)
    return passed(`The whole run took ${timeShown(run.seconds)}; the limit is ${timeShown(limit)}.`)
  const excused = excuse(builds, operation)
  if (excused) return excused
  if (least < limit) return cannotTell(`The log does not tell how long the build took.${wholeRun(run)}`)
  return failed(`${took(least, most)}; the limit is ${timeShown(limit)}.`)
}

/** Seconds between which the true time lies: a log may tell how long each step took, and not which ran side by side. */
type Bounds = { least: number; most: number | null }

/** Builds of one job may run one after another or together, jobs of a run stand side by side. */
function secondsOfAll(builds: SeenBuild[]): Bounds {
  const jobs = [...Map.groupBy(builds, ({ job }) => job.id).values()].map((ofJob) => ofJob.map(secondsOfBuild))
  const known = jobs.map((ofJob) => added(ofJob.map(({ most }) => most)))
  return {
    least: Math.max(...jobs.flat().map(({ least }) => least)),
    most: known.every((most) => most !== null) ? Math.max(...known) : null,
  }
}

function secondsOfBuild({ build, times }: SeenBuild): Bounds {
  const ran = build.steps.map((step, index) => ({ step, end: times[index]?.[1] ?? null }))
  const executed = ran.filter(({ step }) => step.status !== 'cached')
  const ends = executed.map(({ end }) => end)
  if (ends.length > 0 && ends.every((end) => end !== null)) {
    const span = Math.max(...ends)
    return { least: span, most: span }
  }
  const each = executed.map(({ step }) => step.seconds)
  return { least: Math.max(0, ...each.map((seconds) => seconds ?? 0)), most: added(each) }
}

function added(numbers: (number | null)[]): number | null {
  return numbers.reduce((sum, one) => (sum === null || one === null ? null : sum + one), 0)
}

function took(least: number, most: number | null): string {
  if (most !== null && most - least < 1) return `The steps of the build took ${timeShown(most)}`
  if (most === null) return `The steps of the build took at least ${timeShown(least)}`
  return `The steps of the build took between ${timeShown(least)} and ${timeShown(most)}`
}

function wholeRun({ seconds }: Facts['run']): string {
  return seconds === null ? '' : ` The whole run took ${timeShown(seconds)}.`
}

function excuse(builds: SeenBuild[], operation: string | null): Checked | null {
  const ran = builds.flatMap((build) => seenSteps(build, operation)).filter(({ status }) => status === 'ran')
  if (ran.some(({ why }) => why === 'without-cache')) return cannotTell(madeWithoutCache)
  const installs = ran.filter(({ installs }) => installs)
  const changed = installs.find(({ why }) => why === 'expected')
  if (changed?.miss)
    return cannotTell(
      `Dependencies changed in this build: ${quoted(changed.name)} ran because ${becauseOf(changed.miss)}.`,
    )
  const unknown = installs.find(({ why }) => why === 'unknown')
  return unknown ? cannotTell(`It is not known whether ${quoted(unknown.name)} had to run in this build.`) : null
}

import { type Checked, cannotTell, failed, listed, passed, quoted, timeShown } from './evidence.ts'
import type { Asked, Facts } from './facts.ts'
import { becauseOf, buildsOf, followers, type Miss, madeWithoutCache, whyNoBuild, whyRan } from './seen-steps.ts'

/** Has every first miss a reason in the table of triggers? */
export function checkNoUnexpectedMiss({ jobs }: Facts, { operation }: Asked): Checked {
  const builds = buildsOf(jobs)
  if (builds.length === 0) return cannotTell(whyNoBuild(jobs))
  const judged = builds.flatMap(({ build }) =>
    build.firstMisses.map((miss) => ({ miss, why: whyRan(miss, build, operation) })),
  )
  const misses = (wanted: string) => judged.filter(({ why }) => why === wanted).map(({ miss }) => miss)
  const [wrong, ...others] = costliest(misses('unexpected'))
  if (wrong) {
    const more =
      others.length === 0
        ? ''
        : ` So did ${listed(
            others.map(({ step }) => quoted(step, 50)),
            2,
          )}.`
    return failed(`${quoted(wrong.step)} missed (${wrong.reason}): ${becauseOf(wrong)}.${cost(wrong)}${more}`)
  }
  if (misses('without-cache').length > 0) return cannotTell(madeWithoutCache)
  const [unknown] = misses('unknown')
  if (unknown) return cannotTell(`Whether ${quoted(unknown.step)} had to miss is not known: ${becauseOf(unknown)}.`)
  if (builds.some(({ job }) => job.conclusion !== 'success'))
    return cannotTell('The job did not pass, so other steps may not have been reached.')
  return passed(
    whatMissed(
      builds.map(({ build }) => build),
      misses('expected'),
    ),
  )
}

/** Roots before what only follows them. */
function costliest(misses: Miss[]): Miss[] {
  const rank = ({ reason }: Miss) => Number(followers.has(reason))
  return misses.toSorted((a, b) => rank(a) - rank(b) || (b.secondsLost ?? 0) - (a.secondsLost ?? 0))
}

function cost({ secondsLost }: Miss): string {
  return secondsLost === null || secondsLost < 1 ? '' : ` It cost ${timeShown(secondsLost)}.`
}

function whatMissed(builds: { cached: number; executed: number }[], expected: Miss[]): string {
  const cached = builds.reduce((sum, build) => sum + build.cached, 0)
  const all = builds.reduce((sum, build) => sum + build.executed, cached)
  const count = `${cached} of ${all} steps were CACHED`
  if (expected.length === 0) return `Nothing missed: ${count}.`
  const [first] = costliest(expected)
  const example = first ? `: ${quoted(first.step)}, because ${becauseOf(first)}` : ''
  const more = expected.length > 1 ? `, and ${expected.length - 1} more` : ''
  return `${count}; what ran is in the table of triggers${example}${more}.`
}

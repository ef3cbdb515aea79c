import { noLog } from '../diagnosis/fingerprint.ts'
import type { JobDiagnosis } from '../diagnosis/run-diagnosis.ts'
import type { Check } from '../diagnosis/runbook-check.ts'
import { checkBuildTime } from './build-time.ts'
import { type Checked, cannotTell, failed, passed, quoted, timeShown } from './evidence.ts'
import type { Asked, Facts } from './facts.ts'
import { hasFailed, isSameFailure } from './judge.ts'
import { buildsOf, whyNoBuild } from './seen-steps.ts'
import { checkStepsCached } from './steps-cached.ts'
import { checkNoUnexpectedMiss } from './unexpected-miss.ts'

export type { Asked, Facts } from './facts.ts'

/** Holds an item's check against a run that has ended. What it cannot tell is left to people, and why. */
export function checkItem(check: Check, facts: Facts, asked: Asked): Checked {
  const { run } = facts
  if (run.conclusion !== 'success' && !hasFailed(run))
    return cannotTell(
      run.conclusion === null ? 'The run has not ended.' : `The run ended as ${quoted(run.conclusion)}.`,
    )
  switch (check.name) {
    case 'steps-cached':
      return checkStepsCached(check, facts, asked)
    case 'build-time':
      return checkBuildTime(check.minutes ?? defaultMinutes, facts, asked)
    case 'no-unexpected-miss':
      return checkNoUnexpectedMiss(facts, asked)
    case 'cache-transfers':
      return checkTransfers(facts)
    case 'job-passes':
      return checkPasses(facts)
    case 'not-same-failure':
      return checkOtherFailure(facts, asked)
    default:
      return check.name satisfies never
  }
}

/** The runbook's own figure. */
const defaultMinutes = 10

/** A cache that cannot be read or written is silent: the build goes on without it. */
function checkTransfers({ jobs }: Facts): Checked {
  const builds = buildsOf(jobs).map(({ build }) => build)
  if (builds.length === 0) return cannotTell(whyNoBuild(jobs))
  const [imports, exports] = [builds.flatMap((build) => build.imports), builds.flatMap((build) => build.exports)]
  const broken = [...imports, ...exports].find(({ ok }) => !ok)
  if (broken) return failed(`${broken.type} ${quoted(broken.ref, 80)}: ${quoted(broken.error ?? 'it failed', 200)}`)
  if (imports.length === 0 || exports.length === 0)
    return cannotTell(`The log shows ${imports.length} imports and ${exports.length} exports of a cache.`)
  return passed(`${imports.length} imported and ${exports.length} exported, each without an error.`)
}

function checkPasses({ run, jobs, after }: Facts): Checked {
  if (run.conclusion === 'success')
    return passed(run.seconds === null ? 'The run passed.' : `The run passed in ${timeShown(run.seconds)}.`)
  return failed(whatFailed(jobs, after))
}

function checkOtherFailure({ run, jobs, after }: Facts, { before }: Asked): Checked {
  if (run.conclusion === 'success') return passed('The run passed.')
  if (before === null) return cannotTell(`${whatFailed(jobs, after)} What failed before is not known.`)
  if (after.fingerprint === noLog) return cannotTell('The run failed, and no log tells why.')
  return isSameFailure(before, after)
    ? failed(`The same failure came again. ${whatFailed(jobs, after)}`)
    : passed(`It failed for another cause. ${whatFailed(jobs, after)}`)
}

function whatFailed(jobs: JobDiagnosis[], { causeId }: Facts['after']): string {
  const broken = jobs.filter(({ conclusion }) => conclusion !== 'success')
  const lead = broken.find(({ explanation }) => explanation?.diagnosis?.id === causeId) ?? broken[0]
  if (!lead) return 'The run failed.'
  const title = lead.explanation?.diagnosis?.title
  return `Job ${quoted(lead.name, 60)} failed${title === undefined ? '' : `: ${title}`}.`
}

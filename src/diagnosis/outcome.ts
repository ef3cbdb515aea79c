import { type Build, isStep, type Vertex } from '../build/build.ts'
import type { JobStep } from '../build/job-steps.ts'
import type { LogReading } from '../build/read-log.ts'

export type Outcome = 'failed' | 'succeeded' | 'unknown'

/**
 * How the job or build in this log ended. In a job log the runner's `##[error]` decides; outside one, the last build.
 */
export function outcomeOf(reading: LogReading): Outcome {
  if (failedSteps(reading).length > 0) return 'failed'
  const last = reading.builds.at(-1)
  if (reading.jobSteps.length > 0 && reading.jobEnded) {
    return last && outcomeOfBuild(last) === 'failed' ? 'failed' : 'succeeded'
  }
  if (last) return outcomeOfBuild(last)
  return reading.quietDigest ? 'succeeded' : 'unknown'
}

export function outcomeOfBuild(build: Build): Outcome {
  if (build.finalError) return 'failed'
  const vertices = [...build.vertices.values()]
  const steps = vertices.filter(isStep)
  // what exports a cache may be allowed to fail; a step or the image itself is not
  if (vertices.some((vertex) => vertex.status === 'failed' && isVital(vertex))) return 'failed'
  const open = vertices.some((vertex) => vertex.status === 'unfinished')
  if (build.succeeded && !open) return 'succeeded'
  if (open || steps.length === 0) return 'unknown'
  // a build without output ends with the last step of its last stage
  return everyStageEnded(steps) ? 'succeeded' : 'unknown'
}

/** A log that was cut in the middle of a build may show the end of one stage, but then another has only begun. */
function everyStageEnded(steps: Vertex[]): boolean {
  const stages = Map.groupBy(
    steps.filter(({ name }) => name.total !== null),
    ({ name }) => [...name.tokens, name.platform, name.total].join(' '),
  )
  return stages.size > 0 && [...stages.values()].every((stage) => stage.some(({ name }) => name.ordinal === name.total))
}

function isVital({ name }: Vertex): boolean {
  if (name.kind === 'internal') return vitalInternal.test(name.instruction)
  return name.kind === 'step' || name.kind === 'from' || name.kind === 'image'
}

const vitalInternal = /\b(?:load (?:metadata|build definition|build context)|booting buildkit)\b/

/**
 * Tools that run a build for somebody else say in their last words that it failed, and the builder may not have come to
 * say it: npm and Node's `execSync`, make, GitLab, Jenkins, Travis, CircleCI, Buildkite. `last`: the log's last lines.
 */
export function saysItFailed(last: { text: string }[]): boolean {
  return last.slice(-3).some(({ text }) => failedWords.test(text.trimEnd()))
}

const failedWords = new RegExp(
  [
    // what runs scripts for somebody
    /(?:npm )?(?:ERROR|Error): Command failed(?:: | with )/,
    /error Command failed with exit code [1-9]/,
    /npm (?:ERR!|error) (?:Exit status [1-9]|code ELIFECYCLE|errno [1-9])/,
    /ERR_PNPM_RECURSIVE_RUN_FIRST_FAIL|\s?ELIFECYCLE\s+Command failed/,
    /g?make(?:\[\d+\])?: \*\*\* .*\bError [1-9]/,
    /exit status [1-9]\d*$/,
    /(?:task: Failed to run task|error: Recipe `|BUILD FAILED\b|\[INFO\] BUILD FAILURE)/,
    // GitLab, Jenkins
    /(?:ERROR: |\[ERROR\] )?Job failed\b/,
    /ERROR: (?:script returned exit code [1-9]|Build step failed|Build failed)/,
    /Finished: (?:FAILURE|ABORTED)$/,
    /Build step '.*' (?:marked build as failure|changed build result to FAILURE)/,
    // Travis, CircleCI, Buildkite, Bitbucket, Drone
    /The command ".*" (?:exited|failed) with/,
    /Exited with code (?:exit status )?[1-9]/,
    /(?:🚨 )?Error: The command exited with status [1-9]/,
    /(?:🚨 )?user command error: exit status [1-9]/,
    /(?:level=fatal msg="|FATA\[\d+\] )exit status [1-9]/,
    // Google Cloud Build, AWS CodeBuild, Azure
    /ERROR: build step \d+ ".*" failed: /,
    /BUILD FAILURE: /,
    /\[Container\] .* Phase complete: \w+ State: FAILED/,
    /(?:Bash|Cmd\.exe|PowerShell) exited with code '[1-9]/,
    /##\[section\]Finishing: .*\bfailed/,
  ]
    .map(({ source }) => `^(?:${source})`)
    .join('|'),
)

/** Steps of the job that an error ended: nothing but always-steps and cleaning up follows the last of them. */
export function failedSteps(reading: LogReading): JobStep[] {
  const steps = reading.jobSteps.filter((step) => !step.post)
  const ended = steps.filter((step) => step.errors.some((error) => endsStep(error.text)))
  const last = steps.at(-1)
  return ended.length === 0 && last && last.errors.length > 0 ? [last] : ended
}

/** An annotation that ends a step, unlike those that linters and tests write by the dozen. */
function endsStep(text: string): boolean {
  return /^(?:Process completed with exit code \d+|The process '.*' failed with exit code \d+|The operation was canceled|buildx (?:bake )?(?:call )?failed with|The job running on|The runner has received|The action '.*' has timed out|Docker (?:pull|build|run|create) failed|Error: |Error response from daemon: |Unable to |Username and password required|.*\bexit code:? '?\d+|.*\bexited with code '?[1-9])/i.test(
    text,
  )
}

import type { JobStep } from '../build/job-steps.ts'
import type { LogReading } from '../build/read-log.ts'
import { notDocker, unknownFailure } from './cause.ts'
import type { Cause } from './explanation.ts'
import { buildsOf, type Failure } from './failure.ts'
import { tellingLines, weightOf } from './novelty.ts'
import { outcomeOfBuild } from './outcome.ts'
import { type Owner, ownerOf } from './owner.ts'
import type { TailLine } from './tails.ts'

/**
 * What stands under a vertex or a job step, but for the line `but`: its new lines where it is known what the job writes
 * when all is well, else its last ones.
 */
export type LinesOf = (owner: Owner, but?: number | null) => TailLine[]

/** A failure that no sign explains, with the lines that most likely show why. */
export function unexplained(reading: LogReading, failure: Failure, linesOf: LinesOf): Cause {
  const { vertex, jobStep } = failure
  const own = linesOf(ownerOf(failure), vertex?.errorLine)
  const isMute = own.every(({ text }) => weightOf(text) === 0)
  const around = jobStep?.name === '' || isMute ? linesAround(reading, failure, linesOf) : []
  const telling = tellingLines(inOrder([...around, ...own]), { bytes: reading.bytes, most: 10 })
  return isOutsideDocker(reading, failure) ? notDocker(failure, telling) : unknownFailure(failure, telling)
}

/** What others said around something that itself said nothing of use: the client, the job, what else had failed. */
function linesAround(reading: LogReading, { vertex, build, jobStep }: Failure, linesOf: LinesOf): TailLine[] {
  const last = build ?? (jobStep ? null : (reading.builds.at(-1) ?? null))
  const failed = [...(last?.vertices.values() ?? [])].filter(({ status }) => status === 'failed')
  const owners = new Set([jobStep, last, ...failed, jobStep ? null : (reading.jobSteps.at(-1) ?? null), null])
  return [...owners]
    .flatMap((owner) => linesOf(owner, vertex?.errorLine))
    .filter(({ line }) => line >= (build?.firstLine ?? 0))
}

function inOrder(lines: TailLine[]): TailLine[] {
  return [...new Map(lines.map((line) => [line.line, line])).values()].sort((a, b) => a.line - b.line)
}

/** No build failed, and the failed step either has nothing to do with Docker or went on after its build was done. */
function isOutsideDocker(reading: LogReading, { build, jobStep }: Failure): boolean {
  if (build !== null) return false
  if (!jobStep?.docker || !movesImages(jobStep)) return true
  const own = buildsOf(reading, jobStep)
  return own.length > 0 && own.every((build) => outcomeOfBuild(build) === 'succeeded')
}

/** Builds, pushes or fetches an image, or tries to; `docker run IMAGE npm test` only uses one. */
function movesImages({ name, header }: JobStep): boolean {
  return (
    name === '' ||
    /\b(?:build|buildx|bake|push|pull|login|buildah|kaniko|save|load)\b/i.test([name, ...header].join('\n'))
  )
}

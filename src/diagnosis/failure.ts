import type { Build, Vertex } from '../build/build.ts'
import type { JobStep } from '../build/job-steps.ts'
import type { LogReading } from '../build/read-log.ts'
import { failedSteps, type Outcome, outcomeOfBuild } from './outcome.ts'

/** What failed, as far as the log's structure tells: nothing of why. */
export type Failure = {
  /** the job's step that ended it; null outside GitHub Actions */
  jobStep: JobStep | null
  /** the failed build in it; null when the job failed elsewhere */
  build: Build | null
  /** the vertex that the build's closing error is about; null for errors of the client or before the first step */
  vertex: Vertex | null
  /** all there is are lines that a tool wrote, in a build or elsewhere */
  isOfToolsOnly?: boolean
}

/** Null when nothing failed, as far as the log shows. */
export function findFailure(reading: LogReading, outcome: Outcome): Failure | null {
  if (outcome === 'succeeded') return null
  const steps = failedSteps(reading)
  const failedBuilds = reading.builds.filter((build) => outcomeOfBuild(build) === 'failed')
  if (steps.length === 0) {
    const last = reading.builds.at(-1)
    // a build that failed and was then repeated with success is not what failed
    const build =
      last && failedBuilds.includes(last) ? last : outcome === 'failed' ? (failedBuilds.at(-1) ?? null) : null
    if (!build && last && outcomeOfBuild(last) === 'unknown') return cutOff(reading, last, outcome)
    const { isOfToolsOnly = false } = reading
    return { jobStep: stepOf(reading, build), build, vertex: build ? fatalVertex(build) : null, isOfToolsOnly }
  }
  for (const jobStep of steps) {
    const builds = buildsOf(reading, jobStep)
    const build = builds.filter((build) => failedBuilds.includes(build)).at(-1)
    // a later build of the same job step that went well speaks for a retry
    const retried =
      build && builds.some((other) => other.firstLine > build.firstLine && outcomeOfBuild(other) === 'succeeded')
    if (build && !retried) return { jobStep, build, vertex: fatalVertex(build) }
  }
  const build = unfinishedBuild(reading, steps[0])
  return { jobStep: steps[0] ?? null, build, vertex: build && endedByDocker(steps[0]) ? lastWriting(build) : null }
}

/** The log ends inside this build: if something failed, then the step that was still writing, or the last export. */
function cutOff(reading: LogReading, build: Build, outcome: Outcome): Failure {
  const vertices = [...build.vertices.values()]
  const steps = vertices.filter(({ name }) => vital.has(name.kind))
  const exports = vertices.filter(({ name, status }) => name.kind === 'export' && status === 'failed')
  const vertex = steps.findLast((step) => step.status === 'unfinished') ?? exports.at(-1) ?? null
  return { jobStep: stepOf(reading, build), build: vertex || outcome === 'failed' ? build : null, vertex }
}

/** What a build cannot do without: its steps, their base images, the image itself. */
const vital = new Set(['step', 'from', 'image'])

function stepOf(reading: LogReading, build: Build | null): JobStep | null {
  return build?.jobStep == null ? null : (reading.jobSteps[build.jobStep] ?? null)
}

/** The builds that a job step ran; a log that was cut at its head begins inside its first step. */
export function buildsOf(reading: LogReading, jobStep: JobStep): Build[] {
  const index = reading.jobSteps.indexOf(jobStep)
  return reading.builds.filter((build) => build.jobStep === index || (build.jobStep === null && jobStep.name === ''))
}

/** The build that was still running when its job step was stopped. */
function unfinishedBuild(reading: LogReading, jobStep: JobStep | undefined): Build | null {
  if (!jobStep) return null
  const build = buildsOf(reading, jobStep).at(-1)
  return build && outcomeOfBuild(build) === 'unknown' ? build : null
}

/** Docker itself says that it failed, though the log does not hold its closing error: no one stopped it. */
function endedByDocker(jobStep: JobStep | undefined): boolean {
  const errors = jobStep?.errors ?? []
  return (
    errors.some(({ text }) => /docker(?:\.exe)?' failed with exit code|^Docker build failed/.test(text)) &&
    !errors.some(({ text }) => /cancell?ed|timed out|shutdown signal/.test(text))
  )
}

function lastWriting(build: Build): Vertex | null {
  return (
    [...build.vertices.values()].findLast(({ name, status }) => name.kind === 'step' && status === 'unfinished') ?? null
  )
}

/**
 * The vertex that the closing error quotes; failing that the one whose instruction the excerpt marks, failing that the
 * only one that failed. A failed cache import is never fatal, a canceled step is a consequence.
 */
export function fatalVertex(build: Build): Vertex | null {
  if (build.fatal) return build.fatal
  const vertices = [...build.vertices.values()]
  const failed = vertices.filter((vertex) => vertex.status === 'failed' && vertex.name.kind !== 'import')
  const final = build.finalError?.text
  if (final === undefined) return failed.at(-1) ?? null
  if (/\bCanceled: |context canceled$/.test(final)) return null
  if (failed.length === 0 && commandFailed.test(final)) {
    // cut out of its log: the step that was still writing is the one
    return (
      vertices
        .filter((vertex) => vertex.name.kind === 'step' && vertex.status === 'unfinished' && vertex.spoke)
        .at(-1) ?? null
    )
  }
  const target = /^(?:ERROR: |error: )?target ([^:]+):/.exec(final)?.[1]
  const inTarget = target === undefined ? [] : failed.filter((vertex) => vertex.name.tokens[0] === target)
  const pool = inTarget.length > 0 ? inTarget : failed
  return (
    pool.find((vertex) => quotes(final, vertex)) ??
    markedByExcerpt(build, pool) ??
    (pool.length === 1 ? (pool[0] ?? null) : null)
  )
}

function quotes(final: string, vertex: Vertex): boolean {
  const error = vertex.error?.split('\n')[0]?.trim()
  if (!error) return false
  if (final.includes(error)) return true
  const bare = final.split('\n')[0]?.replace(wrappers, '').trim()
  return bare !== undefined && bare.length > 8 && error.includes(bare)
}

const commandFailed = /did not complete successfully: exit code: |\bexecutor failed running /m

const wrappers =
  /^(?:(?:ERROR|Error|error): |failed to build: |target [^:]+: |failed to solve(?: with frontend [\w.]+)?: |rpc error: code = \w+ desc = |failed to create LLB definition: |\w+: (?=failed|process))*/

function markedByExcerpt(build: Build, failed: Vertex[]): Vertex | null {
  const code = build.excerpts.at(-1)?.marked[0]?.code.trim()
  if (!code) return null
  const start = code.replace(/\\$/, '').trimEnd().replace(/\s+/g, ' ')
  return failed.find((vertex) => vertex.name.instruction.replace(/\s+/g, ' ').startsWith(start)) ?? null
}

/** The instruction that BuildKit marked for this failure, as the Dockerfile has it. */
export function markedInstruction(build: Build | null): string {
  return (build?.excerpts.at(-1)?.marked ?? []).map(({ code }) => code.trim()).join(' ')
}

/** Line of the Dockerfile that BuildKit marked for this failure. */
export function dockerfileLine(build: Build | null): number | null {
  return build?.excerpts.at(-1)?.marked[0]?.line ?? null
}

import type { Build } from '../build/build.ts'
import { type Place, placeOf } from '../build/place.ts'
import { type Clue, rankOf } from './clue.ts'
import type { Failure } from './failure.ts'
import type { Hit } from './match.ts'
import type { ObservedHit } from './observe.ts'
import { outcomeOfBuild } from './outcome.ts'
import type { Row } from './runbook.ts'

/** Only what stands where something failed can be a cause of it; a cache import speaks for itself, failed or not. */
export function belongs(hit: Clue, failure: Failure | null): boolean {
  if (hit.place === 'import' || hit.place === 'export')
    return hit.vertex?.status === 'failed' || hit.vertex === failure?.vertex
  if (hit.place === 'observed') return hit.vertex === null || !endsBuild(hit) || hit.vertex === failure?.vertex
  if (!failure) return hit.row.severity !== 'fatal' && fromHealthyBuild(hit)
  switch (hit.place) {
    case 'step':
      if (failure.vertex === null)
        return (
          isBare(hit) &&
          failure.build === null &&
          (hit.role === 'sign' ? rankOf([hit]) : hit.row.rank) >=
            (failure.isOfToolsOnly ? surelyBuildRank : buildToolsRank)
        )
      return hit.vertex === failure.vertex
    case 'push':
    case 'metadata':
      return hit.build === failure.build && (hit.vertex === failure.vertex || hit.vertex?.status === 'failed')
    case 'error':
      return (
        hit.build === failure.build &&
        (hit.role !== 'sign' || (looksAt(hit.row, failure) && speaksOf(hit.row, failure)))
      )
    case 'client':
      return isClients(hit, failure)
    case 'job':
      return failure.build === null && sameStep(hit, failure)
    case 'runner':
      return isRunners(hit, failure)
    default:
      return hit.place satisfies never
  }
}

/** The closing error quotes the vertex that failed: a row that never looks at such a vertex does not mean this error. */
function looksAt({ where }: Row, { vertex }: Failure): boolean {
  const ofVertices = where.filter((place) => vertexPlaces.has(place))
  return vertex === null || ofVertices.length === 0 || ofVertices.includes(placeOf(vertex))
}

/** Where no command failed, none can have been the cause. */
function speaksOf({ family }: Row, { build, vertex }: Failure): boolean {
  if (family !== 'run' || vertex !== null || build?.builder !== 'buildkit' || !build.finalError) return true
  return !ofImage.test(build.finalError.text)
}

/** The closing error is about a base image, the context or the Dockerfile itself. */
const ofImage =
  /failed to (?:resolve source metadata|load (?:metadata|cache key)|compute cache key|calculate checksum|read dockerfile)|parse error/

const vertexPlaces = new Set<Place>(['step', 'import', 'export', 'push', 'metadata'])

/** Seen on a vertex, by a row that explains failures: only there can it explain one. */
function endsBuild({ row, role }: ObservedHit): boolean {
  return role === 'sign' && row.severity === 'fatal'
}

/**
 * A text without any structure, which may be a step's output: believed of what only tools of a build say, not of what a
 * running program says as well.
 */
export function isBare(hit: Clue): boolean {
  return hit.place === 'step' && hit.build === null && hit.jobStep === null
}

const buildToolsRank = 60

/** Where nothing at all speaks for a container: what a build is said to lack, not what it could not fetch. */
const surelyBuildRank = 66

/** The client's words about this build; without a failed build only a step that runs Docker has a client. */
function isClients(hit: Hit, { build, jobStep }: Failure): boolean {
  if (build !== null && hit.build === build) return !isAfterwards(hit, build)
  const speaksDocker = jobStep === null || jobStep.docker || hit.build !== null
  if (!speaksDocker && !hit.row.where.includes('job')) return false
  if (hit.build !== null && build !== null) return false
  // what was said before the build began did not end it: `docker pull IMAGE || true`
  if (build !== null && build.vertices.size > 0 && hit.line < build.firstLine) return false
  return sameStep(hit, { build, jobStep, vertex: null })
}

/** Whoever ran the builder goes on after a step of it has failed: cleans up, starts what is not there. */
function isAfterwards(hit: Hit, build: Build): boolean {
  const ended = build.finalError?.line ?? Number.POSITIVE_INFINITY
  const stepFailed = [...build.vertices.values()].some(
    ({ name, status }) => name.kind === 'step' && status === 'failed',
  )
  return stepFailed && hit.line > ended && hit.row.family !== 'disk' && hit.role === 'sign'
}

/** The runner's words about this step; that the machine went away or is full may be said later than it was felt. */
function isRunners(hit: Hit, failure: Failure): boolean {
  const { build, jobStep } = failure
  // of a log that was cut at its head nobody knows what the step ran
  const elsewhere = build === null && jobStep !== null && !jobStep.docker && jobStep.name !== ''
  if (elsewhere && !hit.row.where.includes('job')) return false
  return sameStep(hit, failure) || hit.row.family === 'builder' || hit.row.family === 'disk'
}

function sameStep(hit: Hit, failure: Failure): boolean {
  // what stands before the first step of a log that was cut at its head belongs to that step
  return (
    failure.jobStep === null || hit.jobStep === failure.jobStep || (hit.jobStep === null && failure.jobStep.name === '')
  )
}

function fromHealthyBuild(hit: Hit): boolean {
  return hit.place !== 'job' && (hit.build === null || outcomeOfBuild(hit.build) !== 'failed')
}

import type { Build } from '../build/build.ts'
import { type Place, placeOf } from '../build/place.ts'
import { type Failure, markedInstruction } from './failure.ts'
import { bears, type Hit } from './match.ts'
import type { ObservedHit } from './observe.ts'
import { outcomeOfBuild } from './outcome.ts'
import type { Row } from './runbook.ts'

/** What a line says, or what the log as a whole shows. */
export type Clue = Hit | ObservedHit

/** A row whose signs, taken together, hold at one place of the log. */
export type Candidate = {
  row: Row
  hits: Clue[]
  /** how basic the most basic of its signs is */
  rank: number
  /** it explains the failure; otherwise it only stands beside it */
  fatal: boolean
  /** how near the deciding sign stands to what failed: 3 its own output, 2 the closing error, 1 around it */
  nearness: 1 | 2 | 3
}

/** Rows that hold, best first: the more basic error, then the nearer, then the more specific, then the earlier. */
export function candidates(hits: Clue[], failure: Failure | null): Candidate[] {
  const byRow = Map.groupBy(hits, (hit) => hit.row)
  return [...byRow]
    .flatMap(([row, own]) => candidateOf(row, own, failure) ?? [])
    .sort(
      (a, b) =>
        Number(b.fatal) - Number(a.fatal) ||
        b.rank - a.rank ||
        b.nearness - a.nearness ||
        specificity(b) - specificity(a) ||
        firstLine(a) - firstLine(b),
    )
}

/**
 * What failed and is tried again may yet go well, and when it does not, its last words say so without this announcement:
 * cargo, npm, pip (whose `total` counts down to 0), curl, wget, yarn.
 */
function announcesAnotherTry({ place, text }: Clue): boolean {
  return place === 'step' && anotherTry.test(text)
}

const anotherTry =
  /\([1-9]\d? tries remaining\)|\bnpm (?:warn|WARN) attempt \d|Retry\(total=[1-9]|Will retry in \d|\bretries left\b|[.,;] Retrying(?:\.|$| in )/

function candidateOf(row: Row, hits: Clue[], failure: Failure | null): Candidate | null {
  const own = hits.filter((hit) => belongs(hit, failure) && !(hit.role === 'sign' && announcesAnotherTry(hit)))
  const groups = Map.groupBy(own, (hit) => hit.vertex ?? hit.build ?? hit.jobStep)
  let best: Candidate | null = null
  for (const group of groups.values()) {
    const around = hits.filter(
      (hit) => isAnywhere(hit) || sameScope(hit, group[0]) || (isOfWholeJob(hit, group[0]) && own.includes(hit)),
    )
    const signs = whatHolds(row, group, around, failure)
    if (signs.length === 0) continue
    const nearness = Math.max(...signs.map((hit) => nearnessOf(hit, failure))) as Candidate['nearness']
    const fatal = row.severity === 'fatal' && explains(signs, failure)
    const evidence = [...signs, ...around.filter((hit) => hit.role === 'all' && !signs.includes(hit))]
    const found: Candidate = { row, hits: evidence, rank: rankOf(signs), nearness, fatal }
    if (!best || found.fatal > best.fatal || (found.fatal === best.fatal && found.nearness > best.nearness))
      best = found
  }
  return best
}

/**
 * Any sign whose own conditions hold, every one of `all`, none of `unless`, and the name of the failing step as asked.
 * Returns the signs, and what of `all` stands beside them; nothing when the row does not hold.
 */
function whatHolds(row: Row, own: Clue[], around: Clue[], failure: Failure | null): Clue[] {
  const signs = own.filter((hit) => hit.role === 'sign' && conditionsHold(row, hit.index, around))
  if (signs.length === 0 || !conditionsHold(row, null, around)) return []
  const step = own[0]?.vertex?.text || failure?.vertex?.text || markedInstruction(failure?.build ?? null)
  if (row.step && !bears(row.step, step)) return []
  if (row.stepUnless && bears(row.stepUnless, step)) return []
  return [...signs, ...own.filter((hit) => hit.role === 'all')]
}

/** Of the conditions of one sign, or of the whole row: something of each choice of `all`, nothing of `unless`. */
function conditionsHold(row: Row, of: number | null, around: Clue[]): boolean {
  const found = (role: 'all' | 'unless', index: number) =>
    around.some((hit) => hit.role === role && hit.index === index)
  const wanted = new Map<number, boolean>()
  row.all.forEach((condition, index) => {
    if (condition.of !== of) return
    wanted.set(condition.choice, wanted.get(condition.choice) === true || found('all', index))
  })
  if ([...wanted.values()].includes(false)) return false
  return !row.unless.some((condition, index) => condition.of === of && found('unless', index))
}

/** Of the most basic sign; one that says less than the others of its row has a rank of its own. */
function rankOf(clues: Clue[]): number {
  const own = clues.filter(({ role }) => role === 'sign')
  return Math.max(...own.map(({ row, index }) => row.signs[index]?.rank ?? row.rank))
}

function isAnywhere({ row, role, index }: Clue): boolean {
  return role !== 'sign' && row[role][index]?.anywhere === true
}

/** What the runner says holds for the whole job. */
function isOfWholeJob(hit: Clue, other: Clue | undefined): boolean {
  return hit.place === 'runner' || other?.place === 'runner'
}

function sameScope(hit: Clue, other: Clue | undefined): boolean {
  if (!other) return false
  // what the log shows as a whole may stand beside a line before the build
  if (hit.place === 'observed' || other.place === 'observed') return hit.jobStep === other.jobStep
  return hit.build === other.build && (hit.build !== null || hit.jobStep === other.jobStep)
}

/** Only what stands where something failed can be a cause of it; a cache import speaks for itself, failed or not. */
function belongs(hit: Clue, failure: Failure | null): boolean {
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

/** An export that was allowed to fail, an import and the like cost time, not the job. */
function explains(signs: Clue[], failure: Failure | null): boolean {
  if (!failure) return false
  return signs.some((hit) => {
    if (hit.place === 'import') return false
    if (hit.place === 'export') return hit.vertex === failure.vertex
    if (hit.place === 'observed') return hit.vertex !== null && hit.vertex === failure.vertex
    return true
  })
}

function nearnessOf(hit: Clue, failure: Failure | null): Candidate['nearness'] {
  if (hit.vertex !== null && (hit.vertex === failure?.vertex || hit.place === 'import' || hit.place === 'export'))
    return 3
  if (hit.place === 'error') return 2
  return 1
}

function specificity(candidate: Candidate): number {
  return Math.max(
    ...candidate.hits.map(({ row, role, index }) => {
      const sign = role === 'sign' ? row.signs[index] : row.all[index]?.sign
      if (sign?.kind === 'literal') return sign.text.length
      return sign?.kind === 'pattern' ? sign.source.length : 0
    }),
  )
}

function firstLine(candidate: Candidate): number {
  return Math.min(...candidate.hits.map((hit) => hit.line))
}

import { addVertex, type Build, isStep, type Vertex } from '../build.ts'
import type { LogReading } from '../read-log.ts'
import { readVertexName } from '../vertex-name.ts'
import type { BuildRecord } from './record.ts'
import { closeByRecord, tellRecords } from './tell-record.ts'

/**
 * Joins records to the builds that a log tells of, in the order of both. What the record knows better (whether a step
 * was cached, how long it took, where it stands in the Dockerfile, how it ended) takes the place of what the log showed;
 * the log keeps its lines. Returns the records that fit none of its builds.
 */
export function joinRecords(reading: LogReading, records: BuildRecord[]): BuildRecord[] {
  const taken = new Set<Build>()
  return records.filter((record) => {
    const told = tellRecords([record], 0, () => {}).builds[0]
    const build = told && reading.builds.find((build) => !isTaken(build, record, taken) && fits(build, told, record))
    if (!told || !build) return true
    taken.add(build)
    join(build, told, record)
    return false
  })
}

/** A bake is one build in the log, and has a record for each of its targets. */
function isTaken(build: Build, { facts }: BuildRecord, taken: Set<Build>): boolean {
  return taken.has(build) && (facts.bakeTarget === null || build.record?.bakeTarget === facts.bakeTarget)
}

/** Every step that the log shows (of this target) is in the record too. */
function fits(build: Build, told: Build, { facts }: BuildRecord): boolean {
  if (build.builder !== 'buildkit') return false
  const known = new Set([...told.vertices.values()].map(({ text }) => text))
  const shown = [...build.vertices.values()].filter(isStep)
  const own = shown.filter((vertex) => known.has(bareName(vertex, facts.bakeTarget)))
  const whole = facts.bakeTarget === null ? shown : shown.filter(({ name }) => name.tokens[0] === facts.bakeTarget)
  // a build that failed before its first step shows none
  if (shown.length === 0) return ![...told.vertices.values()].some(isStep)
  return own.length > 0 && own.length >= whole.length
}

/** The name as BuildKit has it: buildx writes a bake's target into the bracket. */
function bareName({ text, name }: Vertex, bakeTarget: string | null): string {
  if (bakeTarget === null || name.tokens[0] !== bakeTarget) return text
  return text.replace(`[${bakeTarget} `, '[').replace(`[${bakeTarget}] `, '')
}

function join(build: Build, told: Build, record: BuildRecord): void {
  const { bakeTarget } = record.facts
  const ofLog = Map.groupBy(build.vertices.values(), (vertex) => bareName(vertex, bakeTarget))
  for (const vertex of told.vertices.values()) {
    const [shown] = ofLog.get(vertex.text) ?? []
    if (shown) correct(shown, vertex)
    else if (isStep(vertex)) correct(addVertex(build, vertex.key, nameIn(vertex, bakeTarget), build.lastLine), vertex)
  }
  closeByRecord(build, record)
}

function nameIn({ text }: Vertex, bakeTarget: string | null): string {
  return bakeTarget === null ? text : text.replace('[', `[${bakeTarget} `)
}

/** The words of the error stay the log's: in a log GitHub has masked the secrets. */
function correct(shown: Vertex, told: Vertex): void {
  const { status, seconds, spoke, pulled, inlineCache, digest, inputs, dockerfileLine } = told
  if (shown.text === '') shown.name = readVertexName(told.text)
  Object.assign(shown, { status, seconds, spoke, pulled, inlineCache, digest, inputs, dockerfileLine })
  shown.error ??= told.error
  shown.errorLine ??= told.error === null ? null : shown.line
}

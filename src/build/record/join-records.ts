import { addVertex, type Build, isStep, type Vertex } from '../build.ts'
import type { LogReading } from '../read-log.ts'
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
  const shown = [...build.vertices.values()].filter(isStep)
  const pairs = pairUp(build, told, facts.bakeTarget)
  const own = shown.filter((vertex) => pairs.has(vertex))
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

/** The log's vertices with the record's, by their names. */
function pairUp(build: Build, told: Build, bakeTarget: string | null): Map<Vertex, Vertex> {
  const byName = new Map([...told.vertices.values()].map((vertex) => [vertex.text, vertex]))
  const pairs = new Map<Vertex, Vertex>()
  for (const shown of build.vertices.values()) {
    const name = bareName(shown, bakeTarget)
    const vertex = byName.get(name) ?? (name.includes(masked) ? unmasked(name, byName) : undefined)
    if (vertex) pairs.set(shown, vertex)
  }
  return pairs
}

/** GitHub writes this for each secret that it knows. */
const masked = '***'

/** The one name that reads so when its secrets are masked. */
function unmasked(name: string, byName: Map<string, Vertex>): Vertex | undefined {
  const pieces = name.split(masked)
  const [first = '', last = ''] = [pieces[0], pieces.at(-1)]
  const fitting = [...byName].filter(([text]) => {
    let from = 0
    const inOrder = pieces.every((piece) => {
      const at = text.indexOf(piece, from)
      from = at + piece.length
      return at >= 0
    })
    return inOrder && text.startsWith(first) && text.endsWith(last)
  })
  return fitting.length === 1 ? fitting[0]?.[1] : undefined
}

function join(build: Build, told: Build, record: BuildRecord): void {
  const { bakeTarget } = record.facts
  const pairs = pairUp(build, told, bakeTarget)
  for (const [shown, vertex] of pairs) correct(shown, vertex)
  const known = new Set(pairs.values())
  // where GitHub masked secrets, what the log does not show might hold one
  const safe = ![...build.vertices.values()].some(({ text }) => text.includes(masked))
  for (const vertex of told.vertices.values())
    if (safe && isStep(vertex) && !known.has(vertex))
      correct(addVertex(build, vertex.key, nameIn(vertex, bakeTarget), build.lastLine), vertex)
  closeByRecord(build, record)
}

function nameIn({ text }: Vertex, bakeTarget: string | null): string {
  return bakeTarget === null ? text : text.replace('[', `[${bakeTarget} `)
}

/** The words of the error stay the log's: in a log GitHub has masked the secrets. */
function correct(shown: Vertex, told: Vertex): void {
  const { status, seconds, startedAt, endedAt, spoke, pulled, inlineCache, digest, inputs, dockerfileLine } = told
  const times = { seconds, startedAt, endedAt }
  Object.assign(shown, { status, ...times, spoke, pulled, inlineCache, digest, inputs, dockerfileLine })
  shown.error ??= told.error
  shown.errorLine ??= told.error === null ? null : shown.line
}

import type { Vertex } from '../build.ts'
import { timeOf } from '../dress.ts'
import { placeOf } from '../place.ts'
import type { DialectReader, Scene } from '../scene.ts'
import { isOutput, type PlainLine, readPlainLine, vertexNumber } from './plain.ts'

/** `#7 …`: BuildKit's plain progress, told into the scene. */
export function plainReader(scene: Scene): DialectReader {
  return (text, number) => {
    if (text.charCodeAt(0) !== 35) return false
    const line = vertexNumber(text)
    if (!line) return false
    const rest = text.slice(line.rest)
    // BuildKit v0.9 to v0.11 wrote the block's lines as `#9 3.214 text`, some as `#0 3.214 text`
    if (scene.inBlock && isOutput(rest)) return false
    if (startsAnew(scene, line.number, rest)) scene.leave()
    if (scene.build?.builder !== 'buildkit') {
      // a Markdown heading or a comment of a script is no vertex
      if (!opensBuild(line.number, rest, scene.builds.length === 0)) return false
      scene.enter('buildkit', number)
    }
    if (!scene.build) return false
    scene.build.lastLine = number
    const told = readPlainLine(scene.build, line.number, rest, number)
    if (told) tell(scene, told, number)
    return true
  }
}

function tell(scene: Scene, told: PlainLine, number: number): void {
  if (told.kind === 'builder') {
    if (scene.build) scene.build.driver = told.driver
    return
  }
  const { vertex } = told
  tellTimes(scene, told, vertex)
  const speaks = told.kind === 'output' || told.kind === 'error'
  // whoever pasted it may have taken the times off what a step writes
  scene.talking = speaks || (told.kind === 'header' && vertex.name.kind === 'step') ? vertex : null
  if ('text' in told) scene.emit(told.text, number, placeOf(vertex), vertex)
  if (told.kind === 'state' && vertex.name.kind === 'image' && vertex.status === 'done' && scene.build) {
    scene.build.succeeded = true
  }
}

/**
 * Plain progress shows one vertex at a time, so one that ran beside another may be shown late, at its end or up to ten
 * seconds after its start: what its last line says of the time it took moves its start back.
 */
function tellTimes({ raw }: Scene, { kind }: PlainLine, vertex: Vertex): void {
  if (kind === 'status' || kind === 'output') return
  const at = timeOf(raw)
  if (at === null) return
  vertex.startedAt ??= at
  if (kind === 'header') return
  vertex.endedAt = at
  // the seconds are rounded: by less than this the line that it began with knows better
  const counted = at - (vertex.seconds ?? 0) * 1000
  if (vertex.startedAt - counted > 250) vertex.startedAt = counted
}

/** A new build counts from #1 (or #0) again; a resumed vertex #1 of the same build says its own name. */
function startsAnew({ build }: Scene, vertex: number, rest: string): boolean {
  if (!build) return false
  if (vertex === 0) return rest.startsWith('building with ')
  if (vertex !== 1) return false
  const first = build.vertices.get('#1')
  if (!first) return build.builder !== 'buildkit'
  if (build.finalError || build.succeeded) return rest !== '...' && !/^(?:DONE|CACHED|ERROR|CANCELED|\d)/.test(rest)
  const opening = /^\[.*\] load (?:build definition|local bake|\.dockerignore|remote bake)/.test(rest)
  return opening && first.status !== 'unfinished' && build.vertices.size > 3
}

/**
 * What the first vertex line of a BuildKit build looks like. A log that was cut at its head may begin anywhere in one;
 * later in a log `#5 DONE` is what some program prints.
 */
function opensBuild(vertex: number, rest: string, first: boolean): boolean {
  if (vertex === 0) return rest.startsWith('building with ') || (first && /^\d+\.\d{1,3} /.test(rest))
  return header.test(rest) || (first && middle.test(rest))
}

const header = /^(?:\[[^\]]+\] |(?:importing|exporting) |resolve image config|docker-image:\/\/)/
const middle =
  /^(?:(?:DONE|CACHED|CANCELED)\b|ERROR: |\d+\.\d{1,3} |sha256:|transferring |extracting |preparing build cache for export|writing (?:layer|config|manifest) sha256:|exporting layers|pushing (?:layers|manifest) |\.\.\.$)/

import { closeVertex, finishVertex, type Vertex } from '../build.ts'
import { placeOf } from '../place.ts'
import type { DialectReader, Scene } from '../scene.ts'
import { readFrameHeader, readTtyRow, type TtyFrame } from './tty.ts'

/** Captures of BuildKit's terminal display, told into the scene. */
export function ttyReader(scene: Scene): DialectReader {
  let frame: TtyFrame | null = null
  return (text, number) => {
    const begun = readFrameHeader(text)
    if (!begun) return readRow(scene, frame, text, number)
    readHeader(scene, begun, number)
    // no more than one frame back
    if (frame) frame.before = null
    begun.before = frame
    frame = begun
    return true
  }
}

function readHeader(scene: Scene, frame: TtyFrame, number: number): void {
  const { build } = scene
  const another = build?.builder !== 'buildkit' || build.finalError !== null || (build.succeeded && !frame.finished)
  if (another) {
    scene.leave()
    scene.enter('buildkit', number)
  }
  if (!scene.build || !frame.finished) return
  scene.build.succeeded = true
  for (const vertex of scene.build.vertices.values()) closeVertex(vertex)
}

function readRow(scene: Scene, frame: TtyFrame | null, text: string, number: number): boolean {
  if (!/^ ?=> /.test(text)) return false
  // a capture that was cut at its head has rows only
  if (!scene.build && /^ ?=> (?:=> |(?:CACHED |ERROR |CANCELED )?\[)/.test(text)) scene.enter('buildkit', number)
  if (scene.build?.builder !== 'buildkit') return false
  const row = readTtyRow(scene.build, { current: scene.talking, frame }, text, number)
  if (!row) return false
  scene.build.lastLine = number
  if (row.kind === 'vertex') {
    scene.talking = row.vertex
    if (/^ ?=> ERROR /.test(text)) tellFailedRow(scene, row.vertex, number)
  }
  if (row.kind === 'output' && scene.talking) {
    scene.talking.spoke = true
    if (scene.talking.status === 'done' && !frame?.finished) finishVertex(scene.talking, 'unfinished')
    scene.emit(row.text, number, placeOf(scene.talking), scene.talking)
  }
  return true
}

/** Of an internal step that failed, its name may be all that is told. */
function tellFailedRow(scene: Scene, vertex: Vertex, number: number): void {
  if (vertex.name.kind === 'internal') scene.emit(`ERROR ${vertex.text}`, number, placeOf(vertex), vertex)
}

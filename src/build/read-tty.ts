import { placeOf } from './place.ts'
import type { DialectReader, Scene } from './scene.ts'
import { readFrameHeader, readTtyRow } from './tty.ts'

/** Captures of BuildKit's terminal display, told into the scene. */
export function ttyReader(scene: Scene): DialectReader {
  return (text, number) => readHeader(scene, text, number) || readRow(scene, text, number)
}

function readHeader(scene: Scene, text: string, number: number): boolean {
  const frame = readFrameHeader(text)
  if (!frame) return false
  const { build } = scene
  const another = build?.builder !== 'buildkit' || build.finalError !== null || (build.succeeded && !frame.finished)
  if (another) {
    scene.leave()
    scene.enter('buildkit', number)
  }
  if (scene.build && frame.finished) scene.build.succeeded = true
  return true
}

function readRow(scene: Scene, text: string, number: number): boolean {
  if (!/^ ?=> /.test(text)) return false
  // a capture that was cut at its head has rows only
  if (!scene.build && /^ ?=> (?:=> |(?:CACHED |ERROR |CANCELED )?\[)/.test(text)) scene.enter('buildkit', number)
  if (scene.build?.builder !== 'buildkit') return false
  const row = readTtyRow(scene.build, scene.talking, text, number)
  if (!row) return false
  scene.build.lastLine = number
  if (row.kind === 'vertex') scene.talking = row.vertex
  if (row.kind === 'output' && scene.talking) {
    scene.talking.spoke = true
    scene.emit(row.text, number, placeOf(scene.talking), scene.talking)
  }
  return true
}

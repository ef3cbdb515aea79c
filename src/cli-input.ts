import { closeSync, openSync, readSync } from 'node:fs'
import { isPacked } from './build/record/magic.ts'
import type { RecordGatherer } from './build/record/record.ts'
import type { Explainer } from './diagnosis/explain.ts'

/**
 * Feeds a log as it comes. A build record, or the zip of an artifact, is known by its first bytes, whatever its name; it
 * is read whole, and what reads it is loaded only then. Throws `RecordBroken` when it cannot be read.
 */
export async function feedInput(
  input: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  explaining: Explainer,
): Promise<void> {
  let start: Uint8Array = new Uint8Array(0)
  let take: ((chunk: Uint8Array) => void) | null = null
  let record: RecordGatherer | null = null
  for await (const chunk of input) {
    if (take) {
      take(chunk)
      continue
    }
    start = Buffer.concat([start, chunk])
    if (start.length < 4) continue
    const gatherer = isPacked(start) ? await recordGatherer() : null
    record = gatherer
    // a record's pieces are kept until all are there, and pieces of input are only lent
    take = gatherer ? (piece) => gatherer.feed(Buffer.from(piece)) : explaining.feed
    take(start)
  }
  if (!take) explaining.feed(start)
  if (!record) return
  const { records, bytes } = await record.end()
  explaining.tell(records, bytes)
}

async function recordGatherer(): Promise<RecordGatherer> {
  const { gatherRecord } = await import('./build/record/record.ts')
  return gatherRecord()
}

/** Large enough that asking costs nothing, small enough to stay in the processor's cache. */
const pieceSize = 1 << 18

/** A file in pieces, each of which is lent until the next: all are read into the same memory. */
export function* piecesOf(path: string): Generator<Uint8Array> {
  const file = openSync(path, 'r')
  try {
    const buffer = Buffer.allocUnsafeSlow(pieceSize)
    for (let size = readSync(file, buffer); size > 0; size = readSync(file, buffer)) yield buffer.subarray(0, size)
  } finally {
    closeSync(file)
  }
}

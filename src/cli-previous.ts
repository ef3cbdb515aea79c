import { createReadStream } from 'node:fs'
import { logReader } from './build/read-log.ts'
import { wordsOf } from './cli-words.ts'
import { greenReader, type KnownLines, knownLines } from './diagnosis/novelty.ts'

/** What the log given with `--previous` holds, so that what is new in another stands out. */
export async function previousLines(file: string): Promise<{ lines: KnownLines } | { unreadable: string }> {
  const green = greenReader()
  const reader = logReader(green.read)
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 16 })) reader.feed(chunk)
  } catch (error) {
    return { unreadable: `cannot read ${file}: ${wordsOf(error)}` }
  }
  reader.end()
  return { lines: knownLines(green.signatures()) }
}

import { piecesOf } from './cli-input.ts'
import { wordsOf } from './cli-words.ts'
import { greenReader, type KnownLines, knownLines } from './diagnosis/novelty.ts'

/** What the log given with `--previous` holds, so that what is new in another stands out. */
export function previousLines(file: string): { lines: KnownLines } | { unreadable: string } {
  const green = greenReader()
  try {
    for (const piece of piecesOf(file)) green.feed(piece)
  } catch (error) {
    return { unreadable: `cannot read ${file}: ${wordsOf(error)}` }
  }
  return { lines: knownLines(green.end()) }
}

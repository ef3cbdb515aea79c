import type { Build } from './build/build.ts'
import { isPacked } from './build/record/magic.ts'
import { piecesOf } from './cli-input.ts'
import { wordsOf } from './cli-words.ts'
import { greenReader, type KnownLines, knownLines } from './diagnosis/novelty.ts'

/** The build before: what it wrote, so that what is new in another stands out, and what it did. */
export type Previous = { lines: KnownLines | null; builds: Build[] }

/** Reads what `--previous` names, a log or a build record. */
export async function readPrevious(file: string): Promise<Previous | { unreadable: string }> {
  try {
    return await readEither(file)
  } catch (error) {
    return { unreadable: `cannot read ${file}: ${wordsOf(error)}` }
  }
}

async function readEither(file: string): Promise<Previous> {
  const green = greenReader()
  let first = true
  for (const piece of piecesOf(file)) {
    if (first && isPacked(piece)) return { lines: null, builds: await recordedBuilds(file) }
    first = false
    green.feed(piece)
  }
  const { signatures, builds } = green.end()
  return { lines: knownLines(signatures), builds }
}

async function recordedBuilds(file: string): Promise<Build[]> {
  const [{ gatherRecord }, { tellRecords }] = await Promise.all([
    import('./build/record/record.ts'),
    import('./build/record/tell-record.ts'),
  ])
  const gatherer = gatherRecord()
  for (const piece of piecesOf(file)) gatherer.feed(Buffer.from(piece))
  const { records, bytes } = await gatherer.end()
  return tellRecords(records, bytes, () => {}).builds
}

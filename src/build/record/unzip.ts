import { type Entry, fromBufferPromise, type ZipFile } from 'yauzl'
import { type Budget, broken, limits, RecordBroken, tooLarge } from './limits.ts'

/** The files of a zip that begin as `wanted` says; what else is in it is looked at no further than its first bytes. */
export async function unzip(
  bytes: Uint8Array,
  { budget, wanted }: { budget: Budget; wanted: (start: Uint8Array) => boolean },
): Promise<Uint8Array[]> {
  const files: Uint8Array[] = []
  let entries = 0
  try {
    const zip = await fromBufferPromise(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
    for await (const entry of zip.eachEntry()) {
      if (++entries > limits.entries)
        throw new RecordBroken('too-big', `there are more than ${limits.entries} files in it`)
      const file = await readFile(zip, entry, { budget, wanted })
      if (file) files.push(file)
    }
  } catch (error) {
    throw broken(error)
  }
  return files
}

/** Counts what really comes out: the sizes that a zip declares are its own word. */
async function readFile(
  zip: ZipFile,
  entry: Entry,
  { budget, wanted }: { budget: Budget; wanted: (start: Uint8Array) => boolean },
): Promise<Uint8Array | null> {
  if (entry.fileName.endsWith('/') || !entry.canDecodeFileData()) return null
  const chunks: Uint8Array[] = []
  const stream = await zip.openReadStreamPromise(entry)
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      if (chunks.length === 0 && !wanted(chunk)) return null
      budget.unpacked -= chunk.length
      if (budget.unpacked < 0) throw tooLarge()
      chunks.push(chunk)
    }
  } finally {
    stream.destroy()
  }
  return chunks.length === 0 ? null : Buffer.concat(chunks)
}

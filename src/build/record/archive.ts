import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { extract, type Header } from 'tar-stream'
import { type Budget, broken, limits, RecordBroken, tooLarge, tooLong } from './limits.ts'
import { isGzip, isZip } from './magic.ts'
import { unzip } from './unzip.ts'

/**
 * The files of a build record: a gzip'd tar (buildx `util/desktop/bundle/export.go`), as such or in a zip, as GitHub
 * hands out artifacts. All of it stays in memory, nothing is written.
 */
export type Archive = {
  /** `index.json` at the root */
  index: Uint8Array
  /** The file of this digest (`sha256:…`), held against it; throws `RecordBroken` when there is none. */
  blob(digest: string): Uint8Array
}

/** Unpacks the record, or each of the records in a zip. */
export async function openArchives(bytes: Uint8Array, budget: Budget): Promise<Archive[]> {
  if (bytes.length > limits.file) throw tooLong()
  if (isGzip(bytes)) return [await untar(bytes, budget)]
  if (!isZip(bytes)) throw new RecordBroken('no-record', 'it is neither a gzip nor a zip file')
  const files = await unzip(bytes, { budget, wanted: isGzip })
  if (files.length === 0) throw new RecordBroken('no-record', 'it is a zip file without a build record in it')
  if (files.length > limits.builds)
    throw new RecordBroken('too-big', `there are more than ${limits.builds} build records in it`)
  const archives: Archive[] = []
  for (const file of files) archives.push(await untar(file, budget))
  return archives
}

async function untar(bytes: Uint8Array, budget: Budget): Promise<Archive> {
  const files = new Map<string, Uint8Array>()
  try {
    const unpacked = await unpack(bytes, budget)
    if (!isTar(unpacked)) throw noRecord()
    const tar = extract()
    tar.end(unpacked)
    let entries = 0
    for await (const entry of tar) {
      if (++entries > limits.entries)
        throw new RecordBroken('too-big', `there are more than ${limits.entries} files in it`)
      await readEntry(entry.header, entry as AsyncIterable<unknown> as AsyncIterable<Uint8Array>, files)
    }
  } catch (error) {
    throw broken(error)
  }
  const index = files.get('index.json')
  if (!index) throw noRecord()
  return {
    index,
    blob(digest) {
      const file = fileOf(files, digest)
      budget.read -= file.length
      if (budget.read < 0) throw new RecordBroken('too-big', 'it names its files again and again')
      return checked(file, digest)
    },
  }
}

/** The magic of the first header, where one fits (POSIX `ustar`, and GNU's own). */
function isTar(bytes: Uint8Array): boolean {
  return bytes.length >= 512 && Buffer.from(bytes.subarray(257, 262)).toString('latin1') === 'ustar'
}

function noRecord(): RecordBroken {
  return new RecordBroken('no-record', 'it is packed, but it is no build record; unpack it first')
}

async function unpack(bytes: Uint8Array, budget: Budget): Promise<Uint8Array> {
  try {
    const unpacked = await promisify(gunzip)(bytes, { maxOutputLength: Math.max(1, budget.unpacked) })
    budget.unpacked -= unpacked.length
    return unpacked
  } catch (error) {
    throw error instanceof RangeError ? tooLarge() : error
  }
}

async function readEntry(
  header: Header,
  body: AsyncIterable<Uint8Array>,
  files: Map<string, Uint8Array>,
): Promise<void> {
  const wanted = header.type === 'file' && entryName.test(header.name)
  const chunks: Uint8Array[] = []
  for await (const chunk of body) if (wanted) chunks.push(chunk)
  if (wanted) files.set(header.name.replace(/^\.\//, ''), Buffer.concat(chunks))
}

const entryName = /^(?:\.\/)?(?:index\.json|blobs\/sha256\/[0-9a-f]{64})$/

function fileOf(files: Map<string, Uint8Array>, digest: string): Uint8Array {
  const file = files.get(`blobs/${digest.replace(':', '/')}`)
  if (file) return file
  throw new RecordBroken('corrupt', `a file of the build record is missing (${digest.slice(0, 80)})`)
}

function checked(file: Uint8Array, digest: string): Uint8Array {
  if (`sha256:${createHash('sha256').update(file).digest('hex')}` === digest) return file
  throw new RecordBroken('corrupt', `a file of the build record is damaged (${digest})`)
}

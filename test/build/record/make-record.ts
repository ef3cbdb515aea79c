import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'

/** Build records and zips made to order, honest and hostile. */
export type File = { name: string; body: Uint8Array | string }

export async function tarOf(files: File[]): Promise<Buffer> {
  const tar = pack()
  for (const { name, body } of files) tar.entry({ name }, Buffer.from(body))
  tar.finalize()
  const chunks: Uint8Array[] = []
  for await (const chunk of tar as AsyncIterable<unknown> as AsyncIterable<Uint8Array>) chunks.push(chunk)
  return Buffer.concat(chunks)
}

export async function archiveOf(files: File[]): Promise<Buffer> {
  return gzipSync(await tarOf(files))
}

export function blob(body: Uint8Array | string): File & { digest: string } {
  const hex = createHash('sha256').update(body).digest('hex')
  return { name: `blobs/sha256/${hex}`, body, digest: `sha256:${hex}` }
}

const types = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  record: 'application/vnd.buildkit.historyrecord.v0',
  status: 'application/vnd.buildkit.status.v0',
  error: 'application/vnd.googeapis.google.rpc.status+proto',
  provenance: 'application/vnd.in-toto+json',
}

/** `history` as an object is added to a small one, as bytes taken as it is. */
export type RecordParts = {
  history: object | Uint8Array
  status?: Uint8Array | null
  error?: Uint8Array | null
  provenance?: Uint8Array[]
}

const history = { Ref: 'a'.repeat(25), CreatedAt: { seconds: 1, nanos: 0 }, CompletedAt: { seconds: 2, nanos: 0 } }

/** The files of one or several builds as buildx lays them out. */
export function layoutOf(...builds: Partial<RecordParts>[]): File[] {
  const files = builds.map(({ history: own = {}, status, error, provenance = [] }) => {
    const config = blob(own instanceof Uint8Array ? own : JSON.stringify({ ...history, ...own }))
    const layers = [
      ...(status ? [{ ...blob(status), mediaType: types.status }] : []),
      ...(error ? [{ ...blob(error), mediaType: types.error }] : []),
      ...provenance.map((body) => ({ ...blob(body), mediaType: types.provenance })),
    ]
    const manifest = blob(
      JSON.stringify({
        config: { mediaType: types.record, digest: config.digest },
        layers: layers.map(({ mediaType, digest }) => ({ mediaType, digest })),
      }),
    )
    return { manifest, files: [manifest, config, ...layers] }
  })
  const manifests = files.map(({ manifest }) => ({ mediaType: types.manifest, digest: manifest.digest }))
  return [{ name: 'index.json', body: JSON.stringify({ manifests }) }, ...files.flatMap(({ files }) => files)]
}

export function index(...manifests: { digest: string; nested?: boolean }[]): string {
  return JSON.stringify({
    manifests: manifests.map(({ digest, nested }) => ({ digest, mediaType: nested ? types.index : types.manifest })),
  })
}

/** Fields of a protobuf message: text or bytes, a number, or a message within. */
export type Fields = [number: number, value: string | number | Uint8Array | Fields][]

export function message(fields: Fields): Buffer {
  return Buffer.concat(
    fields.map(([number, value]) => {
      if (typeof value === 'number') return Buffer.concat([varint(number << 3), varint(value)])
      const bytes = Array.isArray(value) ? message(value) : Buffer.from(value as string)
      return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes])
    }),
  )
}

export function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
  return Buffer.from([...bytes, rest])
}

/** A status stream: each message behind its length. */
export function statusStream(...messages: Uint8Array[]): Buffer {
  return Buffer.concat(
    messages.flatMap((one) => {
      const length = Buffer.alloc(4)
      length.writeUInt32LE(one.length)
      return [length, one]
    }),
  )
}

/** A zip of files that all lie, `stored` or as given, in one local entry or in their own. */
export type ZipEntry = { name: string; body: Uint8Array; method?: 0 | 8; declared?: number; at?: number }

export function zipOf(entries: ZipEntry[], entriesDeclared = entries.length): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { name, body, method = 0, declared = body.length, at } of entries) {
    const common = zipFields(name, body, method, declared)
    if (at === undefined) {
      const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), common, Buffer.from(name), body])
      parts.push(local)
    }
    directory.push(
      Buffer.concat([
        Buffer.from('PK\u0001\u0002'),
        Buffer.from([20, 0]),
        common,
        Buffer.alloc(10),
        uint32(at ?? offset),
        Buffer.from(name),
      ]),
    )
    if (at === undefined) offset += parts.at(-1)?.length ?? 0
  }
  const central = Buffer.concat(directory)
  const counts = Math.min(entriesDeclared, 0xffff)
  const end = Buffer.concat([
    Buffer.from('PK\u0005\u0006'),
    Buffer.alloc(4),
    uint16(counts),
    uint16(counts),
    uint32(central.length),
    uint32(offset),
    Buffer.alloc(2),
  ])
  return Buffer.concat([...parts, central, end])
}

/** version, flags, method, time, date, crc, sizes, length of the name, of the extra field */
function zipFields(name: string, body: Uint8Array, method: number, declared: number): Buffer {
  return Buffer.concat([
    uint16(20),
    uint16(0),
    uint16(method),
    Buffer.alloc(4),
    Buffer.alloc(4),
    uint32(body.length),
    uint32(declared),
    uint16(name.length),
    uint16(0),
  ])
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16LE(value)
  return bytes
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value >>> 0)
  return bytes
}

import { z } from 'zod'
import { type Archive, openArchives } from './archive.ts'
import { type Budget, limits, RecordBroken } from './limits.ts'

/**
 * The files of one build, found as in an OCI image layout: the index names a manifest, or an index of one manifest for
 * each build; a manifest's config is the history record, its layers are the status stream, provenance and the error.
 */
export type Layout = {
  /** `application/vnd.buildkit.historyrecord.v0`, JSON */
  record: Uint8Array
  /** `application/vnd.buildkit.status.v0`; null when the build told nothing */
  status: Uint8Array | null
  /** a `google.rpc.Status`, of a failed build */
  error: Uint8Array | null
  /** SLSA provenance, JSON, of a build that went well; several platforms have one each */
  provenance: Uint8Array[]
}

/** The builds in a record, or in a zip of records. */
export async function layoutsOf(bytes: Uint8Array, budget: Budget): Promise<Layout[]> {
  const archives = await openArchives(bytes, budget)
  const layouts = archives.flatMap((archive) => manifestsOf(archive).map((manifest) => layoutOf(archive, manifest)))
  if (layouts.length === 0) throw new RecordBroken('no-record', 'no build is told of in it')
  if (layouts.length > limits.builds)
    throw new RecordBroken('too-big', `more than ${limits.builds} builds are told of in it`)
  return layouts
}

const mediaTypes = {
  index: 'application/vnd.oci.image.index.v1+json',
  record: 'application/vnd.buildkit.historyrecord.v0',
  status: 'application/vnd.buildkit.status.v0',
  // the misspelling is BuildKit's own
  error: 'application/vnd.googeapis.google.rpc.status+proto',
  provenance: 'application/vnd.in-toto+json',
} as const

const descriptorSchema = z.object({ mediaType: z.string(), digest: z.string() })
const indexSchema = z.object({ manifests: z.array(descriptorSchema) })
const manifestSchema = z.object({
  config: descriptorSchema,
  layers: z
    .array(descriptorSchema)
    .nullish()
    .transform((layers) => layers ?? []),
})
type Manifest = z.infer<typeof manifestSchema>

/** Walks the indexes, each file once, however often it is named. */
function manifestsOf(archive: Archive): Manifest[] {
  const found: Manifest[] = []
  const seen = new Set<string>()
  const indexes = [archive.index]
  for (let index = indexes.shift(); index !== undefined; index = indexes.shift()) {
    for (const { mediaType, digest } of readJson(index, indexSchema, 'its index').manifests) {
      if (seen.has(digest)) continue
      seen.add(digest)
      const file = archive.blob(digest)
      if (mediaType === mediaTypes.index) indexes.push(file)
      else found.push(readJson(file, manifestSchema, 'a manifest in it'))
    }
  }
  return found.filter(({ config }) => config.mediaType === mediaTypes.record)
}

function layoutOf(archive: Archive, { config, layers }: Manifest): Layout {
  const ofType = (type: string) => layers.filter(({ mediaType }) => mediaType === type).slice(0, layersRead)
  const first = (type: string) => {
    const [layer] = ofType(type)
    return layer ? archive.blob(layer.digest) : null
  }
  return {
    record: archive.blob(config.digest),
    status: first(mediaTypes.status),
    error: first(mediaTypes.error),
    provenance: ofType(mediaTypes.provenance).map(({ digest }) => archive.blob(digest)),
  }
}

const layersRead = 20

/** Throws `RecordBroken` that names `what`, when it is no JSON or of another shape. */
export function readJson<T>(bytes: Uint8Array, schema: z.ZodType<T>, what: string): T {
  if (bytes.length > limits.json) throw new RecordBroken('too-big', `${what} is larger than ${limits.json >> 20} MB`)
  let data: unknown
  try {
    data = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'))
  } catch {
    throw new RecordBroken('corrupt', `${what} is no JSON`)
  }
  const read = schema.safeParse(data)
  if (read.success) return read.data
  const [issue] = read.error.issues
  throw new RecordBroken(
    'corrupt',
    `${what} is not as BuildKit writes it (${issue?.path.join('.')}: ${issue?.message})`,
  )
}

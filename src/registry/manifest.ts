import { z } from 'zod'
import type { Manifest } from './client.ts'
import { RegistryFault } from './fault.ts'
import type { Platform } from './platform.ts'

export type Layer = { digest: string; size: number; mediaType: string }
export type Choice = { digest: string; platform: Platform }

/** What a manifest says that it is. */
type Parsed =
  | ParsedImageManifest
  /** one manifest for each platform */
  | { kind: 'index'; choices: Choice[] }
export type ParsedImageManifest = { kind: 'image'; config: { digest: string; size: number }; layers: Layer[] }

/**
 * Reads manifests of OCI image-spec v1.1 and Docker's schema 2. Whatever is no image is refused by its name, for a
 * registry keeps much else under tags.
 */
export function readManifest({ bytes, mediaType }: Manifest, name: string): Parsed {
  const parsed = manifestSchema.safeParse(jsonIn(bytes))
  if (!parsed.success) throw new RegistryFault('malformed', `${name}: its manifest is not one`)
  const manifest = parsed.data
  const type = manifest.mediaType ?? mediaType
  if (manifest.schemaVersion === 1 || type.startsWith('application/vnd.docker.distribution.manifest.v1'))
    throw notAnImage(
      name,
      'is pushed with manifest schema 1 of 2015, which tells no sizes; push it again with a Docker of today',
    )
  // one that is both could be read as either, and mean something else to everybody (CVE-2021-41190)
  if (manifest.manifests && (manifest.layers || manifest.config))
    throw new RegistryFault('malformed', `${name}: its manifest claims to be an index and an image at once`)
  if (manifest.manifests) return readIndex(manifest.manifests, name)
  if (!manifest.config || !manifest.layers)
    throw new RegistryFault('malformed', `${name}: its manifest lists no layers`)
  return readImage(manifest.config, manifest.layers, manifest.artifactType, name)
}

const size = z.int().nonnegative()
const digest = z.string().regex(/^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/)
const descriptorSchema = z.looseObject({
  mediaType: z.string().default(''),
  digest,
  size,
  annotations: z.record(z.string(), z.string()).nullish().catch(null),
  platform: z
    .looseObject({
      os: z.string(),
      architecture: z.string(),
      variant: z.string().nullish(),
      'os.version': z.string().nullish(),
    })
    .nullish()
    .catch(null),
})
type Descriptor = z.infer<typeof descriptorSchema>

const manifestSchema = z.looseObject({
  schemaVersion: z.number().optional(),
  mediaType: z.string().optional(),
  artifactType: z.string().optional(),
  config: descriptorSchema.optional(),
  layers: z.array(descriptorSchema).max(1_000).optional(),
  manifests: z.array(descriptorSchema).max(1_000).optional(),
})

/** moby/buildkit v0.25 `cache/remotecache/v1/spec.go`; it stands among the manifests, or since v0.21 as the config */
const buildCache = 'application/vnd.buildkit.cacheconfig.v0'

function readIndex(manifests: Descriptor[], name: string): Parsed {
  if (manifests.some(({ mediaType }) => mediaType === buildCache))
    throw isBuildCache(
      name,
      manifests.filter(({ mediaType }) => mediaType !== buildCache),
    )
  const choices = manifests
    .filter((entry) => !isAttestation(entry))
    .map((entry) => ({ digest: entry.digest, platform: platformOf(entry) }))
  if (choices.length === 0) throw notAnImage(name, 'is an index without an image in it')
  return { kind: 'index', choices }
}

/** BuildKit hides provenance and SBOM behind a platform that nobody has. */
function isAttestation({ annotations, platform }: Descriptor): boolean {
  if (annotations?.['vnd.docker.reference.type'] === 'attestation-manifest') return true
  return platform?.os === 'unknown' && platform.architecture === 'unknown'
}

function platformOf({ platform }: Descriptor): Platform {
  return {
    os: platform?.os || 'unknown',
    architecture: platform?.architecture || 'unknown',
    variant: platform?.variant || null,
    osVersion: platform?.['os.version'] || null,
  }
}

const imageConfigs = new Set([
  'application/vnd.oci.image.config.v1+json',
  'application/vnd.docker.container.image.v1+json',
  // pushed by Docker 1.10, and by some tools ever since
  'application/octet-stream',
  'application/json',
  '',
])

function readImage(config: Descriptor, layers: Descriptor[], artifactType: string | undefined, name: string): Parsed {
  if (config.mediaType === buildCache) throw isBuildCache(name, layers)
  if (!imageConfigs.has(config.mediaType) || artifactType !== undefined)
    throw notAnImage(name, `is ${artifactName(artifactType ?? config.mediaType)}`)
  if (layers.some(({ mediaType }) => mediaType.startsWith('application/vnd.in-toto')))
    throw notAnImage(name, 'is an attestation about an image')
  return { kind: 'image', config, layers }
}

function isBuildCache(name: string, blobs: Descriptor[]): RegistryFault {
  const megabytes = Math.round(blobs.reduce((sum, { size }) => sum + size, 0) / 1e6)
  const holds = `${blobs.length} layer${blobs.length === 1 ? '' : 's'}, ${megabytes} MB`
  return notAnImage(
    name,
    `is a build cache of BuildKit (--cache-to type=registry; ${holds}); ask for the image that was built with it`,
  )
}

function artifactName(type: string): string {
  if (type.includes('helm')) return 'a Helm chart'
  if (type.includes('docker.plugin')) return 'a plugin of Docker'
  if (type.includes('cosign') || type.includes('sigstore')) return 'a signature'
  return `an artifact of type ${type.slice(0, 100)}`
}

function notAnImage(name: string, what: string): RegistryFault {
  return new RegistryFault('not-an-image', `${name} ${what}`)
}

function jsonIn(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return null
  }
}

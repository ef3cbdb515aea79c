import { z } from 'zod'
import type { RegistryClient } from './client.ts'
import { RegistryFault } from './fault.ts'
import { type Choice, type Layer, type ParsedImageManifest, readManifest } from './manifest.ts'
import { choosePlatform, type Platform, platformName } from './platform.ts'
import { type Image, manifestReference, nameOf } from './reference.ts'

/** An image of one platform, as the registry tells of it. */
export type FoundImage = {
  image: Image
  /** of the manifest of this platform */
  digest: string
  /** of the index that led there; null when the name means this manifest itself */
  indexDigest: string | null
  platform: Platform
  platforms: Platform[]
  layers: Layer[]
  config: ImageConfig
}

const text = z.string().nullish().catch(null)

/** OCI image-spec v1.1 `config.md`. Lenient: what a builder left out or spoilt is missing, and no more than that. */
const configSchema = z.looseObject({
  created: text,
  os: text,
  architecture: text,
  variant: text,
  'os.version': text,
  history: z
    .array(
      z.looseObject({ created: text, created_by: text, comment: text, empty_layer: z.boolean().nullish().catch(null) }),
    )
    .max(4_000)
    .nullish(),
})

export type ImageConfig = z.infer<typeof configSchema>
export type HistoryEntry = NonNullable<ImageConfig['history']>[number]

/** Follows the name to the manifest of one platform and reads its configuration. */
export async function findImage(client: RegistryClient, image: Image, wanted: Platform | null): Promise<FoundImage> {
  const name = nameOf(image)
  const { manifest, way } = await findManifest({ client, image, wanted }, manifestReference(image))
  const { layers, config: descriptor } = manifest.parsed
  const config = readConfig(await client.blob(image, descriptor.digest, largestConfig), name)
  const told = way?.chosen ?? null
  const platform = told ?? platformOf(config)
  // a manifest that no index introduces says only in its configuration what it is for
  if (told === null && wanted !== null && choosePlatform([{ platform }], wanted) === null)
    throw noSuchPlatform(name, wanted, [platform])
  const platforms = way && way.platforms.length > 0 ? way.platforms : [platform]
  return { image, digest: manifest.digest, indexDigest: way?.indexDigest ?? null, platform, platforms, layers, config }
}

/** Through which index we came, and which of its platforms we took; null for an entry that names none. */
type Way = { indexDigest: string; platforms: Platform[]; chosen: Platform | null }

type Search = { client: RegistryClient; image: Image; wanted: Platform | null }
type Led = { manifest: { digest: string; parsed: ParsedImageManifest }; way: Way | null }

async function findManifest(search: Search, reference: string, before: Way | null = null, depth = 0): Promise<Led> {
  const { client, image, wanted } = search
  const name = nameOf(image)
  // An index may hold an index. Digests cannot run in a circle, but they can make a long way.
  if (depth > deepest) throw new RegistryFault('malformed', `${name}: more than ${deepest} indexes inside each other`)
  const manifest = await client.manifest(image, reference)
  const parsed = readManifest(manifest, name)
  if (parsed.kind === 'image') return { manifest: { digest: manifest.digest, parsed }, way: before }
  const known = parsed.choices.filter(isKnown)
  const platforms = known.map(({ platform }) => platform)
  const choice = choosePlatform(known, wanted) ?? parsed.choices.find((each) => !isKnown(each))
  if (!choice) throw noSuchPlatform(name, wanted, platforms)
  const way: Way = {
    indexDigest: before?.indexDigest ?? manifest.digest,
    platforms: before?.platforms.length ? before.platforms : platforms,
    chosen: isKnown(choice) ? choice.platform : null,
  }
  return findManifest(search, choice.digest, way, depth + 1)
}

function isKnown({ platform }: Choice): boolean {
  return platform.os !== 'unknown'
}

const deepest = 4
const largestConfig = 8 * 1024 * 1024

function readConfig(bytes: Buffer, name: string): ImageConfig {
  try {
    return configSchema.parse(JSON.parse(bytes.toString('utf8')))
  } catch (cause) {
    throw new RegistryFault('malformed', `${name}: its configuration cannot be read`, { cause })
  }
}

function platformOf(config: ImageConfig): Platform {
  return {
    os: config.os || 'linux',
    architecture: config.architecture || 'unknown',
    variant: config.variant || null,
    osVersion: config['os.version'] || null,
  }
}

function noSuchPlatform(name: string, wanted: Platform | null, there: Platform[]): RegistryFault {
  const names = [...new Set(there.map(platformName))]
  const shown = names.slice(0, 12).join(', ')
  const asked = wanted === null ? 'any platform' : platformName(wanted)
  return new RegistryFault(
    'no-such-platform',
    `${name} is not there for ${asked}; it is for ${shown}${names.length > 12 ? ` and ${names.length - 12} more` : ''}`,
  )
}

import type { ImageLayers, LayersCompared } from '../thread/layers.ts'
import { type RegistryOptions, registryClient } from './client.ts'
import { compareLayers } from './compare.ts'
import { RegistryFault, type RegistryFaultCode } from './fault.ts'
import { layersOf } from './history.ts'
import { findImage } from './image.ts'
import { parsePlatform } from './platform.ts'
import type { Image } from './reference.ts'

/** Which layers are asked for; with `other`, how its layers differ. `platform` as `linux/arm64`; null: the usual one. */
export type LayersQuestion = { image: Image; other: Image | null; platform: string | null }

export type LayersAnswer =
  | { kind: 'layers'; image: ImageLayers }
  | { kind: 'compared'; compared: LayersCompared }
  | { kind: 'refused'; code: RegistryFaultCode; because: string }

/**
 * Reads the layers of an image from its registry, without a Docker daemon and without pulling anything: manifests and
 * configurations, some kilobytes. Never throws for what a registry does or says.
 */
export async function readLayers(question: LayersQuestion, options: RegistryOptions): Promise<LayersAnswer> {
  const wanted = question.platform === null ? null : parsePlatform(question.platform)
  if (question.platform !== null && wanted === null)
    return { kind: 'refused', code: 'no-such-platform', because: notAPlatform(question.platform) }
  try {
    const client = registryClient(options)
    const image = await findImage(client, question.image, wanted)
    if (question.other === null) return { kind: 'layers', image: layersOf(image) }
    // Like is compared with like: the platform that was chosen for the first.
    const other = await findImage(client, question.other, wanted ?? image.platform)
    return { kind: 'compared', compared: compareLayers(layersOf(image), layersOf(other)) }
  } catch (error) {
    if (error instanceof RegistryFault) return { kind: 'refused', code: error.code, because: error.message }
    throw error
  }
}

export function notAPlatform(written: string): string {
  return `${JSON.stringify(written.slice(0, 60))} is not a platform, e.g. linux/amd64 or linux/arm/v7`
}

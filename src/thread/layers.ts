/** The layers of an image as `registry/` reads them; declared here, for that folder stands behind this one. */
export type ImageLayers = {
  /** with registry, repository and tag or digest: `docker.io/library/alpine:3.22` */
  name: string
  /** of the manifest of this platform */
  digest: string
  /** of the index through which it was found */
  indexDigest: string | null
  platform: string
  /** all that the image is there for */
  platforms: string[]
  createdAt: string | null
  /** bytes of all layers, compressed */
  size: number
  layers: number
  /** base first, as the Dockerfile has them */
  rows: LayerRow[]
  /** what could not be told, and why */
  notes: string[]
}

export type LayerRow = {
  createdAt: string | null
  /** the instruction, redacted; empty when nobody wrote it down */
  createdBy: string
  /** what `RUN` saw of the build's arguments, redacted */
  buildArgs: string | null
  /** bytes, compressed */
  size: number
  /** a step that only sets something: `ENV`, `CMD` */
  empty: boolean
  digest: string | null
}

export type LayersCompared = {
  before: ImageLayers
  after: ImageLayers
  /** `image`: the very same; `layers`: they differ in what they set, not in what they hold */
  same: 'image' | 'layers' | null
  shared: { layers: number; size: number }
  /** the first layer that is not shared, on either side; null when all are */
  parting: { before: LayerRow | null; after: LayerRow | null } | null
  /** a step without a layer that differs before that; `seenByRun`: later commands run anew for it */
  settings: { before: string | null; after: string | null; seenByRun: boolean } | null
  /** of the first image, not in the second */
  removed: { layers: number; size: number }
  added: { layers: number; size: number }
  /** bytes that whoever has the first image downloads for the second */
  pullsAgain: number
  /** bytes that are there too, but lie elsewhere in the first: Docker's older image store downloads them again */
  moved: number
}

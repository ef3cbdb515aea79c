import { logRedactor } from '../build/redact-log.ts'
import type { ImageLayers, LayerRow } from '../thread/layers.ts'
import { stepWords } from './created-by.ts'
import { RegistryFault } from './fault.ts'
import type { FoundImage, HistoryEntry } from './image.ts'
import type { Layer } from './manifest.ts'
import { type Platform, platformName } from './platform.ts'
import { nameOf } from './reference.ts'

/** What `docker history` shows of an image, base first, with the sizes that a pull downloads. */
export function layersOf(found: FoundImage): ImageLayers {
  const { image, layers, config, platforms } = found
  const history = config.history ?? []
  const told = history.filter((entry) => !entry.empty_layer).length === layers.length
  return {
    name: nameOf(image),
    digest: found.digest,
    indexDigest: found.indexDigest,
    platform: platformName(found.platform),
    platforms: [...new Set(platforms.map(named))],
    createdAt: moment(config.created),
    size: sum(layers),
    layers: layers.length,
    rows: told
      ? rowsOf(history, layers)
      : layers.map((layer) => ({ ...nothingTold, size: layer.size, digest: layer.digest })),
    notes: [
      ...(told ? [] : [historyMissing(history, layers)]),
      ...(layers.some(isForeign) ? ['Some of its layers are kept elsewhere than in this registry'] : []),
    ],
  }
}

const nothingTold: LayerRow = { createdAt: null, createdBy: '', buildArgs: null, size: 0, empty: false, digest: null }

function rowsOf(history: HistoryEntry[], layers: Layer[]): LayerRow[] {
  const left = layers.values()
  const redactor = logRedactor()
  // what one step gives away, say `ENV TOKEN=…`, may stand bare in another
  for (const { created_by: createdBy } of history) redactor.learn(createdBy ?? '')
  return history.map((entry) => {
    const { instruction, buildArgs } = stepWords(entry.created_by ?? '', redactor.clean)
    const words = {
      createdAt: moment(entry.created),
      // an import has no command, only a remark
      createdBy: instruction || redactor.clean((entry.comment ?? '').slice(0, 500)),
      buildArgs,
    }
    const layer = entry.empty_layer ? undefined : left.next().value
    return { ...words, size: layer?.size ?? 0, empty: layer === undefined, digest: layer?.digest ?? null }
  })
}

/** Which entry made which layer is then anybody's guess, and a wrong one would blame the wrong line. */
function historyMissing(history: HistoryEntry[], { length }: Layer[]): string {
  if (history.length === 0) return 'Its builder wrote no history, so what made each layer is not known'
  const entries = history.filter((entry) => !entry.empty_layer).length
  return `Its history tells of ${entries} layers and it has ${length}, so what made each layer is not known`
}

/** Windows images differ by version, and a host runs only its own. */
function named(platform: Platform): string {
  return platform.osVersion === null ? platformName(platform) : `${platformName(platform)} (${platform.osVersion})`
}

function isForeign({ mediaType }: Layer): boolean {
  return /foreign|nondistributable/.test(mediaType)
}

/** Builds that are the same every time write 1970, which says nothing. */
function moment(text: string | null | undefined): string | null {
  const ms = Date.parse(text ?? '')
  return Number.isFinite(ms) && ms > 315_532_800_000 ? new Date(ms).toISOString() : null
}

function sum(layers: Layer[]): number {
  const size = layers.reduce((total, layer) => total + layer.size, 0)
  if (!Number.isSafeInteger(size)) throw new RegistryFault('malformed', 'its layers claim sizes that no disk has')
  return size
}

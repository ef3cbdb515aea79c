import type { ImageLayers, LayerRow, LayersCompared } from '../thread/layers.ts'

/**
 * Where two images part. A layer can only be shared while all below it are: layers lie on each other, and a pull of the
 * second image by whoever has the first downloads everything from there on, but for the same bytes elsewhere.
 */
export function compareLayers(before: ImageLayers, after: ImageLayers): LayersCompared {
  const [old, young] = [withLayer(before), withLayer(after)]
  const shared = sharedPrefix(old, young)
  const has = new Set(old.map(({ digest }) => digest))
  const [removed, added] = [old.slice(shared), young.slice(shared)]
  const moved = added.filter(({ digest }) => has.has(digest))
  return {
    before,
    after,
    same: before.digest === after.digest ? 'image' : removed.length + added.length === 0 ? 'layers' : null,
    shared: { layers: shared, size: sizeOf(young.slice(0, shared)) },
    parting: removed.length + added.length === 0 ? null : { before: removed[0] ?? null, after: added[0] ?? null },
    settings: firstSetting(before, after, shared),
    removed: { layers: removed.length, size: sizeOf(removed) },
    added: { layers: added.length, size: sizeOf(added) },
    pullsAgain: sizeOf(added) - sizeOf(moved),
    moved: sizeOf(moved),
  }
}

function withLayer({ rows }: ImageLayers): LayerRow[] {
  return rows.filter(({ empty }) => !empty)
}

function sharedPrefix(old: LayerRow[], young: LayerRow[]): number {
  const parts = young.findIndex(({ digest }, index) => digest !== old[index]?.digest)
  return parts === -1 ? young.length : parts
}

/**
 * A step without a layer that differs before the first layer that does. Preferably one that later commands see: BuildKit
 * runs a `RUN` anew when its environment, user or folder changed, and no step because of a `LABEL`.
 */
function firstSetting(before: ImageLayers, after: ImageLayers, shared: number): LayersCompared['settings'] {
  const [old, young] = [upTo(before.rows, shared), upTo(after.rows, shared)]
  const changes = Array.from({ length: Math.max(old.length, young.length) }, (_, index) => [old[index], young[index]])
    .filter(([was, is]) => was?.createdBy !== is?.createdBy)
    .map(([was, is]) => ({ before: was ?? null, after: is ?? null }))
  // behind a step that was put in or left out, what stands side by side does not belong together
  const known = old.length === young.length ? changes : changes.slice(0, 1)
  const settings = known.filter((change) => (change.before?.empty ?? true) && (change.after?.empty ?? true))
  const change = settings.find(isSeenByRun) ?? settings[0]
  if (!change) return null
  return {
    before: change.before?.createdBy ?? null,
    after: change.after?.createdBy ?? null,
    seenByRun: isSeenByRun(change),
  }
}

function isSeenByRun({ before, after }: { before: LayerRow | null; after: LayerRow | null }): boolean {
  return [before, after].some((row) => /^(ENV|ARG|USER|SHELL|WORKDIR)\b/.test(row?.createdBy ?? ''))
}

/** The rows before the layer of this number; all when there is none. */
function upTo(rows: LayerRow[], layers: number): LayerRow[] {
  let seen = 0
  const end = rows.findIndex(({ empty }) => !empty && seen++ === layers)
  return end === -1 ? rows : rows.slice(0, end)
}

function sizeOf(rows: LayerRow[]): number {
  return rows.reduce((total, { size }) => total + size, 0)
}

import { clean } from './escape.ts'
import type { ImageLayers, LayerRow, LayersCompared } from './layers.ts'
import {
  type BuiltAnew,
  builtAnew,
  bytes,
  cutStep,
  largest,
  layersWord,
  notShared,
  partingWords,
  share,
  shortNames,
  signedBytes,
  twoSizes,
} from './layers-words.ts'

/** An image's layers for a terminal of this width. */
export function printLayers(image: ImageLayers, width: number): string {
  const created = image.createdAt === null ? '' : `, created ${image.createdAt.slice(0, 10)}`
  return finish([
    `${image.name}  ${image.platform}, ${bytes(image.size)} in ${layersWord(image.layers)}${created}`,
    `${image.digest}${image.indexDigest === null ? '' : ` (of ${image.indexDigest})`}`,
    ...(image.platforms.length > 1 ? [`It is there for ${image.platforms.join(', ')}.`] : []),
    ...image.notes.map((note) => `${note}.`),
    '',
    ...table(image.rows, image.size, width),
    '',
    sizesAre,
  ])
}

/** What differs between two images, for a terminal of this width. */
export function printCompared(compared: LayersCompared, width: number): string {
  const { before, after } = compared
  const pairs = builtAnew(compared)
  return finish([
    `${before.name} → ${after.name}  ${after.platform}, ${bytes(before.size)} → ${bytes(after.size)} (${signedBytes(after.size - before.size)})`,
    ...[...new Set([...before.notes, ...after.notes])].map((note) => `${note}.`),
    '',
    ...partingWords(compared),
    ...(pairs === null ? bothSides(compared, width) : ['', ...pairedTable(pairs, width)]),
    '',
    sizesAre,
  ])
}

const sizesAre =
  'Sizes are compressed, as a registry keeps them and a pull downloads them; `docker history` shows them unpacked.'

function bothSides(compared: LayersCompared, width: number): string[] {
  const { before, after } = compared
  const [oldName, youngName] = shortNames(compared)
  return [...side(oldName, before, compared, width), ...side(youngName, after, compared, width)]
}

function side(name: string, image: ImageLayers, compared: LayersCompared, width: number): string[] {
  const rows = notShared(image, compared)
  if (rows.length === 0) return []
  const size = rows.reduce((sum, row) => sum + row.size, 0)
  return ['', `Only in ${name}: ${layersWord(rows.length)}, ${bytes(size)}`, ...table(rows, image.size, width)]
}

function pairedTable(pairs: BuiltAnew[], width: number): string[] {
  const marked = largest(pairs.map(({ after }) => after))
  return [
    `${'size'.padStart(21)}  the same steps, built anew`,
    ...pairs.map((pair) => {
      const line = `${marked.has(pair.after) ? '>' : ' '} ${twoSizes(pair)}  `
      return `${line}${cutStep(pair.after, Math.max(30, width - line.length))}`
    }),
  ]
}

function table(rows: LayerRow[], whole: number, width: number): string[] {
  if (rows.length === 0) return []
  const marked = largest(rows)
  return [
    '       size  share  created by',
    ...rows.map((row) => {
      const figures = row.empty ? ['', ''] : [bytes(row.size), share(row.size, whole)]
      const line = `${marked.has(row) ? '>' : ' '} ${figures[0]?.padStart(9)} ${figures[1]?.padStart(6)}  `
      return `${line}${cutStep(row, Math.max(30, width - line.length))}`.trimEnd()
    }),
  ]
}

function finish(lines: string[]): string {
  // a terminal obeys what a history may hold
  return clean([...lines, ''].join('\n'))
}

import type { SectionBlock } from '@slack/types'
import { context, section } from './blocks.ts'
import { code, codeBlock, cut, join, type Mrkdwn, md, moment, plainLine } from './escape.ts'
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
import { linesWithin } from './limits.ts'
import type { WantedMessage } from './wanted.ts'
import { askedBy } from './wording.ts'

export type LayersAsker = { tag: string; askedBy: string }

/** The layers of an image, base first and the small ones folded. */
export function planLayers(image: ImageLayers, asker: LayersAsker): WantedMessage {
  const { name, platform, size, layers, notes } = image
  const what = `${platform}, ${bytes(size)} in ${layersWord(layers)}`
  return {
    tag: asker.tag,
    parent: null,
    text: plainLine(`Layers of ${cut(name, 300)}: ${what}`),
    blocks: [
      section('head', join([md`*Layers of* ${imageName(name)}`, md`${what}`, ...notes.map(note)], '\n')),
      section('layers', codeBlock(table(image.rows, size))),
      context('facts', join([leftOut(image), facts(image, asker)], ' · ')),
    ],
  }
}

/** What differs between two images, and what it costs. */
export function planCompared(compared: LayersCompared, asker: LayersAsker): WantedMessage {
  const { before, after, same } = compared
  const words = partingWords(compared)
  const names = md`${imageName(before.name)} → ${imageName(after.name)}`
  const sizes = `${after.platform}, ${bytes(before.size)} → ${bytes(after.size)} (${signedBytes(after.size - before.size)})`
  const notes = [...new Set([...before.notes, ...after.notes])].map(note)
  const lines = words.map((line) => md`${cut(line, 900)}`)
  return {
    tag: asker.tag,
    parent: null,
    text: plainLine(`${cut(before.name, 200)} → ${cut(after.name, 200)}: ${cut(words.at(same ? 0 : -1) ?? '', 300)}`),
    blocks: [
      section('head', join([names, md`${sizes}`, ...notes], '\n')),
      section('parting', join(lines, '\n')),
      ...differingLayers(compared),
      context('facts', facts(after, asker)),
    ],
  }
}

/** Why there is nothing to show. */
export function planNoLayers(because: string, { tag }: LayersAsker): WantedMessage {
  return {
    tag,
    parent: null,
    text: plainLine(`I cannot show these layers: ${cut(because, 600)}`),
    blocks: [section('refused', md`:warning: I cannot show these layers: ${cut(because, 900)}.`)],
  }
}

function imageName(name: string): Mrkdwn {
  return code(cut(name, 300))
}

function note(words: string): Mrkdwn {
  return md`:information_source: ${cut(words, 300)}.`
}

function differingLayers(compared: LayersCompared): SectionBlock[] {
  const pairs = builtAnew(compared)
  if (pairs !== null) return [section('anew', join([md`The same steps, built anew:`, codeBlock(paired(pairs))], '\n'))]
  const [oldName, youngName] = shortNames(compared)
  return [
    ...side(['removed', oldName], compared.before, compared),
    ...side(['added', youngName], compared.after, compared),
  ]
}

function side([id, name]: [string, string], image: ImageLayers, compared: LayersCompared): SectionBlock[] {
  const rows = notShared(image, compared)
  if (rows.length === 0) return []
  const head = md`Only in ${imageName(name)}, ${layersWord(rows.length)}:`
  return [section(id, join([head, codeBlock(table(rows, image.size, 10))], '\n'))]
}

function paired(pairs: BuiltAnew[]): string[] {
  const marked = largest(pairs.map(({ after }) => after))
  const lines = pairs.map((pair) => {
    return `${marked.has(pair.after) ? '>' : ' '} ${twoSizes(pair)}  ${cutStep(pair.after, stepLength)}`
  })
  return fitting(lines)
}

/** So many layers all have a line; of more, so many of the largest. */
const mostRows = 22
const mostOfMany = 14
const stepLength = 64

/** Steps without a layer weigh nothing and stand aside; of many layers the largest stay, the others are summed up. */
function table(rows: LayerRow[], whole: number, most = mostRows): string[] {
  const layers = rows.filter(({ empty }) => !empty)
  const shownLayers = layers.length <= most ? most : Math.min(most, mostOfMany)
  const marked = largest(layers)
  const kept = new Set(layers.toSorted((one, other) => other.size - one.size).slice(0, shownLayers))
  const lines: string[] = []
  for (let at = 0; at < layers.length; ) {
    const row = layers[at]
    if (row && kept.has(row)) {
      lines.push(`${marked.has(row) ? '>' : ' '}${figures(row.size, whole)}  ${cutStep(row, stepLength)}`)
      at++
      continue
    }
    const end = layers.findIndex((each, index) => index > at && kept.has(each))
    const run = layers.slice(at, end === -1 ? undefined : end)
    lines.push(
      ` ${figures(
        run.reduce((sum, { size }) => sum + size, 0),
        whole,
      )}  … ${run.length} smaller`,
    )
    at += run.length
  }
  return fitting(lines)
}

function fitting(lines: string[]): string[] {
  if (lines.length === 0) return ['no layers']
  const { shown, more } = linesWithin(lines, 2_300)
  return more === 0 ? shown : [...shown, `… ${more} more`]
}

function figures(size: number, whole: number): string {
  return `${bytes(size).padStart(8)} ${share(size, whole).padStart(5)}`
}

function leftOut({ rows }: ImageLayers): Mrkdwn | null {
  const empty = rows.filter((row) => row.empty).length
  return empty === 0 ? null : md`${empty} ${empty === 1 ? 'step' : 'steps'} without a layer left out`
}

function facts(image: ImageLayers, asker: LayersAsker): Mrkdwn {
  const { platforms, createdAt, digest } = image
  const others =
    platforms.length > 1
      ? md`for ${cut(platforms.slice(0, 8).join(', '), 300)}${platforms.length > 8 ? ` and ${platforms.length - 8} more` : ''}`
      : null
  return join(
    [
      md`compressed sizes, as a pull downloads them`,
      code(`${digest.slice(0, 19)}…`),
      createdAt === null ? null : md`created ${moment(createdAt)}`,
      others,
      askedBy(asker.askedBy),
    ],
    ' · ',
  )
}

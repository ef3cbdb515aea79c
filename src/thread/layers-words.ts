import { clean } from './escape.ts'
import type { ImageLayers, LayerRow, LayersCompared } from './layers.ts'

/** What a terminal and Slack say alike of layers. */

/** `412 B`, `3.86 MB`, `1.21 GB`: powers of ten and three digits, as Docker prints sizes. */
export function bytes(size: number): string {
  let [figure, unit] = [size, 0]
  for (; figure >= 999.5 && unit < units.length - 1; unit++) figure /= 1000
  const digits = unit === 0 || figure >= 99.95 ? 0 : figure >= 9.995 ? 1 : 2
  return `${figure.toFixed(digits)} ${units[unit]}`
}

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

export function signedBytes(size: number): string {
  return size === 0 ? 'same size' : `${size < 0 ? '−' : '+'}${bytes(Math.abs(size))}`
}

export function layersWord(number: number): string {
  return `${number} layer${number === 1 ? '' : 's'}`
}

/** Part of a whole: `61 %`, `<1 %`. */
export function share(size: number, whole: number): string {
  if (whole === 0) return ''
  const percent = Math.round((100 * size) / whole)
  return percent === 0 && size > 0 ? '<1 %' : `${percent} %`
}

/** Where the bytes are: at most three layers, each a good part of all. Of one or two layers none stands out. */
export function largest(rows: LayerRow[]): Set<LayerRow> {
  const whole = rows.reduce((total, { size }) => total + size, 0)
  const layers = rows.filter(({ empty }) => !empty)
  if (layers.length < 3) return new Set()
  const first = layers.toSorted((one, other) => other.size - one.size).slice(0, 3)
  return new Set(first.filter(({ size }) => size * 5 >= whole))
}

/** Short names of two images that are compared, as long as they tell them apart. */
export function shortNames({ before, after }: LayersCompared): [string, string] {
  const short = ({ name }: ImageLayers) => name.replace(/^.*\//s, '').replace(/(@sha\d+:[0-9a-f]{7})[0-9a-f]+$/, '$1…')
  return short(before) === short(after) ? [before.name, after.name] : [short(before), short(after)]
}

/** The layers that only one of two images has. */
export function notShared({ rows }: ImageLayers, { shared }: LayersCompared): LayerRow[] {
  return rows.filter(({ empty }) => !empty).slice(shared.layers)
}

export type BuiltAnew = { before: LayerRow; after: LayerRow }

/** Layer by layer, when both images have the same steps above what they share; null when their steps differ. */
export function builtAnew(compared: LayersCompared): BuiltAnew[] | null {
  const [old, young] = [notShared(compared.before, compared), notShared(compared.after, compared)]
  if (old.length === 0 || old.length !== young.length) return null
  const pairs = old.flatMap((before, index) => {
    const after = young[index]
    return after && after.createdBy !== '' && after.createdBy === before.createdBy ? [{ before, after }] : []
  })
  return pairs.length === old.length ? pairs : null
}

/** `161 MB → 164 MB`, or one figure when it is the same. */
export function twoSizes({ before, after }: BuiltAnew): string {
  const same = before.size === after.size
  return `${(same ? '' : `${bytes(before.size)} →`).padStart(10)} ${bytes(after.size).padStart(8)}`
}

/** What made a layer, on one line of this length. The beginning of a command says most. */
export function cutStep({ createdBy }: Pick<LayerRow, 'createdBy'>, length: number): string {
  const text = clean(createdBy).replace(/\s+/g, ' ')
  if (text === '') return '(not written down)'
  const characters = [...text]
  return characters.length <= length
    ? text
    : `${characters
        .slice(0, length - 1)
        .join('')
        .trimEnd()}…`
}

/** What two images share, where they part and why, and what it costs to go from one to the other. */
export function partingWords(compared: LayersCompared): string[] {
  const { same, shared, after, pullsAgain, moved } = compared
  if (same === 'image') return [`They are the same image: ${after.digest}.`]
  if (same === 'layers')
    return [`All layers are the same: nothing but the configuration is pulled again.${settingsChange(compared)}`]
  const [old, young] = shortNames(compared)
  const base = shared.layers === 0 ? 'No layer is shared' : `${sharedWord(compared)}; then they part`
  const elsewhere =
    moved === 0
      ? ''
      : ` Another ${bytes(moved)} are the same bytes, but above other layers; Docker's classic image store pulls those, too.`
  return [
    `${base}${partingAt(compared)}`,
    ...settingsWords(compared),
    `Whoever has ${old} pulls ${bytes(pullsAgain)} again for ${young}, ${share(pullsAgain, after.size) || '0 %'} of its ${bytes(after.size)}.${elsewhere}`,
  ]
}

function sharedWord({ shared, after }: LayersCompared): string {
  return `${shared.layers} of ${layersWord(after.layers)} ${shared.layers === 1 ? 'is' : 'are'} shared (${bytes(shared.size)})`
}

function partingAt({ parting, shared }: LayersCompared): string {
  const [was, is] = [parting?.before ?? null, parting?.after ?? null]
  if (was && !is) return `: the second image ends before ${step(was)}.`
  if (is && !was) return `: the second image goes on with ${step(is)}.`
  if (!was || !is) return '.'
  if (was.createdBy === '' || is.createdBy === '') return '.'
  if (was.createdBy !== is.createdBy) return `: ${step(was)} became ${step(is)}.`
  if (was.buildArgs !== is.buildArgs)
    return ` at ${step(is)}: its build arguments were ${words(was.buildArgs)} and are ${words(is.buildArgs)}.`
  const why = shared.layers === 0 ? 'the base image moved, or it was built for something else' : inputOf(is)
  return ` at ${step(is)}: the instruction is the same, ${why}.`
}

function inputOf({ createdBy }: LayerRow): string {
  if (/^(COPY|ADD)\b/.test(createdBy)) return 'what it copies is not'
  return 'what it made is not (it ran again)'
}

function settingsWords(compared: LayersCompared): string[] {
  const change = settingsChange(compared)
  if (change === '') return []
  return [`Before that,${change}${compared.settings?.seenByRun ? ' Every RUN after it runs anew.' : ''}`]
}

function settingsChange({ settings }: LayersCompared): string {
  if (settings === null) return ''
  const { before, after } = settings
  if (before === null) return ` ${quote(after)} is new.`
  if (after === null) return ` ${quote(before)} is gone.`
  return ` ${quote(before)} became ${quote(after)}.`
}

function step(row: LayerRow): string {
  return quote(row.createdBy)
}

function quote(text: string | null): string {
  return `"${cutStep({ createdBy: text ?? '' }, 100)}"`
}

function words(args: string | null): string {
  return args === null ? 'none' : quote(args)
}

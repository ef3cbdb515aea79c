import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import type { Problem } from '../dockerfile/dockerfile.ts'
import type { Value } from './workflow.ts'

/** YAML as a tree of our own in which every part knows its line: aliases followed, size bounded. */
export type YamlSource = { root: YamlNode | null; problems: Problem[] }
export type YamlNode = YamlMap | YamlList | YamlScalar
export type YamlMap = Place & { kind: 'map'; entries: YamlEntry[] }
export type YamlEntry = { key: string; line: number; column: number; value: YamlNode | null }
export type YamlList = Place & { kind: 'list'; items: (YamlNode | null)[] }
export type YamlScalar = Place & {
  kind: 'scalar'
  text: string
  value: string | number | boolean | null
  /** where the text goes on in another line of the file */
  starts: { offset: number; line: number }[]
}
/** `flow`: written inside of braces or brackets, where a comma ends a plain value. */
type Place = { line: number; endLine: number; flow: boolean }

type Walk = { document: Document.Parsed; counter: LineCounter; lines: string[]; left: number }

/** As many parts as no honest file has: aliases can make a few lines stand for millions. */
const maxNodes = 50_000
const maxDepth = 60

export function readYamlSource(text: string, file: string): YamlSource {
  const counter = new LineCounter()
  const lines = text.split(/\r?\n/)
  const lineAt = (offset: number) => Math.min(Math.max(counter.linePos(offset).line, 1), lines.length)
  try {
    const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, logLevel: 'silent' })
    const problems = document.errors.map(({ pos, message }) => ({ file, line: lineAt(pos[0]), message }))
    const walk = { document, counter, lines, left: maxNodes }
    const root = convert(document.contents, walk, { flow: false, depth: 0 })
    if (walk.left < 0)
      problems.push({ file, line: 1, message: 'its aliases stand for too much; not all of it was read' })
    return { root, problems }
  } catch (error) {
    // The parser calls itself for each level: thousands of brackets exhaust the stack.
    return { root: null, problems: [{ file, line: 1, message: `cannot be read as YAML: ${String(error)}` }] }
  }
}

function convert(
  node: Node | null | undefined,
  walk: Walk,
  { flow, depth }: { flow: boolean; depth: number },
): YamlNode | null {
  walk.left--
  if (!node || walk.left < 0 || depth > maxDepth) return null
  if (isAlias(node)) return convert(node.resolve(walk.document), walk, { flow, depth: depth + 1 })
  const [start, end] = node.range ?? [0, 0]
  const inner = { flow: flow || ((isMap(node) || isSeq(node)) && node.flow === true), depth: depth + 1 }
  const line = lineOf(start, walk)
  const place = { line, endLine: Math.max(line, lineOf(Math.max(start, end - 1), walk)), flow: inner.flow }
  if (isMap(node)) {
    const entries = node.items.map(({ key, value }) => entryOf(asNode(key), asNode(value), walk, inner))
    return { kind: 'map', ...place, entries }
  }
  if (isSeq(node))
    return { kind: 'list', ...place, items: node.items.map((item) => convert(asNode(item), walk, inner)) }
  if (!isScalar(node)) return null
  const value = simple(node.value)
  const text =
    value === null ? '' : typeof node.source === 'string' && typeof value !== 'string' ? node.source : String(value)
  return {
    kind: 'scalar',
    ...place,
    text,
    value,
    starts: startsOf(text, node.type?.startsWith('BLOCK') === true, place, walk.lines),
  }
}

function entryOf(key: Node | null, value: Node | null, walk: Walk, inner: { flow: boolean; depth: number }): YamlEntry {
  const offset = key?.range?.[0] ?? 0
  const name = isScalar(key) ? String(key.value) : ''
  const { col } = walk.counter.linePos(offset)
  return { key: name, line: lineOf(offset, walk), column: Math.max(col - 1, 0), value: convert(value, walk, inner) }
}

/** The parser folds lines and drops their indent: looking for each line's own words tells where it went. */
function startsOf(text: string, block: boolean, place: Place, lines: string[]): YamlScalar['starts'] {
  const starts = [{ offset: 0, line: place.line }]
  if (place.line === place.endLine && !block) return starts
  let cursor = 0
  for (let line = block ? place.line + 1 : place.line; line <= place.endLine; line++) {
    const words = (lines[line - 1] ?? '').trim()
    const bare = block ? words : words.replace(/^.*?: +(?=\S)/, '').replace(/^['"]|['"]$/g, '')
    const offset = bare === '' ? -1 : text.indexOf(bare, cursor)
    if (offset < 0) continue
    if (offset === 0) starts.pop()
    starts.push({ offset, line })
    cursor = offset + bare.length
  }
  return starts
}

function lineOf(offset: number, { counter, lines }: Walk): number {
  return Math.min(Math.max(counter.linePos(offset).line, 1), lines.length)
}

function asNode(value: unknown): Node | null {
  return isMap(value) || isSeq(value) || isScalar(value) || isAlias(value) ? value : null
}

function simple(value: unknown): string | number | boolean | null {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  return value === null || value === undefined ? null : String(value)
}

/** The rest are questions to the tree; a part that is missing answers like an empty one. */
export function entriesOf(node: YamlNode | null): YamlEntry[] {
  return node?.kind === 'map' ? node.entries : []
}

export function entryNamed(node: YamlNode | null, key: string): YamlEntry | null {
  return entriesOf(node).find((entry) => entry.key === key) ?? null
}

export function child(node: YamlNode | null, key: string): YamlNode | null {
  return entryNamed(node, key)?.value ?? null
}

/** A list's parts, or the one value that may stand in its place. */
export function itemsOf(node: YamlNode | null): YamlNode[] {
  if (node === null) return []
  return node.kind === 'list' ? node.items.filter((item) => item !== null) : [node]
}

export function textOf(node: YamlNode | null): string | null {
  return node?.kind === 'scalar' && node.value !== null ? node.text : null
}

export function textsOf(node: YamlNode | null): string[] {
  return itemsOf(node).flatMap((item) => textOf(item) ?? [])
}

export function lineInScalar(scalar: YamlScalar, offset: number): number {
  return scalar.starts.findLast((start) => start.offset <= offset)?.line ?? scalar.line
}

export function plainValue(node: YamlNode | null): Value {
  if (node === null) return null
  if (node.kind === 'scalar') return node.value
  if (node.kind === 'list') return node.items.map(plainValue)
  return Object.fromEntries(node.entries.map(({ key, value }) => [key, plainValue(value)]))
}

import type { Problem } from '../dockerfile/dockerfile.ts'
import { expandMatrix } from './hcl-matrix.ts'
import { fillTree, type Variables } from './hcl-variables.ts'
import { child, entriesOf, entryNamed, textOf, type YamlEntry, type YamlMap, type YamlNode } from './yaml-source.ts'

/**
 * The part of HCL that bake files use, brought into the same tree as YAML and JSON. Our own reader because those on npm
 * (@cdktf/hcl2json, hcl2-parser) are Go compiled to WebAssembly or JavaScript which answers with plain JSON: no lines to
 * point at, and nothing at all for a file with one mistake. Functions and conditions are kept as written.
 */
export function readHcl(text: string, file: string): { root: YamlMap; problems: Problem[] } {
  const reader: HclReader = { text, file, at: 0, line: 1, problems: [], depth: 0 }
  const root = readBody(reader, '')
  const variables: Variables = new Map()
  for (const { key, value } of entriesOf(child(root, 'variable'))) variables.set(key, textOf(child(value, 'default')))
  for (const { key, value } of root.entries) if (value?.kind === 'scalar') variables.set(key, value.text)
  const targets = entryNamed(root, 'target')
  if (targets?.value?.kind === 'map') {
    targets.value.entries = targets.value.entries.flatMap((entry) => {
      const made = expandMatrix(entry)
      if (made.length !== 1 || made[0] !== entry) gatherMade(root, entry, made)
      return made.map((target) => ({ ...target, value: fillTree(target.value, variables) }))
    })
  }
  return { root, problems: reader.problems }
}

type HclReader = { text: string; file: string; at: number; line: number; problems: Problem[]; depth: number }

const maxDepth = 50

/** Attributes and blocks up to a closing bracket. Blocks of one type are gathered under it by their label. */
function readBody(reader: HclReader, close: '' | '}'): YamlMap {
  const body: YamlMap = { kind: 'map', line: reader.line, endLine: reader.line, flow: true, entries: [] }
  for (skipSpace(reader); reader.at < reader.text.length; skipSpace(reader)) {
    if (reader.text[reader.at] === '}') {
      if (close === '}') break
      step(reader, 1)
      continue
    }
    if (!readMember(reader, body)) skipLine(reader)
  }
  if (close !== '') step(reader, 1)
  body.endLine = reader.line
  return body
}

function readMember(reader: HclReader, body: YamlMap): boolean {
  const line = reader.line
  const name = take(reader, /[A-Za-z_][\w.-]*|"(?:[^"\\\n]|\\.)*"/y)?.replace(/^"|"$/g, '')
  if (name === undefined) return false
  skipBlanks(reader)
  if (take(reader, /=(?!=)|:/y) !== null) {
    skipBlanks(reader)
    body.entries.push({ key: name, line, column: 0, value: readValue(reader) })
    take(reader, /[ \t]*,/y)
    return true
  }
  const labels: string[] = []
  for (let label = take(reader, /"([^"\n]*)"[ \t]*/y); label !== null; label = take(reader, /"([^"\n]*)"[ \t]*/y)) {
    labels.push(label.trim().slice(1, -1))
  }
  if (take(reader, /\{/y) === null || reader.depth >= maxDepth) return false
  reader.depth++
  const value = readBody(reader, '}')
  reader.depth--
  gather(body, { type: name, label: labels[0] ?? '', line }, value)
  return true
}

function gather(
  body: YamlMap,
  { type, label, line }: { type: string; label: string; line: number },
  value: YamlMap,
): void {
  const known = entryNamed(body, type)?.value
  const entry: YamlEntry = { key: label, line, column: 0, value }
  if (known?.kind === 'map') known.entries.push(entry)
  else body.entries.push({ key: type, line, column: 0, value: { ...value, entries: [entry] } })
}

/** The name of a target with a matrix stands for all that the matrix makes. */
function gatherMade(root: YamlMap, { key, line }: YamlEntry, made: YamlEntry[]): void {
  const list: YamlNode = {
    kind: 'list',
    line,
    endLine: line,
    flow: true,
    items: made.map((target) => scalar(target.key, line)),
  }
  const group: YamlMap = { ...list, kind: 'map', entries: [{ key: 'targets', line, column: 0, value: list }] }
  gather(root, { type: 'group', label: key, line }, group)
}

function readValue(reader: HclReader): YamlNode | null {
  const start = { at: reader.at, line: reader.line }
  const value = readPlainValue(reader)
  if (value !== null && atEnd(reader)) return value
  // An operator follows, or it is no literal at all: kept as written.
  Object.assign(reader, start)
  return readExpression(reader)
}

function readPlainValue(reader: HclReader): YamlNode | null {
  const sign = reader.text[reader.at]
  const line = reader.line
  if (sign === '"') return scalar(readString(reader), line)
  if (sign === '[') return readList(reader)
  if (sign === '{') {
    if (reader.depth >= maxDepth) return null
    step(reader, 1)
    reader.depth++
    const body = readBody(reader, '}')
    reader.depth--
    return body
  }
  if (reader.text.startsWith('<<', reader.at)) return readHeredoc(reader)
  const word = take(reader, /(?:true|false|null|-?\d+(?:\.\d+)?)(?![\w.])/y)
  if (word === null) return null
  return word === 'null' ? { ...scalar('', line), value: null } : scalar(word, line)
}

function readList(reader: HclReader): YamlNode | null {
  const list: YamlNode = { kind: 'list', line: reader.line, endLine: reader.line, flow: true, items: [] }
  if (reader.depth >= maxDepth) return null
  step(reader, 1)
  reader.depth++
  for (skipSpace(reader); reader.at < reader.text.length && reader.text[reader.at] !== ']'; skipSpace(reader)) {
    const before = reader.at
    list.items.push(readValue(reader))
    skipSpace(reader)
    take(reader, /,/y)
    if (reader.at === before) step(reader, 1)
  }
  reader.depth--
  step(reader, 1)
  list.endLine = reader.line
  return list
}

function readString(reader: HclReader): string {
  const from = reader.at + 1
  let depth = 0
  let at = from
  for (; at < reader.text.length; at++) {
    const sign = reader.text[at]
    if (sign === '\\') at++
    else if (reader.text.startsWith('${', at)) depth++
    else if (sign === '}' && depth > 0) depth--
    else if ((sign === '"' && depth === 0) || sign === '\n') break
  }
  if (reader.text[at] !== '"')
    reader.problems.push({ file: reader.file, line: reader.line, message: 'this text has no closing quote' })
  const written = reader.text.slice(from, at)
  step(reader, at + 1 - reader.at)
  return written
    .replace(/\\(["\\])/g, '$1')
    .replaceAll('\\n', '\n')
    .replaceAll('\\t', '\t')
}

function readHeredoc(reader: HclReader): YamlNode | null {
  const line = reader.line
  const name = /^<<-?([A-Za-z_]\w*)[ \t]*\r?\n/.exec(reader.text.slice(reader.at, reader.at + 100))
  if (!name) return null
  const from = reader.at + name[0].length
  const end = new RegExp(`^[ \\t]*${name[1]}[ \\t]*$`, 'm').exec(reader.text.slice(from))
  const to = end ? from + end.index : reader.text.length
  const text = reader.text.slice(from, to)
  step(reader, to + (end?.[0].length ?? 0) - reader.at)
  return scalar(text, line)
}

/** Up to the end of the line or the next comma outside of brackets. */
function readExpression(reader: HclReader): YamlNode {
  const line = reader.line
  const rest = /(?:"(?:[^"\\\n]|\\.)*"|\((?:[^()\n]|\([^()\n]*\))*\)|\[[^\]\n]*\]|\{[^}\n]*\}|[^\n,\]}#"([{])+/y
  const written = (take(reader, rest) ?? '').trim()
  if (written === '') skipLine(reader)
  return scalar(`\${${written}}`, line)
}

function atEnd(reader: HclReader): boolean {
  return /^[ \t]*(?:[\r\n,\]}#]|\/\/|\/\*|$)/.test(reader.text.slice(reader.at, reader.at + 200))
}

function scalar(text: string, line: number): Extract<YamlNode, { kind: 'scalar' }> {
  return { kind: 'scalar', line, endLine: line, flow: true, text, value: text, starts: [{ offset: 0, line }] }
}

function take(reader: HclReader, pattern: RegExp): string | null {
  pattern.lastIndex = reader.at
  const found = pattern.exec(reader.text)
  if (found) step(reader, found[0].length)
  return found?.[0] ?? null
}

function step(reader: HclReader, length: number): void {
  const end = Math.min(reader.at + length, reader.text.length)
  for (let at = reader.text.indexOf('\n', reader.at); at >= 0 && at < end; at = reader.text.indexOf('\n', at + 1))
    reader.line++
  reader.at = end
}

function skipBlanks(reader: HclReader): void {
  take(reader, /[ \t]+/y)
}

function skipSpace(reader: HclReader): void {
  while (take(reader, /\s+|#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y) !== null);
}

function skipLine(reader: HclReader): void {
  reader.problems.push({
    file: reader.file,
    line: reader.line,
    message: 'this cannot be read as an attribute or a block',
  })
  const end = reader.text.indexOf('\n', reader.at)
  step(reader, (end < 0 ? reader.text.length : end + 1) - reader.at)
}

import { RE2JS } from 're2js'
import type { Build, Vertex } from '../build/build.ts'
import type { JobStep } from '../build/job-steps.ts'
import type { LiteralFinder } from '../build/literals.ts'
import { ownCopy } from '../build/log-lines.ts'
import type { Place, PlacedLine } from '../build/place.ts'
import { skimFor } from '../build/read-log.ts'
import { redact } from '../build/redact.ts'
import { teachingLiterals } from '../build/redact-log.ts'
import type { SkimIndex } from '../build/skim.ts'
import type { Trigger } from '../cache/evidence.ts'
import type { Row } from './runbook.ts'
import type { Sign, TextSign } from './runbook-sign.ts'
import type { Catalogue } from './runbooks.ts'

/** A sign of a row was found on a line. */
export type Hit = {
  row: Row
  /** which of the row's lists the sign stands in, and where in it */
  role: 'sign' | 'all' | 'unless'
  index: number
  line: number
  text: string
  place: Place
  captures: Record<string, string>
  build: Build | null
  vertex: Vertex | null
  jobStep: JobStep | null
}

/** All signs of a catalogue, made ready once; a matcher is made from it for each log. */
export type SignIndex = {
  matcher(): Matcher
  rows: Row[]
  /** of all pages: which change invalidates what */
  triggers: Trigger[]
  /** lets a reader pass over lines without a sign */
  skim: SkimIndex
}
export type Matcher = { read(line: PlacedLine): void; hits(): Hit[] }

export function indexSigns(catalogue: Catalogue): SignIndex {
  const rows = [...catalogue.rows.values()]
  const entries = rows.flatMap(entriesOf)
  const always = entries.filter((entry) => entry.literals === null)
  const bearers = Map.groupBy(
    entries.flatMap((entry) => (entry.literals ?? []).map((literal) => ({ literal, entry }))),
    ({ literal }) => literal,
  )
  const literals = [...bearers.keys()]
  const byLiteral = [...bearers.values()].map((found) => found.map(({ entry }) => entry))
  const readWhole = new Set(always.flatMap((entry) => [...entry.places]))
  const skim = skimFor([...literals, ...teachingLiterals], readWhole)
  const triggers = catalogue.runbooks.flatMap((page) => page.triggers)
  return { matcher: () => matcher(skim.finder, byLiteral, always), rows, triggers, skim }
}

type Entry = {
  row: Row
  role: Hit['role']
  index: number
  places: Set<Place>
  /** lower-cased texts of which the line must contain one for the sign to be there */
  literals: string[] | null
  /** of each of these lists it must contain one besides */
  also: string[][]
  /** compiled when its literal is first met: most patterns never are */
  pattern: (() => RE2JS) | null
}

function entriesOf(row: Row): Entry[] {
  const own = new Set(row.where)
  return [
    ...row.signs.flatMap((sign, index) => entry(row, 'sign', index, sign, own)),
    ...row.all.flatMap(({ where, sign }, index) => entry(row, 'all', index, sign, new Set(where))),
    ...row.unless.flatMap(({ where, sign }, index) => entry(row, 'unless', index, sign, new Set(where))),
  ]
}

function entry(row: Row, role: Hit['role'], index: number, sign: Sign, places: Set<Place>): Entry | [] {
  if (sign.kind === 'observed') return []
  if (sign.kind === 'literal') {
    if (isAscii(sign.text)) return { row, role, index, places, literals: [sign.text], also: [], pattern: null }
    return {
      row,
      role,
      index,
      places,
      literals: asciiPart(sign.text),
      also: [],
      pattern: once(() => quoted(sign.text)),
    }
  }
  const { literals, also, source } = sign
  return { row, role, index, places, literals, also, pattern: once(() => RE2JS.compile(source)) }
}

function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => {
    made ??= make()
    return made
  }
}

/** The finder knows ASCII only; a literal beyond it is a pattern without meaning of its own. */
function quoted(text: string): RE2JS {
  return RE2JS.compile(RE2JS.quote(text), RE2JS.CASE_INSENSITIVE)
}

function asciiPart(text: string): string[] | null {
  const longest = text.split(/[^ -~\t]+/).reduce((best, part) => (part.length > best.length ? part : best))
  return longest.trim().length < 4 ? null : [longest]
}

function isAscii(text: string): boolean {
  return /^[ -~\t]*$/.test(text)
}

/** A line longer than this is looked at in its head and tail only by patterns; literals see all of it. */
const patternReach = 8_000

const textKept = 2_000

/** Of the same sign under the same vertex or step the first hit and the last are kept; of its owners the newest. */
const ownersKept = 60

function matcher(finder: LiteralFinder, byLiteral: Entry[][], always: Entry[]): Matcher {
  const kept = new Map<Entry, Map<unknown, Hit[]>>()

  /** entries that the line in hand bears a literal of; one may bear several */
  const tried = new Set<Entry>()
  let lower = ''

  function tryEntry(entry: Entry, line: PlacedLine): void {
    if (!entry.places.has(line.place) || tried.has(entry)) return
    tried.add(entry)
    if (entry.also.length > 0) lower ||= line.text.toLowerCase()
    if (!entry.also.every((texts) => texts.some((text) => lower.includes(text)))) return
    const captures = entry.pattern ? capturesOf(entry.pattern(), line.text) : {}
    if (captures) keep(entry, line, captures)
  }

  function keep(entry: Entry, line: PlacedLine, captures: Record<string, string>): void {
    const owners = kept.get(entry) ?? new Map<unknown, Hit[]>()
    kept.set(entry, owners)
    const owner = line.vertex ?? line.build ?? line.jobStep
    const hits = owners.get(owner) ?? []
    owners.set(owner, hits)
    if (hits.length > 1) hits.pop()
    hits.push(hitOf(entry, line, captures))
    if (owners.size > ownersKept) owners.delete(owners.keys().next().value)
  }

  return {
    read(line) {
      tried.clear()
      lower = ''
      finder.inText(line.text, (literal) => {
        for (const entry of byLiteral[literal] ?? []) tryEntry(entry, line)
      })
      for (const entry of always) tryEntry(entry, line)
    },
    hits: () => [...kept.values()].flatMap((owners) => [...owners.values()].flat()),
  }
}

function capturesOf(pattern: RE2JS, text: string): Record<string, string> | null {
  const match = pattern.matcher(text.length <= patternReach ? text : ends(redact(text)))
  if (!match.find()) return null
  const captures: Record<string, string> = {}
  for (const name of Object.keys(pattern.namedGroups())) {
    const value = match.group(name)
    if (value) captures[name] = ownCopy(value.slice(0, 200))
  }
  return captures
}

/** Masked before it is cut: of half a secret nobody would know what it is. */
function ends(text: string): string {
  return text.length <= patternReach ? text : `${text.slice(0, patternReach / 2)}\n${text.slice(-patternReach / 2)}`
}

function hitOf(entry: Entry, line: PlacedLine, captures: Record<string, string>): Hit {
  const { row, role, index } = entry
  const text = ownCopy(line.text.length <= textKept ? line.text : redact(line.text).slice(0, textKept))
  const { number, place, build, vertex, jobStep } = line
  return { row, role, index, line: number, text, place, captures, build, vertex, jobStep }
}

/** Does a name of a step bear this sign? */
export function bears(sign: TextSign, text: string): boolean {
  if (sign.kind === 'literal') return text.toLowerCase().includes(sign.text)
  return RE2JS.compile(sign.source).matcher(text).find()
}

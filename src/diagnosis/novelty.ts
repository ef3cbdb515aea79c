import type { Build } from '../build/build.ts'
import { ownCopy } from '../build/log-lines.ts'
import type { PlacedLine } from '../build/place.ts'
import { logReader } from '../build/read-log.ts'
import { redact } from '../build/redact.ts'
import { normalise, signatureOf } from './normalise.ts'
import { forgetOne, type Owner, ownerOf } from './owner.ts'
import type { TailLine } from './tails.ts'

/** What a green job wrote: is this line among it? */
export type KnownLines = { has(signature: number): boolean; readonly size: number }

/** Collects the signatures of a green log. Bounded: of a log with more different lines the first ones are kept. */
export type GreenReader = { feed(chunk: Uint8Array): void; end(): { signatures: Uint32Array; builds: Build[] } }

const signaturesKept = 40_000

export function greenReader(): GreenReader {
  const seen = new Set<number>()
  const reader = logReader(({ text }) => {
    if (seen.size < signaturesKept) seen.add(signatureOf(redact(text)))
  })
  return {
    feed: reader.feed,
    end() {
      const { builds } = reader.end()
      return { signatures: Uint32Array.from(seen).sort(), builds }
    },
  }
}

export function knownLines(signatures: Uint32Array): KnownLines {
  return new Set(signatures)
}

/**
 * The lines under each vertex and each job step that are not known, each once: the first, the last, and those between
 * them that read like an error. Bounded like the tails, whatever the log.
 */
export type NewLines = {
  read(line: PlacedLine): void
  /** in the order of the log */
  of(owner: Owner, known?: KnownLines | null): TailLine[]
}

type Kept = { line: number; text: string; signature: number }
type Owned = { seen: Set<number>; first: Kept[]; errors: Kept[]; last: Kept[]; next: number }

const firstKept = 80
const errorsKept = 80
const lastKept = 160
const differentKept = 20_000
const ownersKept = 40
const widthKept = 1_000

export function newLines(known: KnownLines | null): NewLines {
  const owners = new Map<Owner, Owned>()

  function ownedBy(owner: Owner): Owned {
    const old = owners.get(owner)
    if (old) return old
    const owned: Owned = { seen: new Set(), first: [], errors: [], last: [], next: 0 }
    owners.set(owner, owned)
    if (owners.size > ownersKept) forgetOne(owners)
    return owned
  }

  return {
    read(line) {
      const signature = signatureOf(redact(line.text))
      if (known?.has(signature)) return
      const owned = ownedBy(ownerOf(line))
      if (owned.seen.has(signature)) return
      if (owned.seen.size < differentKept) owned.seen.add(signature)
      keep(owned, { line: line.number, text: headOf(line.text), signature })
    },
    of(owner, green = null) {
      const owned = owners.get(owner)
      if (!owned) return []
      return [...owned.first, ...owned.errors, ...owned.last]
        .filter(({ signature }) => !green?.has(signature))
        .sort((a, b) => a.line - b.line)
        .map(({ line, text }) => ({ line, text }))
    },
  }
}

/** Masked before it is cut: of half a secret nobody would know what it is. */
function headOf(text: string): string {
  return text.length <= widthKept ? text : redact(text).slice(0, widthKept)
}

function keep(owned: Owned, line: Kept): void {
  if (owned.first.length < firstKept) owned.first.push(copied(line))
  else if (owned.errors.length < errorsKept && weightOf(line.text) > 1) owned.errors.push(copied(line))
  else {
    owned.last[owned.next] = copied(line)
    owned.next = (owned.next + 1) % lastKept
  }
}

function copied(line: Kept): Kept {
  return { ...line, text: ownCopy(line.text) }
}

/** How much a line by itself reads like the reason for a failure: 0 not at all, 1 by its words, 2 and 3 by its form. */
export function weightOf(text: string): number {
  if (text.length > 4_000) return weightOf(text.slice(0, 2_000))
  if (harmless.test(text)) return 0
  if (announced.test(text) || thrown.test(text)) return aftermath.test(text) ? 1 : 3
  if (fatalWords.test(text)) return aftermath.test(text) ? 1 : 2
  return words.test(text) ? 1 : 0
}

/** The compiler's or tool's own mark at the head of a line, or behind the file it speaks of. */
const announced =
  /^\W{0,12}(?:\[?(?:error|err!?|fatal|panic|critical|failure|fail|E)\]?(?:\[\w{1,12}\])?(?::|!|\s-|\]|\s(?=TS\d|code|\[))|npm (?:error|ERR!)|error (?=\S)|Traceback|Caused by:|thread '[^']*' panicked|panic:|[✗✘✖×●])|^\S{1,300}(?:[:(]\d+(?:[:,]\d+)?\)?): (?:fatal )?error\b|: (?:fatal )?error(?: [A-Z]{1,6}\d{2,5})?: |^E: |^--- FAIL|^FAIL(?:ED)?\b|^not ok\b/i

/** `TypeError: …`, `java.io.IOException: …` */
const thrown = /^(?:[\w$]{1,80}\.){0,12}[A-Z]\w{0,80}(?:Error|Exception)\b[:\s]/

const fatalWords =
  /\b(?:cannot|can't|could not|couldn't|unable to|not found|no such|denied|unauthorized|forbidden|not accessible|refused|timed out|killed|aborted|does not exist|doesn't exist|no space|out of memory|segmentation fault|core dumped|unresolved|returned (?:an )?error|HTTP\/\d(?:\.\d)? [45]\d\d|must be|must not|not allowed|may not be installed)\b/i

const words =
  /\berrors?\b|\bfail(?:ed|ure|ures|s|ing)?\b|\bfatal\b|\bexception\b|\bpanic(?:ked)?\b|\[?\bwarn(?:ing)?\b|\b(?:timeout|invalid|mismatch|missing|required|unknown|unexpected|unsupported|undefined|unmatched|conflict|expected|does not|is not)\b/i

/** Says that something failed, not what: true of every failure of that tool. */
const aftermath =
  /^\W{0,6}(?:(?:npm|yarn|pnpm) )?(?:error:?|ERR!)? ?(?:Command failed|process completed|could not compile|aborting due to|build failed|Lifecycle script|A complete log of this run|Found # errors?)|\bexit(?:ed)? (?:with )?(?:code|status)\b|\bELIFECYCLE\b|waiting for other jobs|For more information about this error|^The command '|^make(?:\[\d+\])?: \*\*\*|did not complete successfully/i

const harmless =
  /\b(?:0 (?:errors?|failed|failures|problems)|no errors?|errors?: 0|failed: 0|failures: 0)\b|^\s{2,}at \S.*[):]\d*\)?$|^\s*(?:npm (?:warn|notice)|warning:? .*deprecated)/i

/**
 * The few lines that most likely show why: errors by their form first, then by their words, and of equals by turns the
 * first and the last. `bytes` is the size of the log: of one of 30 kB and more at most 5 % is quoted, of a smaller one
 * 1,500 bytes.
 */
export function tellingLines(lines: TailLine[], { bytes, most }: { bytes: number; most: number }): TailLine[] {
  let budget = Math.max(smallestBudget, Math.floor(bytes / 20))
  const chosen: TailLine[] = []
  for (const { line, rank } of ranked(lines)) {
    const cost = Math.min(line.text.length, quotedWidth)
    if (chosen.length >= (rank < 1 ? Math.min(most, enough) : most)) break
    if (cost > budget) continue
    chosen.push(line)
    budget -= cost
  }
  return chosen.sort((a, b) => a.line - b.line)
}

type Ranked = { line: TailLine; rank: number }

function ranked(lines: TailLine[]): Ranked[] {
  const seen = new Set<number>()
  const isNew = ({ line }: Ranked) => seen.size < seen.add(signatureOf(line.text)).size
  const isRefrain = refrains(lines)
  const all = lines
    .map((line, index) => ({ line, rank: rankOf(lines, index) }))
    .filter(({ line, rank }) => rank > 0 && line.text.trim() !== '')
    .filter(isNew)
    .map(({ line, rank }) => ({ line, rank: isRefrain(line) ? rank - refrainLoss : rank }))
  const byRank = Map.groupBy(all, ({ rank }) => rank)
  return [...byRank].sort(([a], [b]) => b - a).flatMap(([, equals]) => byTurns(equals))
}

/** Lines that many others begin or end like: progress of many things, more likely than many errors. */
function refrains(lines: TailLine[]): (line: TailLine) => boolean {
  const counts = new Map<string, number>()
  const shapes = lines.map(({ text }) => shapesOf(text))
  for (const shape of shapes.flat()) counts.set(shape, (counts.get(shape) ?? 0) + 1)
  return ({ text }) => shapesOf(text).some((shape) => (counts.get(shape) ?? 0) >= refrainTimes)
}

const refrainTimes = 6
const refrainLoss = 0.9

function shapesOf(text: string): string[] {
  const tokens = normalise(text.slice(0, quotedWidth)).split(' ')
  return tokens.length < 3 ? [] : [`${tokens.slice(0, 2).join(' ')} …`, `… ${tokens.slice(-2).join(' ')}`]
}

/** The first, the last, the second, the last but one: of many errors the first is often the reason, sometimes the last. */
function byTurns<T>(all: T[]): T[] {
  return all.map((_, index) => all[index % 2 === 0 ? index / 2 : all.length - (index + 1) / 2] as T)
}

const smallestBudget = 1_500
const quotedWidth = 400

/** What only stands near an error or near the end is added up to this many lines. */
const enough = 6

/** The line's own weight; what stands beside an error explains it, and what comes last is where it stopped. */
function rankOf(lines: TailLine[], index: number): number {
  const text = lines[index]?.text ?? ''
  if (harmless.test(text)) return 0
  const weight = (at: number) => weightOf(lines[at]?.text ?? '')
  const fromEnd = lines.length - index
  const near = weight(index - 1) === 3 ? 1.6 : weight(index + 1) === 3 ? 1.3 : 0
  return Math.max(weight(index), near, fromEnd <= 3 ? 1.2 : fromEnd <= 9 ? 0.5 : 0)
}

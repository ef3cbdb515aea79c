import { rarity } from '../build/literals.ts'

/**
 * What every match of an RE2 pattern contains, without regard to case: at least one text of each list. The first list is
 * the one that the fewest lines bear by chance: without one of its texts a line need not be looked at, and the other lists
 * tell before the pattern is tried. Null when there is none worth looking for: rather null than a wrong answer.
 */
export function requiredLiterals(pattern: string): { literals: string[]; also: string[][] } | null {
  const reader: Reader = { pattern, at: 0, understood: true }
  const whole = readAlternatives(reader)
  if (!reader.understood || reader.at < pattern.length) return null
  const lists = listsOf(whole)
  const literals = lists.filter((texts) => texts.every(isWorthLookingFor)).reduce(rarer, [])
  if (literals.length === 0) return null
  return { literals, also: lists.filter((texts) => texts !== literals) }
}

/** What a piece of a pattern matches: all of its texts when they are few, and lists of texts of each of which one occurs. */
type Piece = { exact: string[] | null; required: string[][] }
type Reader = { pattern: string; at: number; understood: boolean }

/** `understood` is false when there is something here that we don't want to interpret. */
function giveUp(reader: Reader): Piece {
  reader.understood = false
  reader.at = reader.pattern.length
  return anything
}

const anything: Piece = { exact: null, required: [] }
const nothing: Piece = { exact: [''], required: [] }

const mostTexts = 32
const shortest = { toLookFor: 4, toAskFor: 3 }

/** Lists of a piece, its own texts among them when they say anything. */
function listsOf({ exact, required }: Piece): string[][] {
  if (exact === null || exact.some((text) => text.trim().length < shortest.toAskFor)) return required
  return [[...new Set(exact)], ...required]
}

function isWorthLookingFor(text: string): boolean {
  return text.length >= shortest.toLookFor && text.trim().length >= shortest.toAskFor
}

function rarer(a: string[], b: string[]): string[] {
  return a.length === 0 || bits(b) > bits(a) ? b : a
}

function bits(texts: string[]): number {
  return Math.min(...texts.map((text) => rarity(text) - commonness(text))) - Math.log2(texts.length)
}

/** A word alone stands in many a line, above all one of these. */
function commonness(text: string): number {
  if (ordinary.test(text)) return 16
  if (ofTrouble.test(text)) return 4
  return /^\W*[a-z]{1,9}\W*$/.test(text) ? 8 : 0
}

/** Words that logs are full of when all is well, alone; and those that stand in many a line when something is not. */
const ordinary =
  /^\W*(?:https?|build|built|building|codes?|server|status|response|fetch(?:ed|ing)?|tests?|gzip|files?|packages?|modules?|version|install(?:ed|ing)?|node|npm|docker|image|reading|downloaded|line)\W*$/
const ofTrouble = /^\W*(?:errors?|fail(?:ed|ure)?|found|warn(?:ing)?)\W*$/

function readAlternatives(reader: Reader): Piece {
  const branches = [readSequence(reader)]
  while (reader.pattern[reader.at] === '|') {
    reader.at++
    branches.push(readSequence(reader))
  }
  const [only] = branches
  if (only && branches.length === 1) return only
  // one text of the rarest list of each branch: together a list of their own
  const lists = branches.map((branch) => listsOf(branch).reduce(rarer, []))
  const all = lists.some((texts) => texts.length === 0) ? [] : [[...new Set(lists.flat())]]
  return { exact: few(branches.map(({ exact }) => exact)), required: all }
}

function few(lists: (string[] | null)[]): string[] | null {
  if (lists.some((texts) => texts === null)) return null
  const all = [...new Set(lists.flatMap((texts) => texts ?? []))]
  return all.length <= mostTexts ? all : null
}

/** Pieces one after the other: texts run on until a piece comes that may be anything. */
function readSequence(reader: Reader): Piece {
  let run = ['']
  let whole = true
  const required: string[][] = []
  const end = () => {
    required.push(...listsOf({ exact: run, required: [] }))
    run = ['']
  }
  while (reader.at < reader.pattern.length && !'|)'.includes(reader.pattern[reader.at] ?? '')) {
    const piece = quantified(reader, readAtom(reader))
    const longer = piece.exact && run.flatMap((before) => piece.exact?.map((text) => before + text) ?? [])
    if (longer && longer.length <= mostTexts) {
      run = longer
      continue
    }
    whole = false
    end()
    if (piece.exact) run = piece.exact
    required.push(...piece.required)
  }
  if (whole) return { exact: run, required }
  end()
  return { exact: null, required }
}

function readAtom(reader: Reader): Piece {
  const char = reader.pattern[reader.at++] ?? ''
  switch (char) {
    case '(':
      return readGroup(reader)
    case '[':
      return readClass(reader)
    case '\\':
      return readEscape(reader)
    case '.':
      return anything
    case '^':
    case '$':
      return nothing
    case '*':
    case '+':
    case '?':
      return giveUp(reader)
    default:
      return textOf(char)
  }
}

/** The finder knows ASCII only. */
function textOf(char: string): Piece {
  return char < '\u0080' ? { exact: [char.toLowerCase()], required: [] } : anything
}

function readGroup(reader: Reader): Piece {
  const opening = /^\?(?:P?<\w+>|[imsU-]*:)|^\?[imsU-]+(?=\))/.exec(reader.pattern.slice(reader.at))?.[0]
  if (opening === undefined && reader.pattern[reader.at] === '?') return giveUp(reader)
  reader.at += opening?.length ?? 0
  const inside = readAlternatives(reader)
  if (reader.pattern[reader.at++] !== ')') return giveUp(reader)
  return inside
}

/** A few plain characters are as many texts; ranges, named classes and negations may be anything. */
function readClass(reader: Reader): Piece {
  const found = /^\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]/.exec(reader.pattern.slice(reader.at))?.[0]
  if (found === undefined) return giveUp(reader)
  reader.at += found.length
  const members = found.slice(0, -1)
  if (!/^[\w .,:;'"/=()<>-]{1,8}$/.test(members) || /.-./.test(members)) return anything
  return { exact: [...new Set(members.toLowerCase())], required: [] }
}

function readEscape(reader: Reader): Piece {
  const char = reader.pattern[reader.at++] ?? ''
  if (/[bBAz]/.test(char)) return nothing
  if (/[dDsSwW]/.test(char)) return anything
  if (char === 't') return textOf('\t')
  // \n, \x41, \pN, \Q…\E and rarer ones
  return /[A-Za-z0-9]/.test(char) || char === '' ? giveUp(reader) : textOf(char)
}

function quantified(reader: Reader, piece: Piece): Piece {
  const quantifier = /^(?:[*+?]|\{\d+(?:,\d*)?\})\??/.exec(reader.pattern.slice(reader.at))?.[0]
  if (quantifier === undefined) return piece
  reader.at += quantifier.length
  if (quantifier.startsWith('?')) return { exact: piece.exact && few([piece.exact, ['']]), required: [] }
  const absent = quantifier.startsWith('*') || /^\{0+(?:,|\})/.test(quantifier)
  return { exact: null, required: absent ? [] : listsOf(piece) }
}

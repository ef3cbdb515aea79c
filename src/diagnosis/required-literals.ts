import { rarity } from '../build/literals.ts'

/**
 * Texts of which every match of an RE2 pattern contains at least one, without regard to case, so that a matcher can pass
 * over most lines without trying the pattern. Null when there are none worth looking for: rather null than a wrong answer.
 */
export function requiredLiterals(pattern: string): string[] | null {
  const reader: Reader = { pattern, at: 0, understood: true }
  const whole = readAlternatives(reader)
  if (!reader.understood || reader.at < pattern.length) return null
  return better(whole.required, asRequired(whole.exact))
}

/** What a piece of a pattern matches: all of its texts when they are few, and texts of which one must occur. */
type Piece = { exact: string[] | null; required: string[] | null }
type Reader = { pattern: string; at: number; understood: boolean }

/** `understood` is false when there is something here that we don't want to interpret. */
function giveUp(reader: Reader): Piece {
  reader.understood = false
  reader.at = reader.pattern.length
  return anything
}

const anything: Piece = { exact: null, required: null }
const nothing: Piece = { exact: [''], required: null }

const mostTexts = 16
const shortest = 4

/** Texts that are all long enough to be looked for. */
function asRequired(texts: string[] | null): string[] | null {
  if (texts === null || texts.some((text) => text.length < shortest || text.trim().length < 3)) return null
  return [...new Set(texts)]
}

/** Of two lists the one that fewer lines will bear by chance. */
function better(a: string[] | null, b: string[] | null): string[] | null {
  if (a === null || b === null) return a ?? b
  return bits(b) > bits(a) ? b : a
}

function bits(texts: string[]): number {
  const each = texts.map((text) => rarity(text) - (everywhere.test(text) ? 12 : 0))
  return Math.min(...each) - Math.log2(texts.length)
}

/** Words that logs are full of. */
const everywhere = /^\W*(?:https?|errors?|fail(?:ed)?|warning|npm|found)\W*$/

function readAlternatives(reader: Reader): Piece {
  const branches = [readSequence(reader)]
  while (reader.pattern[reader.at] === '|') {
    reader.at++
    branches.push(readSequence(reader))
  }
  const [only] = branches
  if (only && branches.length === 1) return only
  const required = branches.map((branch) => better(branch.required, asRequired(branch.exact)))
  return {
    exact: few(branches.map(({ exact }) => exact)),
    required: required.some((texts) => texts === null) ? null : [...new Set(required.flatMap((texts) => texts ?? []))],
  }
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
  let required: string[] | null = null
  const end = () => {
    required = better(required, asRequired(run))
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
    required = better(required, piece.required)
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
  return char < '\u0080' ? { exact: [char.toLowerCase()], required: null } : anything
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
  if (!/^[\w .,:;'"/=-]{1,8}$/.test(members) || /.-./.test(members)) return anything
  return { exact: [...new Set(members.toLowerCase())], required: null }
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
  if (quantifier.startsWith('?')) return { exact: piece.exact && few([piece.exact, ['']]), required: null }
  const absent = quantifier.startsWith('*') || /^\{0+(?:,|\})/.test(quantifier)
  return { exact: null, required: absent ? null : better(piece.required, asRequired(piece.exact)) }
}

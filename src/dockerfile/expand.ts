import { RE2JS } from 're2js'

/**
 * Variables, quotes and escapes of a word resolved as BuildKit's `frontend/dockerfile/shell/lex.go` does. `lookUp`
 * answers null for a variable that is not set.
 */
export function expand(word: string, lookUp: (name: string) => string | null, escapeWith = '\\'): string {
  return word.includes('$') || /["'\\`]/.test(word)
    ? read({ word, at: 0, lookUp, escapeWith, missing: false, depth: 0 }, '')
    : word
}

/** The same, but null when the text depends on a variable without a value. `${X:-default}` does not. */
export function expandKnown(word: string, lookUp: (name: string) => string | null, escapeWith = '\\'): string | null {
  const lexer = { word, at: 0, lookUp, escapeWith, missing: false, depth: 0 }
  const text = read(lexer, '')
  return lexer.missing ? null : text
}

type Lexer = {
  word: string
  at: number
  lookUp: (name: string) => string | null
  escapeWith: string
  missing: boolean
  depth: number
}

/** `ENV A=$A$A`, written again and again, doubles a value each time: it ends somewhere. */
const longest = 65_536
const deepest = 50

/** Up to `end` (outside quotes), or to the end of the word. */
function read(lexer: Lexer, end: string): string {
  let text = ''
  while (lexer.at < lexer.word.length && text.length < longest) {
    const char = lexer.word[lexer.at++] ?? ''
    if (char === end) return text
    if (char === "'") text += single(lexer)
    else if (char === '"') text += double(lexer)
    else if (char === '$') text += variable(lexer)
    else if (char === lexer.escapeWith) text += lexer.word[lexer.at++] ?? ''
    else text += char
  }
  return text
}

function single(lexer: Lexer): string {
  const end = lexer.word.indexOf("'", lexer.at)
  const text = lexer.word.slice(lexer.at, end === -1 ? undefined : end)
  lexer.at = end === -1 ? lexer.word.length : end + 1
  return text
}

function double(lexer: Lexer): string {
  let text = ''
  while (lexer.at < lexer.word.length && text.length < longest) {
    const char = lexer.word[lexer.at++] ?? ''
    if (char === '"') return text
    if (char === '$') text += variable(lexer)
    else if (char === lexer.escapeWith && ['"', '$', lexer.escapeWith].includes(lexer.word[lexer.at] ?? ''))
      text += lexer.word[lexer.at++] ?? ''
    else text += char
  }
  return text
}

function variable(lexer: Lexer): string {
  const rest = lexer.word.slice(lexer.at)
  const braced = lexer.depth < deepest ? /^\{([A-Za-z_]\w*|\d+|[@*#])/.exec(rest) : null
  if (!braced) {
    const name = /^(?:[A-Za-z_]\w*|\d|[@*#])/.exec(rest)?.[0]
    lexer.at += name?.length ?? 0
    return name === undefined ? '$' : applied(lexer, name, '', '')
  }
  lexer.at += braced[0].length
  const name = braced[1] ?? ''
  const operator = /^(?::?[-+?]|##?|%%?|\/\/?)?/.exec(lexer.word.slice(lexer.at))?.[0] ?? ''
  lexer.at += operator.length
  lexer.depth++
  const word = read(lexer, '}')
  lexer.depth--
  return applied(lexer, name, operator, word)
}

function applied(lexer: Lexer, name: string, operator: string, word: string): string {
  const value = lexer.lookUp(name)
  const given = operator.startsWith(':') ? value !== null && value !== '' : value !== null
  if (operator.endsWith('-')) return given ? (value ?? '') : word
  if (operator.endsWith('+')) return given ? word : ''
  if (value === null) lexer.missing = true
  if (operator.startsWith('#')) return trimmed(value ?? '', word, operator.length > 1, 'start')
  if (operator.startsWith('%')) return trimmed(value ?? '', word, operator.length > 1, 'end')
  if (operator.startsWith('/')) {
    const [pattern = '', replacement = ''] = word.split('/', 2)
    return pattern === '' ? (value ?? '') : replaced(value ?? '', pattern, replacement, operator === '//')
  }
  return value ?? ''
}

/** `${X#p}`, `${X##p}`, `${X%p}`, `${X%%p}`: the shortest or longest part that the pattern matches goes. */
function trimmed(value: string, pattern: string, greedy: boolean, side: 'start' | 'end'): string {
  const whole = RE2JS.compile(`^(?:${glob(pattern)})$`, RE2JS.DOTALL)
  const cuts = Array.from({ length: Math.min(value.length, 1000) + 1 }, (_, length) => length)
  const cut = (greedy ? cuts.reverse() : cuts).find((length) =>
    whole.test(side === 'start' ? value.slice(0, length) : value.slice(value.length - length)),
  )
  if (cut === undefined) return value
  return side === 'start' ? value.slice(cut) : value.slice(0, value.length - cut)
}

function replaced(value: string, pattern: string, replacement: string, all: boolean): string {
  const matcher = RE2JS.compile(glob(pattern), RE2JS.DOTALL).matcher(value)
  const plain = RE2JS.quoteReplacement(replacement)
  return all ? matcher.replaceAll(plain) : matcher.replaceFirst(plain)
}

/** Patterns come from strangers: RE2 takes linear time. */
function glob(pattern: string): string {
  return pattern
    .split(/([*?])/)
    .map((part) => (part === '*' ? '.*' : part === '?' ? '.' : RE2JS.quote(part)))
    .join('')
}

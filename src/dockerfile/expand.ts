/**
 * Variables, quotes and escapes of a word resolved as BuildKit's `frontend/dockerfile/shell/lex.go` does. `lookUp`
 * answers null for a variable that is not set.
 */
export function expand(word: string, lookUp: (name: string) => string | null, escapeWith = '\\'): string {
  return word.includes('$') || /["'\\`]/.test(word) ? read({ word, at: 0, lookUp, escapeWith }, '') : word
}

type Lexer = { word: string; at: number; lookUp: (name: string) => string | null; escapeWith: string }

/** Up to `end` (outside quotes), or to the end of the word. */
function read(lexer: Lexer, end: string): string {
  let text = ''
  while (lexer.at < lexer.word.length) {
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
  while (lexer.at < lexer.word.length) {
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
  const braced = /^\{([A-Za-z_]\w*|\d+|[@*#])/.exec(rest)
  if (!braced) {
    const name = /^(?:[A-Za-z_]\w*|\d|[@*#])/.exec(rest)?.[0]
    lexer.at += name?.length ?? 0
    return name === undefined ? '$' : (lexer.lookUp(name) ?? '')
  }
  lexer.at += braced[0].length
  const name = braced[1] ?? ''
  const operator = /^(?::?[-+?]|##?|%%?|\/\/?)?/.exec(lexer.word.slice(lexer.at))?.[0] ?? ''
  lexer.at += operator.length
  return applied(lexer.lookUp(name), operator, read(lexer, '}'))
}

function applied(value: string | null, operator: string, word: string): string {
  const given = operator.startsWith(':') ? value !== null && value !== '' : value !== null
  if (operator.endsWith('-')) return given ? (value ?? '') : word
  if (operator.endsWith('+')) return given ? word : ''
  if (operator.startsWith('#')) return trimmed(value ?? '', word, operator.length > 1, 'start')
  if (operator.startsWith('%')) return trimmed(value ?? '', word, operator.length > 1, 'end')
  if (operator.startsWith('/')) {
    const [pattern = '', replacement = ''] = word.split('/', 2)
    return pattern === '' ? (value ?? '') : replaced(value ?? '', glob(pattern, true), replacement, operator === '//')
  }
  return value ?? ''
}

/** `${X#p}`, `${X##p}`, `${X%p}`, `${X%%p}`: the shortest or longest part that the pattern matches goes. */
function trimmed(value: string, pattern: string, longest: boolean, side: 'start' | 'end'): string {
  const whole = new RegExp(`^(?:${glob(pattern, true)})$`, 's')
  const cuts = Array.from({ length: value.length + 1 }, (_, length) => length)
  const cut = (longest ? cuts.reverse() : cuts).find((length) =>
    whole.test(side === 'start' ? value.slice(0, length) : value.slice(value.length - length)),
  )
  if (cut === undefined) return value
  return side === 'start' ? value.slice(cut) : value.slice(0, value.length - cut)
}

function replaced(value: string, pattern: string, replacement: string, all: boolean): string {
  return value.replace(new RegExp(pattern, all ? 'gs' : 's'), () => replacement)
}

function glob(pattern: string, greedy: boolean): string {
  return pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', greedy ? '.*' : '.*?')
    .replaceAll('?', '.')
}

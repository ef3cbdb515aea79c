/**
 * Keyword, flags and the rest of an instruction (`parser/split_command.go` in BuildKit). Flags stand before anything
 * else; quotes and escapes in them are resolved.
 */
export function splitCommand(text: string, escapeWith: string): Command {
  const keyword = /^\S+/.exec(text.trimStart())?.[0] ?? ''
  const flags: string[] = []
  let rest = text.trimStart().slice(keyword.length).trimStart()
  while (rest.startsWith('--')) {
    const length = wordLength(rest, escapeWith)
    const word = unquoted(rest.slice(0, length), escapeWith)
    rest = rest.slice(length).trimStart()
    if (word === '--') break
    flags.push(word)
  }
  return { keyword: keyword.toUpperCase(), flags, rest: rest.trim() }
}

export type Command = { keyword: string; flags: string[]; rest: string }

/** Words with their quotes and escapes; none when a quote is left open, as in BuildKit's lexer. */
export function wordsOf(text: string, escapeWith: string): string[] {
  const words: string[] = []
  let rest = text.trimStart()
  while (rest !== '') {
    const length = wordLength(rest, escapeWith)
    if (length > rest.length) return []
    words.push(rest.slice(0, length))
    rest = rest.slice(length).trimStart()
  }
  return words
}

/** More than there is when a quote is left open. */
function wordLength(text: string, escapeWith: string): number {
  let quote = ''
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? ''
    if (char === escapeWith && quote !== "'") at++
    else if (quote !== '') quote = char === quote ? '' : quote
    else if (char === '"' || char === "'") quote = char
    else if (/\s/.test(char)) return at
  }
  return quote === '' ? text.length : text.length + 1
}

export function unquoted(word: string, escapeWith = '\\'): string {
  let quote = ''
  let plain = ''
  for (let at = 0; at < word.length; at++) {
    const char = word[at] ?? ''
    if (char === escapeWith && quote !== "'") plain += word[++at] ?? ''
    else if (quote !== '' && char === quote) quote = ''
    else if (quote === '' && (char === '"' || char === "'")) quote = char
    else plain += char
  }
  return plain
}

export function isJsonForm(rest: string): boolean {
  return jsonWords(rest) !== null
}

/** The strings of an exec form; null when it is none, and then BuildKit reads the text as shell form. */
export function jsonWords(rest: string): string[] | null {
  if (!rest.trimStart().startsWith('[')) return null
  try {
    const words: unknown = JSON.parse(rest)
    return Array.isArray(words) && words.every((word) => typeof word === 'string') ? words : null
  } catch {
    return null
  }
}

/** Arguments of COPY, ADD and FROM: blanks part them, even in quotes (`parseStringsWhitespaceDelimited`). */
export function blankSeparated(rest: string): string[] {
  return rest.split(/[\t\v\f\r ]+/).filter((word) => word !== '')
}

/** Where a value stands in a text, quotes left out. */
export type Span = { from: number; to: number }

const longestQuoted = 4_000
/** As much of a word as is looked at to decide; `endOfWord` goes to its end. */
const wordSeen = 500

/**
 * The value that begins at `at`: in quotes (also written `\"` inside JSON) to the quote that closes them, otherwise a
 * word. A comma, semicolon or ampersand ends a word only where another `name=` or nothing follows: passwords hold them.
 */
export function valueAt(text: string, at: number): Span {
  const quote = /\\{0,3}["'`]/y
  quote.lastIndex = at
  const opening = quote.exec(text)?.[0]
  const from = at + (opening?.length ?? 0)
  const to = opening === undefined ? null : closing(text.slice(from, from + longestQuoted), opening)
  return { from, to: from + (to ?? endOfWord(text.slice(from, from + wordSeen), 0)) }
}

/** The closing quote, of the same escaping as the opening one; null when there is none on the line. */
function closing(rest: string, opening: string): number | null {
  const line = rest.split('\n', 1)[0] ?? ''
  const quote = opening.at(-1) ?? ''
  const depth = opening.length - 1
  for (let at = line.indexOf(quote); at >= 0; at = line.indexOf(quote, at + 1)) {
    let slashes = 0
    while (line[at - 1 - slashes] === '\\') slashes++
    if (slashes <= depth) return at - slashes
  }
  return null
}

/** Where the word that begins, or goes on, at `from` ends. */
export function endOfWord(text: string, from: number): number {
  const word = /(?:[^\s"'`,;&\\]|\\(?!["'])|[,;&](?![A-Za-z0-9_.-]{1,60}=|\s|$))+/y
  word.lastIndex = from
  return from + (word.exec(text)?.[0].length ?? 0)
}

/** Nothing that could be a secret: masked already, a variable to be filled in, a plain word of a tool. */
export function isHarmless(value: string): boolean {
  return value.length < 4 || placeholder.test(value) || plainWords.has(value.toLowerCase())
}

/** Stars, `$NAME`, `${…}`, `$(…)`, `%NAME%`, `<token>`, `{{ token }}`, `****1234`. */
const placeholder =
  /^(?:[*x•]+|\$(?:[A-Z_][A-Z0-9_]*|[a-z_]+|\{[^}]*\}|\([^)]*\)?|\d)|%[A-Za-z_]+%|<[^<>]*>?|\{\{.*|\[[A-Za-z -]*\]|\.{3})$/

/** A piece of a program where a value might stand: `process.env.TOKEN`, `createAuth({`, `Handler<`. */
export function isCode(value: string): boolean {
  return code.test(value) || /^[A-Za-z_$][\w$.]*(?:\(\{?|<|\[\]|\(\));?$/.test(value)
}

const code =
  /^(?:(?:await|new|async|function|typeof)$|(?:import|require)\(|(?:process\.env|import\.meta|os\.environ|self|this)[.[])/

const plainWords = new Set(
  'true false null none undefined required optional missing denied invalid empty unset expired unauthorized default disabled enabled anonymous basic bearer token password secret string number boolean legacy always never auto inherit github docker ecr'.split(
    ' ',
  ),
)

/** Does it look made up by a machine, or by somebody who was asked for a digit? */
export function looksMade(value: string): boolean {
  if (value.length < 8) return false
  return (/\d/.test(value) && /[A-Za-z]/.test(value)) || (value.length >= 20 && !/^[a-z:_/-]*$/.test(value))
}

/** The same where file and host names are common too. */
export function looksRandom(value: string): boolean {
  return looksMade(value) && !fileOrHost.test(value)
}

const fileOrHost = /^[\w.-]*\.(?:com|org|net|io|dev|json|yml|yaml|js|ts|go|py|rs|toml|txt)$/

import type { Marks } from './marks.ts'
import { speaksOfSecret } from './redact/names.ts'
import { secretPlaces } from './redact/places.ts'
import { knownToken, tokenHint } from './redact/tokens.ts'
import { endOfWord, isCode, isHarmless, looksMade, looksRandom, type Span, valueAt } from './redact/value.ts'

export const mask = '***'

/** What else is known of a log, and who wants to hear what was masked; see `redact-log.ts`. */
export type Knowledge = {
  /** names whose value was seen masked, in lower case */
  masked?: ReadonlySet<string>
  /** each secret that is found */
  found?: (secret: string) => void
}

/**
 * Masks secrets in text that came out of a log, before it is kept, quoted or sent: what has the shape of a token, and
 * what stands where secrets stand. Takes time in proportion to the text, never lets it grow but by masks, and leaves
 * masked text as it is. SECURITY.md says what passes.
 */
export function redact(text: string): string {
  return redactKnowing(text, {})
}

export function redactKnowing(text: string, knowledge: Knowledge): string {
  if (!knowledge.masked?.size && !hint.test(text) && !tokenHint.test(text)) return text
  const found = knowledge.found ?? (() => {})
  let clean = withoutKeys(text, found)
  if (clean.includes('@')) clean = withoutLogins(clean, found)
  if (tokenHint.test(clean)) clean = replaceAll(clean, knownToken, found)
  for (const { head, holds, whole } of secretPlaces)
    clean = withoutValues(clean, head, found, {
      whole: whole ?? false,
      isSecret: ({ match, secret, value, text }) => !holds || holds(secret, around(text, match, value)),
    })
  return withoutNamed(clean, knowledge)
}

function around(text: string, match: RegExpExecArray, { from, to }: Span) {
  return { before: text.slice(Math.max(0, from - 300), from), after: text.slice(to, to + 120), head: match[0] }
}

/** A cheap look that spares most texts all else: every rule but that of the known tokens needs one of these. */
const hint =
  /:\/\/[^/\s]*@|PRIVATE KEY|[?&][a-z_-]{2,40}=|auth|token|pass|pwd|secret|key|credential|creds|login|sig(?:nature)?=|cookie|add-mask|bearer|curl|jwt|(?:pat|psk|otp|sas|pw|pin)["']?\s{0,4}[=:]|^[ \t]*[A-Za-z0-9+/]{60}/im

/** A private key printed as one line, with `\n` for its line ends or cut off; the body of one printed as many. */
function withoutKeys(text: string, found: (secret: string) => void): string {
  const oneLine = text.includes('PRIVATE KEY')
    ? text.replace(wholeKey, (key) => {
        for (const [line] of key.replace(/\\[nr]/g, ' ').matchAll(/[A-Za-z0-9+/=]{12,}/g)) found(line)
        return `${mask} private key`
      })
    : text
  return oneLine.replace(keyBody, (line, indent: string, body: string) => (isKeyBody(body) ? `${indent}${mask}` : line))
}

const wholeKey =
  /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:(?!-----END)[^\n])*(?:-----END [A-Z0-9 ]{0,40}-----)?/g
const keyBody = /^([ \t]*)([A-Za-z0-9+/]{60,}={0,2})[ \t]*$/gm

/** Base64 of something binary: not a hash in hex, a path or a long word. */
function isKeyBody(line: string): boolean {
  const slashes = line.split('/').length - 1
  return /[0-9]/.test(line) && /[a-z]/.test(line) && /[A-Z]/.test(line) && slashes * 8 < line.length
}

/** `scheme://user:password@host`, `scheme://token@host`: up to the last @ of the authority. */
function withoutLogins(text: string, found: (secret: string) => void): string {
  return text.replace(login, (whole, before: string, credentials: string) => {
    // ssh://git@github.com names nobody's secret
    if (/^[*]+$/.test(credentials) || (/(?:ssh|git)$/.test(before) && !credentials.includes(':'))) return whole
    found(credentials.slice(credentials.indexOf(':') + 1))
    return `${before}://${mask}@`
  })
}

const login = /([A-Za-z0-9+.-]{0,40}):\/\/([^/\s"'<>]*)@/g

function replaceAll(text: string, shape: RegExp, found: (secret: string) => void): string {
  return text.replace(shape, (secret) => {
    found(secret)
    return mask
  })
}

/** What stands behind a head, for who decides whether it is a secret. */
type Found = { match: RegExpExecArray; secret: string; value: Span; text: string }

/** Masks what stands behind each `head` where `isSecret` says so. Looks at a bounded piece of text for each. */
function withoutValues(
  text: string,
  head: RegExp,
  report: (secret: string) => void,
  { isSecret, whole = false }: { isSecret: (found: Found) => boolean; whole?: boolean },
): string {
  let clean = ''
  let done = 0
  head.lastIndex = 0
  for (let match = head.exec(text); match; match = head.exec(text)) {
    const at = head.lastIndex
    const value = whole ? { from: at, to: at + endOfQuotation(text.slice(at, at + seen), 0) } : valueAt(text, at)
    const secret = text.slice(value.from, value.to)
    if (isHarmless(secret) || !isSecret({ match, secret, value, text })) continue
    const end = whole ? endOfQuotation(text, value.to) : endOfWordFrom(text, value)
    report(text.slice(value.from, end))
    // of many values in one, each may stand elsewhere by itself
    if (whole) for (const piece of text.slice(value.from, end).split(/[;,\s]+/)) report(piece.replace(/^[^=]*=/, ''))
    clean += text.slice(done, value.from) + mask
    done = end
    head.lastIndex = end
  }
  return done === 0 ? text : clean + text.slice(done)
}

/** As much of a line as is looked at to decide. */
const seen = 500

/** A word that was too long to be looked at whole is masked whole. */
function endOfWordFrom(text: string, { to }: Span): number {
  return /[\s"'`]/.test(text[to] ?? ' ') ? to : endOfWord(text, to)
}

function endOfQuotation(text: string, from: number): number {
  const rest = /[^"'\n]*/y
  rest.lastIndex = from
  return from + (rest.exec(text)?.[0].length ?? 0)
}

/** `NPM_TOKEN=x`, `"api_key": "x"`, `?sig=x`, `DB_PASSWORD: x`, `ENV TOKEN x`. */
function withoutNamed(text: string, { masked, found = () => {} }: Knowledge): string {
  const isKnown = (name: string) => masked?.has(name.toLowerCase()) ?? false
  const assigned = withoutValues(text, assignment, found, {
    isSecret({ match, secret, value, text }) {
      const [head, written = '', sign] = match
      const name = written.replace(/^[.-]+/, '')
      const known = isKnown(name)
      if (!known && !speaksOfSecret(name) && !isSignature(name, text[match.index - 1])) return false
      const quoted = value.from > match.index + head.length
      if (!quoted && /[ :>]/.test(head.slice(written.length)) && !isFormal(name) && isCode(secret)) return false
      if (sign?.includes('=') || quoted) return true
      return tellsValue({ name, known, secret, line: { before: before(text, match.index), end: text[value.to] } })
    },
  })
  return withoutValues(assigned, declaration, found, {
    isSecret: ({ match }) => speaksOfSecret(match[1] ?? '') || isKnown(match[1] ?? ''),
  })
}

const assignment = /([A-Za-z0-9_.-]{1,80})\\{0,3}["']?[ \t]{0,4}(=>?|:=?)[ \t]{0,4}/g
/** `ENV NAME value`, the old form. */
const declaration = /\b(?:ENV|ARG)[ \t]{1,4}([A-Za-z0-9_]{1,80})[ \t]{1,4}(?![=:])/g

/** Of an address that was signed for whoever holds it. */
function isSignature(name: string, before: string | undefined): boolean {
  return (
    /[?&;]/.test(before ?? '') && /^(?:sig|signature|x-(?:amz|goog)-(?:signature|credential)|key|code)$/i.test(name)
  )
}

/** As much of the line before as its margin may have. */
function before(text: string, at: number): string {
  const piece = text.slice(Math.max(0, at - 80), at)
  return piece.slice(piece.lastIndexOf('\n') + 1)
}

/** Written like a variable or a header, as no program names its own. */
function isFormal(name: string): boolean {
  return (
    /^[A-Z0-9]+(?:_[A-Z0-9]+)+$/.test(name) || /^(?:x-|(?:private|job|deploy)-token$|api-?key$|ocp-apim-)/i.test(name)
  )
}

type Told = { name: string; known: boolean; secret: string; line: { before: string; end: string | undefined } }

/**
 * After a colon stand words as often as values ("oauth token: denied"): a value fills the rest of its line, behind a
 * name that begins the line or is written like a variable or a header.
 */
function tellsValue({ name, known, secret, line }: Told): boolean {
  if (secret.startsWith('//')) return false
  const variable = /^[A-Z0-9]+(?:_[A-Z0-9]+)+$/.test(name)
  const alone = /^[\s>|-]*$/.test(line.before) && (line.end === undefined || line.end === '\n')
  if (variable && alone) return true
  return isFormal(name) ? looksMade(secret) : (known || alone) && looksRandom(secret)
}

/**
 * Masks the body of a private key that was printed line by line: what looks like base64 between its BEGIN and its END,
 * for as many lines as a key may have.
 */
export function keyVeil(): { (text: string): string; drawn(): boolean } {
  let linesLeft = 0
  function veil(text: string): string {
    if (linesLeft === 0 && !text.includes('PRIVATE KEY-----')) return text
    if (text.includes('-----BEGIN ')) linesLeft = longestKey
    else if (text.includes('-----END ')) linesLeft = 0
    else if (linesLeft > 0) {
      linesLeft--
      if (/^\s*[A-Za-z0-9+/=]{16,}\s*$/.test(text)) return mask
    }
    return text
  }
  return Object.assign(veil, { drawn: () => linesLeft > 0 })
}

export const veilMarks: Marks = { begins: [], contains: ['PRIVATE KEY-----'] }

/** Lines of 64 characters that an RSA key of 16,384 bits takes. */
const longestKey = 220

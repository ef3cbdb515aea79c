import { withoutRandom } from './redact/random.ts'
import { isHarmless } from './redact/value.ts'
import { type Knowledge, mask, redactKnowing } from './redact.ts'

/**
 * Redaction of one log: what shows itself as a secret at one place is masked at all others, where it may stand bare. A
 * log is learned from while it is read and cleaned at its end, when all is known: a secret may be quoted before the line
 * that gives it away. Both the values and the names that are kept are bounded.
 */
export type LogRedactor = {
  /** Remembers secrets of this text, and names whose value was masked before it came to us. */
  learn(text: string): void
  clean(text: string): string
  /** Lines that follow one another, so that a private key printed over many of them is seen as one. */
  cleanLines(lines: readonly string[]): string[]
  /** A piece of a line that a pattern captured: it may be half of a secret. */
  cleanPiece(piece: string): string
}

export type RedactOptions = {
  /** Mask also long words that look random, although nothing says that they are secrets. */
  random?: boolean
}

export function logRedactor({ random = false }: RedactOptions = {}): LogRedactor {
  const secrets = new Set<string>()
  const masked = new Set<string>()
  let names: RegExp | null = null
  let forms: string[] | null = null

  function found(told: string): void {
    // the sentence it stood in may go on
    const secret = told.replace(/[:.,;)\]}]{1,8}$/, '')
    if (secrets.size >= secretsKept || !isWorthLearning(secret) || secrets.has(secret)) return
    secrets.add(Buffer.from(secret).toString())
    forms = null
  }

  function remember(name: string): void {
    if (masked.size >= namesKept || masked.has(name) || commonNames.has(name)) return
    masked.add(name)
    names = new RegExp([...masked].map((known) => known.replaceAll('.', '\\.')).join('|'), 'i')
  }

  function withoutLearned(text: string): string {
    forms ??= formsOf(secrets)
    let clean = text
    for (const form of forms) if (clean.includes(form)) clean = clean.replaceAll(form, mask)
    return clean
  }

  const knowledge: Knowledge = { masked, found }
  function clean(text: string): string {
    const shaped = withoutLearned(redactKnowing(text, knowledge))
    return random ? withoutRandom(shaped) : shaped
  }

  return {
    clean,
    learn(text) {
      if (!teaches.test(text) && !names?.test(text)) return
      if (text.includes(mask)) {
        for (const [, name] of text.matchAll(maskedName)) remember(name?.toLowerCase() ?? '')
      }
      redactKnowing(text, knowledge)
    },
    cleanLines: (lines) => withoutKeys(lines).map(clean),
    cleanPiece(piece) {
      const shown = clean(piece)
      return shown.length >= shortestPiece && [...secrets].some((secret) => secret.includes(shown)) ? mask : shown
    },
  }
}

/**
 * Every line that can teach holds one of these, lower-cased; a reader that passes over lines must not pass over them. An
 * address with a password in it has none of its own: it teaches where the line is read anyway.
 */
export const teachingLiterals = [
  ...['***', 'add-mask', 'passw', 'passphrase', 'token', 'secret', 'credential', 'cookie:', 'bearer '],
  ...['api_key', 'api-key', 'apikey', 'access_key', 'accesskey', 'private_key', 'private key-----', '_pat=', '_auth='],
  ...['ghp_', 'gho_', 'ghs_', 'ghu_', 'github_pat_', 'glpat-', 'xoxb-', 'xoxp-', 'npm_', 'pypi-ag', 'dckr_', 'akia'],
  ...[
    'hvs.',
    'sk-',
    'hf_',
    'eyj',
    'auth"',
    'authorization',
    'pwd=',
    'accountkey',
    'signature=',
    'sig=',
    ' login ',
    'curl ',
  ],
]
const teaches = new RegExp(
  [...teachingLiterals.map((literal) => literal.replace(/[*.]/g, '\\$&')), '://[^/\\s]*@'].join('|'),
  'i',
)

const secretsKept = 200
const namesKept = 100
const shortestPiece = 6

/** `TOKEN=***`, `token: ***`, `"token": "***"`: nothing but the mask for a value. */
const maskedName = /([A-Za-z_][A-Za-z0-9_.-]{2,60})\\?["']?[ \t]?[=:][ \t]?\\?["']?\*\*\*(?=$|[\s"',;&)}\\])/g

/** GitHub masks whatever is stored as a secret, also what is none; these tell too much to be lost everywhere. */
const commonNames = new Set(
  'branch build context dest dst environment file from host image images key label labels load name namespace path platform platforms port project push ref registry repo repository scope source src tag tags target type url user username value version'.split(
    ' ',
  ),
)

/** Words, numbers, versions and paths stand in a log for many reasons. */
function isWorthLearning(secret: string): boolean {
  if (secret.length < 8 || secret.length > 4_000 || isHarmless(secret)) return false
  if (/^(?:[\d.,:-]+|v?\d+(?:\.\d+)+\S{0,20}|[.~]?\/[\w./@-]*|[A-Za-z]+:\/\/\S*)$/.test(secret)) return false
  return !/^(?:[A-Za-z]{1,31}|[a-z]+(?:[_-][a-z]+)*|[A-Z]+(?:_[A-Z]+)*)$/.test(secret)
}

/** A secret as it is, in an address, in JSON and in base64, the longest first. */
function formsOf(secrets: ReadonlySet<string>): string[] {
  const forms = new Set<string>()
  for (const secret of secrets) {
    forms.add(secret)
    forms.add(encodeURIComponent(secret.toWellFormed()))
    forms.add(JSON.stringify(secret).slice(1, -1))
    forms.add(
      Buffer.from(secret)
        .toString('base64')
        .replace(/={1,2}$/, ''),
    )
  }
  return [...forms].sort((a, b) => b.length - a.length)
}

/** Masks the body of a private key: what looks like base64 between its BEGIN and its END, or before an END. */
function withoutKeys(lines: readonly string[]): string[] {
  const clean = [...lines]
  for (const [index, line] of lines.entries()) {
    if (!line.includes('PRIVATE KEY')) continue
    const step = line.includes('-----END ') ? -1 : 1
    for (let at = index + step, left = longestKey; left > 0 && at in lines; at += step, left--) {
      if (!keyLine.test((lines[at] ?? '').trim())) break
      clean[at] = (lines[at] ?? '').replace(/\S.*/, mask)
    }
  }
  return clean
}

/** Base64, or a header of an old key. */
const keyLine = /^(?:[A-Za-z0-9+/=]{1,80}|(?:Proc-Type|DEK-Info|Comment|Version): .*|\*\*\*)?$/

/** Lines of 64 characters that an RSA key of 16,384 bits takes. */
const longestKey = 220

/**
 * Masks secrets in text that came out of a log, before it is kept, quoted or sent. Known shapes only: a secret without
 * a shape (a plain password echoed alone on a line) passes, and SECURITY.md says so.
 */
export function redact(text: string): string {
  if (!suspicious.test(text)) return text
  let clean = text
  for (const { shape, replacement } of shapes) clean = clean.replace(shape, replacement)
  return clean
}

/** A cheap look that spares most lines the table below: every shape contains one of these. */
const suspicious =
  /:\/\/[^/\s]*@|gh[opsur]_|github_pat_|xox|xapp-|eyJ|AKIA|ASIA|PRIVATE KEY|glpat-|npm_|dckr_|sk-|AIza|hvs\.|auth|token|pass(?:w|phrase)|secret|(?:api|access|private)[-_]?key|credential|login|sig(?:nature)?=/i

const mask = '***'

type Shape = { shape: RegExp; replacement: string }

/** Each takes time in proportion to the line: what repeats is bounded, or cannot begin again inside itself. */
const shapes: Shape[] = [
  // scheme://user:password@host and scheme://token@host, up to the last @ of the authority
  { shape: /(:\/\/)[^/\s"'<>]*@/g, replacement: `$1${mask}@` },
  { shape: /(?:gh[opsur]_|github_pat_)[A-Za-z0-9_]{16,}/g, replacement: mask },
  { shape: /(?:xox[a-z]|xapp)-[A-Za-z0-9-]{8,}/g, replacement: mask },
  // JSON in base64url: JSON web tokens, registry credentials
  { shape: /eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]+){0,2}/g, replacement: mask },
  { shape: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, replacement: mask },
  { shape: /\b(?:glpat-|npm_|dckr_pat_|sk-|AIza|hvs\.)[A-Za-z0-9_-]{16,}/g, replacement: mask },
  { shape: /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----.*/g, replacement: `${mask} private key` },
  // Authorization: Bearer x, Proxy-Authorization: Basic x
  {
    shape:
      /\b((?:proxy-)?authorization["']?\s{0,4}[:=]\s{0,4}["']?(?:(?:bearer|basic|token|digest|negotiate)\s{1,4})?)(?!(?:bearer|basic|token|digest|negotiate)\b)[^\s"',;]{6,}/gi,
    replacement: `$1${mask}`,
  },
  // docker login -u robot --password x, -p x
  { shape: /(--(?:password|token|secret|api-key)[ =]{1,2})(?!\*\*\*|-)[^\s"']{4,}/gi, replacement: `$1${mask}` },
  { shape: /(\blogin\b[^\n]{0,200}?\s-p\s{1,4})(?!\*\*\*|-)\S{4,}/gi, replacement: `$1${mask}` },
  // _authToken=x in an .npmrc, password=x, PASSWORD="two words", "api_key": "x", --build-arg NPM_TOKEN=x
  {
    shape:
      /((?:_auth(?:token)?|auth|(?:password|passwd|passphrase|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|credentials?)[a-z0-9_-]{0,40})["']?\s{0,4}(?:=|:\s?(?=["']))\s{0,4})(?!["']?(?:\*\*\*|\$))(?:"[^"\n]{4,500}"|'[^'\n]{4,500}'|["']?[^\s"'&;,]{4,})/gi,
    replacement: `$1${mask}`,
  },
  // signed addresses of blob stores
  { shape: /([?&](?:sig|signature|x-amz-signature|x-amz-credential|se|sp|sv)=)[^&\s"']+/gi, replacement: `$1${mask}` },
]

/**
 * Masks the body of a private key that was printed line by line: what looks like base64 between its BEGIN and its END,
 * for as many lines as a key may have.
 */
export function keyVeil(): (text: string) => string {
  let linesLeft = 0
  return (text) => {
    if (linesLeft === 0 && !text.includes('PRIVATE KEY-----')) return text
    if (text.includes('-----BEGIN ')) linesLeft = longestKey
    else if (text.includes('-----END ')) linesLeft = 0
    else if (linesLeft > 0) {
      linesLeft--
      if (/^\s*[A-Za-z0-9+/=]{16,}\s*$/.test(text)) return mask
    }
    return text
  }
}

/** Lines of 64 characters that an RSA key of 16,384 bits takes. */
const longestKey = 220

/**
 * Names that say that what they name is a secret: `NPM_TOKEN`, `db.password`, `x-api-key`, `AccountKey`. A name is cut
 * into its words, so that a tokenizer, an author and a secretary are none.
 */
export function speaksOfSecret(name: string): boolean {
  const words = name
    .split(/[_.-]+|(?<=[a-z0-9])(?=[A-Z])/)
    .filter((word) => word !== '')
    .map((word) => word.toLowerCase())
  const last = words.at(-1) ?? ''
  if (aboutASecret.has(last)) return false
  return words.some((word, index) => {
    if (secretWords.has(word) || secretEnding.test(word)) return true
    if (index === 0) return false
    return shortWords.has(word) || (word === 'key' && keyKinds.has(words[index - 1] ?? ''))
  })
}

const secretWords = new Set([
  'auth',
  'bearer',
  'cookie',
  'credential',
  'credentials',
  'creds',
  'jwt',
  'passcode',
  'pwd',
])

const secretEnding =
  /(?:token|password|passwd|passphrase|secret|apikey|secretkey|accesskey|privatekey|accountkey|signingkey|credentials)$/

/** Too common to mean anything alone: `PASS: TestLogin`, `pat`. */
const shortWords = new Set(['pass', 'pat', 'psk', 'otp', 'sas', 'pw', 'pin'])

/** `api_key`, `SSH_KEY`; a cache's key and a primary key are no secrets. */
const keyKinds = new Set(
  'access account admin api app application auth client deploy encryption gpg integration license master nuget private publish publishing secret service session shared sign signing ssh storage subscription webhook'.split(
    ' ',
  ),
)

/** What stands behind the word says that the value only tells of the secret: where it lies, how long it lives. */
const aboutASecret = new Set(
  'count dir enabled env exists expired expires expiry file files header id ids length limit manager max min mode mount name names path paths prefix provider required size source src state status store ttl type types uri url usage used valid version'.split(
    ' ',
  ),
)

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { redact } from '../../src/build/redact.ts'

// Put together here, so that no scanner of this repository takes a test for a leak.
const letters = (alphabet: string, minLength: number, maxLength: number) =>
  fc
    .array(fc.constantFrom(...alphabet), { minLength, maxLength })
    .map((characters) => characters.join(''))
    .filter((text) => !text.startsWith('***'))
const capitals = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const digits = '0123456789'
const word = `${capitals}${capitals.toLowerCase()}${digits}`
const prefixed = (prefix: string, alphabet: string, min: number, max: number) =>
  letters(alphabet, min, max).map((secret) => ({ text: prefix + secret, secret }))

/** How each kind of secret stands in a log, and the part that must not. */
const kinds: Record<string, fc.Arbitrary<{ text: string; secret: string }>> = {
  'a token of GitHub': fc
    .tuple(fc.constantFrom('o', 'p', 's', 'u', 'r'), letters(word, 36, 80))
    .map(([kind, secret]) => ({ text: `gh${kind}_${secret}`, secret })),
  'a fine-grained token of GitHub': prefixed(['github', 'pat', ''].join('_'), `${word}_`, 82, 82),
  'a token of Slack': fc
    .tuple(fc.constantFrom('b', 'p', 'a', 's'), letters(`${digits}-`, 12, 24), letters(word, 24, 24))
    .map(([kind, team, secret]) => ({ text: `xox${kind}-${team}-${secret}`, secret })),
  'an app token of Slack': prefixed(['xapp', '1', ''].join('-'), word, 30, 64),
  'a JSON web token': fc
    .tuple(letters(word, 20, 60), letters(`${word}_-`, 20, 200), letters(`${word}_-`, 20, 86))
    .map(([head, claims, secret]) => ({ text: `${['ey', 'J'].join('')}${head}.${claims}.${secret}`, secret })),
  'a key id of AWS': fc
    .tuple(fc.constantFrom('AKI', 'ASI'), letters(capitals + digits, 16, 16))
    .map(([start, secret]) => ({ text: `${start}A${secret}`, secret })),
  'a token of GitLab': prefixed(['glpat', ''].join('-'), `${word}_-`, 20, 30),
  'a token of npm': prefixed(['npm', ''].join('_'), word, 36, 36),
  'a token of Docker Hub': prefixed(['dckr', 'pat', ''].join('_'), `${word}_-`, 27, 27),
  'a key of Google': prefixed(['AI', 'za'].join(''), `${word}_-`, 35, 35),
  'a token of Vault': prefixed(['hvs', ''].join('.'), `${word}_-`, 24, 100),
  'a password in an address': letters(`${word}%.!~-`, 8, 60).map((secret) => ({
    text: `https://robot:${secret}@registry.example.com/acme/web`,
    secret,
  })),
  'a token in an address': letters(word, 20, 60).map((secret) => ({
    text: `git+https://${secret}@git.acme.dev`,
    secret,
  })),
  'a bearer of an HTTP header': letters(`${word}._~+/=-`, 12, 80).map((secret) => ({
    text: `Authorization: Bearer ${secret}`,
    secret,
  })),
  'a password of an HTTP header': letters(`${word}+/=`, 12, 80).map((secret) => ({
    text: `proxy-authorization: Basic ${secret}`,
    secret,
  })),
  'a line of an .npmrc': letters(`${word}+/=-`, 12, 60).map((secret) => ({
    text: `//registry.npmjs.org/:_authToken=${secret}`,
    secret,
  })),
  'a login of a Docker configuration': letters(`${word}+/=`, 12, 60).map((secret) => ({
    text: `"auth": "${secret}"`,
    secret,
  })),
  'a variable named for what it holds': fc
    .tuple(
      fc.constantFrom('NPM_TOKEN', 'DB_PASSWORD', 'AWS_SECRET_ACCESS_KEY', 'API_KEY', 'registry-credentials'),
      letters(`${word}+/=.-`, 8, 60),
    )
    .map(([name, secret]) => ({ text: `--build-arg ${name}=${secret}`, secret })),
  'a signed address': letters(`${word}%`, 20, 80).map((secret) => ({
    text: `https://acme.blob.core.windows.net/logs/1?sv=2021-12-02&sig=${secret}`,
    secret,
  })),
}

/** What a log puts around a word: nothing, a space, a quote, a bracket, an equals sign. */
const around = fc.tuple(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.constantFrom('', ' ', '"', "'", '=', '(', ': '),
)

describe('a secret of a known shape never survives', () => {
  test.each(Object.entries(kinds))('%s, whatever stands around it', (_, planted) => {
    fc.assert(
      fc.property(around, planted, around, ([before, open], { text, secret }, [after, close]) => {
        // letters that touch a token would make another word of it
        const start = open === '' && /\w$/.test(before) ? `${before} ` : before
        const end = close === '' && /^\w/.test(after) ? ` ${after}` : after
        const clean = redact(start + open + text + close + end)
        expect(clean).not.toContain(secret)
        expect(clean).toContain('***')
      }),
      { numRuns: 150 },
    )
  })

  test('several on one line', () => {
    const all = fc.tuple(...Object.values(kinds))
    fc.assert(
      fc.property(all, (planted) => {
        const clean = redact(planted.map(({ text }) => text).join(' '))
        for (const { secret } of planted) expect(clean).not.toContain(secret)
      }),
    )
  })

  test('a private key is not quoted after its first words', () => {
    const body = 'b3BlbnNzaC1rZXktdjEAAAAA'
    for (const kind of ['OPENSSH ', 'RSA ', 'EC ', ''])
      expect(redact(`key: -----BEGIN ${kind}PRIVATE ${'KEY'}-----${body}`)).toBe('key: *** private key')
  })

  test('what is masked already stays as it is', () => {
    const { 'a bearer of an HTTP header': _, 'a password of an HTTP header': __, ...others } = kinds
    const planted = fc.oneof(...Object.values(others)).map(({ text }) => redact(`RUN ${text} && npm ci`))
    fc.assert(fc.property(planted, (clean) => void expect(redact(clean)).toBe(clean)))
  })
})

describe('the rest of the line stays, because it is the diagnosis', () => {
  test.each([
    'failed to fetch oauth token: denied',
    'failed to authorize: failed to fetch anonymous token: Get "https://auth.docker.io/token?scope=repository%3Alibrary%2Fnode%3Apull&service=registry.docker.io": EOF',
    '[auth] sharing credentials for ghcr.io',
    '[auth] library/node:pull token for registry-1.docker.io',
    'RUN --mount=type=secret,id=npm npm ci',
    'RUN --mount=type=secret,id=token,env=NPM_TOKEN,required npm ci',
    'secret npm: not found',
    'SecretsUsedInArgOrEnv: Do not use ARG or ENV instructions for sensitive data (ARG "NPM_TOKEN") (line 4)',
    'ENV NPM_TOKEN=$NPM_TOKEN',
    'npm ERR! 404 Not Found - GET https://registry.npmjs.org/@acme%2fweb',
    'FROM docker.io/library/node:22@sha256:6f6ca55f98b9d8ff3a1d0e5cc3d1ba0bf1d0c2f6b0a0ed2fb9d7e3a0c6dbf1a2',
    'unauthorized: authentication required',
    'go: github.com/acme/auth@v1.2.0: invalid version',
    'Username and password required',
  ])('%s', (line) => {
    expect(redact(line)).toBe(line)
  })

  test('only the secret goes', () => {
    expect(redact('curl https://robot:hunter22@acme.dev/x?y=1 failed')).toBe('curl https://***@acme.dev/x?y=1 failed')
    expect(redact('docker build --build-arg NPM_TOKEN=abcdef --target web .')).toBe(
      'docker build --build-arg NPM_TOKEN=*** --target web .',
    )
  })
})

describe('a hostile line takes time in proportion to its length', () => {
  const alphabets: Record<string, string> = {
    addresses: '://a',
    'addresses with users': '://a:b',
    'half tokens': 'ghp_',
    'half keys': 'AKIA',
    'half private keys': '-----BEGIN ',
    headers: 'authorization: ',
    'headers without a value': 'authorization=',
    names: 'secret_token',
    'names and quotes': `password'"`,
    'names and spaces': 'api-key   ',
    'half signatures': '?sig=',
    letters: 'A',
    blanks: ' ',
    quotes: '"',
  }
  test.each(Object.entries(alphabets))('%s', (_, piece) => {
    const line = (length: number) => `token${piece.repeat(length / piece.length)}`
    // quadratic work would make it four times as long; other processes disturb, so the best of some tries counts
    const ratios: number[] = []
    for (let attempt = 0; attempt < 5 && Math.min(...ratios, Infinity) >= 3.5; attempt++)
      ratios.push(fastest(line(200_000)) / fastest(line(100_000)))
    expect(Math.min(...ratios)).toBeLessThan(3.5)
  })
})

function fastest(line: string): number {
  const times = Array.from({ length: 5 }, () => {
    const start = performance.now()
    redact(line)
    return performance.now() - start
  })
  return Math.min(...times)
}

test('half JSON web tokens take time in proportion to their length', () => {
  const line = (length: number) => '-eyJ'.repeat(length / 4)
  expect(fastest(line(64_000)) / fastest(line(32_000))).toBeLessThan(3.5)
})

test('the long password of a cloud registry in an address', () => {
  const secret = 'a1B2'.repeat(300)
  expect(redact(`https://AWS:${secret}@1234.dkr.ecr.eu-west-1.amazonaws.com/web`)).not.toContain(secret)
})

test('a password with an @ in it', () => {
  expect(redact('https://robot:pass@word1234@acme.dev/x')).not.toContain('word1234')
})

test('a quoted password of two words', () => {
  expect(redact('DB_PASSWORD="correct horse battery"')).not.toContain('battery')
})

test('a password given as an option of its own', () => {
  expect(redact('docker login -u robot --password hunter2hunter2 ghcr.io')).not.toContain('hunter2hunter2')
})

test.each(['PRIVATE_KEY', 'access-key', 'ACCESS_KEY', 'passphrase'])('a variable named %s', (name) => {
  expect(redact(`--build-arg ${name}=abcdefgh1234`)).not.toContain('abcdefgh1234')
})

test('a masked header stays as it is', () => {
  const clean = redact('Authorization: Bearer abcdefghijkl')
  expect(redact(clean)).toBe(clean)
})

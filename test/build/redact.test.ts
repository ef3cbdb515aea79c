import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { redact } from '../../src/build/redact.ts'
import { runs } from '../support/fuzz.ts'
import { secrets } from '../support/secrets.ts'

/** What a log puts around a word: nothing, a space, a quote, a bracket, an equals sign. */
const around = fc.tuple(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.constantFrom('', ' ', '"', "'", '(', ': '))

describe('a secret of a known shape never survives', () => {
  test.each(Object.entries(secrets))('%s, whatever stands around it', (_, planted) => {
    fc.assert(
      fc.property(around, planted, around, ([before, open], { text, secret }, [after, close]) => {
        // letters that touch a token would make another word of it
        const start = open === '' && /\w$/.test(before) ? `${before} ` : before
        const end = close === '' && /^[\w=]/.test(after) ? ` ${after}` : after
        const clean = redact(start + open + text + close + end)
        expect(clean).not.toContain(secret)
        expect(clean).toContain('***')
      }),
      runs(150),
    )
  })

  test('several on one line', () => {
    const all = fc.tuple(...Object.values(secrets))
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

  test('what is masked already stays as it is, whatever stands around it', () => {
    const text = fc
      .tuple(around, fc.oneof(...Object.values(secrets)), around)
      .map(([a, { text }, b]) => a.join('') + text + b.join(''))
    fc.assert(
      fc.property(text, (line) => void expect(redact(redact(line))).toBe(redact(line))),
      runs(1000),
    )
  })

  test('a text grows by no more than its masks', () => {
    const text = fc.array(
      fc.oneof(fc.string({ unit: 'grapheme' }), ...Object.values(secrets).map((one) => one.map(({ text }) => text))),
    )
    fc.assert(
      fc.property(text, (parts) => {
        const clean = redact(parts.join(' '))
        expect(clean.length).toBeLessThanOrEqual(parts.join(' ').length + ' private key'.length * parts.length)
      }),
    )
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
    'ENV NPM_TOKEN=${NPM_TOKEN}',
    '  NPM_TOKEN: ***',
    '"integrity": "sha512-v2kDEe57lecTulaDIuNTPy3Ry4gLGJ6Z1O3vE1krgXZNrsQ+LFTGHVxVjcXPs17LhbZVGedAJv8XZ1tvj5FvSg=="',
    'error: sha512-v2kDEe57lecTulaDIuNTPy3Ry4gLGJ6Z1O3vE1krgXZNrsQ+LFTGHVxVjcXPs17LhbZVGedAJv8XZ1tvj5FvSg== integrity checksum failed',
    'HEAD is now at 8c03bce4af4051b688d1c51115b9c89b29a6e1bc 0123',
    '6f6ca55f98b9d8ff3a1d0e5cc3d1ba0bf1d0c2f6b0a0ed2fb9d7e3a0c6dbf1a2',
    'github.com/acme/web v1.2.3 h1:6f6ca55f98b9d8ff3a1d0e5cc3d1ba0bf1d0c2f6b0a=',
    '#9 importing cache manifest from ghcr.io/acme/web:cache@sha256:6f6ca55f98b9d8ff3a1d0e5cc3d1ba0bf1d0c2f6b0a0ed2fb9d7e3a0c6dbf1a2',
    'src/secret.ts:12:7 - error TS2304: Cannot find name secretToken.',
    'const appToken = process.env.SLACK_APP_TOKEN;',
    'PASS: TestLogin/with_token_1',
    'PASS src/auth/token.test.ts (5.1 s)',
    'tokenizer=byte-level-bpe max_tokens=4096 tokens: 12345678',
    'key: Linux-node-6f6ca55f98b9d8ff3a1d0e5cc3d1ba0bf1d0c2f6b0a0ed2fb9d7e3a0c6dbf1a2',
    'Cache restored from key: Linux-cargo-8c03bce4af4051b688d1c51115b9c89b',
    'npm_config_cache_folder_of_this_machine=/root/.npm',
    'fatal: could not read Username for https://github.com: terminal prompts disabled',
    'ERROR: failed to push ghcr.io/acme/web: denied: permission_denied: write_package',
    'www-authenticate: Bearer realm="https://auth.docker.io/token",service="registry.docker.io"',
    'docker run -u 1000:1000 -p 8080:80 acme/web',
    'Removing login credentials for ghcr.io',
    'ssh://git@github.com/acme/web.git: Permission denied (publickey)',
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

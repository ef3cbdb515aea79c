import fc from 'fast-check'

/**
 * Secrets of every shape we know, made up at test time, so that no scanner of this repository takes a test for a leak:
 * `text` is how one stands in a log, `secret` the part that must not stand there. The prefixes are cut in two for the
 * same reason.
 */
export type Planted = { text: string; secret: string }

const lower = 'abcdefghijklmnopqrstuvwxyz'
const digits = '0123456789'
const hex = `${digits}abcdef`
const word = `${lower.toUpperCase()}${lower}${digits}`
const base64 = `${word}+/`

function letters(alphabet: string, min: number, max = min): fc.Arbitrary<string> {
  return fc.array(fc.constantFrom(...alphabet), { minLength: min, maxLength: max }).map((all) => all.join(''))
}

/** Letters with a digit among the first, as everything that a machine makes up has. */
function random(alphabet: string, min: number, max = min): fc.Arbitrary<string> {
  return fc
    .tuple(letters(alphabet, min - 2, max - 2), fc.constantFrom(...digits))
    .map(([rest, digit]) => `a${digit}${rest}`)
}

/** A token by its beginning, given in pieces. */
function token(pieces: string[], body: fc.Arbitrary<string>): fc.Arbitrary<Planted> {
  return body.map((secret) => ({ text: pieces.join('') + secret, secret }))
}

function within(before: string, body: fc.Arbitrary<string>, after = ''): fc.Arbitrary<Planted> {
  return body.map((secret) => ({ text: before + secret + after, secret }))
}

/** Known by how they begin, wherever they stand. */
export const tokens: Record<string, fc.Arbitrary<Planted>> = {
  'GitHub classic': token(['gh', 'p_'], random(word, 36)),
  'GitHub OAuth': token(['gh', 'o_'], random(word, 36)),
  'GitHub server': token(['gh', 's_'], random(word, 36)),
  'GitHub server, stateless': fc
    .tuple(random(word, 40), random(word, 100), random(`${word}_-`, 43))
    .map(([head, claims, secret]) => ({
      text: `${['gh', 's_'].join('')}123456_${['ey', 'J'].join('')}${head}.${claims}.${secret}`,
      secret,
    })),
  'GitHub fine-grained': token(['github', '_pat_'], random(`${word}_`, 82)),
  GitLab: token(['gl', 'pat-'], random(word, 20, 40)),
  'GitLab job': token(['gl', 'cbt-', '64_'], random(word, 20)),
  'GitLab deploy': token(['gl', 'dt-'], random(word, 20)),
  Slack: token(['xo', 'xb-', '123456789012-'], random(word, 24)),
  'Slack app': token(['xa', 'pp-', '1-A0-'], random(word, 40)),
  'Slack webhook': token(['hooks.sla', 'ck.com/services/'], random(word, 44)),
  'AWS key id': token(['AK', 'IA'], letters(`${lower.toUpperCase()}234567`, 16)),
  'AWS key id and secret': fc
    .tuple(letters(`${lower.toUpperCase()}234567`, 16), letters(base64, 40))
    .map(([id, secret]) => ({ text: `${['AK', 'IA'].join('')}${id}:${secret}`, secret })),
  'Google API': token(['AI', 'za'], random(`${word}_-`, 35)),
  'Google client': token(['GOC', 'SPX-'], random(`${word}_-`, 28)),
  'Azure client': fc
    .tuple(letters(word, 3), letters(`${word}_~.-`, 33))
    .map(([head, tail]) => ({ text: `${head}8Q${'~'}${tail}x`, secret: `${tail}x` })),
  npm: token(['np', 'm_'], random(word, 36)),
  PyPI: token(['py', 'pi-', 'AgEIcHlwaS5vcmc'], random(`${word}_-`, 60, 150)),
  RubyGems: token(['ruby', 'gems_'], letters(hex, 48)),
  NuGet: token(['oy', '2'], letters(`${lower}${digits}`, 43)),
  'crates.io': token(['ci', 'o'], random(word, 32)),
  'Docker Hub, person': token(['dckr', '_pat_'], random(`${word}_-`, 27)),
  'Docker Hub, organisation': token(['dckr', '_oat_'], random(`${word}_-`, 32)),
  Artifactory: token(['AK', 'Cp'], random(word, 69)),
  Anthropic: token(['sk-', 'ant-', 'api03-'], random(`${word}_-`, 95)),
  OpenAI: token(['sk-', 'proj-'], random(`${word}_-`, 80, 150)),
  'Hugging Face': token(['h', 'f_'], letters(word, 34)),
  Stripe: token(['sk_', 'live_'], random(word, 24, 99)),
  SendGrid: fc
    .tuple(letters(word, 22), letters(`${word}_-`, 43))
    .map(([id, secret]) => ({ text: `S${'G'}.${id}.${secret}`, secret })),
  Twilio: token(['S', 'K'], letters(hex, 32)),
  Shopify: token(['shp', 'at_'], letters(hex, 32)),
  Vault: token(['hv', 's.'], random(`${word}_-`, 24, 100)),
  Terraform: fc
    .tuple(random(word, 14), letters(word, 64))
    .map(([id, secret]) => ({ text: `${id}.${'atlas'}v1.${secret}`, secret })),
  age: token(['AGE-SECRET', '-KEY-1'], letters('QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L', 58)),
  Cloudflare: token(['cf', 'ut_'], random(word, 48)),
  DigitalOcean: token(['dop', '_v1_'], letters(hex, 64)),
  Sentry: token(['sntr', 'yu_'], letters(hex, 64)),
  Grafana: token(
    ['gl', 'sa_'],
    fc.tuple(random(word, 32), letters(hex, 8)).map((both) => both.join('_')),
  ),
  Databricks: token(['da', 'pi'], letters(hex, 32)),
  'JSON web token': fc
    .tuple(random(word, 20, 60), letters(`${word}_-`, 20, 200), random(`${word}_-`, 20, 86))
    .map(([head, claims, secret]) => ({ text: `${['ey', 'J'].join('')}${head}.${claims}.${secret}`, secret })),
}

/** Known by where they stand. What a value may be there: digits and letters of a machine's making. */
const value = random(`${word}._~-`, 10, 60)
const base = random(base64, 12, 60)
const names = [
  'NPM_TOKEN',
  'DB_PASSWORD',
  'AWS_SECRET_ACCESS_KEY',
  'API_KEY',
  'registry-credentials',
  'spring.datasource.password',
]

export const placed: Record<string, fc.Arbitrary<Planted>> = {
  'a password in an address': random(`${word}%.!~-`, 8, 60).map((secret) => ({
    text: `https://robot:${secret}@registry.example.com/acme/web`,
    secret,
  })),
  'a token in an address': within('git+https://', random(word, 20, 60), '@git.acme.dev'),
  'a password of a database': within('postgres://app:', value, '@db:5432/app'),
  'a bearer': within('Authorization: Bearer ', random(`${word}._~+/=-`, 12, 80)),
  'a basic login': within('proxy-authorization: Basic ', base),
  'a signed request': within('Authorization: AWS4-HMAC-SHA256 Credential=x, Signature=', letters(hex, 64)),
  'a header of an API': within('X-API-Key: ', value),
  'a header of GitLab': within('PRIVATE-TOKEN: ', value),
  'a header in a command': within('curl -fsSL -H "X-Vault-Token: ', value, '" https://vault.acme.dev'),
  cookies: within('Set-Cookie: theme=dark; session=', value, '; Path=/'),
  'a line of an .npmrc': within('//registry.npmjs.org/:_authToken=', base),
  'a login of a Docker configuration': within('{"auths":{"ghcr.io":{"auth": "', base, '"}}}'),
  'JSON in JSON': within('{\\"user\\":\\"x\\",\\"password\\":\\"', value, '\\"}'),
  'a build argument': fc
    .tuple(fc.constantFrom(...names), value)
    .map(([name, secret]) => ({ text: `--build-arg ${name}=${secret}`, secret })),
  'a variable': fc
    .tuple(fc.constantFrom(...names), value)
    .map(([name, secret]) => ({ text: `docker run -e ${name}=${secret} acme/web`, secret })),
  'an ARG': fc
    .tuple(fc.constantFrom('ARG', 'ENV'), value)
    .map(([word, secret]) => ({ text: `${word} NPM_TOKEN=${secret}`, secret })),
  'an old ENV': within('ENV NPM_TOKEN ', value),
  'a quoted password': random(`${word} ,;`, 10, 40).map((secret) => ({
    text: `DB_PASSWORD="${secret}x"`,
    secret: `${secret}x`,
  })),
  'a password with commas': random(`${word},;&`, 10, 40).map((secret) => ({
    text: `DB_PASSWORD=${secret}x`,
    secret: `${secret}x`,
  })),
  'an option': within('docker login -u robot --password ', value, ' ghcr.io'),
  'a short option': within('docker login -u robot -p ', value, ' ghcr.io'),
  'a password for curl': within('curl -fsS -u robot:', value, ' https://acme.dev'),
  'a password that is piped': within('echo "', value, '" | docker login ghcr.io -u robot --password-stdin'),
  'a mask that is added': within('::add-mask::', value),
  'an Azure account key': within(
    'DefaultEndpointsProtocol=https;AccountName=acme;AccountKey=',
    base,
    ';EndpointSuffix=core.windows.net',
  ),
  'a signed address': within(
    'https://acme.blob.core.windows.net/logs/1?sv=2021-12-02&sig=',
    random(`${word}%`, 20, 80),
  ),
  'an address signed by AWS': within('https://s3.amazonaws.com/x?X-Amz-Expires=300&X-Amz-Signature=', letters(hex, 64)),
  'a key on one line': base.map((secret) => ({
    text: `-----BEGIN ${'RSA'} PRIVATE ${'KEY'}-----\\n${secret}\\n-----END RSA PRIVATE ${'KEY'}-----`,
    secret,
  })),
  'a key of Google': base.map((secret) => ({
    text: `"private_key": "-----BEGIN PRIVATE ${'KEY'}-----\\n${secret}\\n-----END PRIVATE ${'KEY'}-----\\n", "client_id": "1"`,
    secret,
  })),
}

/** Every kind of secret with its name. */
export const secrets: Record<string, fc.Arbitrary<Planted>> = { ...tokens, ...placed }

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Image, nameOf, parseImage } from '../../src/registry/reference.ts'

const hex = 'ab'.repeat(32)
const web: Image = { registry: 'ghcr.io', repository: 'acme/web', tag: '1.2', digest: null }

describe('an image is read as Docker reads it', () => {
  test.each([
    ['alpine', 'docker.io/library/alpine:latest'],
    [' alpine:3.22 ', 'docker.io/library/alpine:3.22'],
    ['acme/web', 'docker.io/acme/web:latest'],
    ['docker.io/alpine', 'docker.io/library/alpine:latest'],
    ['index.docker.io/library/alpine', 'docker.io/library/alpine:latest'],
    ['docker.io/acme/a/b:1', 'docker.io/acme/a/b:1'],
    ['ghcr.io/acme/web:main', 'ghcr.io/acme/web:main'],
    ['localhost/web', 'localhost/web:latest'],
    ['localhost:5000/web:1', 'localhost:5000/web:1'],
    ['registry:5000/web', 'registry:5000/web:latest'],
    // no slash, no host: Docker, too, reads a tag
    ['localhost:5000', 'docker.io/library/localhost:5000'],
    ['[::1]:5000/web', '[::1]:5000/web:latest'],
    ['GHCR.io/acme/web', 'ghcr.io/acme/web:latest'],
    ['xn--7o8h.com/web', 'xn--7o8h.com/web:latest'],
    ['acme/a.b_c__d-e---f:A_b.c-d', 'docker.io/acme/a.b_c__d-e---f:A_b.c-d'],
    [`alpine@sha256:${hex}`, `docker.io/library/alpine@sha256:${hex}`],
    [`alpine:3@sha256:${hex}`, `docker.io/library/alpine:3@sha256:${hex}`],
    [`alpine@sha512:${hex}${hex}`, `docker.io/library/alpine@sha512:${hex}${hex}`],
    [`web:${'t'.repeat(128)}`, `docker.io/library/web:${'t'.repeat(128)}`],
  ])('%s', (text, name) => {
    const parsed = parseImage(text)
    expect(parsed.kind === 'image' ? nameOf(parsed.image) : parsed.mistake).toBe(name)
  })

  test('beside another one, a tag or digest alone is one of the same repository', () => {
    expect(parseImage(':1.3', web)).toEqual({ kind: 'image', image: { ...web, tag: '1.3' } })
    const digest = `sha256:${hex}`
    expect(parseImage(`@${digest}`, web)).toEqual({ kind: 'image', image: { ...web, tag: null, digest } })
    expect(parseImage('alpine', web)).toMatchObject({ image: { registry: 'docker.io' } })
  })
})

describe('a mistake is told with what would do', () => {
  test.each([
    ['', /expected an image, found nothing, e\.g\. ghcr\.io\/acme\/web:main/],
    ['my image', /no blanks/],
    ['web\u202e', /no blanks/],
    ['https://ghcr.io/acme/web', /without https:\/\//],
    ['docker://alpine', /without docker:\/\//],
    [hex, /a digest alone does not say which repository/],
    [`sha256:${hex}`, /a digest alone/],
    [':1.3', /only works for the second image/],
    ['Acme/Web', /lower case, e\.g\. acme\/web/],
    ['Web', /lower case/],
    ['ghcr.io/Acme/web', /lower case, e\.g\. ghcr\.io\/acme\/web/],
    ['ghcr.io//web', /between two slashes is empty/],
    ['ghcr.io/', /between two slashes is empty/],
    ['/web', /between two slashes is empty/],
    ['acme/web/', /between two slashes is empty/],
    ['web:', /no tag behind the ":"/],
    ['web:-1', /"-1" is not a tag/],
    ['web:a/b:c', /"web:a" is not a host/],
    ['host:99999/web', /is not a host with an optional port/],
    ['my_host.com/web', /"my_host.com" is not a host/],
    ['a___b', /"a___b" is not a part of a repository/],
    ['-web', /"-web" is not a part/],
    ['../etc/passwd', /is not a host/],
    ['a/..%2f/b', /is not a part/],
    [`web:${'t'.repeat(129)}`, /at most 128 characters, found 129/],
    [`ghcr.io/${'a'.repeat(256)}`, /at most 255 characters, found 256/],
    ['x'.repeat(601), /at most 600 characters/],
    ['web@sha256:abc', /64 hexadecimal digits in lower case, found 3/],
    [`web@sha256:${hex.toUpperCase()}`, /in lower case, found "AB/],
    ['web@md5:abc', /begins with "sha256:" or "sha512:", found "md5:abc"/],
    ['web@', /found ""/],
    [`user:secret@ghcr.io/web`, /is followed|begins with/],
  ])('%s', (text, mistake) => {
    const parsed = parseImage(text)
    expect(parsed.kind === 'mistake' ? parsed.mistake : nameOf(parsed.image)).toMatch(mistake)
  })
})

describe('whatever is typed', () => {
  const part = fc.constantFrom(
    'a',
    'Web',
    '.',
    '..',
    '_',
    '/',
    '//',
    ':',
    '@',
    '[',
    ']',
    'sha256',
    hex,
    '5000',
    'ghcr.io',
    'localhost',
    '%2f',
    '\0',
    'é',
  )
  const typed = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(part, { maxLength: 8 }).map((parts) => parts.join('')),
  )

  test('it is an image or a mistake, and never an exception', () => {
    fc.assert(fc.property(typed, (text) => ['image', 'mistake'].includes(parseImage(text).kind)))
    fc.assert(fc.property(typed, (text) => ['image', 'mistake'].includes(parseImage(text, web).kind)))
  })

  test('what was read is read again as the same', () => {
    fc.assert(
      fc.property(typed, (text) => {
        const parsed = parseImage(text)
        if (parsed.kind === 'image') expect(parseImage(nameOf(parsed.image))).toEqual(parsed)
      }),
    )
  })

  test('an image leads to its own host and nowhere else', () => {
    fc.assert(
      fc.property(typed, (text) => {
        const parsed = parseImage(text)
        if (parsed.kind === 'mistake') return
        const { registry, repository } = parsed.image
        const url = new URL(`http://${registry}/v2/${repository}/manifests/x`)
        expect([url.username, url.search, url.pathname]).toEqual(['', '', `/v2/${repository}/manifests/x`])
      }),
    )
  })
})

/** An image as Docker names it, with what Docker leaves out filled in. */
export type Image = {
  /** host and port; Docker Hub is `docker.io` */
  registry: string
  /** `library/alpine` */
  repository: string
  tag: string | null
  /** wins over the tag, as with `docker pull` */
  digest: string | null
}

export type ParsedImage = { kind: 'image'; image: Image } | { kind: 'mistake'; mistake: string }

/**
 * Reads `alpine`, `ghcr.io/acme/web:1.2`, `localhost:5000/web@sha256:…`. The grammar is that of distribution/reference
 * v0.6 (`regexp.go`, `normalize.go`). `beside` is the image that this one is compared with: `:1.3` is then another tag of it.
 */
export function parseImage(text: string, beside: Image | null = null): ParsedImage {
  const written = text.trim()
  const mistake = notAnImage(written) ?? (/^[:@]/.test(written) && beside === null ? onlyAnEnd(written) : null)
  if (mistake !== null) return { kind: 'mistake', mistake }
  const at = written.indexOf('@')
  const named = at === -1 ? written : written.slice(0, at)
  const digest = at === -1 ? null : written.slice(at + 1)
  const { name, tag } = splitTag(named)
  const place = name === '' && beside ? beside : placeOf(name)
  const found = mistakeInPlace(place, name) ?? mistakeInTag(tag) ?? mistakeInDigest(digest)
  if (found !== null) return { kind: 'mistake', mistake: `${quoted(written)}: ${found}` }
  const { registry, repository } = place
  return { kind: 'image', image: { registry, repository, tag: tag ?? (digest === null ? 'latest' : null), digest } }
}

/** The whole name, the same for every way of writing it. */
export function nameOf({ registry, repository, tag, digest }: Image): string {
  return `${registry}/${repository}${tag === null ? '' : `:${tag}`}${digest === null ? '' : `@${digest}`}`
}

/** What to ask the registry for. */
export function manifestReference({ tag, digest }: Image): string {
  return digest ?? tag ?? 'latest'
}

const example = 'e.g. ghcr.io/acme/web:main'
const longest = 600

function notAnImage(written: string): string | null {
  if (written === '') return `expected an image, found nothing, ${example}`
  if (written.length > longest) return `an image name has at most ${longest} characters, found ${written.length}`
  if (/[\s\p{Cc}\p{Cf}]/u.test(written)) return `${quoted(written)}: an image name has no blanks in it, ${example}`
  const scheme = /^[a-z+-]+:\/\//i.exec(written)?.[0]
  if (scheme !== undefined) return `${quoted(written)}: write the name of the image without ${scheme}, ${example}`
  if (/^[0-9a-f]{64}$/.test(written) || /^[a-z0-9]+:[0-9a-f]{64}$/.test(written))
    return `${quoted(written)}: a digest alone does not say which repository it is in, e.g. ghcr.io/acme/web@sha256:…`
  return null
}

function onlyAnEnd(written: string): string {
  return `${quoted(written)}: a tag or digest alone only works for the second image, e.g. ghcr.io/acme/web:1.2 :1.3`
}

function splitTag(named: string): { name: string; tag: string | null } {
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1)
  return colon === -1 ? { name: named, tag: null } : { name: named.slice(0, colon), tag: named.slice(colon + 1) }
}

type Place = Pick<Image, 'registry' | 'repository'>

/** The first part is a host when it looks like one: a dot, a port, a capital letter, or `localhost`. */
function placeOf(name: string): Place {
  const slash = name.indexOf('/')
  const first = slash === -1 ? '' : name.slice(0, slash)
  if (!/[.:A-Z[]/.test(first) && first !== 'localhost') return onHub(name)
  const rest = name.slice(slash + 1)
  if (first === 'docker.io' || first === 'index.docker.io') return onHub(rest)
  return { registry: first.toLowerCase(), repository: rest }
}

function onHub(repository: string): Place {
  return { registry: 'docker.io', repository: repository.includes('/') ? repository : `library/${repository}` }
}

const host = /^(?:(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*|\[[a-f0-9:]+\])(?::\d+)?$/
const pathPart = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/

function mistakeInPlace({ registry, repository }: Place, name: string): string | null {
  if (/^[A-Z]/.test(name) && !name.slice(0, name.indexOf('/')).includes('.'))
    return `names are written in lower case, e.g. ${name.toLowerCase()}`
  if (!host.test(registry) || URL.parse(`https://${registry}/`) === null)
    return `${quoted(registry)} is not a host with an optional port, e.g. ghcr.io or localhost:5000`
  if (/^\/|\/$|\/\//.test(name)) return `a part between two slashes is empty, ${example}`
  if (repository.length > 255) return `a repository has at most 255 characters, found ${repository.length}`
  if (/[A-Z]/.test(repository))
    return `a repository is written in lower case, e.g. ${registry}/${repository.toLowerCase()}`
  const bad = repository.split('/').find((part) => !pathPart.test(part))
  if (bad === undefined) return null
  return `${quoted(bad)} is not a part of a repository: lower-case letters and digits, with one ".", one or two "_", or "-" between them`
}

function mistakeInTag(tag: string | null): string | null {
  if (tag === null || /^\w[\w.-]{0,127}$/.test(tag)) return null
  if (tag === '') return 'there is no tag behind the ":", e.g. :latest'
  if (tag.length > 128) return `a tag has at most 128 characters, found ${tag.length}`
  return `${quoted(tag)} is not a tag: letters, digits, "_", "." and "-", and neither "." nor "-" first`
}

const digits: Record<string, number> = { sha256: 64, sha512: 128 }

function mistakeInDigest(digest: string | null): string | null {
  if (digest === null) return null
  const [algorithm = '', hex = '', more] = digest.split(':')
  const wanted = digits[algorithm]
  if (wanted === undefined || more !== undefined)
    return `a digest begins with "sha256:" or "sha512:", found ${quoted(digest)}`
  if (/^[0-9a-f]+$/.test(hex) && hex.length === wanted) return null
  const found = /^[0-9a-f]*$/.test(hex) ? String(hex.length) : quoted(hex)
  return `${algorithm}: is followed by ${wanted} hexadecimal digits in lower case, found ${found}`
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
}

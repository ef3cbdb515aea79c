/**
 * What the name of a BuildKit vertex tells, by the brackets that BuildKit (`prefixCommand` in
 * `frontend/dockerfile/dockerfile2llb/convert.go`) and buildx (`util/progress/multiwriter.go`, a bake target in front)
 * write: `[web linux/amd64 builder 2/5] RUN yarn build`.
 */
export type VertexKind =
  | 'step' // RUN, COPY, ADD, WORKDIR of a Dockerfile
  | 'from' // FROM of a Dockerfile
  | 'import' // importing cache manifest from …
  | 'export' // exporting cache to …
  | 'image' // exporting to image, pushing, loading into the engine
  | 'internal' // everything else: metadata, context, auth, frontend image

export type VertexName = {
  kind: VertexKind
  /** tokens of the bracket before `n/m`: target, platform, stage in this order, each may be missing */
  tokens: string[]
  platform: string | null
  /** `2/5`: position and count, FROM included */
  ordinal: number | null
  total: number | null
  instruction: string
}

export function readVertexName(name: string): VertexName {
  const step = stepName.exec(name)
  if (step) {
    const tokens = (step[1] ?? '').split(/\s+/).filter((token) => token !== '')
    const instruction = step[4] ?? ''
    return {
      kind: /^FROM\b/i.test(instruction) ? 'from' : 'step',
      tokens: tokens.filter((token) => !isPlatform(token)),
      platform: tokens.find(isPlatform) ?? null,
      ordinal: Number(step[2]),
      total: Number(step[3]),
      instruction,
    }
  }
  const bracket = otherBracket.exec(name)
  const plain = bracket && !/^(?:internal|auth|context)\b/.test(bracket[1] ?? '') ? (bracket[2] ?? '') : name
  const tokens = bracket ? (bracket[1] ?? '').split(/\s+/) : []
  return {
    kind: kindOfPlain(plain),
    tokens: tokens.filter((token) => token !== '' && !isPlatform(token)),
    platform: tokens.find(isPlatform) ?? null,
    ordinal: null,
    total: null,
    instruction: plain,
  }
}

/** The bake target that an internal or export vertex names: `[web internal] load …`, `[web] exporting to image`. */
export function targetOf(name: VertexName): string | null {
  if (name.kind === 'step' || name.kind === 'from') return null
  const first = name.tokens[0]
  if (first === undefined || reserved.has(first)) return null
  return first
}

/** `gha`, `registry`… and the reference, from an import or export vertex. */
export function cacheTransfer(instruction: string): { type: CacheType; ref: string } {
  const from = /^importing cache manifest from (\S+)/.exec(instruction)?.[1]
  if (from) {
    const typed = /^(gha|local|inline|s3|azblob):/.exec(from)?.[1]
    if (typed) return { type: typed === 's3' || typed === 'azblob' ? 'other' : (typed as CacheType), ref: from }
    return { type: 'registry', ref: from }
  }
  if (/github/i.test(instruction)) return { type: 'gha', ref: '' }
  if (/registry/i.test(instruction)) return { type: 'registry', ref: '' }
  if (/client directory|local/i.test(instruction)) return { type: 'local', ref: '' }
  if (/inline/i.test(instruction)) return { type: 'inline', ref: '' }
  return { type: 'other', ref: '' }
}

export type CacheType = 'gha' | 'registry' | 'local' | 'inline' | 'other'

const stepName = /^\[((?:[^\]]*\s)?)(\d+)\/(\d+)\]\s+(.*)/s
const otherBracket = /^\[([^\]]+)\]\s+(.*)/s
const reserved = new Set(['internal', 'auth', 'context'])

function isPlatform(token: string): boolean {
  return /^(?:linux|windows|darwin|freebsd)\/[a-z0-9_]+(?:\/[a-z0-9.]+)?(?:->[a-z0-9_/]+)?$/.test(token)
}

function kindOfPlain(plain: string): VertexKind {
  // a frontend or a quotation that leaves out `n/m`
  if (/^(?:RUN|COPY|ADD|WORKDIR) /.test(plain)) return 'step'
  // quoted without its position; other frontends than Dockerfile's name a step by its command alone
  if (/^(?:(?:RUN|COPY|ADD|WORKDIR) |\/bin\/sh -c )/.test(plain)) return 'step'
  if (plain.startsWith('importing cache manifest from ')) return 'import'
  if (/^exporting (?:content )?cache\b|^exporting to GitHub (?:Actions )?cache|^exporting cache to /i.test(plain))
    return 'export'
  if (/^exporting to |^pushing |^importing to docker|^loading layer|^sending tarball|^merging manifest/.test(plain)) {
    return 'image'
  }
  return 'internal'
}

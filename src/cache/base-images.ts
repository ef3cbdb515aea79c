import type { Build, Vertex } from '../build/build.ts'

/** An image that FROM resolved to another digest than in the build before, under the same name. */
export type BaseMove = { image: string; from: string; to: string }

/** By the digests in the names of FROM vertices (BuildKit writes the resolved reference there). */
export function baseMoves(build: Build, previous: Build): Map<string, BaseMove> {
  const before = new Map(bases(previous).map(({ image, digest }) => [image, digest]))
  return new Map(
    bases(build).flatMap(({ image, digest }) => {
      const from = before.get(image)
      return from === undefined || from === digest ? [] : [[image, { image, from, to: digest }]]
    }),
  )
}

/** `docker.io/library/node:22` of `[deps 1/4] FROM docker.io/library/node:22@sha256:…`. */
export function baseOf({ name }: Vertex): { image: string; digest: string } | null {
  const from = /^FROM (?:--\S+ )*(\S+?)@(sha256:[0-9a-f]{64})/i.exec(name.instruction)
  return from?.[1] && from[2] ? { image: from[1], digest: from[2] } : null
}

function bases(build: Build): { image: string; digest: string }[] {
  return [...build.vertices.values()]
    .filter(({ name }) => name.kind === 'from')
    .flatMap((vertex) => baseOf(vertex) ?? [])
}

/** As BuildKit writes it in names (`distribution/reference` `ParseNormalizedNamed`, tag `latest` when none is given). */
export function fullName(image: string): string {
  const [name = '', digest] = image.split('@')
  const slash = name.indexOf('/')
  const host = slash < 0 ? '' : name.slice(0, slash)
  const isHost = /[.:]/.test(host) || host === 'localhost'
  const whole = isHost ? name : `docker.io/${slash < 0 ? 'library/' : ''}${name}`
  const tagged = digest !== undefined || /:[^/:]+$/.test(whole) ? whole : `${whole}:latest`
  return tagged
}

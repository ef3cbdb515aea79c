import { type Build, isStep } from '../build/build.ts'
import type { Dockerfile } from '../dockerfile/dockerfile.ts'
import { isSpeltSo, locate } from '../dockerfile/locate.ts'

/** Of several Dockerfiles the one that tells of most of a build's steps; null when it tells of none. */
export function bestSource<Source extends { dockerfile: Dockerfile | null }>(
  build: Build,
  target: string | null,
  sources: Source[],
): Source | null {
  const steps = [...build.vertices.values()].filter((vertex) => isStep(vertex) && vertex.name.kind === 'step')
  const own = target === null ? steps : steps.filter(({ name }) => name.tokens[0] === target)
  const ranked = sources
    .map((source) => ({ source, told: own.filter(({ name }) => tells(source.dockerfile, target, name)).length }))
    .sort((a, b) => b.told - a.told)
  return ranked[0] && ranked[0].told > 0 ? ranked[0].source : null
}

type Name = { tokens: string[]; ordinal: number | null; instruction: string }

/** At the very place: the same words elsewhere may be of another image of the family. */
function tells(dockerfile: Dockerfile | null, target: string | null, { tokens, ordinal, instruction }: Name): boolean {
  if (dockerfile === null) return false
  const stage = (target === null ? tokens[0] : tokens[1]) ?? null
  const found = locate(dockerfile, { stage, ordinal, instruction })
  if (found === null || (ordinal !== null && found.ordinal !== ordinal)) return false
  return found.heredocs.length > 0 || isSpeltSo(found, instruction)
}

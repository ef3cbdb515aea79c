import { answer } from './action-build.ts'
import { type CacheOption, readCacheOption } from './cache-option.ts'
import { type Lookup, resolveText } from './expression.ts'
import type { ImageBuild, Leg, Value } from './workflow.ts'

/** The build as one leg of the matrix runs it, or as a world of which more is known does. */
export function expand(build: ImageBuild, leg: Leg, world: Lookup = () => undefined): ImageBuild {
  const lookup = lookupIn(build, leg, world)
  const fill = (text: string) => resolveText(text, lookup)
  const fillAny = (text: string | null) => (text === null ? null : fill(text))
  return {
    ...build,
    ...{ context: fillAny(build.context), file: fillAny(build.file), target: fillAny(build.target) },
    ...{
      platforms: build.platforms.map(fill),
      tags: build.tags.map(fill),
      noCacheFilters: build.noCacheFilters.map(fill),
    },
    buildArgs: build.buildArgs.map((arg) => ({ ...arg, value: fillAny(arg.value) })),
    cacheFrom: build.cacheFrom.flatMap((option) => fillOption(option, fill)),
    cacheTo: build.cacheTo.flatMap((option) => fillOption(option, fill)),
  }
}

/** The legs of a build's job; one without values when there is no matrix, or when nobody knows them. */
export function legsOf({ matrix }: ImageBuild): Leg[] {
  return matrix === null || matrix.legs.length === 0 ? [{}] : matrix.legs
}

export function lookupIn(build: ImageBuild, leg: Leg, world: Lookup): Lookup {
  const lookup: Lookup = ([head, ...path]) => {
    // What a leg does not have is empty.
    if (head === 'matrix') return at(leg, path) ?? (build.matrix?.symbolic === false ? null : undefined)
    if (head !== 'env') return world([head ?? '', ...path])
    const value = build.env[path.join('.')]
    if (value === undefined) return undefined
    // The environment may quote the matrix; never itself.
    const filled = resolveText(value, (inner) => (inner[0] === 'env' ? undefined : lookup(inner)))
    return filled.includes('${{') ? undefined : filled
  }
  return lookup
}

function at(value: Value | undefined, path: string[]): Value | undefined {
  const [head, ...rest] = path
  if (head === undefined) return value
  if (typeof value !== 'object' || value === null) return undefined
  return at(Array.isArray(value) ? value[Number(head)] : Object.hasOwn(value, head) ? value[head] : undefined, rest)
}

/** One that becomes nothing is not there. */
function fillOption(option: CacheOption, fill: (text: string) => string): CacheOption[] {
  const text = fill(option.text)
  if (text === option.text) return [option]
  return text.trim() === '' || answer(text) !== 'conditional' ? [] : [readCacheOption(text, option.line)]
}

import type { BakeSettings, BakeTarget } from './bake-target.ts'

/** A target before it has taken over what its parents say: only its own words. */
export type OwnTarget = { name: string; line: number; inherits: string[]; said: Partial<BakeSettings> }

/** As buildx does: parents in order, each over the one before, then the target itself; arguments one by one. */
export function inheritAll(targets: OwnTarget[]): BakeTarget[] {
  const byName = new Map(targets.map((target) => [target.name, target]))
  return targets.map((target) => {
    const { name, line, inherits } = target
    return { ...nothingSaid, ...resolve(target, byName, [], { left: 200 }), name, line, inherits }
  })
}

/** `left`: a web of parents can be walked in more ways than there is time for. */
function resolve(
  target: OwnTarget,
  byName: Map<string, OwnTarget>,
  below: string[],
  budget: { left: number },
): Partial<BakeSettings> {
  if (below.includes(target.name) || budget.left-- <= 0) return {}
  const parents = target.inherits.flatMap((name) => byName.get(name) ?? [])
  const inherited = parents.map((parent) => resolve(parent, byName, [...below, target.name], budget))
  return [...inherited, target.said].reduce(over, {})
}

function over(lower: Partial<BakeSettings>, upper: Partial<BakeSettings>): Partial<BakeSettings> {
  const kept = (lower.args ?? []).filter(({ name }) => !upper.args?.some((arg) => arg.name === name))
  const args = [...kept, ...(upper.args ?? [])]
  return { ...lower, ...upper, ...(args.length > 0 ? { args } : {}) }
}

const nothingSaid: BakeSettings = {
  ...{ context: null, dockerfile: null, inlineDockerfile: null, target: null, platforms: [], args: [] },
  ...{ cacheFrom: [], cacheTo: [], noCache: false, noCacheFilters: [], tags: [] },
}

import { answer, readBuildArg } from './action-build.ts'
import type { Bake, BakeTarget } from './bake-target.ts'
import { readCacheOption, splitCommas } from './cache-option.ts'
import { inDirectory, joinPath } from './context-path.ts'
import type { BakeCall, ImageBuild } from './workflow.ts'

/** The builds that a bake or compose command starts, one for each target, with what `--set` overrides. */
export function targetBuilds(build: ImageBuild, bake: Bake): ImageBuild[] {
  return namedTargetBuilds(build, bake).map((target) => target.build)
}

/** The same with the names of the targets, as the log has them. */
export function namedTargetBuilds(build: ImageBuild, bake: Bake): { target: string; build: ImageBuild }[] {
  const call = build.bake ?? { files: [], targets: [], set: [] }
  return chosen(bake, call.targets).map((target) => ({
    target: target.name,
    build: override(buildOf(build, bake, target), build, matching(call, target.name)),
  }))
}

/** What is named; else the group or target `default`, or every service. */
function chosen({ kind, targets, groups }: Bake, named: string[]): BakeTarget[] {
  if (named.length === 0 && kind === 'compose') return targets
  const names = new Set<string>()
  const open = named.length === 0 ? ['default'] : [...named]
  for (let name = open.shift(); name !== undefined; name = open.shift()) {
    if (names.has(name)) continue
    names.add(name)
    open.push(...(groups.find((group) => group.name === name)?.targets ?? []))
  }
  return targets.filter(({ name }) => names.has(name))
}

function buildOf(build: ImageBuild, { file }: Bake, target: BakeTarget): ImageBuild {
  const context = inDirectory('.', target.context ?? '.')
  const dockerfile =
    target.inlineDockerfile === null ? joinPath(context ?? '.', target.dockerfile ?? 'Dockerfile') : null
  return {
    ...build,
    ...{ source: file, line: target.line, bake: null, place: null, opaque: false },
    ...{
      context,
      gitContext: false,
      file: dockerfile,
      target: target.target,
      platforms: target.platforms,
      tags: target.tags,
    },
    ...{ buildArgs: target.args, cacheFrom: target.cacheFrom, cacheTo: target.cacheTo },
    ...{ noCacheFilters: target.noCacheFilters },
    // Where it stands is not kept for a target: the workflow's own word is in another file.
    ...(build.noCache === 'no' && target.noCache ? { noCache: 'yes' as const, noCacheLine: target.line } : {}),
  }
}

function matching({ set }: BakeCall, name: string): BakeCall['set'] {
  return set.filter(({ pattern }) => {
    const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    return new RegExp(`^${parts.join('.*')}$`).test(name)
  })
}

function override(target: ImageBuild, call: ImageBuild, set: BakeCall['set']): ImageBuild {
  const values = (key: string) => set.filter((one) => one.key === key)
  const last = (key: string) => values(key).at(-1)?.value
  const options = (key: string) => values(key).map(({ value, line }) => readCacheOption(value, line))
  const cached = values('cache-from').length + values('cache-to').length > 0
  const args = set
    .filter(({ key }) => key.startsWith('args.'))
    .map(({ key, value, line }) => readBuildArg(`${key.slice(5)}=${value}`, line))
  return {
    ...target,
    // Lines of one build are lines of one file: what the command says decides which.
    ...(cached || call.noCache !== 'no' ? { source: call.source, line: call.line } : {}),
    ...(values('cache-from').length > 0
      ? { cacheFrom: options('cache-from') }
      : cached
        ? { cacheFrom: moved(target.cacheFrom, call) }
        : {}),
    ...(values('cache-to').length > 0
      ? { cacheTo: options('cache-to') }
      : cached
        ? { cacheTo: moved(target.cacheTo, call) }
        : {}),
    ...(values('platform').length > 0
      ? { platforms: values('platform').flatMap(({ value }) => splitCommas(value)) }
      : {}),
    ...(last('no-cache') === undefined
      ? {}
      : { noCache: answer(last('no-cache') ?? null), noCacheLine: values('no-cache')[0]?.line ?? null }),
    target: last('target') ?? target.target,
    buildArgs: [...target.buildArgs.filter(({ name }) => !args.some((arg) => arg.name === name)), ...args],
  }
}

function moved(options: ImageBuild['cacheFrom'], { line }: ImageBuild): ImageBuild['cacheFrom'] {
  return options.map((option) => ({ ...option, line }))
}

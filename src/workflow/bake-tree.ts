import { readBuildArg } from './action-build.ts'
import type { OwnTarget } from './bake-inherits.ts'
import type { BakeGroup, BakeSettings } from './bake-target.ts'
import { type CacheOption, readCacheOption } from './cache-option.ts'
import type { BuildArg } from './workflow.ts'
import { child, entriesOf, entryNamed, itemsOf, textOf, textsOf, type YamlNode } from './yaml-source.ts'

/** Targets of a bake file, HCL or JSON, whose blocks were brought into one tree. */
export function treeTargets(root: YamlNode | null): OwnTarget[] {
  return entriesOf(child(root, 'target')).map(({ key, line, value }) => ({
    ...{ name: key, line, inherits: textsOf(child(value, 'inherits')) },
    said: settingsOf(value, bakeKeys),
  }))
}

export function treeGroups(root: YamlNode | null): BakeGroup[] {
  return entriesOf(child(root, 'group')).map(({ key, line, value }) => ({
    name: key,
    line,
    targets: textsOf(child(value, 'targets')),
  }))
}

/** Services that are built; `x-bake` says what Compose has no word for. */
export function composeTargets(root: YamlNode | null): OwnTarget[] {
  return entriesOf(child(root, 'services')).flatMap(({ key, line, value }) => {
    const build = merged(entryNamed(merged(value), 'build')?.value ?? null)
    if (build === null) return []
    const image = textOf(child(merged(value), 'image'))
    const short = textOf(build)
    const said = short === null ? settingsOf(build, composeKeys) : { context: withDefaults(short) }
    const extended = settingsOf(child(build, 'x-bake'), bakeKeys)
    return [
      {
        name: key,
        line,
        inherits: [],
        said: { ...(image === null ? {} : { tags: [withDefaults(image)] }), ...said, ...extended },
      },
    ]
  })
}

type Keys = Record<'inline' | 'cacheFrom' | 'cacheTo' | 'noCache' | 'filters', string>
const bakeKeys: Keys = {
  inline: 'dockerfile-inline',
  cacheFrom: 'cache-from',
  cacheTo: 'cache-to',
  noCache: 'no-cache',
  filters: 'no-cache-filter',
}
const composeKeys: Keys = {
  inline: 'dockerfile_inline',
  cacheFrom: 'cache_from',
  cacheTo: 'cache_to',
  noCache: 'no_cache',
  filters: 'no_cache_filter',
}

function settingsOf(node: YamlNode | null, keys: Keys): Partial<BakeSettings> {
  const text = (key: string) => {
    const found = textOf(child(node, key))
    return found === null ? null : withDefaults(found)
  }
  const has = (key: string) => entryNamed(node, key) !== null
  const list = (key: string) => textsOf(child(node, key)).map(withDefaults)
  return {
    ...(has('context') ? { context: text('context') } : {}),
    ...(has('dockerfile') ? { dockerfile: text('dockerfile') } : {}),
    ...(has(keys.inline) ? { inlineDockerfile: text(keys.inline) } : {}),
    ...(has('target') ? { target: text('target') } : {}),
    ...(has('platforms') ? { platforms: list('platforms') } : {}),
    ...(has('args') ? { args: argsOf(child(node, 'args')) } : {}),
    ...(has(keys.cacheFrom) ? { cacheFrom: cacheOf(child(node, keys.cacheFrom)) } : {}),
    ...(has(keys.cacheTo) ? { cacheTo: cacheOf(child(node, keys.cacheTo)) } : {}),
    ...(has(keys.noCache) ? { noCache: text(keys.noCache) === 'true' } : {}),
    ...(has(keys.filters) ? { noCacheFilters: list(keys.filters) } : {}),
    ...(has('tags') ? { tags: list('tags') } : {}),
  }
}

/** A map, or a list of `NAME=value`. */
function argsOf(node: YamlNode | null): BuildArg[] {
  if (node?.kind !== 'map')
    return itemsOf(node).flatMap((item) => (textOf(item) === null ? [] : [readBuildArg(textOf(item) ?? '', item.line)]))
  return node.entries.map(({ key, line, value }) => ({
    name: key,
    value: textOf(value) === null ? null : withDefaults(textOf(value) ?? ''),
    line,
  }))
}

/** Options as text, or as an object of their attributes. */
function cacheOf(node: YamlNode | null): CacheOption[] {
  return itemsOf(node).flatMap((item) => {
    const text =
      item.kind === 'map' ? item.entries.map(({ key, value }) => `${key}=${textOf(value) ?? ''}`).join() : textOf(item)
    return text === null || text === '' ? [] : [readCacheOption(withDefaults(text), item.line)]
  })
}

/** `${NAME:-value}`, as Compose writes it. */
function withDefaults(text: string): string {
  return text.replace(/\$\{\w+:?-([^{}]*)\}/g, '$1')
}

/** A map with what `<<` brings into it below its own entries. */
function merged(node: YamlNode | null): YamlNode | null {
  if (node?.kind !== 'map') return node
  const brought = itemsOf(child(node, '<<')).flatMap(entriesOf)
  return { ...node, entries: [...node.entries, ...brought] }
}

import { inlineOption, readBuildArg, setOptions } from './action-build.ts'
import { readBakeSet } from './bake-set.ts'
import { type BuilderCall, readBuilderCall } from './builder-call.ts'
import { readCacheOption, splitCommas } from './cache-option.ts'
import { dockerfileIn, inDirectory, joinPath } from './context-path.ts'
import { readCommands } from './shell.ts'
import type { BakeCall, ImageBuild, KnownOfStep } from './workflow.ts'
import { lineInScalar, type YamlNode, type YamlScalar } from './yaml-source.ts'

/** The image builds of a `run:` script that starts in a directory. */
export function scriptBuilds(script: YamlNode | null, known: KnownOfStep, start: string): ImageBuild[] {
  if (script?.kind !== 'scalar') return []
  let directory = start
  return readCommands(script.text).flatMap((command) => {
    const [first, second] = command.words
    if (first?.text === 'cd' && second) directory = joinPath(directory, second.text)
    const call = readBuilderCall(command)
    return call === null ? [] : [buildOf({ call, script, directory }, known)]
  })
}

type Found = { call: BuilderCall; script: YamlScalar; directory: string }

function buildOf({ call, script, directory }: Found, known: KnownOfStep): ImageBuild {
  const all = (...names: string[]) => call.options.filter(({ name }) => names.includes(name))
  const values = (...names: string[]) => all(...names).flatMap(({ value }) => (value === null ? [] : [value]))
  const lined = (name: string) =>
    all(name).flatMap(({ value, offset }) =>
      value === null ? [] : [{ text: value, line: lineInScalar(script, offset) }],
    )
  const buildArgs = lined('build-arg').map(({ text, line }) => readBuildArg(text, line))
  const bake = call.kind === 'bake' || call.kind === 'compose' ? bakeCall(call, lined('set'), directory) : null
  const noCache = all('no-cache').find(({ value }) => value !== 'false')
  const context = bake ? null : inDirectory(directory, call.positional.at(-1) ?? null)
  const file = inDirectory(directory, values('file', 'f').at(-1) ?? null)
  return {
    ...{
      ...known,
      how: { kind: call.kind, name: call.name },
      line: lineInScalar(script, call.offset),
      bake,
      opaque: call.opaque,
    },
    ...{
      context,
      gitContext: false,
      file: bake ? null : (file ?? dockerfileIn(context)),
      target: values('target').at(-1) ?? null,
    },
    ...{ platforms: values('platform').flatMap(splitCommas), buildArgs, tags: values('tag', 't') },
    cacheFrom: bake
      ? setOptions(bake, 'cache-from')
      : lined('cache-from').map(({ text, line }) => readCacheOption(text, line)),
    cacheTo: bake
      ? setOptions(bake, 'cache-to')
      : [...lined('cache-to').map(({ text, line }) => readCacheOption(text, line)), ...inlineOption(buildArgs)],
    noCache: noCache ? (noCache.value === null || noCache.value === 'true' ? 'yes' : 'conditional') : 'no',
    noCacheLine: noCache ? lineInScalar(script, noCache.offset) : null,
    noCacheFilters: values('no-cache-filter').flatMap(splitCommas),
    push:
      all('push').length > 0 || values('output', 'o').some((output) => /type=registry|push=true/.test(output))
        ? 'yes'
        : 'no',
    place: null,
  }
}

function bakeCall(call: BuilderCall, set: { text: string; line: number }[], directory: string): BakeCall {
  const files = call.options.flatMap(({ name, value }) =>
    ['file', 'f'].includes(name) && value !== null ? [joinPath(directory, value)] : [],
  )
  return { files, targets: call.positional, set: set.flatMap(({ text, line }) => readBakeSet(text, line) ?? []) }
}

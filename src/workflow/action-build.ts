import { readBakeSet } from './bake-set.ts'
import { type CacheOption, readCacheOption, splitCommas } from './cache-option.ts'
import { dockerfileIn, inDirectory } from './context-path.ts'
import type { Answer, BakeCall, BuildArg, ImageBuild, InputsPlace, KnownOfStep } from './workflow.ts'
import { child, entryNamed, itemsOf, lineInScalar, textOf, type YamlEntry, type YamlNode } from './yaml-source.ts'

/** A step that builds through an action: build-push-action, bake-action, and forks that take the same inputs. */
export function actionBuild(step: YamlNode, known: KnownOfStep): ImageBuild[] {
  const uses = entryNamed(step, 'uses')
  const action = textOf(uses?.value ?? null)?.split('@', 1)[0] ?? ''
  const kind = /\/build-push-action$/.test(action)
    ? 'build-push-action'
    : /\/bake-action$/.test(action)
      ? 'bake-action'
      : null
  if (uses === null || kind === null) return []
  const inputs = child(step, 'with')
  const bake = kind === 'bake-action' ? bakeCall(inputs) : null
  const noCache = entryNamed(inputs, 'no-cache')
  return [
    {
      ...{ ...known, how: { kind, name: action }, line: uses.line, bake, opaque: false },
      ...(bake ? { context: null, gitContext: false, file: null, target: null } : contextOf(inputs)),
      ...{ platforms: commaList(inputs, 'platforms'), buildArgs: buildArgs(inputs), tags: commaList(inputs, 'tags') },
      cacheFrom: bake ? setOptions(bake, 'cache-from') : cacheOptions(inputs, 'cache-from'),
      cacheTo: bake
        ? setOptions(bake, 'cache-to')
        : [...cacheOptions(inputs, 'cache-to'), ...inlineOption(buildArgs(inputs))],
      ...{ noCache: answer(textOf(noCache?.value ?? null)), noCacheLine: noCache?.line ?? null },
      ...{ noCacheFilters: commaList(inputs, 'no-cache-filters'), push: pushOf(inputs) },
      place: placeOf(step, uses),
    },
  ]
}

export function answer(text: string | null): Answer {
  if (text === null || text.trim() === '' || text.trim().toLowerCase() === 'false') return 'no'
  return text.trim().toLowerCase() === 'true' ? 'yes' : 'conditional'
}

/** The old way to keep a cache inside of the image. */
export function inlineOption(buildArgs: BuildArg[]): CacheOption[] {
  const arg = buildArgs.find(({ name, value }) => name === 'BUILDKIT_INLINE_CACHE' && value === '1')
  return arg ? [{ ...readCacheOption('type=inline', arg.line), text: 'BUILDKIT_INLINE_CACHE=1' }] : []
}

function contextOf(inputs: YamlNode | null): Pick<ImageBuild, 'context' | 'gitContext' | 'file' | 'target'> {
  const written = textOf(child(inputs, 'context'))?.trim() || '{{defaultContext}}'
  const subfolder = /^\{\{\s*defaultContext\s*\}\}:?(.*)$/.exec(written)?.[1]
  const directory = subfolder === undefined ? written : subfolder || '.'
  const context = inDirectory('.', directory)
  // A Dockerfile of the git context is named from its root.
  const file = inDirectory('.', textOf(child(inputs, 'file'))?.trim() || null) ?? dockerfileIn(context)
  return { context, gitContext: subfolder !== undefined, file, target: textOf(child(inputs, 'target')) || null }
}

function bakeCall(inputs: YamlNode | null): BakeCall {
  const set = lineList(inputs, 'set').flatMap(({ text, line }) => readBakeSet(text, line) ?? [])
  return { files: commaList(inputs, 'files'), targets: commaList(inputs, 'targets'), set }
}

export function setOptions(bake: BakeCall, key: string): CacheOption[] {
  return bake.set
    .filter((one) => one.key === key && one.value !== '')
    .map(({ value, line }) => readCacheOption(value, line))
}

function cacheOptions(inputs: YamlNode | null, key: string): CacheOption[] {
  return lineList(inputs, key).map(({ text, line }) => readCacheOption(text, line))
}

function buildArgs(inputs: YamlNode | null): BuildArg[] {
  return lineList(inputs, 'build-args').map(({ text, line }) => readBuildArg(text, line))
}

export function readBuildArg(text: string, line: number): BuildArg {
  const at = text.indexOf('=')
  return at < 0 ? { name: text, value: null, line } : { name: text.slice(0, at), value: text.slice(at + 1), line }
}

function pushOf(inputs: YamlNode | null): Answer {
  const outputs = textOf(child(inputs, 'outputs')) ?? ''
  const push = answer(textOf(child(inputs, 'push')))
  return push === 'no' && /type=registry|push=true/.test(outputs) ? 'yes' : push
}

/** An input of several values, one a line. */
function lineList(inputs: YamlNode | null, key: string): { text: string; line: number }[] {
  return itemsOf(child(inputs, key)).flatMap((node) => {
    if (node.kind !== 'scalar') return []
    let offset = 0
    return node.text.split('\n').flatMap((written) => {
      const start = offset + (written.length - written.trimStart().length)
      offset += written.length + 1
      const text = written.trim()
      return text === '' || text.startsWith('#') ? [] : [{ text, line: lineInScalar(node, start) }]
    })
  })
}

function commaList(inputs: YamlNode | null, key: string): string[] {
  return lineList(inputs, key).flatMap(({ text }) =>
    splitCommas(text)
      .map((part) => part.trim())
      .filter(Boolean),
  )
}

function placeOf(step: YamlNode, uses: YamlEntry): InputsPlace {
  const inputs = entryNamed(step, 'with')
  const first = inputs?.value?.kind === 'map' ? inputs.value.entries[0] : undefined
  const flow = step.flow || inputs?.value?.flow === true
  return { line: inputs?.line ?? uses.line, hasWith: inputs !== null, indent: first?.column ?? uses.column + 2, flow }
}

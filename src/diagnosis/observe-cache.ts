import { type Build, type Vertex, wasCached } from '../build/build.ts'
import type { LogReading } from '../build/read-log.ts'
import { cacheTransfer } from '../build/vertex-name.ts'
import { type BuildCommand, commandOf, valuesOf } from './build-command.ts'
import type { Observed } from './observed.ts'
import { outcomeOfBuild } from './outcome.ts'

/** What the command lines, imports, exports and steps of BuildKit builds show of the use of a cache. */
export function observeCache(reading: LogReading): Observed[] {
  const built = reading.builds
    .filter((build) => build.builder === 'buildkit' && build.vertices.size > 2)
    .map((build): Built => ({ build, steps: layers(build), command: commandOf(reading, build) }))
  return [...built.flatMap(ofBuild), ...scopesWrittenTwice(built)]
}

type Built = { build: Build; steps: Vertex[]; command: BuildCommand | null }
type Seen = Omit<Observed, 'build'> | null

function ofBuild(built: Built): Observed[] {
  const { build, command } = built
  const ofCommand = command
    ? [
        withoutEffect(built, command),
        neverUsed(built, command),
        neverRead(built, command),
        switchedOff(command),
        ...unknownAttributes(command),
      ]
    : []
  return [...ofCommand, importWithoutHits(built), cookIn(built)].flatMap((seen) => (seen ? { ...seen, build } : []))
}

/** buildx drops a `gha` entry without a word when the step has no token (buildx `build/opt.go` `isActive`). */
function withoutEffect({ build }: Built, command: BuildCommand): Seen {
  const entry = [...cacheFrom(command), ...cacheTo(command)].find((text) => typeOf(text) === 'gha')
  if (entry === undefined || outcomeOfBuild(build) !== 'succeeded' || transfers(build).length > 0) return null
  return at(command, 'gha-cache-without-effect', { entry })
}

/** Seconds of steps below which nobody misses a cache. */
const worthCaching = 30

function neverUsed({ build, steps }: Built, command: BuildCommand): Seen {
  const asked = [...cacheFrom(command), ...cacheTo(command)].length > 0
  if (asked || !command.whole || isSwitchedOff(command) || build.driver !== 'docker-container') return null
  if (transfers(build).length > 0 || steps.some(wasCached) || secondsOf(steps) < worthCaching) return null
  return at(command, 'cache-never-used')
}

function neverRead({ build, steps }: Built, command: BuildCommand): Seen {
  const written = cacheTo(command).some((text) => typeOf(text) !== 'inline')
  if (!written || cacheFrom(command).length > 0 || !command.whole || isSwitchedOff(command)) return null
  const imports = transfers(build).some((vertex) => vertex.name.kind === 'import')
  if (imports || steps.some(wasCached) || secondsOf(steps) < worthCaching) return null
  return at(command, 'cache-written-never-read')
}

function switchedOff(command: BuildCommand): Seen {
  return isSwitchedOff(command) ? at(command, 'cache-switched-off') : null
}

function isSwitchedOff({ words }: BuildCommand): boolean {
  return words.some((word) => /^--no-cache(?:=true)?$|^--no-cache-filter\b|\.no-cache=true$/.test(word))
}

/** BuildKit ignores what it does not know, and a `mode` that is neither min nor max (`control/control.go`). */
function unknownAttributes(command: BuildCommand): Seen[] {
  return [...cacheFrom(command), ...cacheTo(command)].flatMap((entry) => {
    if (!/^(?:gha|registry|local|inline)$/.test(typeOf(entry) ?? '')) return []
    return pairs(entry)
      .filter(([key, value]) => (key === 'mode' ? !/^(?:min|max)$/i.test(value) : isMisspelt(key)))
      .map(([key, value]) => at(command, 'unknown-cache-attribute', { attribute: `${key}=${value}`, entry }))
  })
}

/** Only what is nearly a known name: attributes are added with every release. */
function isMisspelt(key: string): boolean {
  if (attributes.includes(key)) return false
  return key !== key.trim() || attributes.some((known) => known.startsWith(key) || key.startsWith(known))
}

const attributes =
  'type ref src dest scope mode tag digest url url_v2 token timeout ignore-error image-manifest oci-mediatypes compression compression-level force-compression reset ghtoken repository registry.insecure'.split(
    ' ',
  )

/**
 * The GitHub cache was read and gave nothing, not even for a step that depends on no file: a `RUN` right after `FROM`.
 * A missing scope looks the same (BuildKit `cache/remotecache/gha/gha.go` `loadScope` returns an empty chain).
 */
function importWithoutHits({ build, steps, command }: Built): Seen {
  const imports = transfers(build).filter(({ name }) => name.kind === 'import')
  const [first] = imports
  const onlyGha = imports.every((vertex) => typeOfVertex(vertex) === 'gha' && vertex.status === 'done')
  if (!first || !onlyGha || (command && isSwitchedOff(command))) return null
  const ran = steps.filter(({ status }) => status === 'done')
  if (steps.some(wasCached) || ran.length < 3 || !ran.some((step) => dependsOnNoFile(step, steps))) return null
  return { name: 'gha-import-without-hits', vertex: first, line: first.line, text: first.text, captures: {} }
}

function dependsOnNoFile(step: Vertex, steps: Vertex[]): boolean {
  const { instruction, tokens, platform, ordinal } = step.name
  if (ordinal === null || !/^RUN\b/.test(instruction) || /--mount=type=bind/.test(instruction)) return false
  const above = steps.filter(
    ({ name }) => name.tokens.join() === tokens.join() && name.platform === platform && (name.ordinal ?? 0) < ordinal,
  )
  return above.every(({ name }) => /^RUN\b/.test(name.instruction)) && ordinal <= above.length + 3
}

function cookIn({ steps }: Built): Seen {
  const cook = steps.find(
    ({ name, status }) => /\bcargo chef cook\b/.test(name.instruction) && (status === 'done' || status === 'cached'),
  )
  return cook ? { name: 'cook-in-build', vertex: cook, line: cook.line, text: cook.text, captures: {} } : null
}

/** Two images exported to one scope: the index of the later replaces that of the earlier. */
function scopesWrittenTwice(built: Built[]): Observed[] {
  const writers = built.flatMap(({ build, command }) =>
    command?.whole
      ? cacheTo(command)
          .filter((entry) => typeOf(entry) === 'gha')
          .map((entry) => ({ build, command, scope: new Map(pairs(entry)).get('scope') ?? 'buildkit' }))
      : [],
  )
  return writers.flatMap(({ build, command, scope }, index) => {
    const rival = writers
      .slice(0, index)
      .find((other) => other.scope === scope && image(other.command) !== image(command))
    return rival ? { ...at(command, 'same-gha-scope-twice', { scope }), build } : []
  })
}

/** What is built: the Dockerfile and the context, which an echoed command has as its last word. */
function image(command: BuildCommand): string {
  return [...valuesOf(command, '-f', '--file'), command.words.at(-1)].join('\n')
}

function at(command: BuildCommand, name: Observed['name'], captures: Record<string, string> = {}) {
  return { name, vertex: null, line: command.line, text: command.text, captures }
}

function cacheFrom(command: BuildCommand): string[] {
  return [...valuesOf(command, '--cache-from'), ...bakeValues(command, 'cache-from')]
}

function cacheTo(command: BuildCommand): string[] {
  return [...valuesOf(command, '--cache-to'), ...bakeValues(command, 'cache-to')]
}

/** `--set *.cache-to=type=gha` of bake. */
function bakeValues(command: BuildCommand, name: string): string[] {
  return valuesOf(command, '--set').flatMap((set) => new RegExp(`^[^=]*\\.${name}\\+?=(.*)$`).exec(set)?.[1] ?? [])
}

function pairs(entry: string): [string, string][] {
  return entry.split(',').map((pair) => {
    const equals = pair.indexOf('=')
    return equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)]
  })
}

function typeOf(entry: string): string | undefined {
  return new Map(pairs(entry)).get('type')
}

function typeOfVertex(vertex: Vertex): string {
  return cacheTransfer(vertex.name.instruction).type
}

function transfers(build: Build): Vertex[] {
  return [...build.vertices.values()].filter(({ name }) => name.kind === 'import' || name.kind === 'export')
}

/** Steps that make a layer. */
function layers(build: Build): Vertex[] {
  return [...build.vertices.values()].filter(
    ({ name }) => name.kind === 'step' && /^(?:RUN|COPY|ADD)\b/.test(name.instruction),
  )
}

function secondsOf(steps: Vertex[]): number {
  return steps.reduce((sum, { seconds }) => sum + (seconds ?? 0), 0)
}

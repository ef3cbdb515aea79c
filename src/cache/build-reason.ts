import type { Build, Vertex } from '../build/build.ts'
import { wasCached } from '../build/build.ts'
import { cacheTransfer } from '../build/vertex-name.ts'
import type { CacheSetup } from './evidence.ts'
import { type Found, found } from './found.ts'
import type { Scene } from './scene.ts'
import { hasRun, makesLayer } from './stage-run.ts'

/** What the whole build says about its cache, whatever a single step depends on. */

export type Import = { type: string; ref: string; ok: boolean; error: string | null }

/** It was asked for: by the command line, the record, the workflow. */
export function askedForNone(scene: Scene, stage: string | null): Found | null {
  const { build, sources } = scene
  const asked = noCacheOf(build.command) ?? build.record?.noCache ?? sources.cache?.noCache ?? false
  if (asked === true) return found('no-cache-requested', 'high', 'the build was started with --no-cache')
  if (asked !== false && asked.some((name) => name.toLowerCase() === stage?.toLowerCase()))
    return found('no-cache-requested', 'high', `the build was started with --no-cache-filter=${asked.join(',')}`)
  return null
}

function noCacheOf(command: string | null): boolean | string[] | null {
  if (command === null) return null
  if (/\s--no-cache(?:=true)?(?:\s|$)/.test(command)) return true
  const filters = [...command.matchAll(/\s--no-cache-filter[ =](\S+)/g)].flatMap(([, names = '']) => names.split(','))
  return filters.length > 0 ? filters : null
}

/** A record of the cache pointed to a layer that is gone; BuildKit then runs the step after all (v0.10 and later). */
export function lostLayers({ build }: Scene): Found | null {
  const lost = [...build.vertices.values()].find(
    (vertex) => hasRun(vertex) && vertex.status === 'done' && isLostLayer(vertex.error ?? ''),
  )
  if (!lost || importsOf(build).length === 0) return null
  const blob = /sha256:\w{12}/.exec(lost.error ?? '')?.[0] ?? 'a layer'
  return found('evicted', 'high', `the cache still lists its layers, but ${blob} is gone`)
}

function isLostLayer(error: string): boolean {
  return error.includes('not found') && /(?:blob|content) sha256:/.test(error)
}

/** RUN, COPY and ADD all ran though the WORKDIRs between them were found: nothing but `--no-cache` does that. */
export function ranInSpiteOfCache(steps: Vertex[]): boolean {
  const layers = steps.filter((vertex) => makesLayer(vertex) && vertex.status !== 'unfinished')
  const folders = steps.filter((vertex) => vertex.name.kind === 'step' && !makesLayer(vertex))
  return layers.length > 0 && layers.every(hasRun) && folders.some(wasCached)
}

/** No step at all came from a cache. */
export function isCold({ runs }: Scene): boolean {
  return !runs.some(({ steps }) => steps.some((vertex) => vertex.name.kind === 'step' && wasCached(vertex)))
}

/** Why nothing, or nothing of a stage, was found in any cache. */
export function coldReason(scene: Scene): Found {
  const imports = importsOf(scene.build)
  const failed = imports.find(({ ok, error }) => !ok && !isNotFound(error))
  if (failed)
    return found('cache-import-failed', 'high', `importing from ${nameOf(failed)} failed: ${short(failed.error ?? '')}`)
  const missing = imports.find(({ ok }) => !ok)
  if (missing && imports.every(({ ok }) => !ok))
    return found('cache-import-not-found', 'high', `there is no cache at ${nameOf(missing)}`)
  const used = imports.find(({ ok }) => ok)
  return used ? emptyImport(scene, used) : withoutImport(scene)
}

/** It could be read, and held nothing for this build. GitHub's cache says so also of a scope that does not exist. */
function emptyImport({ sources, strangersBefore, previous, build }: Scene, used: Import): Found {
  const rivals = sources.cache?.rivals ?? []
  const scope = sources.cache?.imports.find(({ type }) => type === used.type)?.scope ?? null
  const where = used.type === 'gha' ? `the GitHub cache${scope === null ? '' : `, scope ${scope}`}` : nameOf(used)
  if (rivals.length > 0)
    return found('scope-overwritten', 'high', `${rivals.join(', ')} writes to ${where} too; the last one wins`)
  if (strangersBefore)
    return found('scope-overwritten', 'medium', `the build before was of another image, and ${where} holds its layers`)
  if (sources.cache?.held === 'only-on-other-refs')
    return found('scope-unreachable', 'high', `${where} was written on a branch that this run may not read`)
  const wrote = previous !== null && exported(previous, used.type)
  if (used.type === 'registry' && wrote)
    return found(
      'scope-overwritten',
      'medium',
      `the build before wrote its layers to a registry, and ${where} holds others now`,
    )
  if (used.type !== 'gha')
    return found('not-exported', 'medium', `${where} was read, and holds no cache records that this build could use`)
  if (writesElsewhere(sources.cache, scope))
    return found('cache-import-not-found', 'high', `${where} is not where the build exports to, and held nothing`)
  if (wrote && sources.cache?.held === 'nothing')
    return found(
      'evicted',
      'high',
      `the build before wrote its layers to ${where}, and GitHub holds nothing of it any more`,
    )
  const sure = sources.cache?.held === 'nothing' ? 'high' : 'medium'
  const skipped = build.vertices.size === 0 ? '' : ': no entry, or none that this branch may read'
  return found('cache-import-not-found', sure, `${where} held nothing for this build${skipped}`)
}

function writesElsewhere(cache: CacheSetup | null, scope: string | null): boolean {
  const exports = (cache?.exports ?? []).filter(({ type }) => type === 'gha')
  return scope !== null && exports.length > 0 && exports.every((one) => one.scope !== scope)
}

function withoutImport(scene: Scene): Found {
  const { build, sources, evidence, previous } = scene
  const [wanted] = sources.cache?.imports ?? []
  if (wanted) {
    const how = `asks for a ${wanted.type} cache, and the log shows no import`
    const why = wanted.type === 'gha' ? ': buildx leaves it out without a word when the step has no runtime token' : ''
    return found('cache-import-failed', 'medium', `${sources.cache?.written ?? 'the command line'} ${how}${why}`)
  }
  if (previous && build.jobStep !== null)
    return found(
      'cache-not-configured',
      'medium',
      'no cache was imported, and the builder had none of its own: a runner that starts empty, or was cleaned',
    )
  if (previous)
    return found('pruned', 'medium', 'the build before left its layers with the builder, and none is there any more')
  if (evidence.previous?.length === 0) return found('first-build', 'high', 'no build before this one is known')
  const known = sources.cache !== null
  return found(
    'cache-not-configured',
    known ? 'high' : 'medium',
    `${known ? `${sources.cache?.written} names no cache to import` : 'no cache was imported'}, and the builder had none of its own`,
  )
}

export function importsOf(build: Build): Import[] {
  return transfers(build, 'import').map((vertex) => {
    const ok = vertex.status === 'done' || vertex.status === 'cached'
    return { ...cacheTransfer(vertex.name.instruction), ok, error: vertex.error }
  })
}

function exported(build: Build, type: string): boolean {
  return transfers(build, 'export').some(
    (vertex) => vertex.status === 'done' && cacheTransfer(vertex.name.instruction).type === type,
  )
}

function transfers(build: Build, kind: 'import' | 'export'): Vertex[] {
  return [...build.vertices.values()].filter(({ name }) => name.kind === kind)
}

function isNotFound(error: string | null): boolean {
  // the reference itself; a part of it that is gone is a broken cache, not a missing one
  return /not found|manifest unknown/i.test(error ?? '') && !/content descriptor|blob sha256:/i.test(error ?? '')
}

function nameOf({ type, ref }: Pick<Import, 'type' | 'ref'>): string {
  return type === 'gha' || ref === '' ? `the ${type} cache` : ref
}

function short(error: string): string {
  const line = error.split('\n')[0] ?? ''
  return line.length > 160 ? `${line.slice(0, 157)}...` : line
}

import type { CacheOption } from '../cache-option.ts'
import { cacheFields } from '../cache-option.ts'
import { rewriteOption, withField } from './edits.ts'
import { type Finding, finding, type Placed, type Scene } from './scene.ts'
import type { Edit } from './trouble.ts'

/** A cache directory that actions/cache keeps, and that either only grows or is never renewed. */
export function localNeverRotated(scene: Scene): Finding[] {
  return scene.placed.flatMap((one) => one.build.cacheTo.flatMap((option) => lookAt(one, option, scene)))
}

function lookAt(one: Placed, option: CacheOption, scene: Scene): Finding[] {
  const dest = option.type === 'local' && !option.conditional ? directory(option.dest) : null
  if (dest === null || dest.includes('$') || cacheFields(option.text).get('reset') === 'true') return []
  const kept = keptDirectories(one)
  const moved = one.job?.steps.some(
    ({ script }) => script !== null && /\b(?:mv|rsync|cp|rm)\b/.test(script) && script.includes(lastPart(dest)),
  )
  if (kept.length === 0 || moved || kept.some((path) => path.includes('$'))) return []
  if (kept.includes(dest)) return [grows(one, option, scene)]
  const source = one.build.cacheFrom.find(
    ({ type, src }) => type === 'local' && kept.includes(directory(src) ?? ''),
  )?.src
  return source ? [isStale(one, option, source, scene)] : []
}

function keptDirectories({ job }: Placed): string[] {
  const paths = job?.steps.flatMap(({ uses, with: inputs }) =>
    /^actions\/cache(?:\/save)?@/.test(uses ?? '') ? (inputs.path ?? '').split('\n') : [],
  )
  return (paths ?? []).flatMap((path) => directory(path.trim()) ?? [])
}

function directory(path: string | null | undefined): string | null {
  return path ? path.replace(/(?<!\/)\/+$/, '').replace(/^\.\//, '') : null
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function grows(one: Placed, option: CacheOption, { linesOf }: Scene): Finding {
  return finding(one, {
    ...{
      kind: 'local-never-rotated',
      line: option.line,
      message: `${option.dest} is kept from run to run and nothing is ever removed from it`,
    },
    why: 'A local export adds to its directory. Write to a new one and move it over the old one, or say reset=true (buildx 0.35 and later).',
    edit: reset(one, option, null, linesOf(one.written.source)),
  })
}

function isStale(one: Placed, option: CacheOption, source: string, { linesOf }: Scene): Finding {
  return finding(one, {
    ...{
      kind: 'local-never-rotated',
      line: option.line,
      message: `${option.dest} is written, but ${source} is kept and read: the new cache is thrown away`,
    },
    why: 'No step moves the new directory over the old one, so every run reads what the first one left.',
    edit: reset(one, option, source, linesOf(one.written.source)),
  })
}

function reset({ written }: Placed, { line }: CacheOption, source: string | null, lines: string[]): Edit | null {
  const option = written.cacheTo.find((found) => found.line === line && found.type === 'local')
  if (!option) return null
  const text = source === null ? option.text : withField(option.text, 'dest', source)
  return rewriteOption(written, lines, option, withField(text, 'reset', 'true'))
}

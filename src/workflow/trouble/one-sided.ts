import type { CacheOption } from '../cache-option.ts'
import type { Workflow } from '../workflow.ts'
import { addInputs, insertAfter, replaceInLine, rewriteOption, withField, withoutFields } from './edits.ts'
import { addressOf, type Finding, finding, isSymbolic, type Placed, placeAll, type Scene } from './scene.ts'
import type { Edit } from './trouble.ts'
import { defaultWorlds } from './worlds.ts'

/** Caches that are read and never written, or written and never read. */
export function oneSided(scene: Scene): Finding[] {
  const everywhere = [...scene.placed, ...scene.others.flatMap((other) => placeAll(other, other.builds))]
  const known = {
    writes: everywhere.flatMap(({ build }) => build.cacheTo),
    reads: everywhere.flatMap(({ build }) => build.cacheFrom),
  }
  // A bake file that was not read may hold the other side.
  if (everywhere.some(({ build }) => build.bake !== null || build.opaque)) return []
  return scene.placed.flatMap((one) => {
    const unread = one.build.cacheTo.filter((option) => !answered(option, known.reads))
    const unwritten = one.build.cacheFrom.filter((option) => !answered(option, known.writes))
    if (unread.length > 0) return [notRead(one, unread, scene)]
    const nothing = one.build.cacheFrom.length > 0 && unwritten.length === one.build.cacheFrom.length
    return nothing && one.build.cacheTo.length === 0 && writesShould(scene.workflow)
      ? notWritten(one, unwritten, scene)
      : []
  })
}

/** Only pull requests: they had better not write, the default branch's workflow does. */
function writesShould(workflow: Workflow): boolean {
  return defaultWorlds(workflow).length > 0
}

function answered(option: CacheOption, others: CacheOption[]): boolean {
  if (option.type === 'other' || option.type === 's3' || option.type === 'azblob') return true
  const address = addressOf(option)
  return (
    others.some((other) => {
      // An inline cache lies in the image, which is read by its name.
      if (option.type === 'inline' || other.type === 'inline')
        return option.type === 'inline' || option.type === 'registry'
      if (other.type === 'other') return true
      if (other.type !== option.type) return false
      const there = addressOf(other)
      return address === there || isSymbolic(address) || isSymbolic(there) || option.type === 'local'
    }) || option.type === 'inline'
  )
}

function notRead(one: Placed, unread: CacheOption[], scene: Scene): Finding {
  const [first] = unread
  const option = one.written.cacheTo.find(({ line, type }) => line === first?.line && type === first.type) ?? first
  const twin = one.written.cacheFrom.filter(({ type }) => type === option?.type)
  const lines = scene.linesOf(one.written.source)
  const [read] = twin
  return finding(one, {
    kind: 'export-without-import',
    line: option?.line ?? one.written.line,
    message: read
      ? `${nameOf(first)} is written, but ${nameOf(read)} is read`
      : `${nameOf(first)} is written and never read`,
    why: 'A build looks for its steps only in what cache-from names; an export that nobody imports costs its upload and gives nothing back.',
    edit: option === undefined ? null : read ? sameAddress(one, option, read, lines) : addImport(one, unread, lines),
  })
}

function sameAddress({ written }: Placed, option: CacheOption, read: CacheOption, lines: string[]): Edit | null {
  const key = option.type === 'gha' ? 'scope' : option.type === 'registry' ? 'ref' : null
  const value = key === null ? null : (read[key] ?? (key === 'scope' ? 'buildkit' : null))
  if (key === null || value === null || option.conditional || read.conditional) return null
  return rewriteOption(written, lines, option, withField(option.text, key, value))
}

function addImport({ written }: Placed, unread: CacheOption[], lines: string[]): Edit | null {
  if (
    written.cacheFrom.length > 0 ||
    unread.some(({ type, conditional }) => conditional || (type !== 'gha' && type !== 'registry'))
  )
    return null
  const options = written.cacheTo.filter(({ line }) => unread.some((option) => option.line === line))
  const texts = options.map(({ text }) => withoutFields(text, exportOnly))
  return addInputs(written, lines, { 'cache-from': texts })
}

const exportOnly = [
  'mode',
  'ignore-error',
  'image-manifest',
  'oci-mediatypes',
  'compression',
  'compression-level',
  'force-compression',
  'repository',
  'ghtoken',
]

function notWritten(one: Placed, unwritten: CacheOption[], scene: Scene): Finding[] {
  const [first] = unwritten
  // An image that somebody else builds may hold its cache.
  if (first === undefined || unwritten.some(({ type, ref }) => type === 'registry' && !/cache/i.test(ref ?? '')))
    return []
  return [
    finding(one, {
      ...{
        kind: 'import-without-export',
        line: first.line,
        message: `${nameOf(first)} is read, but nothing here writes it`,
      },
      why: 'An import finds what an earlier export left; without a cache-to it stays empty, and a missing GitHub cache is not even reported.',
      edit: addExport(one, first, scene.linesOf(one.written.source)),
    }),
  ]
}

function addExport({ written }: Placed, first: CacheOption, lines: string[]): Edit | null {
  const option = written.cacheFrom.find(({ line }) => line === first.line)
  if (!option || option.conditional || (option.type !== 'gha' && option.type !== 'registry')) return null
  const text = `${option.text.startsWith('type=') ? option.text : `type=registry,ref=${option.text}`},mode=max`
  if (written.place) {
    if (written.place.flow) return null
    const last = Math.max(...written.cacheFrom.map(({ line }) => line))
    return insertAfter(lines, last, [`${' '.repeat(written.place.indent)}cache-to: ${text}`])
  }
  const said = [`--cache-from ${option.text}`, `--cache-from=${option.text}`].find((form) =>
    lines[option.line - 1]?.includes(form),
  )
  return said === undefined ? null : replaceInLine(lines, option.line, said, `${said} --cache-to ${text}`)
}

function nameOf(option: CacheOption | undefined): string {
  if (option?.type === 'gha') return `the GitHub cache of scope ${option.scope ?? '`buildkit` (the default)'}`
  return option?.ref ?? option?.dest ?? option?.src ?? `the ${option?.type} cache`
}

import { logReader } from '../../src/build/read-log.ts'
import { type ChangedFiles, readChangedFiles } from '../../src/cache/changed-files.ts'
import type { BuildArgs, CacheSetup, Evidence } from '../../src/cache/evidence.ts'
import type { Miss } from '../../src/cache/miss.ts'
import { indexSigns } from '../../src/diagnosis/match.ts'
import { loadRunbooks, ownRunbooks } from '../../src/diagnosis/runbooks.ts'
import { summariseBuild } from '../../src/diagnosis/summarise.ts'
import { readIgnore } from '../../src/dockerfile/ignore.ts'
import { readDockerfile } from '../../src/dockerfile/read-dockerfile.ts'

/**
 * Two builds in short, and what is known of their sources. A line of a log is the name of a vertex and its state:
 * `[2/3] COPY a b | DONE 0.1s`; what is indented under it is its output. Lines that begin with `|` are any others.
 */
export type TwoBuilds = {
  log: string
  /** absent: the same steps, all of them executed; null: nobody knows; empty: there was none */
  previous?: string | null
  dockerfile?: string
  /** absent: the same as now */
  previousDockerfile?: string | null
  ignore?: string | null
  context?: string | null
  /** as `--changed-files` takes it; absent: nothing changed; null: nobody knows */
  changed?: string | null
  buildArgs?: BuildArgs | null
  cache?: Partial<CacheSetup> | null
  triggers?: 'none'
}

export const runbookTriggers = indexSigns(await loadRunbooks([ownRunbooks])).triggers

export function missesOf(given: TwoBuilds): Miss[] {
  const evidence = evidenceOf(given)
  const triggers = given.triggers === 'none' ? [] : runbookTriggers
  return buildsIn(plainLog(given.log)).flatMap((build) =>
    summariseBuild(build, evidence, triggers).flatMap(({ firstMisses }) => firstMisses),
  )
}

/** Each miss as `step: reason files`. */
export function toldShort(given: TwoBuilds): string[] {
  return missesOf(given).map(({ step, reason, files }) => [`${step}: ${reason}`, ...files].join(' '))
}

function evidenceOf(given: TwoBuilds): Evidence {
  const { previous = executed(given.log), dockerfile, previousDockerfile = dockerfile, ignore = '' } = given
  const { changed = '', context = '', buildArgs = null, cache = null } = given
  const read = (text: string | null | undefined) =>
    text == null ? null : readDockerfile(unindented(text), 'Dockerfile')
  const sources = {
    dockerfile: read(dockerfile),
    previousDockerfile: read(previousDockerfile),
    ignore: ignore === null ? null : readIgnore(unindented(ignore)),
    context,
    buildArgs,
    cache: cache && { ...noSetup, ...cache },
    fixesFor: null,
  }
  const files: ChangedFiles | null = changed === null ? null : readChangedFiles(unindented(changed))
  return {
    previous: previous === null ? null : buildsIn(plainLog(previous)),
    changed: files,
    sourcesOf: () => sources,
  }
}

const noSetup: CacheSetup = {
  written: '.github/workflows/ci.yml:9',
  imports: [],
  exports: [],
  noCache: false,
  rivals: [],
  held: null,
}

function buildsIn(log: string) {
  const reader = logReader(() => {})
  reader.feed(new TextEncoder().encode(log))
  return reader.end().builds
}

/** Numbers, as BuildKit's plain progress shows them. */
export function plainLog(text: string): string {
  let number = 0
  const lines = unindented(text)
    .split('\n')
    .flatMap((line) => {
      if (line.trim() === '') return []
      if (line.startsWith('|')) return line.slice(1).trim()
      if (line.startsWith(' ')) return `#${number} ${line.trim()}`
      const at = line.lastIndexOf(' | ')
      const [name, state] = at < 0 ? [line, null] : [line.slice(0, at), line.slice(at + 3)]
      number++
      return [`#${number} ${name}`, ...(state === null ? [] : [`#${number} ${state}`]), '']
    })
  return `${lines.join('\n')}\n`
}

function executed(log: string): string {
  return log.replace(/ \| CACHED$/gm, ' | DONE 1.0s')
}

/** Without the indentation of its first line. */
export function unindented(text: string): string {
  const lines = text
    .replace(/^\n/, '')
    .replace(/\n[ \t]*$/, '\n')
    .split('\n')
  const indent = /^[ \t]*/.exec(lines[0] ?? '')?.[0] ?? ''
  return lines.map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line.trimStart())).join('\n')
}

/** A digest of its own for each letter. */
export const sha = (letter: string) => `sha256:${letter.repeat(64)}`

import type { Instruction } from '../../dockerfile/dockerfile.ts'
import { fitsName } from '../../dockerfile/package-managers.ts'
import { chainOf, rawLines } from '../chain.ts'
import { copiedFiles, isWholeContext, sourcesOf } from '../copied.ts'
import type { Install } from '../install.ts'
import type { Scene } from '../rule.ts'
import { besideManifests, conventional } from './conventional.ts'

/** COPY lines for what the installs read, in the manner of the copy that they stand in for; null when that is not known. */
export function manifestCopies(scene: Scene, copy: Instruction, installs: Install[]): string[] | null {
  const sources = sourcesOf(scene.dockerfile, copy)
  const [source] = sources
  if (source === undefined || sources.length !== 1 || copy.copy?.sources.length !== 1 || copy.json !== null) return null
  const base = isWholeContext(source) ? '' : `${source}/`
  const paths: string[] = []
  for (const install of installs) {
    const found = pathsFor(scene, copy, { install, base })
    if (!found) return null
    paths.push(...found)
  }
  const there = copiedBefore(scene, copy)
  const wanted = [...new Set(paths)].filter((path) => !there.has(path))
  return copyLines(scene, copy, base, wanted)
}

/** A workspace with more manifests is one for a person to sort out. */
const mostManifests = 16

/** Relative to the context; `base` is the folder that is copied. */
function pathsFor(
  scene: Scene,
  copy: Instruction,
  { install, base }: { install: Install; base: string },
): string[] | null {
  const { manager, words } = install
  if (manager.name === 'cargo') return null
  if (manager.name === 'cargo-chef') return recipeIsBrought(scene, install) ? [] : null
  const inner = folderOf(install)
  if (inner === null) return null
  const folder = `${base}${inner}`
  const named =
    manager.name === 'pip' || (manager.name === 'uv' && words.includes('pip')) ? requirementFiles(words) : []
  if (named === null) return null
  const files = copiedFiles(scene.dockerfile, copy, scene.context)
  if (named.length > 0) return requirementPaths(named, files, folder)
  if (files === null) return conventional(install).map((path) => `${folder}${path}`)
  const fitting = files.filter(
    (file) => file.startsWith(folder) && manager.manifests.some((pattern) => fitsName(pattern, lastOf(file))),
  )
  if (fitting.length === 0 || fitting.length > mostManifests) return null
  // what is only found deeper belongs to something else; a solution of .NET is the exception
  if (manager.name !== 'dotnet' && !fitting.some((file) => !file.slice(folder.length).includes('/'))) return null
  return [...fitting.toSorted(asDeclared(manager.manifests)), ...besideManifests(install, folder, files)]
}

/** The outermost folder first, and in it the manifest before its lock file. */
function asDeclared(manifests: string[]): (one: string, other: string) => number {
  const depth = (path: string) => path.split('/').length
  const place = (path: string) => manifests.findIndex((pattern) => fitsName(pattern, lastOf(path)))
  return (one, other) => depth(one) - depth(other) || place(one) - place(other)
}

/** The recipe is copied from the planner, not out of the sources. */
function recipeIsBrought({ dockerfile }: Scene, { instruction }: Install): boolean {
  const stage = dockerfile.stages[instruction.stage]
  const before = stage ? chainOf(dockerfile, stage).filter(({ line }) => line < instruction.line) : []
  return before.some(({ copy, text }) => copy?.from?.kind === 'stage' && /recipe/.test(text))
}

/** Where it installs, from the folder that is copied: `cd web`, `--prefix web`; null when only the shell knows. */
function folderOf({ commands, words, at }: Install): string | null {
  const moves = commands.slice(0, at).filter(([program]) => program === 'cd')
  const option = words.findIndex((word) =>
    /^(?:--prefix|--cwd|--dir|-C|--directory|--project|--working-dir)$/.test(word),
  )
  const target = option === -1 ? moves[0]?.[1] : words[option + 1]
  const joined = words.find((word) => /^--(?:prefix|cwd|dir|directory|project|working-dir)=/.test(word))?.split('=')[1]
  const folder = joined ?? target ?? ''
  if (moves.length > 1 || /^[/$~]|\.\.|\$/.test(folder)) return null
  const clean = folder.replace(/^(?:\.\/)+|(?<!\/)\/+$/g, '').replace(/^\.$/, '')
  return clean === '' ? '' : `${clean}/`
}

/** Values of `-r` and `-c`; null when one is no path in the context. */
function requirementFiles(words: string[]): string[] | null {
  const values = words.flatMap((word, at) => {
    if (/^(?:-r|-c|--requirements?|--constraints?)$/.test(word)) return [words[at + 1] ?? '']
    const joined = /^(?:--(?:requirements?|constraints?)=|-[rc](?=.))(.+)$/.exec(word)?.[1]
    return joined === undefined ? [] : [joined]
  })
  const clean = values.map((value) => value.replace(/^(?:\.\/)+/, ''))
  return clean.some((value) => value === '' || /^[/$~-]|\$|\.\.|:\/\//.test(value)) ? null : clean
}

/** One in a folder may name others beside it. */
function requirementPaths(named: string[], files: string[] | null, folder: string): string[] | null {
  const paths = named.map((file) => `${folder}${file}`)
  if (files?.length && !paths.every((path) => files.includes(path))) return null
  const above = paths.map((path) => path.slice(0, path.lastIndexOf('/') + 1))
  return [...new Set(paths.map((path, at) => (above[at] && above[at] !== folder ? above[at] : path)))]
}

/** Manifests that an earlier COPY of the stage has brought already. */
function copiedBefore({ dockerfile, context }: Scene, copy: Instruction): Set<string> {
  const stage = dockerfile.stages[copy.stage]
  const earlier = (stage ? chainOf(dockerfile, stage) : []).filter(
    (one) => one.line < copy.line && one.copy?.from === null,
  )
  return new Set(earlier.flatMap((one) => copiedFiles(dockerfile, one, context) ?? sourcesOf(dockerfile, one)))
}

/** One line for each folder, so that each file comes to lie where the whole copy would have put it. */
function copyLines({ dockerfile }: Scene, copy: Instruction, folder: string, paths: string[]): string[] {
  const flags = copy.flags.filter(({ name }) => /^(?:chown|chmod|link)$/.test(name))
  const written = flags.map(({ name, value }) => `--${name}${value === true ? '' : `=${value}`} `).join('')
  const indent = /^\s*/.exec(rawLines(dockerfile, copy)[0] ?? '')?.[0] ?? ''
  const head = `${indent}COPY ${written}`
  const destination = copy.copy?.destination ?? '.'
  const base = destination === '.' ? './' : destination.endsWith('/') ? destination : `${destination}/`
  const groups = Map.groupBy(paths, (path) => groupOf(path, folder))
  return [...groups].map(([group, members]) => {
    const target = group === '' ? base : `${base === './' ? '' : base}${group}`
    return `${head}${members.join(' ')} ${target}`
  })
}

/** The folder below the copied one; a folder that is copied whole is its own. */
function groupOf(path: string, folder: string): string {
  const inner = path.slice(folder.length)
  return inner.slice(0, inner.lastIndexOf('/') + 1)
}

function lastOf(path: string): string {
  return path.split('/').at(-1) ?? ''
}

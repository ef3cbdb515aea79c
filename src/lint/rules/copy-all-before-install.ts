import type { Dockerfile, Instruction, Stage } from '../../dockerfile/dockerfile.ts'
import { fitsName, isManifest } from '../../dockerfile/package-managers.ts'
import { chainOf, quoted } from '../chain.ts'
import { copiedFiles, isWholeContext, sourcesOf } from '../copied.ts'
import type { Level } from '../finding.ts'
import { type Install, installOf } from '../install.ts'
import { reorder } from '../reorder/reorder.ts'
import { type Draft, linesOf, type Rule, type Scene } from '../rule.ts'

/** The prohibited order: sources first, then the dependencies, which are installed anew whenever a source changes. */
export const copyAllBeforeInstall: Rule = {
  id: 'copy-all-before-install',
  level: 'prohibited',
  summary: 'sources are copied before the dependencies are installed',
  runbook: { file: 'docker-layer-caching.md', anchor: 'prohibited-actions' },
  check(scene) {
    const found = new Map<number, Draft>()
    for (const stage of scene.dockerfile.stages)
      for (const fault of faultsOf(scene, stage))
        if (!found.has(fault.copy.line)) found.set(fault.copy.line, draftOf(scene, fault))
    return [...found.values()]
  },
}

export type Fault = { copy: Instruction; installs: Install[] }

/**
 * A broad copy and the installs behind it. An install whose package manager has run before the copy is none: there the
 * dependencies lie in a layer of their own, and what runs now only adds the project.
 */
function faultsOf(scene: Scene, stage: Stage): Fault[] {
  const installed = new Set<string>()
  const broad: Fault[] = []
  for (const instruction of chainOf(scene.dockerfile, stage)) {
    const install = installOf(instruction)
    if (!install) {
      if (isBroad(scene, instruction)) broad.push({ copy: instruction, installs: [] })
      continue
    }
    const { name } = install.manager
    if (!installed.has(name))
      for (const fault of broad) if (concerns(scene, fault.copy, install)) fault.installs.push(install)
    installed.add(name)
  }
  return broad.filter(({ installs }) => installs.length > 0)
}

/** The whole context, or a folder in it; with more in it than manifests, as far as that is known. */
function isBroad(scene: Scene, instruction: Instruction): boolean {
  const { dockerfile, context } = scene
  const sources = sourcesOf(dockerfile, instruction)
  if (sources.length === 0) return false
  const files = copiedFiles(dockerfile, instruction, context)
  // only a listing that holds something can show that nothing else is copied
  if (files !== null && files.length > 0 && files.every((file) => isManifest(file).length > 0)) return false
  return (
    sources.some(isWholeContext) ||
    sources.some((source) => holdsProject(scene, instruction, source) || isSourceFolder(source))
  )
}

/** A folder with the manifests of a project and everything else of it. */
function holdsProject({ dockerfile, context }: Scene, instruction: Instruction, source: string): boolean {
  if (isExempt(source)) return false
  const files = copiedFiles(dockerfile, instruction, context)
  return files?.some((file) => file.startsWith(`${source}/`) && isManifest(file).length > 0) ?? false
}

/** What installers need beside the manifests: wrappers, plugins, patches, vendored packages. */
function isExempt(source: string): boolean {
  return /^(?:gradle|buildSrc|\.mvn|\.yarn|patches|prisma|vendor|\.cargo)(?:\/|$)/.test(source)
}

const sourceFolder = /^(?:src|app|lib|source|sources|server|client|cmd|internal|pkg|public|static)$/

function isSourceFolder(source: string): boolean {
  return sourceFolder.test(source)
}

/** A folder of sources is no matter of the install that takes in the project, and a folder of one language none of another's. */
function concerns(scene: Scene, copy: Instruction, { manager, needs }: Install): boolean {
  const sources = sourcesOf(scene.dockerfile, copy)
  if (sources.some(isWholeContext)) return true
  if (needs.kind !== 'manifests') return false
  if (sources.some(isSourceFolder)) return true
  const files = copiedFiles(scene.dockerfile, copy, scene.context) ?? []
  return files.some((file) => manager.manifests.some((pattern) => fitsName(pattern, file.split('/').at(-1) ?? '')))
}

function draftOf(scene: Scene, fault: Fault): Draft {
  const { copy, installs } = fault
  const [first] = installs
  const level = levelOf(scene.dockerfile, fault)
  const command = first ? quoted({ text: first.words.join(' ') }) : ''
  const where = first && first.instruction.line !== copy.line ? ` (line ${first.instruction.line})` : ''
  return {
    ...linesOf(copy),
    ...(level && { level }),
    message: `${quoted(copy)} stands before ${command}${where}: every changed file installs the dependencies again`,
    why: whyOf(first),
    edit: reorder(scene, fault),
    reruns: installs.map(({ instruction }) => instruction),
  }
}

/** What is meant to install the project with its dependencies is in no wrong order; it can be parted all the same. */
function levelOf(dockerfile: Dockerfile, { copy, installs }: Fault): Level | null {
  const byDesign = installs.every(({ needs }) => needs.kind === 'sources' || (needs.kind === 'rest' && needs.byDesign))
  if (byDesign) return 'note'
  return sourcesOf(dockerfile, copy).every(isSourceFolder) ? 'warning' : null
}

function whyOf(install: Install | undefined): string {
  const order = 'COPY is compared by content, and what stands behind a step that changed runs again.'
  if (install?.needs.kind === 'sources')
    return `${order} This command installs the project with its dependencies; those alone, from a list of them, can come first.`
  if (install?.needs.kind === 'rest')
    return `${order} With \`${install.needs.option}\` the dependencies come first and need only the manifests; the rest is quick.`
  return `${order} An install needs only manifest and lock file: copied first, they keep its layer until they change.`
}

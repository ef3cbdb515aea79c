import type { CacheOption } from '../cache-option.ts'
import { replaceInLine } from './edits.ts'
import { addressOf, type Finding, finding, isKnown, type Placed, type Scene } from './scene.ts'
import type { Edit } from './trouble.ts'
import { defaultWorlds, exportsIn, importsIn, mayRun, type World, worldsOf } from './worlds.ts'

/** Exports that do not happen on the default branch, from where every other branch reads. */
export function exportDisabled(scene: Scene): Finding[] {
  return scene.placed.flatMap((one) => {
    const { cacheTo } = one.written
    const barred = cacheTo.find(({ type }) => type === 'gha')
    const bar = barred && readOnly(one, scene)
    if (barred && bar) return [tell(one, barred, bar, null)]
    const off = isKnown(one) ? cacheTo.find((option) => isOff(one, option, scene)) : undefined
    return off
      ? [tell(one, off, 'on the default branch this export does not happen', withoutCondition(one, off, scene))]
      : []
  })
}

function tell(one: Placed, option: CacheOption, message: string, edit: Edit | null): Finding {
  const why =
    'Other branches and pull requests can read the cache of the default branch only, so it is there that it has to be written.'
  return finding(one, { kind: 'export-disabled', line: option.line, message, why, edit })
}

/** GitHub gives such runs a token that cannot write. */
function readOnly({ job }: Placed, { workflow }: Scene): string | null {
  const mode = job?.cacheMode ?? workflow.cacheMode
  if (mode === 'read' || mode === 'none') return `\`cache-mode: ${mode}\` lets nothing be written to the GitHub cache`
  const { events } = workflow.triggers
  const untrusted =
    events.length > 0 &&
    events.every((event) => ['pull_request_target', 'issue_comment'].includes(event)) &&
    mode === null
  return untrusted ? `runs on ${events.join(' and ')} may not write to the GitHub cache` : null
}

function isOff(one: Placed, option: CacheOption, scene: Scene): boolean {
  const worlds = defaultWorlds(scene.workflow)
  if (worlds.length === 0) return false
  const there = (world: World) => exportsIn(one, world).some(({ line }) => line === option.line)
  // A registry can be read by all, whoever wrote it.
  const asked = option.type === 'gha' ? worlds : worldsOf(scene.workflow)
  if (asked.some(there)) return false
  const others = scene.placed.filter((other) => other !== one)
  if (worlds.some((world) => mayRun(one, world))) return !writtenBy([one, ...others], option, worlds)
  // Not run there at all: that matters when a build which is run there reads it.
  const read = others.some((other) =>
    worlds.some((world) => importsIn(other, world).some((found) => addressOf(found) === addressOf(option))),
  )
  return read && option.type === 'gha' && !writtenBy(others, option, worlds)
}

function writtenBy(builds: Placed[], option: CacheOption, worlds: World[]): boolean {
  return builds.some((build) =>
    worlds.some((world) =>
      exportsIn(build, world).some((found) => found.type === 'other' || addressOf(found) === addressOf(option)),
    ),
  )
}

/** `${{ … && 'type=gha' || '' }}` without its condition. */
function withoutCondition({ written }: Placed, option: CacheOption, { linesOf }: Scene): Edit | null {
  const text = /'(type=[^'{}]*)'/.exec(option.text)?.[1]
  if (!option.conditional || text === undefined || written.place === null || written.place.flow) return null
  return replaceInLine(linesOf(written.source), option.line, option.text, text)
}

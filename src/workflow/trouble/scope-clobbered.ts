import type { Dockerfile } from '../../dockerfile/dockerfile.ts'
import type { CacheOption } from '../cache-option.ts'
import { rewriteOptions, withField } from './edits.ts'
import { neededStages, stageOf } from './needed-stages.ts'
import { addressOf, type Finding, finding, isKnown, isSymbolic, type Placed, type Scene } from './scene.ts'
import type { Edit } from './trouble.ts'
import { matrixKeys, uniqueScope } from './unique-scope.ts'
import { mayRun, worldsOf } from './worlds.ts'

/** Different builds that write one cache: each takes the index of the other away. */
export function scopeClobbered(scene: Scene): Finding[] {
  const writes = scene.placed.flatMap((one) =>
    one.build.cacheTo.map((option) => ({ one, option, address: sharedAddress(option) })),
  )
  const groups = Map.groupBy(
    writes.filter(({ address, one }) => address !== null && !one.build.opaque && one.build.bake === null),
    ({ address }) => address,
  )
  return [...groups.values()].flatMap((group) => {
    const clash = group.find(
      ({ one }, index) => index > 0 && group.slice(0, index).some((earlier) => clashes(earlier.one, one, scene)),
    )
    const alone = group.find(({ one }) => hiddenLegsClash(one))
    const found = clash ?? alone
    return found ? [tell(found.one, found.option, scene)] : []
  })
}

/** Null when it may be another one in each job. */
function sharedAddress(option: CacheOption): string | null {
  const address = option.conditional || (option.type !== 'gha' && option.type !== 'registry') ? null : addressOf(option)
  return address !== null && isSameInRun(address) ? address : null
}

function isSameInRun(text: string): boolean {
  const rest = text.replace(/\$\{\{\s*(?:github|vars|secrets|inputs)\.[\w.-]+\s*\}\}/g, '')
  return !isSymbolic(rest)
}

function clashes(left: Placed, right: Placed, scene: Scene): boolean {
  if (!differ(left, right) || followsOn(left, right, scene) || sameTarget(left, right, scene)) return false
  const worlds = worldsOf(scene.workflow)
  // Runs of other events are not looked into: they may well come together.
  return worlds.length === 0 || worlds.some((world) => mayRun(left, world) && mayRun(right, world))
}

/** By something that is written out on both sides. */
function differ({ build: left }: Placed, { build: right }: Placed): boolean {
  const texts = [
    [left.context, right.context],
    [left.file, right.file],
    [left.target ?? '', right.target ?? ''],
  ] as const
  const platforms =
    left.platforms.length > 0 && right.platforms.length > 0
      ? [[list(left.platforms), list(right.platforms)] as const]
      : []
  const args = left.buildArgs.map(
    ({ name, value }) => [value, right.buildArgs.find((other) => other.name === name)?.value ?? value] as const,
  )
  return [...texts, ...platforms, ...args].some(
    ([one, other]) => one !== null && other !== null && one !== other && !isSymbolic(one) && !isSymbolic(other),
  )
}

function list(platforms: string[]): string {
  return [...platforms].sort().join()
}

/** A later build of the same job that does all that the earlier one did, and exports it all. */
function followsOn(left: Placed, right: Placed, { dockerfileOf }: Scene): boolean {
  const [earlier, later] = [left.build, right.build]
  if (
    earlier.job !== later.job ||
    left.leg !== right.leg ||
    earlier.context !== later.context ||
    earlier.file !== later.file
  )
    return false
  const platforms =
    later.platforms.length === 0 || earlier.platforms.every((platform) => later.platforms.includes(platform))
  if (earlier.target === later.target) return platforms
  const file = dockerfileOf(later)
  return (
    platforms &&
    file !== null &&
    contains(file, later.target, earlier.target) &&
    later.cacheTo.some(({ mode }) => mode === 'max')
  )
}

function contains(file: Dockerfile, outer: string | null, inner: string | null): boolean {
  const [from, to] = [stageOf(file, outer), stageOf(file, inner)]
  return from !== null && to !== null && neededStages(file, from).has(to)
}

function sameTarget(left: Placed, right: Placed, { dockerfileOf }: Scene): boolean {
  const { build } = left
  if (build.target === right.build.target || build.file !== right.build.file || build.context !== right.build.context)
    return false
  const file = dockerfileOf(build)
  return file !== null && stageOf(file, build.target) === stageOf(file, right.build.target)
}

/** The legs are made when it runs, and each builds something else. */
function hiddenLegsClash({ written, build }: Placed): boolean {
  return written.matrix?.symbolic === true && matrixKeys({ ...build, buildArgs: [] }).length > 0
}

function tell(one: Placed, option: CacheOption, scene: Scene): Finding {
  const what =
    option.type === 'gha' ? `the scope ${option.scope ?? '`buildkit`, which is the default,'}` : (option.ref ?? '')
  return finding(one, {
    ...{ kind: 'scope-clobbered', line: option.line, message: `${what} is written by builds of different images` },
    why: 'A scope or a cache tag holds the index of one export: the last build to write it leaves the others without theirs.',
    edit: isKnown(one) ? ownAddress(one, option, scene) : null,
  })
}

/** The same new name in what it writes and in what it reads. */
function ownAddress({ written }: Placed, clobbered: CacheOption, scene: Scene): Edit | null {
  const own = uniqueScope(written, scene)
  if (own === null || written.source !== scene.workflow.file || clobbered.type !== 'gha') return null
  const same = (option: CacheOption) =>
    option.type === 'gha' && !option.conditional && (option.scope ?? 'buildkit') === (clobbered.scope ?? 'buildkit')
  const options = [...written.cacheFrom, ...written.cacheTo].filter(same)
  if (options.some(({ scope }) => scope === own)) return null
  return rewriteOptions(
    written,
    scene.linesOf(written.source),
    options.map((option) => ({ option, text: withField(option.text, 'scope', own) })),
  )
}

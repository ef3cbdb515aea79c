import type { Vertex } from '../build/build.ts'
import type { Dockerfile, Instruction } from '../dockerfile/dockerfile.ts'
import type { BuildArgs } from './evidence.ts'
import { type Found, found } from './found.ts'
import { dockerfileIsSame, instructionOf, type Scene, twinOf } from './scene.ts'
import type { StageRun } from './stage-run.ts'

/**
 * Another value of a build argument. Known from both builds' arguments, from the step's name (BuildKit writes known
 * values into it), or left over: an ARG came into scope since the last RUN that was cached, and nothing else changed.
 */
export function argumentReason(
  scene: Scene,
  run: StageRun,
  vertex: Vertex,
  instruction: Instruction | null,
): Found | null {
  const placed = instruction && scene.dockerfile?.stages[instruction.stage]?.instructions.includes(instruction)
  if (!instruction || !placed || !scene.dockerfile) return null
  const inScope = argumentsAt(scene.dockerfile, instruction)
  const { buildArgs } = scene.sources
  return (
    (buildArgs && differing(buildArgs, inScope)) ??
    inItsName(scene, vertex, inScope) ??
    (instruction.keyword === 'RUN' ? leftOver(scene, run, vertex, inScope) : null)
  )
}

/** Declared in the stage before the instruction, or in a stage that it is built on; ENV may have taken the value over. */
function argumentsAt(dockerfile: Dockerfile, instruction: Instruction): Set<string> {
  const names = new Set<string>()
  let stage = dockerfile.stages[instruction.stage]
  for (let depth = 0; stage && depth <= dockerfile.stages.length; depth++) {
    const own = stage.index === instruction.stage
    for (const { keyword, line, onbuild, variables } of stage.instructions)
      if (keyword === 'ARG' && !onbuild && (!own || line < instruction.line))
        for (const { name } of variables) names.add(name)
    stage = stage.base.stage === null ? undefined : dockerfile.stages[stage.base.stage]
  }
  return names
}

/** `SOURCE_DATE_EPOCH` needs no ARG: it is in the key of every step that writes files. */
function differing({ now, before }: BuildArgs, inScope: Set<string>): Found | null {
  if (before === null) return null
  const names = [...new Set([...now.keys(), ...before.keys()])]
  const changed = names.filter(
    (name) => now.get(name) !== before.get(name) && (inScope.has(name) || name === 'SOURCE_DATE_EPOCH'),
  )
  if (changed.length === 0) return null
  return found('build-arg-changed', 'high', `build argument ${changed.join(', ')} has another value than before`)
}

function inItsName(scene: Scene, vertex: Vertex, inScope: Set<string>): Found | null {
  const twin = twinOf(scene, vertex)
  if (!twin || twin.name.instruction === vertex.name.instruction || inScope.size === 0) return null
  return found(
    'build-arg-changed',
    'high',
    `a build argument (${[...inScope].join(', ')}) has another value: the step reads "${firstLine(vertex)}", before "${firstLine(twin)}"`,
  )
}

function firstLine({ name }: Vertex): string {
  return name.instruction.split('\n')[0] ?? ''
}

/** Arguments that were in scope at a RUN of the stage that was cached had the same values as before. */
function leftOver(scene: Scene, run: StageRun, vertex: Vertex, inScope: Set<string>): Found | null {
  if (!scene.previous || !scene.dockerfile || mayDifferOtherwise(scene, run, vertex)) return null
  const earlier = run.steps
    .slice(0, run.steps.indexOf(vertex))
    .filter(({ name }) => /^RUN\b/i.test(name.instruction))
    .flatMap((step) => instructionOf(scene, run, step) ?? [])
    .at(-1)
  const settled = earlier ? argumentsAt(scene.dockerfile, earlier) : new Set<string>()
  const fresh = [...inScope].filter((name) => !settled.has(name) && mayHaveChanged(scene.sources.buildArgs, name))
  if (fresh.length === 0) return null
  const which = fresh.length === 1 ? `build argument ${fresh[0]}` : `one of the build arguments ${fresh.join(', ')}`
  return found(
    'build-arg-changed',
    'medium',
    `${which} has another value than before: nothing else that this step depends on differs`,
  )
}

/** Nobody knows the Dockerfile of the build before, or whether files that the step mounts are the same. */
function mayDifferOtherwise(scene: Scene, run: StageRun, vertex: Vertex): boolean {
  if (scene.sources.previousDockerfile === null && !dockerfileIsSame(scene)) return true
  const mounts = instructionOf(scene, run, vertex)?.mounts ?? []
  const mounted = mounts.some(({ type, from }) => type === 'bind' && from === null)
  return mounted && scene.evidence.changed?.complete !== true
}

/** What both builds were given is compared already, but for `--build-arg NAME`, which takes it from the environment. */
function mayHaveChanged(buildArgs: BuildArgs | null, name: string): boolean {
  // the platform stands in the key of every step, and would have missed before
  if (/^TARGET(?:PLATFORM|OS|ARCH|VARIANT)$/.test(name)) return false
  return !buildArgs?.before || buildArgs.now.get(name) === ''
}

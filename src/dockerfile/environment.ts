import type { Dockerfile, Instruction, Stage, Variable } from './dockerfile.ts'
import { expandKnown } from './expand.ts'

/**
 * The variables that an instruction sees: those of the stages it is built on, then those of its own stage before it.
 * A later ARG or ENV of the same name wins (`dispatchArg` and `dispatchEnv` in BuildKit's `dockerfile2llb/convert.go`
 * both end in `AddEnv`). What the base image sets is unknown, and so is a value that depends on it: null.
 */
export function environmentAt(
  dockerfile: Dockerfile,
  instruction: Instruction,
  buildArgs: BuildArgs = new Map(),
): Map<string, Scoped> {
  const scene = { dockerfile, buildArgs, globals: globalsOf(dockerfile, buildArgs) }
  const stage = dockerfile.stages[instruction.stage]
  const variables = new Map<string, Scoped>()
  for (const one of stage ? ancestry(dockerfile, stage) : [])
    for (const earlier of one.instructions) {
      if (earlier === instruction) return variables
      if (!earlier.onbuild) declare(earlier, variables, scene)
    }
  return variables
}

export type Scoped = { value: string | null; from: 'arg' | 'env'; line: number }

/** Null for one whose value is not known, such as `${{ github.sha }}`. */
export type BuildArgs = ReadonlyMap<string, string | null>

type Scene = { dockerfile: Dockerfile; buildArgs: BuildArgs; globals: Map<string, string | null> }

/** From the stage that stands on an image to the stage itself. A base is always an earlier stage, so this ends. */
function ancestry({ stages }: Dockerfile, stage: Stage): Stage[] {
  const line = [stage]
  for (let base = stage.base.stage; base !== null; base = stages[base]?.base.stage ?? null) {
    const below = stages[base]
    if (below) line.unshift(below)
  }
  return line
}

/**
 * ARGs before the first FROM, and the platform ARGs that BuildKit sets there by itself (`dockerfile2llb/platform.go`).
 * Proxy variables are nowhere in here: they reach RUN without being part of its environment.
 */
function globalsOf({ globalArgs, escape: escapeWith }: Dockerfile, buildArgs: BuildArgs): Map<string, string | null> {
  const globals = new Map<string, string | null>(platformArgs.map((name) => [name, buildArgs.get(name) ?? null]))
  for (const { name, value } of globalArgs) {
    const given = buildArgs.get(name)
    const own = value === null ? null : expandKnown(value, (other) => globals.get(other) ?? null, escapeWith)
    globals.set(name, given === undefined ? own : given)
  }
  return globals
}

const platformArgs = ['TARGET', 'BUILD'].flatMap((side) =>
  ['PLATFORM', 'OS', 'OSVERSION', 'ARCH', 'VARIANT'].map((part) => `${side}${part}`),
)

function declare({ keyword, variables }: Instruction, known: Map<string, Scoped>, scene: Scene) {
  if (keyword === 'ARG') for (const variable of variables) declareArg(variable, known, scene)
  if (keyword !== 'ENV') return
  // All values are filled in before the first one is set.
  const filled = variables.map((variable) => ({ name: variable.name, ...valueIn(variable, known, scene) }))
  for (const { name, ...scoped } of filled) known.set(name, { ...scoped, from: 'env' })
}

/** Without a default it takes over the global ARG of its name; without any value it leaves an ENV alone. */
function declareArg(variable: Variable, known: Map<string, Scoped>, scene: Scene) {
  const { name, line } = variable
  if (notInEnvironment.has(name)) return
  const given = scene.buildArgs.get(name)
  if (given !== undefined) known.set(name, { value: given, from: 'arg', line })
  else if (variable.value !== null) known.set(name, { ...valueIn(variable, known, scene), from: 'arg' })
  else if (scene.globals.has(name)) known.set(name, { value: scene.globals.get(name) ?? null, from: 'arg', line })
  else if (!known.has(name)) known.set(name, { value: null, from: 'arg', line })
}

/** `nonEnvArgs` in `dockerfile2llb/convert.go`. */
const notInEnvironment = new Set(['BUILDKIT_SBOM_SCAN_CONTEXT', 'BUILDKIT_SBOM_SCAN_STAGE'])

function valueIn({ value, line }: Variable, known: Map<string, Scoped>, { dockerfile }: Scene) {
  const lookUp = (name: string) => known.get(name)?.value ?? null
  return { value: value === null ? null : expandKnown(value, lookUp, dockerfile.escape), line }
}

import type { Instruction, Stage } from '../../dockerfile/dockerfile.ts'
import { stagesNeeded } from '../../dockerfile/graph.ts'
import type { Change } from '../change.ts'
import { type Found, found } from '../found.ts'
import type { Miss } from '../miss.ts'
import { isForeseen } from './expected.ts'
import { type OwnReason, ownReasons } from './own.ts'
import { recipeStays, stayingCooks } from './recipe.ts'

/** An instruction that a change takes out of the cache, when the build before it is in there. */
export type Predicted = Pick<Miss, 'reason' | 'files' | 'detail' | 'certainty' | 'expected'> & {
  /** its name, or `stage-N` */
  stage: string
  line: number
  text: string
  /** the stage whose miss this one follows */
  follows: string | null
  /** steps after it in its stage that cannot be taken from the cache then */
  dependents: number
  /** what stays cached in spite of it, where people would expect otherwise */
  stays: string | null
}

/**
 * The first instruction of each stage that a change will make miss its cache, by the rules by which misses are explained
 * (`first-miss.ts`). `medium` is one that depends on what comes out of another stage; a certain one may follow it in the
 * same stage, should that turn out the same.
 */
export function predictMisses(change: Change): Predicted[] {
  const { dockerfile } = change
  const needed = stagesNeeded(dockerfile, change.target ?? null)
  const scene: Scene = { change, own: ownReasons(change), missing: new Map() }
  // Stages only take from those above them, so these are known by then.
  for (const stage of dockerfile.stages)
    if (needed.has(stage.index)) scene.missing.set(stage.index, missesOf(scene, stage))
  return [...scene.missing].flatMap(([index, misses]) => {
    const stage = dockerfile.stages[index]
    return stage ? misses.map((miss) => told(scene, stage, miss)) : []
  })
}

type Scene = { change: Change; own: OwnReason; missing: Map<number, Missing[]> }
type Missing = { instruction: Instruction; reason: Found }

/** The first that may miss, and the first that will. */
function missesOf(scene: Scene, stage: Stage): Missing[] {
  let possible: Missing[] = []
  for (const instruction of layersOf(stage)) {
    const reason = reasonOf(scene, stage, instruction)
    if (reason?.certainty === 'high') return [...possible, { instruction, reason }]
    if (reason && possible.length === 0) possible = [{ instruction, reason }]
  }
  return possible
}

function layersOf({ instructions }: Stage): Instruction[] {
  return instructions.filter(({ keyword, ordinal }) => keyword !== 'FROM' && ordinal !== null)
}

function reasonOf(scene: Scene, stage: Stage, instruction: Instruction): Found | null {
  const below = afterBase(scene, stage, instruction)
  if (below?.certainty === 'high') return below
  const own = scene.own(instruction)
  if (own?.certainty === 'high') return own
  return below ?? own ?? afterSource(scene, instruction)
}

/** All that stands on a stage goes with it, but for `COPY --link`, whose layer stands on nothing. */
function afterBase({ change, missing }: Scene, { base }: Stage, { copy }: Instruction): Found | null {
  const below = base.stage === null ? undefined : change.dockerfile.stages[base.stage]
  const miss = below && missing.get(below.index)?.at(-1)
  if (!below || !miss || copy?.link) return null
  const detail = `stage ${nameOf(below)} is built anew from line ${miss.instruction.line} on, and this one stands on it`
  const { certainty, files } = miss.reason
  return { ...found('upstream-stage-changed', certainty, detail, files), follows: nameOf(below) }
}

/** Files that come out the same are found in the cache, so this is never certain. */
function afterSource({ change, missing }: Scene, instruction: Instruction): Found | null {
  for (const index of stagesTaken(instruction)) {
    const source = change.dockerfile.stages[index]
    const miss = missing.get(index)?.at(-1)
    if (!source || !miss || recipeStays(change, source, instruction, miss.reason)) continue
    const detail = `stage ${nameOf(source)} is built anew from line ${miss.instruction.line} on: if the files taken from it come out different, this misses`
    return { ...found('upstream-stage-changed', 'medium', detail, miss.reason.files), follows: nameOf(source) }
  }
  return null
}

function stagesTaken({ copy, mounts }: Instruction): number[] {
  const sources = [copy?.from, ...mounts.map(({ from }) => from)]
  return sources.flatMap((source) => (source?.kind === 'stage' ? [source.stage] : []))
}

function told({ change, missing }: Scene, stage: Stage, { instruction, reason }: Missing): Predicted {
  const after = layersOf(stage).filter(({ ordinal }) => (ordinal ?? 0) > (instruction.ordinal ?? 0))
  const dependents = after.filter(({ copy }) => !copy?.link)
  const { detail, files, certainty } = reason
  return {
    ...{ stage: nameOf(stage), line: instruction.line, text: instruction.text },
    ...{ reason: reason.reason, files, detail, certainty, follows: reason.follows ?? null },
    dependents: dependents.length,
    expected: isForeseen(reason, [instruction, ...dependents]),
    stays: missing.get(stage.index)?.[0]?.instruction === instruction ? stayingCooks(change, stage, reason) : null,
  }
}

function nameOf({ name, index }: Stage): string {
  return name ?? `stage-${index}`
}

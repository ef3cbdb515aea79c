import type { Dockerfile, Instruction, Stage } from './dockerfile.ts'

/**
 * Gives a stage's instructions the k of `[stage k/m]`, as `prefixCommand` in BuildKit's `dockerfile2llb/convert.go`
 * counts: only FROM an image is a vertex of its own, and ONBUILD instructions of the stage it is built from come first.
 */
export function numberInstructions(stage: Stage, { stages }: Dockerfile) {
  const base = stage.base.stage === null ? undefined : stages[stage.base.stage]
  const [from, ...own] = stage.instructions
  const announced = (base?.instructions ?? []).filter(({ onbuild }) => onbuild)
  // Nobody writes that many; a file made to exhaust memory does.
  const triggered = (announced.length * stages.length > 100_000 ? [] : announced).map((instruction) => ({
    ...instruction,
    stage: stage.index,
    onbuild: false,
  }))
  stage.instructions = [...(from ? [from] : []), ...triggered, ...own]
  let ordinal = 0
  for (const instruction of stage.instructions) if (isVertex(instruction, stage)) instruction.ordinal = ++ordinal
}

function isVertex({ keyword, onbuild, rest }: Instruction, { base }: Stage): boolean {
  if (onbuild) return false
  if (keyword === 'FROM') return base.stage === null && base.image?.toLowerCase() !== 'scratch'
  // The root is there already; it has a number in m and none in k.
  if (keyword === 'WORKDIR') return !/^["']?\/+["']?$/.test(rest)
  return keyword === 'RUN' || keyword === 'COPY' || keyword === 'ADD'
}

import type { Dockerfile, Source, Stage } from '../../dockerfile/dockerfile.ts'

/** Stages that a target needs, and whose layers are not in its image: those that it copies from or mounts. */
export function hiddenStages(file: Dockerfile, target: string | null): number[] {
  const last = stageOf(file, target)
  if (last === null) return []
  const inImage = chainOf(file, last)
  return [...neededStages(file, last)]
    .filter((stage) => !inImage.has(stage) && works(file.stages[stage]))
    .sort((a, b) => a - b)
}

/** Null when there is none of that name, or when only the runner knows it. */
export function stageOf({ stages }: Dockerfile, target: string | null): number | null {
  if (target === null) return stages.length === 0 ? null : stages.length - 1
  const index = stages.findIndex((stage) => stage.name === target.toLowerCase() || String(stage.index) === target)
  return index < 0 ? null : index
}

export function neededStages(file: Dockerfile, from: number): Set<number> {
  const needed = new Set<number>()
  const open = [from]
  for (let stage = open.pop(); stage !== undefined; stage = open.pop()) {
    if (needed.has(stage)) continue
    needed.add(stage)
    open.push(...sourcesOf(file.stages[stage]))
  }
  return needed
}

function chainOf(file: Dockerfile, from: number): Set<number> {
  const chain = new Set<number>()
  for (let stage: number | null | undefined = from; stage !== null && stage !== undefined && !chain.has(stage); ) {
    chain.add(stage)
    stage = file.stages[stage]?.base.stage
  }
  return chain
}

function sourcesOf(stage: Stage | undefined): number[] {
  if (!stage) return []
  const copied = stage.instructions.flatMap(({ copy, mounts }) => [
    copy?.from ?? null,
    ...mounts.map(({ from }) => from),
  ])
  return [...copied.flatMap((source) => numberOf(source)), ...(stage.base.stage === null ? [] : [stage.base.stage])]
}

function numberOf(source: Source | null): number[] {
  return source?.kind === 'stage' ? [source.stage] : []
}

/** A stage that is only a name for an image costs nothing. */
function works(stage: Stage | undefined): boolean {
  return (
    stage?.instructions.some(({ keyword }) => keyword === 'RUN' || keyword === 'COPY' || keyword === 'ADD') ?? false
  )
}

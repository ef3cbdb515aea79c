import type { Dockerfile, Instruction } from './dockerfile.ts'

/** Stages that a build of `target` (the last one, when null) needs, itself included. Empty when there is no such stage. */
export function stagesNeeded(dockerfile: Dockerfile, target: string | null): Set<number> {
  const last = stageNamed(dockerfile, target)
  const needed = new Set<number>()
  const waiting = last === null ? [] : [last]
  const all = edges(dockerfile)
  for (let stage = waiting.pop(); stage !== undefined; stage = waiting.pop()) {
    if (needed.has(stage)) continue
    needed.add(stage)
    waiting.push(...all.filter(({ to }) => to === stage).map(({ from }) => from))
  }
  return needed
}

/** `to` takes from `from`: `hard` when it is built on it, soft when it copies or mounts files of it. */
export type Edge = { from: number; to: number; hard: boolean; line: number }

export function edges({ stages }: Dockerfile): Edge[] {
  return stages.flatMap(({ index, base, line, instructions }) => [
    ...(base.stage === null ? [] : [{ from: base.stage, to: index, hard: true, line }]),
    ...instructions.flatMap((instruction) =>
      stagesTaken(instruction).map((from) => ({ from, to: index, hard: false, line: instruction.line })),
    ),
  ])
}

/** By name, then by number, as BuildKit's `findStateByName` and `--target` do. */
function stageNamed({ stages }: Dockerfile, target: string | null): number | null {
  if (target === null || target === '') return stages.at(-1)?.index ?? null
  const named = stages.findLast(({ name }) => name === target.toLowerCase())
  if (named) return named.index
  return /^\d+$/.test(target) ? (stages[Number(target)]?.index ?? null) : null
}

function stagesTaken({ copy, mounts, onbuild }: Instruction): number[] {
  if (onbuild) return []
  const sources = [copy?.from, ...mounts.map(({ from }) => from)]
  return sources.flatMap((source) => (source?.kind === 'stage' ? [source.stage] : []))
}

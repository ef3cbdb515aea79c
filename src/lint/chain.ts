import type { Dockerfile, Instruction, Stage } from '../dockerfile/dockerfile.ts'

/** All that runs for a stage: the instructions of the stages it is built on, then its own. What ONBUILD announces runs elsewhere. */
export function chainOf({ stages }: Dockerfile, stage: Stage): Instruction[] {
  const line = [stage]
  // a base is always an earlier stage, so this ends
  for (let base = stage.base.stage; base !== null; base = stages[base]?.base.stage ?? null) {
    const below = stages[base]
    if (below) line.unshift(below)
  }
  return line.flatMap(({ instructions }) => instructions.filter(({ onbuild }) => !onbuild))
}

/** Both stand in the text of one stage, and are no copies of what the stage below announces: only then lines can change places. */
export function inOneStage({ stages }: Dockerfile, one: Instruction, other: Instruction): boolean {
  const stage = stages[one.stage]
  return stage !== undefined && one.stage === other.stage && [one, other].every(({ line }) => line >= stage.line)
}

/** How an instruction is quoted: on one line, its end cut. */
export function quoted({ text }: Pick<Instruction, 'text'>, length = 70): string {
  const plain = text.replace(/\s+/g, ' ').replaceAll('`', "'").trim()
  return `\`${plain.length > length ? `${plain.slice(0, length - 1).trimEnd()}…` : plain}\``
}

/** Lines of the file that an instruction takes up. */
export function rawLines({ text }: Dockerfile, { line, endLine }: { line: number; endLine: number }): string[] {
  return text.split(/\r?\n/).slice(line - 1, endLine)
}

/** Comments directly above an instruction: they belong to it, and move with it. */
export function commentsAbove({ text, stages }: Dockerfile, { line, stage }: Instruction): number {
  const lines = text.split(/\r?\n/)
  const top = stages[stage]?.line ?? 0
  let first = line
  while (first - 1 > top && /^\s*#/.test(lines[first - 2] ?? '')) first--
  return line - first
}

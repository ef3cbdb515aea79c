import type { Finding, Scene } from './scene.ts'
import type { CacheTrouble } from './trouble.ts'

/**
 * `# layerwise ignore=<kind> <reason>` on the line of a trouble or above it; inside of a block of options nothing can be
 * commented, so the head of the step and of the option's key count too.
 */
export function markIgnored(found: Finding[], scene: Scene): CacheTrouble[] {
  return found.flatMap((trouble): CacheTrouble[] => {
    const lines = scene.linesOf(trouble.file)
    const comment = nearby(trouble, scene).flatMap(
      (line) => commentIn(lines[line - 1] ?? '', trouble.kind, line) ?? [],
    )[0]
    if (!comment) return [{ ...trouble, ignored: null }]
    if (comment.reason !== '') return [{ ...trouble, ignored: { reason: comment.reason } }]
    return [{ ...trouble, ignored: null }, withoutReason(trouble, comment.line)]
  })
}

function nearby({ file, line }: Finding, { linesOf, workflow }: Scene): number[] {
  const lines = linesOf(file)
  const indent = (text: string | undefined) => /^\s*/.exec(text ?? '')?.[0].length ?? 0
  let key = line
  while (key > 1 && (indent(lines[key - 1]) >= indent(lines[line - 1]) || (lines[key - 1] ?? '').trim() === '')) key--
  const step =
    file === workflow.file ? workflow.builds.findLast((build) => build.step.line <= line)?.step.line : undefined
  return [line, line - 1, key, key - 1, ...(step === undefined ? [] : [step, step - 1])]
}

function commentIn(text: string, kind: string, line: number): { reason: string; line: number } | null {
  const [, named, reason] = /(?:#|\/\/)\s*layerwise\s+ignore=([\w-]+)(?![\w-])(.*)$/.exec(text) ?? []
  return named === kind ? { reason: (reason ?? '').trim(), line } : null
}

function withoutReason({ file, job, kind }: Finding, line: number): CacheTrouble {
  return {
    ...{ kind: 'ignore-without-reason', file, job, line, edit: null, ignored: null },
    message: `this ignores ${kind} without a reason, so it does not count`,
    why: `Whoever reads it next has to know whether it still holds: \`# layerwise ignore=${kind} <reason>\`.`,
  }
}

import type { Dockerfile, Instruction, Stage } from '../../dockerfile/dockerfile.ts'
import { programOf, shellCommands } from '../../dockerfile/shell-commands.ts'
import { chainOf, inOneStage, rawLines } from '../chain.ts'
import type { FileEdit } from '../finding.ts'
import { type Draft, linesOf, type Rule } from '../rule.ts'

/** The index of packages in a layer of its own is reused for weeks, and names files that the mirror no longer has. */
export const aptUpdateAlone: Rule = {
  id: 'apt-update-alone',
  level: 'warning',
  summary: '`apt-get update` in another RUN than the install that needs it',
  runbook: { file: 'cache-misses.md', anchor: 'a-reused-layer-is-out-of-date' },
  check({ dockerfile }) {
    const found = new Map<number, Draft>()
    for (const stage of dockerfile.stages)
      for (const one of inStage(dockerfile, stage)) if (!found.has(one.line)) found.set(one.line, one)
    return [...found.values()]
  },
}

function inStage(dockerfile: Dockerfile, stage: Stage): Draft[] {
  let update: Instruction | null = null
  const found: Draft[] = []
  for (const instruction of chainOf(dockerfile, stage)) {
    const commands = aptCommands(instruction)
    if (commands === null) continue
    const verbs = commands.map((words) => verbOf(words))
    if (update && !verbs.includes('update') && verbs.includes('install'))
      found.push(draft(dockerfile, update, instruction))
    if (verbs.includes('update')) update = verbs.includes('install') ? null : instruction
  }
  return found
}

/** Null where the index lies in a mount, which is no layer. */
function aptCommands(instruction: Instruction): string[][] | null {
  if (instruction.keyword !== 'RUN' || instruction.mounts.some(({ target }) => target?.startsWith('/var/lib/apt')))
    return null
  return shellCommands(instruction).filter((words) => /^apt(?:-get)?$/.test(programOf(words)))
}

function verbOf(words: string[]): string {
  return words.slice(1).find((word) => /^[a-z]/.test(word)) ?? ''
}

function draft(dockerfile: Dockerfile, update: Instruction, install: Instruction): Draft {
  return {
    ...linesOf(update),
    message: `this index of packages is not renewed for the install in line ${install.line}`,
    why: 'RUN is keyed by its text, not by what it fetches: this layer is reused until a line above it changes, and by then the mirror has replaced files that it names.',
    edit: merged(dockerfile, update, install),
  }
}

/** One RUN for both; null when either does more than can be moved safely. */
function merged(dockerfile: Dockerfile, update: Instruction, install: Instruction): FileEdit | null {
  if (!inOneStage(dockerfile, update, install) || shellCommands(update).length !== 1) return null
  if (install.json || install.heredocs.length > 0 || update.json || update.heredocs.length > 0) return null
  const lines = rawLines(dockerfile, { line: update.endLine + 1, endLine: install.endLine })
  const at = install.line - update.endLine - 1
  const head = /^(\s*RUN\s+(?:--\S+\s+)*)/i.exec(lines[at] ?? '')?.[0]
  if (head === undefined) return null
  lines[at] = `${head}${update.rest} && ${(lines[at] ?? '').slice(head.length)}`
  const start = lines.findIndex((line) => line.trim() !== '')
  return { file: dockerfile.file, startLine: update.line, endLine: install.endLine, replacement: lines.slice(start) }
}

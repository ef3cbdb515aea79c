import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff'
import type { Edit } from '../workflow/trouble/trouble.ts'

/** Something in a Dockerfile, an ignore file or a workflow that costs cache hits, where it stands and what to write instead. */
export type Finding = {
  /** id of a rule in `rules.ts` */
  rule: string
  level: Level
  file: string
  line: number
  endLine: number
  message: string
  /** how the cache works, so that the message can be believed */
  why: string
  /** measured in the builds that are remembered; null when none of them tells */
  cost: Cost | null
  /** null when a person has to decide */
  edit: FileEdit | null
  runbook: { file: string; anchor: string } | null
  /** why it is meant so, as somebody wrote beside it; such a finding does not count */
  ignored: string | null
}

/** `prohibited`: the runbook forbids it. A `note` is worth knowing and never makes a check fail. */
export type Level = 'prohibited' | 'warning' | 'note'

/** `builds` in which it made steps run, each by so many seconds on average */
export type Cost = { secondsPerBuild: number; builds: number }

/** The file need not be that of the finding, and need not exist. */
export type FileEdit = Edit & { file: string }

export const levels = ['prohibited', 'warning', 'note'] as const satisfies Level[]

/** Whether a check should fail for it. */
export function counts({ level, ignored }: Finding): boolean {
  return level !== 'note' && ignored === null
}

/** Lines written in the place of others; with `endLine` before `startLine`, in front of that line. Line ends stay as they are. */
export function applyEdits(text: string, edits: Edit[]): string {
  const end = text.includes('\r\n') ? '\r\n' : '\n'
  const lines = text === '' ? [] : text.split(/\r?\n/)
  const last = lines.at(-1) === '' ? lines.pop() : null
  // from below, so that the lines above keep their numbers
  for (const { startLine, endLine, replacement } of edits.toSorted((one, other) => other.startLine - one.startLine))
    lines.splice(startLine - 1, Math.max(0, endLine - startLine + 1), ...replacement)
  return lines.join(end) + (last === null && text !== '' ? '' : end)
}

/** A unified diff, as `git apply` takes it; `text` is null for a file that is not there yet. */
export function diffOf(file: string, text: string | null, edits: Edit[]): string {
  const before = (text ?? '').replaceAll('\r\n', '\n')
  const after = applyEdits(before, edits)
  const names: [string, string] = [text === null ? '/dev/null' : `a/${file}`, `b/${file}`]
  return createTwoFilesPatch(...names, before, after, undefined, undefined, {
    context: 3,
    headerOptions: FILE_HEADERS_ONLY,
  })
}

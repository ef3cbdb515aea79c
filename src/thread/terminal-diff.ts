import { type Change, type ChangeKind, changeKinds, type RowChanges } from '../diagnosis/compare.ts'
import type { Cause } from '../diagnosis/explanation.ts'

/** What `layerwise runbook diff` prints: each log that would be told otherwise, then the sums. */
export function printChange({ name, kind, before, after }: Change): string {
  const told = kind === 'words' ? wordsOf : headOf
  const lines = [`${name}: ${titles[kind]}`, `  was  ${told(before)}`, `  now  ${told(after)}`]
  const quoted = kind === 'cause' ? (after ?? before)?.evidence.slice(0, 3) : []
  return `${[...lines, ...(quoted ?? []).map(({ line, text }) => `       ${line}: ${text}`)].join('\n')}\n\n`
}

const titles: Record<ChangeKind, string> = {
  cause: 'another cause',
  remedies: 'other remedies',
  confidence: 'another confidence',
  words: 'other words',
}

function headOf(cause: Cause | null): string {
  if (!cause) return 'nothing'
  const remedies = cause.remedies.map(({ kind, verdict }) => `${kind} ${verdict}`)
  return [`${cause.id} (${Math.round(cause.confidence * 100)} %)`, cause.severity, ...remedies].join(', ')
}

function wordsOf(cause: Cause | null): string {
  return cause ? [cause.title, cause.summary, ...cause.fix].join(' / ') : 'nothing'
}

type Summary = { rows: RowChanges; changes: Change[]; compared: number; stored: boolean }

export function printSummary({ rows, changes, compared, stored }: Summary): string {
  const ruled = [
    ...rows.added.map((id) => `added ${id}`),
    ...rows.removed.map((id) => `removed ${id}`),
    ...rows.changed.map(({ id, keys }) => `changed ${id} (${keys.join(', ')})`),
  ]
  const counts = changeKinds.map((kind) => ({ kind, times: changes.filter((change) => change.kind === kind).length }))
  const found = counts.filter(({ times }) => times > 0).map(({ kind, times }) => `${titles[kind]}: ${times}`)
  return [
    ruled.length > 0 ? `Rows: ${ruled.join('; ')}` : 'Rows: none differs',
    `Of ${compared} logs ${changes.length === 0 ? 'none would be told otherwise' : `would be told otherwise: ${changes.length} (${found.join(', ')})`}`,
    ...(stored
      ? []
      : ['No stored failures were looked at: name the database of the bot with --database or DATABASE_URL']),
    '',
  ].join('\n')
}

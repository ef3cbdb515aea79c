import { type Plan, planHash } from '../remedy/plan.ts'
import { remedies } from '../remedy/remedy.ts'
import { clean } from './escape.ts'
import { ago, previewNotes, previewRows, selectionWords, timeHeading } from './preview-rows.ts'
import { amount, classWords, isPrune, type Prune, remedyName, shortHash } from './remedy-names.ts'
import { wouldHave } from './remedy-wording.ts'

const rowsShown = 50

/**
 * A preview for the terminal: what would go, the largest first, and what will be cold after it. `now` as ISO 8601 makes
 * ages of the times; without it they are dates.
 */
export function printPlan(plan: Plan, now: string | null = null): string {
  const head = `${remedyName(plan)}, ${plan.repository}`
  if (!isPrune(plan)) return lines([head, wouldHave(plan), classLine(plan)])
  const total = `Would delete ${amount(plan)}, list ${shortHash(planHash(plan))}`
  const rest = plan.entries.length - rowsShown
  return lines([
    head,
    `Chosen: ${selectionWords(plan)}`,
    '',
    ...table(plan, now),
    ...(rest > 0 ? [`… and ${rest} more`] : []),
    '',
    total,
    ...previewNotes(plan),
    ...(plan.cold.length === 0
      ? []
      : ['', 'What the next build finds cold:', ...plan.cold.map((each) => `  - ${each}`)]),
    '',
    classLine(plan),
  ])
}

function classLine({ operation }: Plan): string {
  const words = classWords[remedies[operation].class]
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`
}

function table(plan: Prune, now: string | null): string[] {
  if (plan.entries.length === 0) return ['Nothing fits.']
  const time = (iso: string | null) =>
    now !== null ? ago(iso, now) : iso === null ? 'never' : new Date(iso).toISOString().slice(0, 10)
  const rows = previewRows(plan)
    .slice(0, rowsShown)
    .map(({ size, lastUsed, name, ref }) => ({
      size,
      time: time(lastUsed),
      name: ref === '' ? name : `${name} (${ref})`,
    }))
  const width = Math.max(timeHeading(plan).length, ...rows.map((row) => row.time.length))
  const heading = { size: 'size', time: timeHeading(plan), name: plan.operation === 'prune-caches' ? 'key' : 'what' }
  return [heading, ...rows].map((row) => `${row.size.padStart(8)}  ${row.time.padEnd(width)}  ${row.name}`)
}

/** Safe to print: no escape sequences, no control characters, secrets masked. */
function lines(all: string[]): string {
  return `${all.map((line) => clean(line).replaceAll('\n', ' ').trimEnd()).join('\n')}\n`
}

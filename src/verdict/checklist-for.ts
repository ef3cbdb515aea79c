import type { Cause } from '../diagnosis/explanation.ts'
import type { ChecklistItem, Runbook } from '../diagnosis/runbook.ts'
import type { Item } from './checklist.ts'

/** Where a cause has no *Verification* of its own, or there is no cause. */
const general = 'docker-layer-caching.md'

/**
 * The *Verification* of the page that the cause's row stands on, else of our general page. `runbooks` are in the order in
 * which they were read: of two pages of one name the later, a team's own, wins.
 */
export function checklistFor(
  runbooks: Runbook[],
  cause: Pick<Cause, 'runbook'> | null,
): { page: string; items: Item[] } {
  const pages = runbooks.filter(({ verification }) => verification.length > 0)
  const found =
    pages.findLast(({ file }) => file === cause?.runbook?.file) ??
    pages.findLast(({ file }) => file.split('/').at(-1) === general)
  return { page: found?.file ?? general, items: (found?.verification ?? []).map(waiting) }
}

function waiting({ text, check }: ChecklistItem): Item {
  return { text, check, state: 'waiting', by: null, at: null, evidence: null, reason: null }
}

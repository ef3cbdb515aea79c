import { explainText } from './explain.ts'
import type { Cause, Explanation } from './explanation.ts'
import type { Row } from './runbook.ts'
import type { Catalogue } from './runbooks.ts'

/** A log to hold both catalogues against: a stored failure, a sample of a page, a fixture. */
export type Case = { name: string; text: string }

/**
 * What a changed catalogue would say otherwise of one log, in its gravest respect: another cause, then another advice
 * about remedies, then another confidence, then other words.
 */
export type Change = { name: string; kind: ChangeKind; before: Cause | null; after: Cause | null }
export const changeKinds = ['cause', 'remedies', 'confidence', 'words'] as const
export type ChangeKind = (typeof changeKinds)[number]

/** Rows of a catalogue by id; `changed` says in which of its keys. */
export type RowChanges = { added: string[]; removed: string[]; changed: { id: string; keys: string[] }[] }

/** Explains each log twice. Whoever keeps neither log nor explanation can compare as many as he likes. */
export function comparer(before: Catalogue, after: Catalogue): (log: Case) => Change | null {
  return ({ name, text }) => {
    const [old, now] = [explainText(text, before), explainText(text, after)]
    const kind = kindOf(old, now)
    return kind && { name, kind, before: old.diagnosis, after: now.diagnosis }
  }
}

function kindOf(was: Explanation, is: Explanation): ChangeKind | null {
  const [old, now] = [was.diagnosis, is.diagnosis]
  if (old?.id !== now?.id) return 'cause'
  if (!old || !now) return null
  if (!same([old.transient, old.severity, old.remedies], [now.transient, now.severity, now.remedies])) return 'remedies'
  if (old.confidence !== now.confidence) return 'confidence'
  const words = ({ title, summary, fix }: Cause) => [title, summary, fix]
  return same(words(old), words(now)) ? null : 'words'
}

/** Where a row stands on its page is no part of the rule. */
export function compareRows(before: Catalogue, after: Catalogue): RowChanges {
  const changed = [...after.rows].flatMap(([id, row]) => {
    const old = before.rows.get(id)
    const keys = old ? changedKeys(old, row) : []
    return keys.length > 0 ? [{ id, keys }] : []
  })
  const missingIn = (there: Catalogue, here: Catalogue) => [...here.rows.keys()].filter((id) => !there.rows.has(id))
  return { added: missingIn(before, after), removed: missingIn(after, before), changed }
}

function changedKeys(old: Row, now: Row): string[] {
  const keys = (Object.keys(now) as (keyof Row)[]).filter((key) => key !== 'line' && key !== 'runbook')
  return keys.filter((key) => !same(ruleOf(old, key), ruleOf(now, key)))
}

function ruleOf(row: Row, key: keyof Row): unknown {
  return key === 'samples' ? row.samples.map(({ kind, text }) => [kind, text]) : row[key]
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

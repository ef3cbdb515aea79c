import { checkItem } from './check-item.ts'
import type { Checklist, Item } from './checklist.ts'
import type { Facts } from './facts.ts'
import { verdictOf } from './judge.ts'
import type { Verdict } from './verdict.ts'

/**
 * How a checklist changes: people answer, a run ends. Whatever the order, it comes to the same: an answer of a person
 * stands over that of a check, a check answers what nobody has, and the first run that tells anything gives the verdict. A
 * checklist is closed when every item is decided and the verdict is there, if it waits for one; closed, it stays as it is.
 */

type Opened = Omit<Checklist, 'seenRun' | 'verdict' | 'state' | 'closedAt' | 'version'>

export function openChecklist(opened: Opened): Checklist {
  return { ...opened, seenRun: null, verdict: null, state: 'open', closedAt: null, version: 0 }
}

export type Answer = {
  answer: 'passed' | 'failed' | 'skipped'
  /** Slack's id of who answered */
  by: string
  /** for ✗ and skip; null: none was given */
  reason: string | null
  /** ISO 8601 in UTC */
  at: string
}
export type Answered = { kind: 'answered'; checklist: Checklist } | { kind: 'refused'; because: string }

/** The same answer of the same person again changes nothing, and returns the checklist that was given. */
export function answerItem(checklist: Checklist, index: number, { answer, by, reason, at }: Answer): Answered {
  if (checklist.state === 'closed') return { kind: 'refused', because: 'this checklist is closed' }
  const item = checklist.items[index]
  if (!item) return { kind: 'refused', because: `this checklist has no item ${index + 1}` }
  if (item.state === answer && item.by === by && item.reason === reason) return { kind: 'answered', checklist }
  const items = checklist.items.with(index, { ...item, state: answer, by, reason, at })
  return { kind: 'answered', checklist: closedWhenDone({ ...checklist, items }, at) }
}

/** A run has ended: what nobody answered is checked against it. Returns the checklist that was given when that changes nothing. */
export function seeRun(checklist: Checklist, facts: Facts, now: Date): Checklist {
  if (checklist.state === 'closed' || !isAwaited(checklist, facts.run)) return checklist
  const at = now.toISOString()
  const { runId, attempt, url, sha } = facts.run
  const seen: Checklist = {
    ...checklist,
    items: checklist.items.map((item) => checked(item, checklist, facts, at)),
    seenRun: { runId, attempt, url, sha },
    verdict: verdictAfter(checklist, facts),
  }
  return closedWhenDone(seen, at)
}

/** The run that it waits for, or one after the one it has seen; never an older one, and none that still runs. */
function isAwaited({ awaits, before, seenRun, openedAt }: Checklist, run: Facts['run']): boolean {
  if (run.conclusion === null) return false
  const last = seenRun ?? (awaits && { ...awaits, attempt: awaits.attempt - 1 }) ?? before
  if (last && !isLater(run, last)) return false
  if (awaits) return seenRun !== null || run.runId === awaits.runId
  // GitHub tells whole seconds
  return Date.parse(run.startedAt) >= Math.floor(Date.parse(openedAt) / 1_000) * 1_000
}

type Attempt = { runId: number; attempt: number }

function isLater(run: Attempt, than: Attempt): boolean {
  return run.runId === than.runId ? run.attempt > than.attempt : run.runId > than.runId
}

/** What a check cannot tell is left to people, with what it saw as a hint. */
function checked(item: Item, { before, operation }: Checklist, facts: Facts, at: string): Item {
  if (item.check === null || item.state !== 'waiting') return item
  const { state, evidence } = checkItem(item.check, facts, { before, operation })
  return state === 'cannot-tell' ? { ...item, evidence } : { ...item, state, evidence, at }
}

/** The first run that tells anything decides. Only a checklist that follows a remedy or a failure has a verdict. */
function verdictAfter(checklist: Checklist, { run, after }: Facts): Verdict | null {
  const { verdict, before, operation } = checklist
  if (!wantsVerdict(checklist) || (verdict && verdict.kind !== 'unclear')) return verdict
  return verdictOf({ before, operation, after: { ...run, ...after } })
}

function wantsVerdict({ before, requestId }: Checklist): boolean {
  return before !== null || requestId !== null
}

function closedWhenDone(checklist: Checklist, at: string): Checklist {
  const { items, verdict } = checklist
  const done = items.every(({ state }) => state !== 'waiting') && (verdict !== null || !wantsVerdict(checklist))
  return done ? { ...checklist, state: 'closed', closedAt: at } : checklist
}

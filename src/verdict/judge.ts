import { holdsForMany, noLog } from '../diagnosis/fingerprint.ts'
import type { Before } from './checklist.ts'
import type { Verdict } from './verdict.ts'

/** What came of the attempt that followed. */
export type After = {
  runId: number
  attempt: number
  sha: string
  /** as GitHub concluded it; null while it runs */
  conclusion: string | null
  /** of the failure that its logs lead with; means nothing when it passed */
  fingerprint: string
  causeId: string | null
  /** null: not known */
  seconds: number | null
}

/** Did the remedy help? `before` is null when nothing had failed: then there is nothing that it could have helped. */
export function verdictOf(judged: { before: Before | null; operation: string | null; after: After }): Verdict {
  const { before, operation, after } = judged
  if (before === null) return unclear
  const kind = kindOf(before, after)
  const unchanged = after.sha === before.sha
  return {
    kind,
    flaky: kind === 'fixed' && unchanged && isRerun(operation),
    cacheGuilty: cacheGuilty(kind, judged.operation, before, unchanged),
    minutesWon: kind === 'fixed' && !isRerun(operation) ? minutesWon(before, after) : null,
    causeId: kind === 'same-failure' || kind === 'another-failure' ? after.causeId : null,
  }
}

const unclear: Verdict = { kind: 'unclear', flaky: false, cacheGuilty: 'unknown', minutesWon: null, causeId: null }

/** Concluded in any other way (cancelled, skipped, could not start) it says nothing. */
function kindOf(before: Before, after: After): Verdict['kind'] {
  if (after.conclusion === 'success') return 'fixed'
  if (!hasFailed(after) || after.fingerprint === noLog) return 'unclear'
  return isSameFailure(before, after) ? 'same-failure' : 'another-failure'
}

export function hasFailed({ conclusion }: Pick<After, 'conclusion'>): boolean {
  return conclusion === 'failure' || conclusion === 'timed_out'
}

/** The same cause with another package or host is the same failure, unless the cause only says that something failed. */
export function isSameFailure(
  before: Pick<Before, 'fingerprint' | 'causeId'>,
  after: Pick<After, 'fingerprint' | 'causeId'>,
): boolean {
  if (before.fingerprint === after.fingerprint) return true
  return before.causeId !== null && before.causeId === after.causeId && !holdsForMany(before.causeId)
}

function isRerun(operation: string | null): boolean {
  return operation === 'rerun-failed' || operation === 'rerun-job'
}

/**
 * A build of the same commit that passes only without what was cached has had a bad cache, unless the cause would have
 * passed by itself. One that fails the same way without any cache has not. A prune takes a part of the cache only, and a
 * plain re-run nothing: they cannot clear it.
 */
function cacheGuilty(
  kind: Verdict['kind'],
  operation: string | null,
  { transient = 'no' }: Before,
  unchanged: boolean,
): Verdict['cacheGuilty'] {
  if (kind === 'same-failure' && operation === 'rebuild') return 'no'
  const without = operation === 'rebuild' || operation?.startsWith('prune-')
  return kind === 'fixed' && without && unchanged && transient === 'no' ? 'yes' : 'unknown'
}

/** To a tenth. A re-run repeats a part of the run only, so its time is compared with nothing. */
function minutesWon({ greenSeconds }: Before, { seconds }: After): number | null {
  if (greenSeconds === null || seconds === null) return null
  // no -0, which JSON does not keep
  return Math.round((greenSeconds - seconds) / 6) / 10 || 0
}

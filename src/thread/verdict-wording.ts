import type { Verdict } from '../verdict/verdict.ts'
import { cut, type Mrkdwn, md } from './escape.ts'
import { duration } from './wording.ts'

/** A verdict with what its sentence needs. */
export type VerdictShown = {
  verdict: Verdict
  /** the remedy that it judges; null: none, somebody asked for the checklist */
  operation: string | null
  /** of the cause that `verdict.causeId` names; null: not known */
  causeTitle: string | null
}

export type VerdictFacts = Omit<VerdictShown, 'verdict'>

const nothingKnown: VerdictFacts = { operation: null, causeTitle: null }

const emoji: Record<Verdict['kind'], string> = {
  fixed: ':large_green_circle:',
  'same-failure': ':red_circle:',
  'another-failure': ':large_orange_circle:',
  unclear: ':white_circle:',
}

/** "Verdict: fixed; it passed when run again with no change, so it is flaky" */
export function sayVerdict(verdict: Verdict, facts: VerdictFacts = nothingKnown): Mrkdwn {
  return md`${{ mrkdwn: emoji[verdict.kind] }} *Verdict*: ${sentence(verdict, facts)}`
}

/** The same in plain words, for notifications and the audit. */
export function plainVerdict(verdict: Verdict, facts: VerdictFacts = nothingKnown): string {
  return `Verdict: ${sentence(verdict, facts)}`
}

function sentence(verdict: Verdict, facts: VerdictFacts): string {
  return [whatCame(verdict, facts), blame(verdict), minutes(verdict)].filter((part) => part !== null).join('; ')
}

function whatCame({ kind, flaky }: Verdict, { operation, causeTitle }: VerdictFacts): string {
  const title = causeTitle === null ? '' : `: ${cut(causeTitle, 200)}`
  switch (kind) {
    case 'fixed':
      return flaky ? 'fixed; it passed when run again with no change, so it is flaky' : 'fixed'
    case 'same-failure':
      return `same failure again${operation?.startsWith('rerun') ? ', so running it again does not help' : ''}`
    case 'another-failure':
      return `another failure this time${title}`
    case 'unclear':
      return 'not clear whether it helped'
    default:
      return kind satisfies never
  }
}

function blame({ kind, cacheGuilty }: Verdict): string | null {
  if (cacheGuilty === 'unknown') return null
  if (cacheGuilty === 'no') return 'the cache was not to blame'
  return kind === 'fixed' ? 'it passed without what was cached, so the cache was to blame' : 'the cache was to blame'
}

/** Under half a minute is nothing that anybody feels. */
function minutes({ minutesWon }: Verdict): string | null {
  if (minutesWon === null || Math.abs(minutesWon) < 0.5) return null
  const time = duration(Math.abs(minutesWon) * 60_000)
  return `${time} ${minutesWon > 0 ? 'faster' : 'slower'} than the last green build before`
}
